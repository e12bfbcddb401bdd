"""Pure: what the doctor says, as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from modemd.model.doctor_page import Line, Page
from tui.glyphs import is_ascii
from tui.sheets import DIM, HEAD
from tui.widgets.notice_bar import COLOURS
from tui.words import _

if TYPE_CHECKING:
    from modemd.api.schema import DiagnosisView

_STYLES = {"ok": COLOURS["good"], "warn": COLOURS["warn"], "fail": COLOURS["bad"], "skip": DIM, "step": "bold"}


def doctor_sheet(found: list[DiagnosisView], width: int, room: int) -> Content:
    """`room`: lines in view; where they do not do, what is well shares one in each group."""
    lines = Page(_, width, room, ascii_only=is_ascii()).lines(found)
    return Content("\n").join([_drawn(line) for line in lines])


def _drawn(line: Line) -> Content:
    if line.kind in ("heading", "sum"):
        return Content.styled(line.text, HEAD if line.kind == "heading" else "bold")
    text = "bold" if line.kind == "step" else DIM if line.kind == "skip" else ""
    return Content.assemble((line.head, _STYLES[line.kind]), (line.text, text))


def first_that_fails(found: list[DiagnosisView]) -> DiagnosisView | None:
    return next((each for each in found if each.verdict == "fail"), None)
