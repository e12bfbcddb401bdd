"""What was changed in a text, for the eye. Pure."""

import difflib
import re
from typing import Literal

Op = Literal["same", "gone", "new"]

# A word or a number stays whole; Japanese has no spaces, and is compared character by character.
_PIECES = re.compile(r"[0-9A-Za-zÀ-ɏ]+|.", re.DOTALL)
_MOST = 2_000_000


def difference(before: str, after: str) -> list[tuple[Op, str]]:
    """Runs of text in their order: what stayed, what went, what came."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) * len(new) > _MOST:  # longer than any SMS: who reads it reads it whole
        return [("same", after)] if before == after else [("gone", before), ("new", after)]
    runs: list[tuple[Op, str]] = []
    for op, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            runs.append(("same", "".join(new[c:d])))
            continue
        if a < b:
            runs.append(("gone", "".join(old[a:b])))
        if c < d:
            runs.append(("new", "".join(new[c:d])))
    return runs
