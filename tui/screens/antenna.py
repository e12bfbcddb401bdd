"""A large live signal meter, for whoever places an antenna and looks over a shoulder."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from tui import format, times
from tui.errors import DeskError
from tui.glyphs import glyphs
from tui.meter import Reading, meter
from tui.screens.desk_screen import DeskScreen
from tui.sheets import DIM, page
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from modemd.api.schema import LookView
    from tui.desk import Desk


_EVERY = 0.9  # seconds between looks


class Meter(Widget):
    DEFAULT_CSS = "Meter { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(classes="body")
        self._reading = Reading()
        self._look: LookView | None = None

    def show(self, reading: Reading, look: LookView | None) -> None:
        self._reading, self._look = reading, look
        self.refresh()

    def render(self) -> Content:
        lines = [_about(self._look), *meter(self._reading, self.size.width, self.size.height)]
        return page(lines)


def _about(look: LookView | None) -> list[tuple[str, str]]:
    """Which modem, in which network, and what it is doing where that keeps it from listening."""
    if look is None:
        return [("  " + _("There is no modem to listen to."), "bold")]
    words = [word for word in (look.operator, look.technology, look.registration) if word]
    said = f" {glyphs().dot} ".join(format.one_line(word) for word in words)
    line = [("  " + format.one_line(look.name) + "  ", "bold"), (said + "  ", DIM)]
    if look.state == "busy":
        line.append((_("sends: the meter waits"), "bold"))
    elif look.state != "ready":
        line.append((format.one_line(look.sentence), "bold"))
    return line


class AntennaScreen(DeskScreen):
    TITLED = N_("Antenna")
    HELP = N_(
        "Turn and move the antenna, wait two or three seconds, look: the number, the steps and the bar say the same. "
        "The mark over the bar is the best so far; go back to where that was.\n\n"
        "Above -77 dBm is good; below -107 dBm messages are lost. Metal and thick walls take much, a window helps.\n"
        "The modem is asked once a second while this screen is open, and never while it sends."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right", "next", N_("next modem"), id="doctor.next_modem"),
        Binding("r", "anew", N_("forget the best"), id="doctor.forget"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self._readings: dict[str, Reading] = {}
        self._chosen = ""
        self._is_looking = False
        self._looked_at = desk.clock.monotonic()

    def body(self) -> ComposeResult:
        yield Meter()

    def on_mount(self) -> None:
        self.look()

    def tick(self) -> None:
        super().tick()
        if self.desk.clock.monotonic() - self._looked_at >= _EVERY:
            self.look()

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action == "next":
            return len(self._names()) > 1
        if action == "anew":
            return bool(self._readings)
        return super().can(action, parameters)

    def action_next(self) -> None:
        names = self._names()
        self._chosen = names[(names.index(self._chosen) + 1) % len(names)] if self._chosen in names else ""
        self.look()

    def action_anew(self) -> None:
        self._readings.pop(self._chosen, None)
        self.look()

    def _names(self) -> list[str]:
        return [modem.name for modem in self.desk.outbox.modems] if self.desk.outbox else []

    def look(self) -> None:
        """One look at a time: a modem that answers slowly is not asked again meanwhile."""
        if not self._is_looking and not self.desk.away:
            self._is_looking = True
            self._looked_at = self.desk.clock.monotonic()
            self._look()

    @work(group="look")
    async def _look(self) -> None:
        try:
            names = self._names()
            name = self._chosen = self._chosen if self._chosen in names else next(iter(names), "")
            if not name:
                return
            look = await self.desk.ask(lambda client: client.look(name))
        except DeskError:
            return
        finally:
            self._is_looking = False
        at, is_first = times.hms(self.desk.clock.here()), not self._readings
        self._readings[name] = reading = self._readings.get(name, Reading()).heard(look.signal_dbm, at)
        for widget in self.query(Meter):  # none, when the screen was left meanwhile
            widget.show(reading, look)
        if is_first:
            self.refresh_bindings()  # there is something to forget now
