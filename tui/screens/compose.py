"""Writing a message: what it will be on the air is seen while it is typed; only ctrl+s stages it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from tui import answers, format, lint_view, times
from tui import when as whens
from tui.contact_sheet import called
from tui.draft_keeper import DraftKeeper
from tui.errors import Away, Declined, DeskError
from tui.glyphs import glyphs
from tui.messages import DraftsWanted, Say, Staged, Unkept
from tui.screens.desk_screen import DeskScreen
from tui.sheets import afresh
from tui.widgets.completion import Completion
from tui.widgets.fields import SafeInput, SafeTextArea
from tui.widgets.rule import Rule
from tui.widgets.timing import Timing
from tui.widgets.trouble import Trouble
from tui.words import N_, _

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

    from modemd.api.schema import FindingView, LintView, MessageView
    from tui.desk import Change, Desk

LINT_REST = 0.01
KEEP_REST = 0.3
COMPLETE_REST = 0.12
COOL = "30m"
CATEGORIES = ("service", "promotional", "emergency")


class ComposeScreen(DeskScreen):
    CSS_PATH = "compose.tcss"
    TITLED = N_("Compose")
    HELP = N_(
        "Write to whom, and what. Letters of a name or its reading, or digits, show whom they may mean: Enter takes "
        "one where nobody else fits as well, else the arrow keys choose.\n\n"
        "Below the text stands what it will be on the air: its encoding, how many "
        "parts, how much room is left, and which characters make it expensive.\n\n"
        "^S stages it: it then waits in the outbox under its fuse, and u stops it. Enter never sends.\n"
        "F2 to F4 apply the repairs that are offered.\n"
        "Leave at takes 18:00, tomorrow 9:00, 11/24 9:00 or in 30 min; empty means: when the fuse is spent.\n"
        "F7 lets it cool for half an hour: a draft that cannot be staged before, and is shown afresh then.\n"
        "F8 changes its kind: a notice, advertising, an emergency. Hours and rules go by that.\n"
        "Esc goes back; what you wrote is kept as a draft. ^D lists the drafts."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "stage", N_("stage"), priority=True, id="compose.stage"),
        Binding("f2", "fix(0)", N_("fix"), priority=True, id="compose.fix_1"),
        Binding("f3", "fix(1)", N_("fix"), priority=True, id="compose.fix_2"),
        Binding("f4", "fix(2)", N_("fix"), priority=True, id="compose.fix_3"),
        Binding("f5", "later", N_("later"), priority=True, id="compose.later"),
        Binding("f6", "longer", N_("longer"), priority=True, id="compose.longer"),
        Binding("f7", "cool", N_("cool"), priority=True, id="compose.cool"),
        Binding("f8", "kind", N_("kind"), priority=True, id="compose.kind"),
        Binding("ctrl+d", "drafts", N_("drafts"), priority=True, id="compose.drafts"),
        Binding("escape", "back", N_("back"), id="compose.back"),
        Binding("down", "suggest(1)", N_("next suggestion"), priority=True, show=False, id="compose.next"),
        Binding("up", "suggest(-1)", N_("suggestion before"), priority=True, show=False, id="compose.before"),
        # Before the field sees the next key: over a slow line keys come in bursts, and what is typed behind
        # Tab must not land in the recipient.
        Binding("tab", "app.focus_next", priority=True, show=False),
        Binding("shift+tab", "app.focus_previous", priority=True, show=False),
    ]

    def __init__(
        self, desk: Desk, to: str = "", text: str = "", draft: MessageView | None = None, *, demo: bool = False
    ) -> None:
        super().__init__(desk, demo=demo)
        self._given = (draft.to, draft.text) if draft else (to, text)
        self._draft = draft
        self._timing = Timing(desk, draft)
        self._keeper = DraftKeeper(desk, draft, *self._given)
        self._category = draft.category if draft else CATEGORIES[0]
        self._reason = ""
        self._lint: LintView | None = None
        self._names = ""
        self._findings: list[FindingView] = []
        self._chosen: tuple[str, int, str] | None = None  # letters, contact, number
        self._completing: Timer | None = None
        self._linting: Timer | None = None
        self._keeping: Timer | None = None

    def body(self) -> ComposeResult:
        to, text = self._given
        with Horizontal(classes="line"):
            yield Static(_("To"), classes="label", markup=False)
            yield SafeInput(to, placeholder=_("a name, or +44 7700 900123"), id="to")
            yield Static("", id="dialled", markup=False)
        yield Completion(self.desk)
        with Horizontal(id="writing"):
            yield Static(_("Text"), classes="label", markup=False)
            yield SafeTextArea(text, id="text")
        yield Static("", id="cooled", markup=False)
        yield Static("", id="lint", markup=False)
        yield self._timing
        yield Trouble()

    def on_mount(self) -> None:
        # At once, not by Widget.focus(), which would wait behind the keys that were typed ahead.
        self.set_focus(self.query_one("#text" if self._given[0] else "#to"))
        self._look()
        if self._draft is not None and (self._draft.cool or self._draft.error):
            self._show_afresh(self._draft.id)

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", SafeInput).value

    @property
    def _text(self) -> str:
        return self.query_one("#text", SafeTextArea).text

    # -- while it is typed ---------------------------------------------------------------------------

    @on(SafeInput.Changed)
    @on(SafeTextArea.Changed)
    def _typed(self) -> None:
        if not self.is_mounted:
            return
        self.complain("")
        self._timing.show()
        for timer in (self._linting, self._keeping):
            if timer is not None:
                timer.stop()
        self._linting = self.set_timer(self.desk.rest(LINT_REST), self._look)
        self._keeping = self.set_timer(self.desk.rest(KEEP_REST), self._keep)
        if not self._keeper.keeps(self._value("to"), self._text):
            self._say_kept(_("not kept yet") if not self.desk.away else _("daemon away: kept here"))

    def _is_gone(self) -> bool:
        """The screen was left while something of it was still under way."""
        return not self.is_attached or len(self.query("#to, #text, #lint, #dialled")) < 4

    @on(SafeInput.Submitted)
    def _next_field(self) -> None:
        """Enter takes whom the letters mean, where that is one; only the next Enter goes on."""
        completion = self.query_one(Completion)
        if not completion.is_open or self.focused is not self.query_one("#to"):
            self.focus_next()
        elif completion.typed != self._value("to").strip():
            return  # what is shown is for letters that stood there before
        elif (found := completion.take()) is not None:
            self._chosen = completion.typed, found.contact, found.number
            completion.close()
            field = self.query_one("#to", SafeInput)
            field.value = found.number
            field.cursor_position = len(found.number)

    # -- whom the letters mean -----------------------------------------------------------------------

    @on(SafeInput.Changed, "#to")
    def _to_typed(self) -> None:
        if self._completing is not None:
            self._completing.stop()
        self._completing = self.set_timer(self.desk.rest(COMPLETE_REST), self._complete)

    @work(exclusive=True, group="complete")
    async def _complete(self) -> None:
        if self._is_gone():
            return
        typed = self._value("to").strip()
        if not typed or (self._chosen is not None and typed == self._chosen[2]):
            self.query_one(Completion).close()
            return
        try:
            view = await self.desk.ask(lambda client: client.complete(typed))
        except DeskError:
            return
        if self._is_gone():
            return
        whole = len(view.suggestions) == 1 and view.suggestions[0].number == typed
        self.query_one(Completion).show(typed, None if whole else view)
        self.refresh_bindings()

    @on(events.DescendantBlur)
    def _left_field(self) -> None:
        for completion in self.query(Completion):
            completion.close()

    def action_suggest(self, step: int) -> None:
        self.query_one(Completion).move(step)

    @work(exclusive=True, group="lint")
    async def _look(self) -> None:
        await self._ask_what_it_would_say()

    async def _ask_what_it_would_say(self) -> None:
        """Ask the daemon: each rule lives there, once."""
        if self._is_gone():
            return
        to, text = self._value("to"), self._text
        try:
            fuse, send_at = self._timing.asked()
        except whens.WhenError:
            fuse = send_at = None
        try:
            lint = await self.desk.ask(
                lambda client: client.lint(
                    text,
                    to=to.strip() or None,
                    fuse=fuse,
                    send_at=send_at,
                    category=self._category,
                    reason=self._reason,
                    by_hand=True,
                )
            )
        except DeskError:
            return
        if self._is_gone():
            return
        # What is not written yet is no mistake yet.
        unwritten = {"text" if not text else "", "recipient" if not to.strip() else ""}
        if self._lint is None or self._lint.to != lint.to:
            self._names = ""
        self._lint = lint
        self._tell_timing()
        self._findings = [finding for finding in lint.findings if finding.subject not in unwritten]
        self._show_lint()
        self._names = await self._who(lint.to) if lint.to else ""
        self._show_lint()

    def _tell_timing(self) -> None:
        risk = self._lint.risk if self._lint else None
        kind = "" if self._category == CATEGORIES[0] else format.category(self._category)
        self._timing.tell(risk.fuse if risk else None, kind)

    async def _who(self, number: str) -> str:
        """Everybody who has this number: with two names, both are shown."""
        try:
            found = await self.desk.ask(lambda client: client.contacts_of(number))
        except DeskError:
            return ""
        names = ", ".join(called(each) for each in found)
        return "" if not found else f"{glyphs().warning} {names}  " if len(found) > 1 else f"{names}  "

    def on_resize(self) -> None:
        if self._lint is not None:
            self._show_lint()

    def _show_lint(self) -> None:
        if self._is_gone():
            return
        wide = max(20, self.size.width - 10)
        self.query_one("#lint", Static).update(lint_view.lint_content(self._lint, self._findings, wide))
        dialled = ""
        if self._lint is not None and self._value("to").strip():
            known = self._lint.to
            dialled = f"{glyphs().arrow} {self._names}{format.number(known)}" if known else _("not a number yet")
        self.query_one("#dialled", Static).update(dialled)
        self.refresh_bindings()

    @work(group="keep")
    async def _keep(self) -> None:
        if self._is_gone():
            return
        try:
            await self._keeper.keep(self._value("to"), self._text)
        except Away:
            self._say_kept(_("daemon away: kept here"))
            return
        except Declined as error:
            self._say_kept(str(error))
            return
        if self._keeper.kept_at is not None:
            self._say_kept(_("draft kept {time}").format(time=times.hms(self._keeper.kept_at)))

    def _say_kept(self, word: str) -> None:
        if self._is_gone():
            return
        for rule in self.query(Rule):
            rule.say(format.one_line(word))

    def desk_changed(self, change: Change) -> None:
        super().desk_changed(change)
        if change.back and not self.desk.away:
            self._keep()
            self._look()

    def tick(self) -> None:
        super().tick()
        self._timing.show()

    # -- what was put aside --------------------------------------------------------------------------

    @work(exclusive=True, group="afresh")
    async def _show_afresh(self, id: int) -> None:
        """A draft that cooled, or that nobody approved: why, and what was changed since."""
        try:
            draft = await self.desk.ask(lambda client: client.message(id))
        except DeskError:
            return
        for line in self.query("#cooled").results(Static):  # none, when the screen was left meanwhile
            line.update(afresh(draft, self.desk.clock))
            line.add_class("-some")

    @work(exclusive=True, group="stage")
    async def action_cool(self) -> None:
        to, text = self._value("to"), self._text
        if not text.strip():
            self.complain(_("There is no text yet."))
            return
        try:
            view = await self._keeper.cool(to, text, COOL)
        except DeskError as error:
            self.complain(str(error))
            return
        until = times.hm(self.desk.clock.local(view.cool.until)) if view.cool else ""
        said = _("It cools until {time}: then it is among the drafts (d), to be read again and staged.")
        self.app.post_message(Say(answers.told(said.format(time=until))))
        self.dismiss()

    # -- when it leaves ------------------------------------------------------------------------------

    def action_later(self) -> None:
        self._timing.to_time()

    def action_longer(self) -> None:
        self._timing.longer()

    def action_kind(self) -> None:
        """Notice, advertising, emergency: hours and rules go by it."""
        self._category = CATEGORIES[(CATEGORIES.index(self._category) + 1) % len(CATEGORIES)]
        self._tell_timing()
        self._look()

    # -- repairs -------------------------------------------------------------------------------------

    def can(self, action: str, parameters: tuple[object, ...]) -> bool:
        if action == "suggest":
            return self.focused is not None and self.focused.id == "to" and self.query_one(Completion).is_open
        if action == "fix" and isinstance(parameters[0], int):
            return parameters[0] < len(lint_view.fixes(self._findings))
        return super().can(action, parameters)

    def action_fix(self, number: int) -> None:
        finding = lint_view.fixes(self._findings)[number]
        fixed = finding.fix or ""
        if finding.subject == "recipient":
            self.query_one("#to", SafeInput).value = fixed
        elif finding.subject == "time":
            self._timing.to_time(fixed)
        elif finding.span is not None:
            area = self.query_one("#text", SafeTextArea)
            start, end = (location(area.text, index) for index in finding.span)
            area.replace(fixed, start, end)
        else:
            self.query_one("#text", SafeTextArea).text = fixed

    # -- staging -------------------------------------------------------------------------------------

    @work(exclusive=True, group="stage")
    async def action_stage(self) -> None:
        to, text = self._value("to").strip(), self._text
        if trouble := self._missing(to, text):
            self.complain(trouble)
            return
        try:
            fuse, send_at = self._timing.asked()
        except whens.WhenError as error:
            self.complain(str(error))
            return
        await self._ask_what_it_would_say()  # what was typed or mended a moment ago was not looked at yet
        if self._is_gone():
            return
        if any(finding.code == "time_no_reason" for finding in self._findings):
            await self._ask_reason()
            return
        confirm = [finding for finding in self._findings if finding.severity == "confirm"]
        if confirm and not await self._sure(confirm):
            return
        codes = [finding.code for finding in confirm]
        try:
            rest = {"category": self._category, "reason": self._reason}
            view = await self._keeper.stage(to, text, fuse=fuse, send_at=send_at, confirm=codes, **rest)
        except Declined as error:
            self._blocked(error)
        except Away:
            self.complain(_("No answer: it may be staged already. When the daemon is back, look in the outbox first."))
        else:
            await self._tell_how_chosen(view.id, to)
            self.app.post_message(Staged(view.id))
            self.dismiss()

    async def _ask_reason(self) -> None:
        """Then it is looked at anew: what is to be confirmed has changed."""
        from tui.screens.question import ReasonQuestion

        asked = _("Outside the usual hours: why can it not wait? Another person reads it and has to agree.")
        reason: str | None = await self.app.push_screen_wait(ReasonQuestion(asked))
        self._reason = reason or ""
        self._look()

    async def _tell_how_chosen(self, id: int, to: str) -> None:
        """By which letters the recipient was picked: if it is undone, they mean somebody else."""
        if self._chosen is None or self._chosen[2] != to:
            return
        typed, contact, _number = self._chosen
        try:
            await self.desk.ask(lambda client: client.chosen(id, typed, contact))
        except DeskError:
            return

    def _missing(self, to: str, text: str) -> str:
        if not to:
            self.set_focus(self.query_one("#to"))
            return _("Who gets it? Write a number in the field To.")
        if not text.strip():
            self.set_focus(self.query_one("#text"))
            return _("There is no text yet.")
        return ""

    async def _sure(self, findings: list[FindingView]) -> bool:
        from tui.screens.question import read_back

        said = "\n".join(f"{format.severity(each.severity).sign} {format.one_line(each.message)}" for each in findings)
        asked = _("Before it is staged:") + "\n\n" + said
        asks = self._lint.read_back if self._lint else None
        return await read_back(self.app, asked, _("y  stage it all the same"), asks)

    def _blocked(self, error: Declined) -> None:
        if error.findings:
            self._findings = error.findings
            self._show_lint()
        self.complain(_("Not staged. {why}").format(why=str(error)))

    # -- leaving -------------------------------------------------------------------------------------

    def action_back(self) -> None:
        self._leave()

    def action_drafts(self) -> None:
        self._leave(drafts=True)

    @work(exclusive=True, group="leave")
    async def _leave(self, drafts: bool = False) -> None:
        """Escape loses nothing: what cannot be kept at the daemon now, the app keeps for later."""
        to, text = self._value("to"), self._text
        try:
            if not self.desk.away:
                await self._keeper.keep(to, text)
        except DeskError as error:
            self.refused(error)
        if not self._keeper.keeps(to, text):
            self.app.post_message(Unkept(self._keeper, to, text))
        if drafts:
            self.app.post_message(DraftsWanted())
        self.dismiss()


def location(text: str, index: int) -> tuple[int, int]:
    """Row and column of a place in the text."""
    before = text[:index]
    return before.count("\n"), index - (before.rfind("\n") + 1)
