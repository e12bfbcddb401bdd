"""The signs drawn beside words: for good terminals, and in ASCII for poor ones."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Glyphs:
    cursor: str
    rule: str
    ellipsis: str
    full: str
    eighths: str  # a bar's last cell, from nearly empty to nearly full
    empty: str
    signal: str  # one character a level, the lowest first
    newline: str
    tab: str
    enter: str
    dot: str
    unread: str
    arrow_in: str
    arrow_out: str
    arrow: str
    stop: str
    warning: str
    best: str


UNICODE = Glyphs(
    cursor="▸",
    rule="─",
    ellipsis="…",
    full="█",
    eighths="▏▎▍▌▋▊▉",
    empty="░",
    signal="▁▂▃▄▅▆▇█",
    newline="⏎",
    tab="⇥",
    enter="⏎",
    dot="·",
    unread="●",
    arrow_in="‹",
    arrow_out="›",
    arrow="→",
    stop="■",
    warning="▲",
    best="▼",
)
ASCII = Glyphs(
    cursor=">",
    rule="-",
    ellipsis="~",
    full="#",
    eighths="",
    empty=".",
    signal="_.-=+*#@",
    newline="|",
    tab=" ",
    enter="enter",
    dot="-",
    unread="*",
    arrow_in="<",
    arrow_out=">",
    arrow="->",
    stop="#",
    warning="!",
    best="v",
)

_current = UNICODE


def use_ascii(ascii_only: bool) -> None:
    global _current
    _current = ASCII if ascii_only else UNICODE


def glyphs() -> Glyphs:
    return _current


def is_ascii() -> bool:
    return _current is ASCII
