"""Pure: what a message, a number, a signal and a fuse look like in text."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size

from modemd.model.signal import STEPS
from tui.glyphs import glyphs, is_ascii
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from modemd.api.schema import MessageView

# What a terminal may obey, or draws at a width of its own choosing: controls, C1, bidirectional
# controls, zero-width characters, variation selectors, tags, skin tones, lone surrogates.
_INVISIBLE = (
    *(0x00AD, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x20E3, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x180B, 0x180E),
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xFFF9, 0xFFFC),
    *range(0x1F3FB, 0x1F400),
    *range(0xE0000, 0xE0080),
    *range(0xE0100, 0xE01F0),
)
_CONTROLS = {c: 0x2400 + c for c in range(32)} | {0x7F: 0x2421}
_CONTROLS |= dict.fromkeys((*range(0x80, 0xA0), *range(0xD800, 0xE000)), 0xFFFD)
_TABLE: dict[int, int | None] = {**_CONTROLS, **dict.fromkeys(_INVISIBLE)}
del _TABLE[0x0A]
_TABLE[0x09] = 0x20
# An editor must keep one cell for each character, or its cursor lies.
_EDITED: dict[int, int] = {**_CONTROLS, **dict.fromkeys(_INVISIBLE, 0x25CC)}


def safe(text: str) -> str:
    """For display only: nothing in it can move, colour, title or reorder the terminal."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_TABLE)


def safe_in_place(text: str) -> str:
    """As safe(), with each character kept in its place: for fields that are edited."""
    return text.translate(_EDITED)


def one_line(text: str) -> str:
    """safe(), with line ends and tabs as visible signs."""
    marks = glyphs()
    text = text.replace("\r\n", "\n").replace("\t", marks.tab)
    return safe(text).replace("\n", marks.newline)


def width(text: str) -> int:
    return cell_len(text)


def clip(text: str, cells: int) -> str:
    """At most this many cells, with a sign where something was cut."""
    if cell_len(text) <= cells:
        return text
    if cells <= 0:
        return ""
    return set_cell_size(text, cells - 1).rstrip() + glyphs().ellipsis


def fit(text: str, cells: int) -> str:
    """Exactly this many cells."""
    return set_cell_size(clip(text, cells), cells)


def fit_right(text: str, cells: int) -> str:
    text = clip(text, cells)
    return " " * (cells - cell_len(text)) + text


class Look(NamedTuple):
    """Symbol and word of a state, never colour alone. `style` names a row-list style."""

    symbol: str
    ascii: str
    word: str
    style: str

    @property
    def sign(self) -> str:
        return self.ascii if is_ascii() else self.symbol


LOOKS = {
    "draft": Look("✎", ".", N_("draft"), "dim"),
    "held": Look("▲", "!", N_("needs you"), "warn"),
    "staged": Look("◔", "*", N_("burning"), "fuse"),
    "scheduled": Look("◷", "@", N_("scheduled"), "plain"),
    "queued": Look("↗", ">", N_("waits for a modem"), "air"),
    "submitting": Look("↗", ">", N_("on air"), "air"),
    "submitted": Look("✓", "v", N_("submitted"), "good"),
    "delivered": Look("✔", "V", N_("delivered"), "good"),
    "undelivered": Look("✖", "x", N_("undelivered"), "bad"),
    "failed": Look("✖", "x", N_("failed"), "bad"),
    "expired": Look("⊘", "/", N_("expired"), "dim"),
    "cancelled": Look("⊘", "/", N_("cancelled"), "dim"),
    "uncertain": Look("?", "?", N_("uncertain"), "warn"),
}
PARTLY = Look("◒", "%", N_("partly sent"), "warn")
UNKNOWN = Look("?", "?", N_("unknown"), "dim")


def look(message: MessageView) -> Look:
    if message.state == "staged" and message.send_at:
        return LOOKS["scheduled"]
    if message.state == "cancelled" and any(part.left_at for part in message.parts):
        return PARTLY
    return look_of(message.state)


