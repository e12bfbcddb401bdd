"""When a message is to leave: a fuse or a time, and what that comes to, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui import format, times
from tui import when as whens
from tui.widgets.fields import SafeInput
from tui.words import _

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from modemd.api.schema import MessageView
    from tui.desk import Desk

MINUTE = 60


class Timing(Vertical):
    """The time goes before the fuse where both are written."""

    DEFAULT_CSS = """
    Timing { height: 2; }
    Timing #fuse { width: 10; margin: 0 3 0 0; }
    Timing #send_at { width: 28; }
    Timing #leaves { height: 1; margin: 0 0 0 10; }
    """

    def __init__(self, desk: Desk, draft: MessageView | None) -> None:
        super().__init__()
        self._desk = desk
        self._fuse = f"{draft.fuse:g}s" if draft and draft.fuse and not draft.send_at else ""
        self._send_at = ""
        self._least: float | None = None  # seconds that the risk asks for, with what is written in the field
        self._kind = ""
        if draft and draft.send_at and desk.clock.left(draft.send_at) > 0:
            self._send_at = f"{desk.clock.local(draft.send_at):%Y-%m-%d %H:%M}"

    def compose(self) -> ComposeResult:
        with Horizontal(classes="line"):
            yield Static(_("Fuse"), classes="label", markup=False)
            yield SafeInput(self._fuse, placeholder=self.usual, id="fuse")
            yield Static(_("Leave at"), classes="label", markup=False)
            yield SafeInput(self._send_at, placeholder=_("tomorrow 9:00"), id="send_at")
        yield Static("", id="leaves", markup=False)

    @property
    def usual(self) -> str:
        """The fuse that burns where nobody writes one: by the risk, and until that is known as configured."""
        if self._least is not None and not self._written("fuse", self._fuse).strip():
            return f"{self._least:g}s"
        return f"{self._desk.outbox.fuse:g}s" if self._desk.outbox else "10s"

    def tell(self, least: float | None, kind: str) -> None:
        """What the daemon makes of it, and what kind of message it is ("": a notice)."""
        self._least, self._kind = least, kind
        for field in self.query("#fuse").results(SafeInput):
            field.placeholder = self.usual
        self.show()

    def asked(self) -> tuple[str | None, str | None]:
        """Fuse and time as the API takes them. Raises WhenError."""
        clock = self._desk.clock
        at = whens.when(self._written("send_at", self._send_at), clock.here(), clock.zone)
        if at is not None:
            return None, times.rfc3339(at)
        return whens.fuse(self._written("fuse", self._fuse)), None

    def _written(self, name: str, given: str) -> str:
        """What stands in a field; before it is composed, what it was given."""
        for field in self.query(f"#{name}").results(SafeInput):
            return field.value
        return given

    def on_mount(self) -> None:
        self.show()

    def show(self) -> None:
        """Say when that is; a time a day ahead with its date."""
        if not self.query("#leaves"):
            return  # not composed yet; what is typed may come before
        try:
            fuse, send_at = self.asked()
        except whens.WhenError as error:
            said = f"{format.severity('block').sign} {format.one_line(str(error))}"
        else:
            if send_at:
                at = times.moment_exactly(self._desk.clock.local(send_at), self._desk.clock.here())
                said = _("Leaves {moment}").format(moment=at)
            else:
                after = times.duration(max(_seconds(fuse or self.usual), self._least or 0.0))
                said = _("Leaves {fuse} after staging").format(fuse=after)
        said += f"   {self._kind}" if self._kind else ""
        self.query_one("#leaves", Static).update(said)

    def to_time(self, written: str | None = None) -> None:
        field = self.query_one("#send_at", SafeInput)
        if written is None:
            field.focus()
        else:
            field.value = written

    def longer(self) -> None:
        field = self.query_one("#fuse", SafeInput)
        try:
            seconds = _seconds(whens.fuse(field.value) or self.usual)
        except whens.WhenError:
            seconds = 0
        field.value = f"{seconds + MINUTE:g}s"


def _seconds(fuse: str) -> float:
    number = fuse.rstrip("msh")
    return float(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[fuse[len(number) :]]
