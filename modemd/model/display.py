"""What may be shown on a terminal of a text that anybody may have written."""

import unicodedata

# C0 as their pictures, C1 and DEL gone, and all that turns, joins or hides what stands beside it: bidi
# controls, zero widths, variation selectors, skin tones. For the eye alone: the original is what is kept.
_TABLE: dict[int, int | None] = {c: 0x2400 + c for c in range(0x20) if c not in (0x09, 0x0A)}
_TABLE |= {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
_TABLE |= dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)  # half a pair: no terminal encodes it
_TABLE |= dict.fromkeys(
    [
        0x00AD,
        0x034F,
        0x061C,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
        *range(0xFE00, 0xFE10),
        *range(0x1F3FB, 0x1F400),
        *range(0xE0000, 0xE0200),
        *range(0xFFF9, 0xFFFC),
    ]
)


def safe(text: str) -> str:
    """Harmless to draw; line ends and tabs stay."""
    return unicodedata.normalize("NFC", text).translate(_TABLE)


def masked(number: str) -> str:
    """As much of a number as a log may know (P10)."""
    return number if len(number) <= 3 else f"…{number[-3:]}"


def one_line(text: str) -> str:
    """Harmless, and on one line: ends of lines shown as ↵."""
    return safe(text.replace("\r\n", "\n")).replace("\n", "↵").replace("\t", " ")


def fit(text: str, width: int) -> str:
    """Cut or padded to a number of terminal columns; Japanese takes two a character."""
    from rich.cells import set_cell_size  # of Textual's family: knows the widths

    return set_cell_size(text, width)


_TRACE_SIGNS = {"sent": ">", "received": "<", "note": "-"}


def trace_line(at: str, elapsed: float, direction: str, text: str) -> str:
    """A line of an AT dialogue: `2026-11-24T09:00:00.000Z    +0.004  < OK`."""
    return f"{at} {elapsed:+9.3f}  {_TRACE_SIGNS[direction]} {text}"


def width_of(text: str) -> int:
    """In terminal columns."""
    from rich.cells import cell_len

    return cell_len(text)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most that many columns; Japanese breaks anywhere."""
    from rich.console import Console
    from rich.text import Text

    return [line.plain.rstrip() for line in Text(text).wrap(Console(width=width), width)] or [""]
