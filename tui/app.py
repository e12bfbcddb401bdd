"""The App: modes, the keys that work everywhere, and the line to the daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType

from tui import answers
from tui.errors import Away, Declined
from tui.glyphs import is_ascii
from tui.messages import AntennaWanted, ComposeWanted, DetailsWanted, DraftsWanted, Say, Staged, ThreadWanted, Unkept
from tui.screens.desk_screen import DeskScreen
from tui.screens.message_screen import MessageScreen
from tui.screens.outbox import OutboxScreen
from tui.theme import OKABE_ITO, SIXTEEN
from tui.widgets.plain_scrollbar import choose_scrollbar
from tui.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.screen import Screen
    from textual.timer import Timer

    from tui.answers import Notice
    from tui.desk import Change, Desk
    from tui.draft_keeper import DraftKeeper

NOTICE_SECONDS = 30.0


class ModemdApp(App[None]):
    TITLE = "modemd"
    CSS_PATH = "screens/desk_screen.tcss"
    ENABLE_COMMAND_PALETTE = True
    DEFAULT_MODE = "outbox"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Seen to before any key behind it: those belong into the recipient already.
        Binding("c", "write", N_("compose"), priority=True, id="desk.compose"),
        Binding("u", "undo", N_("undo"), id="desk.undo"),
        Binding("ctrl+u", "undo_typing", N_("undo"), priority=True, id="desk.undo_typing"),
        Binding("s", "line", N_("stop the line"), id="desk.stop"),
        Binding("slash", "find", N_("find"), id="desk.search"),
        Binding("question_mark", "explain", N_("help"), id="desk.help"),
        Binding("d", "drafts", N_("drafts"), id="desk.drafts"),
        Binding("a", "approvals", N_("approvals"), show=False, id="desk.approvals"),
        Binding("A", "audit", N_("audit"), show=False, id="desk.audit"),
        Binding("1", "go('outbox')", N_("Outbox"), show=False, id="desk.outbox"),
        Binding("2", "go('inbox')", N_("Inbox"), show=False, id="desk.inbox"),
        Binding("3", "go('modems')", N_("Modems"), show=False, id="desk.modems"),
        Binding("4", "go('log')", N_("Log"), show=False, id="desk.log"),
        Binding("5", "go('contacts')", N_("Contacts"), show=False, id="desk.contacts"),
        Binding("h", "doctor", N_("doctor"), show=False, id="desk.doctor"),
        Binding("q", "leave", N_("quit"), id="desk.quit"),
        Binding("ctrl+q", "leave", N_("quit"), show=False, priority=True, id="desk.quit_typing"),
    ]

    def __init__(
        self,
        desk: Desk,
        *,
        demo: bool = False,
        sixteen: bool = False,
        keymap: dict[str, str] | None = None,
        started: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        for theme in (OKABE_ITO, SIXTEEN):
            self.register_theme(theme)
        self.theme = (SIXTEEN if sixteen else OKABE_ITO).name
        self.animation_level = "none"
        self.set_class(is_ascii(), "-ascii")
        choose_scrollbar()
        self.desk = desk
        self._demo = demo
        self._given_keys = keymap or {}
        self._started = started
        self._following = False
        self._quarters = 0
        self._notice_timer: Timer | None = None
        self._unkept: list[tuple[DraftKeeper, str, str]] = []
        self.add_mode("outbox", lambda: OutboxScreen(desk, demo=demo))
        self.add_mode("inbox", self._inbox)
        self.add_mode("modems", self._modems)
        self.add_mode("log", self._log_screen)
        self.add_mode("contacts", self._contacts)

    # The other screens are imported when they are first opened: the first frame does not wait for them.

    def _inbox(self) -> Screen[Any]:
        from tui.screens.inbox import InboxScreen

        return InboxScreen(self.desk, demo=self._demo)

    def _modems(self) -> Screen[Any]:
        from tui.screens.modems import ModemsScreen

        return ModemsScreen(self.desk, demo=self._demo)

    def _log_screen(self) -> Screen[Any]:
        from tui.screens.log import LogScreen

        return LogScreen(self.desk, demo=self._demo)

    def _contacts(self) -> Screen[Any]:
        from tui.screens.contacts import ContactsScreen

        return ContactsScreen(self.desk, demo=self._demo)

    def on_mount(self) -> None:
        if self._given_keys:
            self.set_keymap(self._given_keys)
        self.set_interval(0.25, self._quarter)
        self.call_after_refresh(self._first_frame)
        # A key pressed before the first frame opens another screen, and that call waits with the first one.
        self.set_timer(0.3, self._first_frame)

    def _first_frame(self) -> None:
        if self._following:
            return
        self._following = True
        if self._started is not None:
            self._started()
        self.run_worker(self.desk.watch(self._changed), group="watch")

    # -- what the daemon does ------------------------------------------------------------------------

    def _desk_screens(self) -> list[DeskScreen]:
        return [screen for screen in self.screen_stack if isinstance(screen, DeskScreen)]

    def _changed(self, change: Change) -> None:
        for screen in self._desk_screens():
            screen.desk_changed(change)
        if self._unkept and not self.desk.away:
            self._keep_unkept()

    def _quarter(self) -> None:
        self._quarters += 1
        if self._quarters % 4 == 0:
            self.tick()
        elif screens := self._desk_screens():
            screens[-1].tick_between()

    def tick(self) -> None:
        """Only what is in view is repainted, and of that only what counts down."""
        if screens := self._desk_screens():
            screens[-1].tick()

    def _show_desk(self) -> None:
        for screen in self._desk_screens():
            screen.show_desk()

    # -- the notice ----------------------------------------------------------------------------------

    @on(Say)
    def _say(self, event: Say) -> None:
        self.say(event.notice)

    def say(self, notice: Notice) -> None:
        """It stays until it is closed, or for half a minute."""
        self.desk.notice = notice
        if self._notice_timer is not None:
            self._notice_timer.stop()
        self._notice_timer = self.set_timer(NOTICE_SECONDS, self._close_notice)
        for screen in self._desk_screens():
            if isinstance(screen, MessageScreen):
                screen.noticed()
            else:
                screen.show_desk()

    def _close_notice(self) -> None:
        self.desk.notice = None
        self._show_desk()

    # -- keys that work everywhere -------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A letter is no command where letters are typed; what this user may not do is no command at all."""
        typing = self.focused is not None and self.focused.check_consume_key("c", "c")
        return not (action == "write" and typing) and self.desk.may(action, parameters)

    async def action_write(self) -> None:
        await self._compose(ComposeWanted())

    def action_undo(self) -> None:
        self._undo()

    def action_undo_typing(self) -> None:
        self._undo()

    @work(group="undo")
    async def _undo(self) -> None:
        try:
            view = await self.desk.ask(lambda client: client.undo())
        except Away:
            self.say(answers.refused(_("No answer from the daemon: it is not known whether it was stopped.")))
            return
        except Declined as error:
            self.say(answers.refused(str(error)))
            return
        self.say(answers.cancelled(view, self.desk.clock) if view else answers.nothing_to_undo())

    @work(group="line", exclusive=True)
    async def action_line(self) -> None:
        """Stopping is one key. Resuming asks: things leave by it."""
        try:
            if not self.desk.stopped:
                await self.desk.ask(lambda client: client.stop())
            elif await self._sure_to_resume():
                await self.desk.ask(lambda client: client.resume())
            await self.desk.refresh()
        except Away:
            self.say(answers.refused(_("No answer from the daemon: it is not known whether the line is stopped.")))
        except Declined as error:
            self.say(answers.refused(str(error)))
        self._show_desk()

    async def _sure_to_resume(self) -> bool:
        from tui.screens.question import Question, sure

        await self.desk.refresh()
        return await sure(self, Question(answers.before_resuming(self.desk.outbox), _("y  let them leave")))

    def action_find(self) -> None:
        from tui.screens.search import SearchScreen

        self.push_screen(SearchScreen(self.desk, demo=self._demo))

    def action_explain(self) -> None:
        from tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.desk, self.screen, demo=self._demo))

    def action_drafts(self) -> None:
        from tui.screens.drafts import DraftsScreen

        if not isinstance(self.screen, DraftsScreen):
            self.push_screen(DraftsScreen(self.desk, demo=self._demo))

    def action_doctor(self) -> None:
        from tui.screens.doctor import DoctorScreen

        if not isinstance(self.screen, DoctorScreen):
            self.push_screen(DoctorScreen(self.desk, demo=self._demo))

    def action_approvals(self) -> None:
        from tui.screens.approvals import ApprovalsScreen

        if not isinstance(self.screen, ApprovalsScreen):
            self.push_screen(ApprovalsScreen(self.desk, demo=self._demo))

    def action_audit(self) -> None:
        from tui.screens.audit import AuditScreen

        if not isinstance(self.screen, AuditScreen):
            self.push_screen(AuditScreen(self.desk, demo=self._demo))

    async def action_go(self, mode: str) -> None:
        """The base screen of a mode: what was opened over it is left as it is, there."""
        await self.switch_mode(mode)

    @work(group="leave", exclusive=True)
    async def action_leave(self) -> None:
        from tui.screens.question import Question, sure

        asked = answers.before_leaving(self.desk.outbox, unkept=bool(self._unkept))
        if not asked or await sure(self, Question(asked, _("y  quit"))):
            self.exit()

    def action_help_quit(self) -> None:
        """Ctrl+C, by reflex."""
        self.action_leave()

    # -- what screens ask for ------------------------------------------------------------------------

    @on(ComposeWanted)
    async def _compose(self, event: ComposeWanted) -> None:
        """Awaited: what is typed ahead belongs into the recipient, and is no key of the outbox."""
        from tui.screens.compose import ComposeScreen

        self.desk.notice = None if event.draft or event.text else self.desk.notice
        await self.push_screen(ComposeScreen(self.desk, event.to, event.text, event.draft, demo=self._demo))

    @on(DetailsWanted)
    def _details(self, event: DetailsWanted) -> None:
        from tui.screens.details import DetailsScreen

        self.push_screen(DetailsScreen(self.desk, event.message, demo=self._demo))

    @on(ThreadWanted)
    def _thread(self, event: ThreadWanted) -> None:
        from tui.screens.thread import ThreadScreen

        self.push_screen(ThreadScreen(self.desk, event.number, event.alphanumeric, demo=self._demo))

    @on(Staged)
    async def _staged(self, event: Staged) -> None:
        await self.switch_mode("outbox")
        for screen in self._desk_screens():
            if isinstance(screen, OutboxScreen):
                screen.select(event.id)

    @on(AntennaWanted)
    def _antenna(self) -> None:
        from tui.screens.antenna import AntennaScreen

        self.push_screen(AntennaScreen(self.desk, demo=self._demo))

    @on(DraftsWanted)
    def _drafts(self) -> None:
        self.action_drafts()

    # -- what could not be kept ----------------------------------------------------------------------

    @on(Unkept)
    def _keep_later(self, event: Unkept) -> None:
        self._unkept.append((event.keeper, event.to, event.text))

    @work(group="unkept", exclusive=True)
    async def _keep_unkept(self) -> None:
        while self._unkept:
            keeper, to, text = self._unkept[0]
            try:
                await keeper.keep(to, text)
            except Away:
                return
            except Declined as error:
                self.say(answers.refused(str(error)))
            self._unkept.pop(0)

    # -- the palette ---------------------------------------------------------------------------------

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        from tui import palette

        return palette.commands(self, screen)

    def action_command_palette(self) -> None:
        from tui import palette

        palette.open_palette(self)

    async def on_unmount(self) -> None:
        await self.desk.close()
