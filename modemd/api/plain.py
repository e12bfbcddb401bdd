"""Views as JSON: the fields of each in their order. `asdict` would copy all of it first, and take the longer part."""

import json
from typing import Any

from starlette.responses import JSONResponse

# What json.dumps knows nothing of is a view: its fields are its own dictionary.
_WIDE = json.JSONEncoder(ensure_ascii=False, default=vars)
_CLOSE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=vars)


def text(view: Any) -> str:
    """With a space behind each comma and colon."""
    return _WIDE.encode(view)


class ViewResponse(JSONResponse):
    """As Starlette renders JSON, of a view."""

    def render(self, content: Any) -> bytes:
        return _CLOSE.encode(content).encode()
