"""What a message is, in 64 hex digits: what was confirmed or approved is compared with what would be sent (P6)."""

import hashlib
import json
from collections.abc import Iterable

from modemd.model.message import Message

_FORM = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content(message: Message) -> str:
    """Of the text and the recipient."""
    return _digest(message.salt, message.recipient, message.text, None)


def whole(message: Message) -> str:
    """Of the text, the recipient and the time at which it is to leave, where it has one."""
    return _digest(message.salt, message.recipient, message.text, message.send_at)


def of_all(digests: Iterable[str]) -> str:
    """Of a batch, by those of its messages in their order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _digest(salt: str | None, recipient: str, text: str, send_at: float | None) -> str:
    """SHA-256 of the salt, a line end and the canonical JSON (RFC 8785 for these values); the time in ms.

    Salted, so that nobody finds the number by trying them all; retention forgets the salt with the text.
    """
    release = None if send_at is None else round(send_at * 1000)
    said = {"recipients": [recipient], "release": release, "text": text}
    return hashlib.sha256(f"{salt or ''}\n{_FORM.encode(said)}".encode()).hexdigest()
