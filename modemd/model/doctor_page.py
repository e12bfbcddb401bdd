"""The doctor's findings as the lines of a page: grouped, each with its mark, its word and its next step. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from modemd.i18n import N_
from modemd.model.display import fit, safe, width_of, wrapped
from modemd.model.doctor_labels import HEADINGS, LABELS, USB, VERDICTS

MARKS = {"ok": "✓", "warn": "!", "fail": "✗", "skip": "·", "step": "→"}
ASCII_MARKS = {"ok": "+", "warn": "!", "fail": "X", "skip": "-", "step": ">"}
_ALONE = ("network", "signal")  # worth a line of their own even when all is well
_LABEL = 12  # columns


class Said(Protocol):
    """A diagnosis in the reader's language: schema.DiagnosisView."""

    @property
    def check(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def finding(self) -> str: ...
    @property
    def next_step(self) -> str | None: ...
    @property
    def modem(self) -> str | None: ...


@dataclass(frozen=True)
class Line:
    """`kind`: heading, ok, warn, fail, skip, step, sum. `head` is what stands before the words, or its room."""

    kind: str
    head: str
    text: str


@dataclass(frozen=True)
class Page:
    """How a page is to be drawn. `room`: lines that there are; where they do not do, what is well shares one.

    None: no end, and a line for everything.
    """

    translate: Callable[[str], str]
    width: int
    room: int | None = None
    ascii_only: bool = False

    def lines(self, found: Sequence[Said]) -> list[Line]:
        lines = self._lines(found, () if self.room is None else ("skip",))
        if self.room is not None and len(lines) > self.room:
            lines = self._lines(found, ("ok", "skip"))
        return lines

    def _lines(self, found: Sequence[Said], share: tuple[str, ...]) -> list[Line]:
        lines: list[Line] = []
        for heading, group in self._groups(found):
            lines.append(Line("heading", "", heading))
            lines += self._shared("ok", group) if "ok" in share else []
            for each in group:
                if each.verdict not in share or (each.verdict == "ok" and each.check in _ALONE):
                    lines += self._full(each)
            lines += self._shared("skip", group) if "skip" in share else []
        return [*lines, Line("sum", "", self._sum(found))]

    def _groups(self, found: Sequence[Said]) -> Iterator[tuple[str, list[Said]]]:
        for is_usb, heading in enumerate(HEADINGS):
            if group := [each for each in found if each.modem is None and (each.check in USB) == bool(is_usb)]:
                yield self.translate(heading), group
        for name in dict.fromkeys(each.modem for each in found if each.modem):
            heading = self.translate(N_("Modem {name}")).format(name=safe(name))
            yield heading, [each for each in found if each.modem == name]

    def _full(self, each: Said) -> list[Line]:
        head = self._head(each.verdict) + fit(self._label(each), _LABEL) + " "
        lines = self._wrapped(each.verdict, head, each.finding)
        if each.next_step:
            arrow = " " * (width_of(head) - 3) + self._mark("step") + "  "
            lines += self._wrapped("step", arrow, each.next_step)
        return lines

    def _shared(self, verdict: str, group: list[Said]) -> list[Line]:
        """The names of all that went the same way."""
        chosen = [each for each in group if each.verdict == verdict and (verdict == "skip" or each.check not in _ALONE)]
        names = dict.fromkeys(self._label(each) for each in chosen)
        return self._wrapped(verdict, self._head(verdict), ", ".join(names)) if names else []

    def _head(self, verdict: str) -> str:
        return f" {self._mark(verdict)} " + fit(self.translate(VERDICTS[verdict]), 5)

    def _label(self, each: Said) -> str:
        """A check of a later daemon has its own name alone."""
        return self.translate(LABELS.get(each.check, safe(each.check)))

    def _mark(self, name: str) -> str:
        return (ASCII_MARKS if self.ascii_only else MARKS)[name]

    def _wrapped(self, kind: str, head: str, text: str) -> list[Line]:
        indent = width_of(head)
        pieces = wrapped(safe(text), max(20, self.width - indent - 1))
        return [Line(kind, head if number == 0 else " " * indent, piece) for number, piece in enumerate(pieces)]

    def _sum(self, found: Sequence[Said]) -> str:
        fail, warn = (sum(each.verdict == verdict for each in found) for verdict in ("fail", "warn"))
        if fail:
            said = N_("{fail} fail, {warn} to look at. Begin with the first: others may follow from it.")
        else:
            said = N_("Nothing fails; {warn} to look at.") if warn else N_("All is well.")
        return self.translate(said).format(fail=fail, warn=warn)