def look_of(state: str) -> Look:
    return LOOKS.get(state, UNKNOWN)


SEVERITIES = {
    "note": Look("·", "-", N_("note"), "dim"),
    "confirm": Look("▲", "!", N_("to confirm"), "warn"),
    "block": Look("✖", "x", N_("in the way"), "bad"),
}


def severity(name: str) -> Look:
    return SEVERITIES.get(name, SEVERITIES["note"])


def number(raw: str) -> str:
    """Grouped for the eye: Japanese mobiles as they are written at home, UK ones abroad."""
    if raw.startswith("+81") and raw[3:].isdigit() and len(raw) == 13:
        return f"0{raw[3:5]}-{raw[5:9]}-{raw[9:]}"
    if raw.startswith("+44") and raw[3:].isdigit() and len(raw) == 13:
        return f"+44 {raw[3:7]} {raw[7:]}"
    if raw.startswith("+1") and raw[2:].isdigit() and len(raw) == 12:
        return f"+1 {raw[2:5]} {raw[5:8]} {raw[8:]}"
    return one_line(raw)


def parts(count: int) -> str:
    return _("{n}p").format(n=count) if count else ""


def encoding(name: str) -> str:
    """As people know it."""
    return {"gsm7": "GSM-7", "ucs2": "Unicode"}.get(name.lower().replace("-", ""), one_line(name))


def bar(fraction: float, cells: int) -> str:
    """A bar that shrinks in eighths of a cell, or in whole ones where there are no eighths."""
    marks = glyphs()
    fraction = min(1.0, max(0.0, fraction))
    steps = len(marks.eighths) + 1
    filled, rest = divmod(round(fraction * cells * steps), steps)
    if not filled and not rest and fraction > 0:
        rest = 1 if marks.eighths else 0
    drawn = marks.full * filled + (marks.eighths[rest - 1] if rest else "")
    return drawn + marks.empty * (cells - len(drawn))


def signal_bars(dbm: int | None) -> str:
    """Four steps; a missing reading is no reading, not a weak one."""
    if dbm is None:
        return " ?  "
    marks = glyphs().signal
    steps = [marks[0], marks[2], marks[4], marks[6]]
    return "".join(step if dbm >= limit else " " for step, limit in zip(steps, STEPS, strict=True))


def sparkline(history: Sequence[int | None], cells: int) -> str:
    """The newest readings, oldest first; a gap where there was none."""
    marks = glyphs().signal
    low, high = -113, -51
    drawn = ""
    for dbm in list(history)[-cells:]:
        if dbm is None:
            drawn += " "
        else:
            level = (min(high, max(low, dbm)) - low) * (len(marks) - 1) // (high - low)
            drawn += marks[level]
    return drawn


def ruler(count: int, room: int, per_part: int, cells: int) -> str:
    """The parts of a text side by side; the last one filled as far as it is."""
    if count <= 0 or per_part <= 0:
        return ""
    each = max(4, min(24, cells // count - 2))
    shown = min(count, max(1, cells // (each + 2)))
    used = 1 - room / per_part
    filled = [1.0] * (count - 1) + [used]
    drawn = []
    for index, fraction in list(enumerate(filled, 1))[-shown:]:
        label = str(index)
        drawn.append(f"[{label}{bar(fraction, each - len(label))}]")
    return "".join(drawn)


def listed(characters: Iterable[str], most: int = 8) -> str:
    """Characters named one by one; the invisible ones by their code."""
    named = []
    for character in characters:
        shown = one_line(character).strip()
        named.append(shown if shown and cell_len(shown) else f"U+{ord(character[0]):04X}")
    more = glyphs().ellipsis if len(named) > most else ""
    return " ".join(named[:most]) + more


_CATEGORIES = {"service": N_("notice"), "promotional": N_("advertising"), "emergency": N_("EMERGENCY")}


def category(code: str) -> str:
    """What a message is about, as policies go by it."""
    return _(_CATEGORIES[code]) if code in _CATEGORIES else one_line(code)
