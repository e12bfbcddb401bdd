"""Home: everything that waits, burns, leaves and has left today, by what it asks of you."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from tui import format
from tui.errors import DeskError
from tui.messages import DetailsWanted
from tui.pages import Pages
from tui.screens.list_screen import ListScreen
from tui.screens.message_screen import MessageScreen
from tui.widgets.outbox_list import MessageList
from tui.widgets.row_list import RowList, Section
from tui.widgets.sheet import Sheet
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

    from modemd.api.schema import MessageView
    from tui.desk import Change, Desk

GROUPS = (
    ("needs_you", N_("NEEDS YOU"), 2),
    ("burning", N_("BURNING"), 1),
    ("scheduled", N_("SCHEDULED"), 1),
    ("on_air", N_("ON AIR"), 1),
    ("done_today", N_("DONE TODAY"), 1),
)
# Moving fast through the list asks the daemon only where it comes to rest.
REST = 0.15


class OutboxScreen(ListScreen["MessageView"], MessageScreen):
    CSS_PATH = "outbox.tcss"
    MODE = "outbox"
    TOUCHED_BY = ("state", "part", "edit", "line")
    HELP = N_(
        "Every message waits here under its fuse, in the daemon, and can be stopped until it leaves the "
        "modem.\n\n"
        "NEEDS YOU: the daemon will not decide this alone. Enter opens the question.\n"
        "BURNING: leaves when its fuse is spent. The first one is the next to leave.\n"
        "SCHEDULED: leaves at the time shown.\n"
        "ON AIR: a modem has it, or it waits for a free one.\n"
        "DONE TODAY: delivered (the phone has it), submitted (the network has it), failed (it never left), "
        "cancelled.\n\n"
        "u stops your newest message, x the selected one. The answer is one of three: stopped, stopped "
        "after some parts, too late.\n"
        "Tab goes to the next group."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("open"), id="list.open"),
    ]

    def __init__(self, desk: Desk, *, demo: bool = False) -> None:
        super().__init__(desk, demo=demo)
        self.rows = MessageList(desk, [self._section(*group) for group in GROUPS], id="outbox")
        self.rows.add_class("rows")
        self._resting: Timer | None = None
        self._counted = False
        self._day = desk.clock.here().date()

    def _section(self, name: str, heading: str, height: int) -> Section[MessageView]:
        fetch = self.fetch(
            lambda client, after, limit: client.messages(group=name, after=after, limit=limit),
            lambda page: (page.messages, page.next),
        )
        return Section(name, Pages(fetch), _(heading), height, ticking=name in ("burning", "scheduled"))

    def body(self) -> ComposeResult:
        with Horizontal(classes="body"):
            yield self.rows
            yield Static("", id="teach", classes="teach", markup=False)
            yield Sheet(id="detail", classes="pane")
            yield Sheet(id="talk", classes="pane")

    def on_mount(self) -> None:
        self.query_one("#teach", Static).update(_("Looking for the daemon ..."))
        self.add_class("-empty")

    def chosen(self) -> MessageView | None:
        return self.rows.selected

    def changed(self) -> None:
        self.reload()

    def just_jumped(self) -> bool:
        return self.rows.just_jumped

    async def fill_first(self) -> None:
        if not self._counted:
            await self.desk.refresh()
        self._counted = False
        if (view := self.desk.outbox) is None:
            return
        for section in self.rows.sections:
            count = getattr(view, section.name)
            section.pages.recount(count)
            if count and section.pages.lacks(0) and not any(section.pages.loaded()):
                await section.pages.load(0)
        self.query_one("#teach", Static).update(_teach())
        self.show_desk()

    def desk_changed(self, change: Change) -> None:
        self._counted = not self.desk.away  # the counts that come with a change are fresh
        super().desk_changed(change)
        if self.desk.away and not self.desk.known:
            self.query_one("#teach", Static).update(_away())

    def tick(self) -> None:
        super().tick()
        if isinstance(self.rows, MessageList):
            self.rows.tick_fuses()
        today = self.desk.clock.here().date()
        if today != self._day:  # what was done today was done yesterday now
            self._day = today
            self.reload()

    def tick_between(self) -> None:
        if isinstance(self.rows, MessageList):
            self.rows.tick_last_seconds()

    def select(self, id: int) -> None:
        self.rows.select(id)
        self.reload()

    # -- beside the list -----------------------------------------------------------------------------

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        if event.by_person and self.edits_notice:
            self.edits_notice = False
            self.show_desk()
        self.refresh_bindings()
        if self.app.size.width >= 120:
            if self._resting is not None:
                self._resting.stop()
            self._resting = self.set_timer(self.desk.rest(REST), self.show_beside)

    def on_resize(self) -> None:
        if self.app.size.width >= 120:
            self.show_beside()

    @work(exclusive=True, group="beside")
    async def show_beside(self) -> None:
        """The selected message in full; at 200 columns what was said before, too."""
        from tui import sheets

        message = self.chosen()
        detail, talk = self.query_one("#detail", Sheet), self.query_one("#talk", Sheet)
        if message is None:
            detail.show(sheets.nothing())
            talk.show(sheets.nothing())
            return
        id, to = message.id, message.to
        detail.show(sheets.message_sheet(message, self.desk.clock))
        try:
            full = await self.desk.ask(lambda client: client.message(id))
            detail.show(sheets.message_sheet(full, self.desk.clock))
            if self.app.size.width >= 200:
                said = await self.desk.ask(lambda client: client.conversation(to, limit=50))
                talk.show(sheets.talk_sheet(said, self.desk.clock), end=True)
        except DeskError:
            return

    @on(RowList.Opened)
    def action_open(self) -> None:
        if (message := self.chosen()) is not None:
            self.post_message(DetailsWanted(message))

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action == "open":
            return self.chosen() is not None
        return super().can(action, parameters)


def _teach() -> str:
    lines = (
        _("Nothing waits, and nothing was sent today."),
        "",
        _("c   writes a message. It waits here under a burning fuse; u stops it."),
        _("2   shows what came in,  3  the modems."),
        "",
        _("From a shell the same is:"),
        '    modemd send --to +447700900123 --fuse 30s "' + format.one_line(_("The part has arrived.")) + '"',
    )
    return "\n".join(lines)


def _away() -> str:
    lines = (
        _("The daemon is not there."),
        "",
        _("Is it running?            systemctl status modemd"),
        _("Try it without hardware:  modemd demo"),
        _("Another socket:           modemd tui --socket PATH"),
        "",
        _("It is looked for again and again; nothing needs to be pressed."),
    )
    return "\n".join(lines)
