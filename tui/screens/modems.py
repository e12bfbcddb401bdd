"""The modems: what each is doing, how it hears the network, what went wrong last."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tui import modem_sheet
from tui.doctor_sheet import first_that_fails
from tui.errors import Away, Declined
from tui.messages import AntennaWanted
from tui.screens.desk_screen import DeskScreen
from tui.widgets.sheet import ReadSheet
from tui.words import N_

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.desk import Change


class ModemsScreen(DeskScreen):
    MODE = "modems"
    HELP = N_(
        "One block a modem: its state and what to do about it, the network it is registered with, how well it "
        "hears it, its SIM, what waits for it, what it has sent today.\n\n"
        "Signal: above -77 dBm is good, below -107 dBm messages are lost.\n"
        "Parked: the daemon leaves it alone until a person has looked; the sentence says at what."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "app.doctor", N_("doctor"), id="desk.doctor"),
        Binding("a", "antenna", N_("antenna"), id="doctor.antenna"),
    ]

    def body(self) -> ComposeResult:
        yield ReadSheet(classes="body")

    def on_mount(self) -> None:
        self.query_one(ReadSheet).focus()

    def on_screen_resume(self) -> None:
        self.load()

    def on_resize(self) -> None:
        self.load()

    def desk_changed(self, change: Change) -> None:
        super().desk_changed(change)
        if change.touches("modem", "part"):
            self.load()

    def action_antenna(self) -> None:
        self.post_message(AntennaWanted())

    @work(exclusive=True, group="load")
    async def load(self) -> None:
        try:
            modems = await self.desk.ask(lambda client: client.modems())
            found = [] if modems else await self.desk.ask(lambda client: client.doctor())
        except (Away, Declined):
            return
        width = max(40, self.size.width - 4)
        for sheet in self.query(ReadSheet):  # none, when the screen was left meanwhile
            sheet.show(modem_sheet.modem_sheet(modems, self.desk.clock, width, first_that_fails(found)))
