"""What all screens have in common: top line, banners, the notice, the keys."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, ClassVar, final

from textual import events
from textual.binding import Binding, BindingType
from textual.keys import _character_to_key as character_to_key
from textual.screen import Screen

from tui import answers
from tui.errors import Away, DeskError
from tui.messages import Say
from tui.widgets.banner import Banner
from tui.widgets.key_line import KeyLine
from tui.widgets.notice_bar import NoticeBar
from tui.widgets.rule import Rule
from tui.widgets.top_line import TopLine
from tui.widgets.trouble import Trouble
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult

    from modemd.api.client import GatewayClient
    from tui.desk import Change, Desk

BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (80, "-normal"), (120, "-wide"), (200, "-huge")]


class DeskScreen(Screen[None]):
    """`mode` names a base screen; others have a `title` and go back with escape."""

    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    HELP: ClassVar[str] = ""
    MODE: ClassVar[str] = ""
    TITLED: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", N_("back"), id="desk.back"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__()
        self.desk = desk
        self._demo = demo

    def compose(self) -> ComposeResult:
        yield TopLine(self.desk, mode=self.MODE, title=self.heading())
        yield Banner(self.desk, demo=self._demo)
        yield Rule()
        yield from self.body()
        yield NoticeBar(self.desk)
        yield KeyLine()

    def heading(self) -> str:
        return _(self.TITLED)

    def body(self) -> ComposeResult:
        """The part between the banners and the notice."""
        yield from ()

    # -- told by the app -----------------------------------------------------------------------------

    def desk_changed(self, change: Change) -> None:
        """Something happened at the daemon."""
        self.show_desk()

    def tick(self) -> None:
        """A second has passed."""
        for line in self.query(TopLine):  # none as long as the screen is not composed
            line.show()

    def tick_between(self) -> None:
        """A quarter of a second has passed, three times between two seconds."""

    def show_desk(self) -> None:
        if not self.query(NoticeBar):
            return
        self.query_one(TopLine).show()
        self.query_one(Banner).show()
        self.query_one(NoticeBar).show(self.notice_keys())
        self.refresh_bindings()

    def notice_keys(self) -> tuple[str, ...]:
        """The keys that act on the notice: none where letters are typed and escape goes back."""
        return () if self.MODE == "" else (NoticeBar.close(),)

    # Textual calls these in every class of a screen's line, the most special first: none calls super().

    def on_mount(self) -> None:
        self.show_desk()

    def on_screen_resume(self) -> None:
        self.show_desk()

    def on_key(self, event: events.Key) -> None:
        """Keys pressed while the input method is on come in full width: they mean the same."""
        if event.character and not event.character.isascii():
            meant = unicodedata.normalize("NFKC", event.character)
            if len(meant) == 1 and meant.isascii() and meant.isprintable():
                event.stop()
                pressed = events.Key(character_to_key(meant), meant)
                pressed.set_sender(self.app)  # as a real one: else it ends here, where it is made
                self.app.post_message(pressed)

    # -- what did not go as it was meant ------------------------------------------------------------

    def complain(self, sentence: str) -> None:
        """Under the fields; an empty sentence takes it away."""
        for trouble in self.query(Trouble):  # none, when the screen was left meanwhile
            trouble.say(sentence)

    def refused(self, error: DeskError, unanswered: str = "") -> None:
        """The notice says why not. `unanswered`: what is to be said where it is not known whether it was done."""
        said = unanswered if unanswered and isinstance(error, Away) else str(error)
        self.app.post_message(Say(answers.refused(said)))  # the app outlives this screen

    async def do(self, call: Callable[[GatewayClient], Awaitable[object]], unanswered: str = "") -> bool:
        """Whether the daemon has done it; where not, the notice says so."""
        try:
            await self.desk.ask(call)
        except DeskError as error:
            self.refused(error, unanswered)
            return False
        return True

    # -- going back ----------------------------------------------------------------------------------

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether a key does something here and now."""
        if action == "back":
            return not self.MODE or self.desk.notice is not None
        return True

    @final
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.desk.may(action, parameters) and self.can(action, parameters)

    def action_back(self) -> None:
        if self.MODE:
            self.desk.notice = None
            self.show_desk()
        else:
            self.dismiss()
