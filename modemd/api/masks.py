"""Numbers as those see them who have not the role `numbers`: +8190****5678. One place for every answer."""

import json
import re
from collections.abc import MutableMapping
from typing import Any

from starlette.types import Message, Send

# What holds a number and nothing else, whatever it looks like; elsewhere it is found by its plus.
_NUMBERS = frozenset({"to", "sender", "number", "examples", "own_number", "smsc"})
# Sentences: a number in them may lack its plus, as a national sender has it.
_WORDS = frozenset({"detail", "sentence", "message", "subject"})
_INTERNATIONAL = re.compile(r"\+\d{7,15}")
_LONG = re.compile(r"(?<![\w+])\+?\d{8,15}(?!\w)")


def mask(number: str) -> str:
    """The country and the beginning, and the last four digits; all of a short one."""
    return f"{number[:5]}****{number[-4:]}" if len(number) > 9 else "****"


def masked(value: Any, key: str = "") -> Any:
    """JSON with every number in it masked."""
    match value:
        case dict():
            return {name: masked(each, name) for name, each in value.items()}
        case list():
            return [masked(each, key) for each in value]
        case str():
            return _masked_words(value, key)
    return value


def _masked_words(words: str, key: str) -> str:
    if key in _NUMBERS and any(character.isdigit() for character in words):
        return mask(words)
    pattern = _LONG if key in _WORDS else _INTERNATIONAL
    return pattern.sub(lambda found: mask(found[0]), words)


class MaskedSend:
    """Stands between the app and the wire: JSON and event streams leave it masked, anything else unchanged."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: MutableMapping[str, Any] | None = None
        self._kind = b""
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._kind = next((value for name, value in message["headers"] if name.lower() == b"content-type"), b"")
            self._start = message
            if b"json" not in self._kind:
                await self._send(message)
        elif b"json" in self._kind:
            await self._whole(message)
        elif b"text/event-stream" in self._kind:
            await self._send({**message, "body": _masked_stream(message.get("body", b""))})
        else:
            await self._send(message)

    async def _whole(self, message: Message) -> None:
        """A masked body is as long as it is: its length is said when it is known."""
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = b"\n".join(_masked_json(line) for line in self._body.split(b"\n"))
        assert self._start is not None
        kept = [(name, value) for name, value in self._start["headers"] if name.lower() != b"content-length"]
        await self._send({**self._start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})


def _masked_json(line: bytes) -> bytes:
    return json.dumps(masked(json.loads(line)), ensure_ascii=False).encode() if line.strip() else line


def _masked_stream(body: bytes) -> bytes:
    lines = body.split(b"\n")
    for index, line in enumerate(lines):
        if line.startswith(b"data: "):
            lines[index] = b"data: " + json.dumps(masked(json.loads(line[6:]))).encode()
    return b"\n".join(lines)
