"""The doctor's findings as lines for a terminal: grouped, each with its mark, its word and its next step."""

import sys
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from drivers.words import N_
from modemd.api.schema import DiagnosisView
from modemd.cli.common import words
from modemd.model.display import fit, safe
from modemd.model.doctor import HEADINGS, LABELS, VERDICTS

_MARKS = {"ok": "✓", "warn": "!", "fail": "✗", "skip": "·"}
_ASCII = {"ok": "+", "warn": "!", "fail": "X", "skip": "-"}
_ALONE = ("network", "signal")
_LABEL = 12  # columns


def page(found: list[DiagnosisView], lang: str, width: int, room: int | None) -> list[str]:
    """`room`: lines that there are; where they do not do, what is well shares one in each group. None: no end."""
    lines = _lines(found, lang, width, share=() if room is None else ("skip",))
    if room is not None and len(lines) > room:
        lines = _lines(found, lang, width, share=("ok", "skip"))
    return lines


def _lines(found: list[DiagnosisView], lang: str, width: int, *, share: tuple[str, ...]) -> list[str]:
    lines: list[str] = []
    for heading, group in _groups(found, lang):
        lines.append(heading)
        lines += _shared("ok", group, lang, width) if "ok" in share else []
        for each in group:
            if each.verdict not in share or (each.check in _ALONE and each.verdict != "skip"):
                lines += _full(each, lang, width)
        lines += _shared("skip", group, lang, width) if "skip" in share else []
    return [*lines, _sum(found, lang)]


def _groups(found: list[DiagnosisView], lang: str) -> Iterator[tuple[str, list[DiagnosisView]]]:
    for checks, heading in HEADINGS:
        if group := [each for each in found if each.modem is None and each.check in checks]:
            yield words(lang, heading), group
    for name in dict.fromkeys(each.modem for each in found if each.modem):
        yield words(lang, N_("Modem {name}"), name=safe(name)), [each for each in found if each.modem == name]


def _full(each: DiagnosisView, lang: str, width: int) -> list[str]:
    head = _head(each.verdict, lang) + fit(words(lang, LABELS[each.check]), _LABEL) + " "
    lines = _wrapped(head, safe(each.finding), width)
    if each.next_step:
        arrow = " " * (cell_len(head) - 3) + ("-> " if _is_poor() else "→  ")
        lines += _wrapped(arrow, safe(each.next_step), width)
    return lines


def _head(verdict: str, lang: str) -> str:
    mark = (_ASCII if _is_poor() else _MARKS)[verdict]
    return f" {mark} " + fit(words(lang, VERDICTS[verdict]), 5)


def _shared(verdict: str, group: list[DiagnosisView], lang: str, width: int) -> list[str]:
    """The names of all that went the same way, on one line."""
    chosen = [each for each in group if each.verdict == verdict and (verdict == "skip" or each.check not in _ALONE)]
    names = dict.fromkeys(words(lang, LABELS[each.check]) for each in chosen)
    return _wrapped(_head(verdict, lang), ", ".join(names), width) if names else []


def _wrapped(head: str, text: str, width: int) -> list[str]:
    """`head` before the first line, as much room before the others; by columns, for Japanese takes two a sign."""
    indent = cell_len(head)
    pieces = Text(text).wrap(Console(width=width), max(20, width - indent - 1))
    lines = [piece.plain.rstrip() for piece in pieces] or [""]
    return [(head if number == 0 else " " * indent) + line for number, line in enumerate(lines)]


def _sum(found: list[DiagnosisView], lang: str) -> str:
    counts = {verdict: sum(each.verdict == verdict for each in found) for verdict in VERDICTS}
    if counts["fail"] == 0 and counts["warn"] == 0:
        return words(lang, N_("All is well."))
    if counts["fail"] == 0:
        return words(lang, N_("Nothing fails; {warn} to look at."), **counts)
    return words(
        lang,
        N_("{fail} fail, {warn} to look at. Begin with the first that fails: others may follow from it."),
        **counts,
    )


def _is_poor() -> bool:
    """Whether the terminal's encoding lacks our marks."""
    try:
        "✓✗→".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return True
    return False
