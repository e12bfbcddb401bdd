"""What the checks of a text share: it folded to one width, its links, its sentences."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# One character for one, so that a place in the folded text is that place in the text.
_FOLD = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FOLD |= {"\u3000": " ", "\u00a0": " ", "￥": "¥", "〜": "~", "−": "-"} | dict.fromkeys("‐‑‒–—―", "-")
_FOLDING = str.maketrans(_FOLD)

# How patterns of words are compiled: between a kanji and a Latin letter there is a boundary.
WORDS = re.IGNORECASE | re.ASCII

_LINK = re.compile(r"https?://[^\s<>\"「」『』【】（）]+", re.IGNORECASE)
_ASCII_LINK = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+", re.IGNORECASE)
# A host as it may be, letters of any script; not the punctuation that ends a sentence.
_HOST = re.compile(r"https?://(?:[^\s/?#@]*@)?([^\s/:?#、。，！？…」』）】〉》]+)", re.IGNORECASE)
_GLUED_TO_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?=[^\x00-\x7f])(?!.*\.[a-z])", re.IGNORECASE)
_MASK = "\ufffc"
_ENDS = re.compile(r"[。！？!?\n]|\.(?=\s)")


@lru_cache(maxsize=8)
def fold(text: str) -> str:
    return text.translate(_FOLDING)


@dataclass(frozen=True)
class Link:
    """`host` in lower case. `end` is where the link ends, `glued` where what is written onto it ends."""

    start: int
    end: int
    glued: int
    host: str


@lru_cache(maxsize=8)
def links(text: str) -> tuple[Link, ...]:
    return tuple(_link(match) for match in _LINK.finditer(text)) if "://" in text else ()


def _link(match: "re.Match[str]") -> Link:
    raw, start = match[0], match.start()
    found = _HOST.match(raw)
    host = found[1] if found else ""
    if not host.isascii():
        if glued := _GLUED_TO_HOST.match(host):
            end = raw.index(host) + glued.end()
            return Link(start, start + end, match.end(), glued[0].lower())
        end = raw.index(host) + len(host)
        rest = _ASCII_LINK.match("http://" + raw[end:])
        end += len(rest[0]) - len("http://") if rest else 0
    else:
        ascii_part = _ASCII_LINK.match(raw)
        end = ascii_part.end() if ascii_part else len(raw)
    if end == len(raw):
        # A full stop or a bracket that ends the sentence is no part of it; phones know that.
        end = len(raw.rstrip(".,;:!?'" if raw.count("(") == raw.count(")") else ".,;:!?)'"))
        return Link(start, start + end, start + end, host.lower())
    return Link(start, start + end, match.end(), host.lower())


@lru_cache(maxsize=8)
def without_links(text: str) -> str:
    """The text folded, each link a run of one sign that is no letter, of the same length."""
    plain = fold(text)
    for link in links(text):
        plain = plain[: link.start] + _MASK * (link.end - link.start) + plain[link.end :]
    return plain


@lru_cache(maxsize=8)
def _ends(text: str) -> list[int]:
    """Behind each sentence, but the last."""
    return [match.end() for match in _ENDS.finditer(text)]


def sentence_of(text: str, index: int) -> tuple[int, int]:
    """The place of the sentence that holds this index."""
    ends = _ends(text)
    which = bisect_right(ends, index)
    return ends[which - 1] if which else 0, ends[which] if which < len(ends) else len(text)


def found(pattern: "re.Pattern[str]", text: str) -> Iterator["re.Match[str]"]:
    """Where a pattern stands outside links, whatever the width of its signs."""
    return pattern.finditer(without_links(text))
