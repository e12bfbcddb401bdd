"""The modems: what each is doing, how it hears the network, what went wrong last."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tui import answers, format, modem_sheet
from tui.doctor_sheet import first_that_fails
from tui.errors import DeskError
from tui.messages import AntennaWanted, Say
from tui.screens.desk_screen import DeskScreen
from tui.screens.question import Question, sure
from tui.widgets.sheet import ReadSheet
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from modemd.api.schema import ModemView
    from tui.desk import Change


class ModemsScreen(DeskScreen):
    MODE = "modems"
    HELP = N_(
        "One block a modem: its state and what to do about it, the network it is registered with, how well it "
        "hears it, its SIM, what waits for it, what it has sent today.\n\n"
        "Signal: above -77 dBm is good, below -107 dBm messages are lost.\n"
        "Parked: the daemon leaves it alone until a person has looked; the sentence says at what. "
        "When it is seen to, r lets the modem go on; a modem or a SIM that was changed is accepted by it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "resume_modem", N_("go on"), id="modems.resume"),
        Binding("h", "app.doctor", N_("doctor"), id="desk.doctor"),
        Binding("a", "antenna", N_("antenna"), id="doctor.antenna"),
    ]

    _modems: tuple[ModemView, ...] = ()

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
        except DeskError:
            return
        self._modems = tuple(modems)
        self.refresh_bindings()
        width = max(40, self.size.width - 4)
        for sheet in self.query(ReadSheet):  # none, when the screen was left meanwhile
            sheet.show(modem_sheet.modem_sheet(modems, self.desk.clock, width, first_that_fails(found)))

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action == "resume_modem":
            return any(modem.park for modem in self._modems)
        return super().can(action, parameters)

    @work(group="deed", exclusive=True)
    async def action_resume_modem(self) -> None:
        """The parked ones one after the other: each has its own question."""
        for modem in [modem for modem in self._modems if modem.park]:
            name = format.one_line(modem.name)
            asked = f"{name}: {format.safe(modem.sentence)}\n\n" + _("Is it seen to? Then {name} sends again.")
            if await sure(self.app, Question(asked.replace("{name}", name), _("y    yes, go on"))):
                await self._resume(modem.name)

    async def _resume(self, name: str) -> None:
        unanswered = _("No answer from the daemon: {name} stays parked.").format(name=name)
        if await self.do(lambda client: client.resume_modem(name), unanswered):
            self.post_message(Say(answers.told(_("{name} goes on.").format(name=name))))
            self.load()
