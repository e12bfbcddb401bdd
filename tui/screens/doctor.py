"""The doctor: what is well and what is not, from the supply to the network, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from tui.doctor_sheet import doctor_sheet
from tui.errors import DeskError
from tui.messages import AntennaWanted
from tui.screens.desk_screen import DeskScreen
from tui.widgets.sheet import ReadSheet
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from modemd.api.schema import DiagnosisView
    from tui.desk import Change, Desk


class DoctorScreen(DeskScreen):
    TITLED = N_("Doctor")
    HELP = N_(
        "Everything between the socket in the wall and an SMS that is sent, in that order. What fails first is often "
        "the cause of what follows: begin there, do what stands behind the arrow, then look again.\n\n"
        "No modem is disturbed by looking. In a shell: modemd doctor, and modemd doctor --send NUMBER for the proof."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "look_again", N_("look again"), id="doctor.again"),
        Binding("a", "antenna", N_("antenna"), id="doctor.antenna"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._found: list[DiagnosisView] = []

    def body(self) -> ComposeResult:
        yield ReadSheet(classes="body")

    def on_mount(self) -> None:
        sheet = self.query_one(ReadSheet)
        sheet.focus()
        sheet.show(Content(_("Looking ...")))

    def on_screen_resume(self) -> None:
        self.load()

    def on_resize(self) -> None:
        self._draw()

    def desk_changed(self, change: Change) -> None:
        super().desk_changed(change)
        if change.touches("modem"):
            self.load()

    def action_look_again(self) -> None:
        self.load()

    def action_antenna(self) -> None:
        self.post_message(AntennaWanted())

    @work(exclusive=True, group="load")
    async def load(self) -> None:
        try:
            self._found = await self.desk.ask(lambda client: client.doctor())
        except DeskError:
            return  # the banner says so, and what was found last stays
        self._draw()

    def _draw(self) -> None:
        for sheet in self.query(ReadSheet):  # none, when the screen was left meanwhile
            if self._found:
                sheet.show(doctor_sheet(self._found, self.size.width - 3, max(10, sheet.size.height)))
