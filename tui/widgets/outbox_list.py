"""The rows of the outbox: state, fuse, recipient, text, parts, modem; a question where one waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import format, times
from tui.glyphs import glyphs
from tui.widgets.row_list import Piece, RowList, Section
from tui.words import _

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from modemd.api.schema import MessageView
    from tui.desk import Desk

BAR = 10
STATE = 18  # cells of the column that says what is going on
FUSE_X = 3
LAST_SECONDS = 10.0  # from here on a fuse is drawn four times a second


class MessageList(RowList["MessageView"]):
    """One line a message; two where a question waits."""

    def __init__(self, desk: Desk, sections: Sequence[Section[MessageView]], *, id: str | None = None) -> None:
        super().__init__(sections, id=id)
        self._desk = desk
        self.monotonic = desk.clock.monotonic

    def key_of(self, row: MessageView) -> Hashable:
        return row.id

    def tick_fuses(self) -> bool:
        return self.tick(FUSE_X, STATE)

    def tick_last_seconds(self) -> bool:
        """Between two ticks: only what is about to leave."""
        return self.tick(FUSE_X, STATE, self._leaves_soon)

    def _leaves_soon(self, row: MessageView) -> bool:
        return row.release_at is not None and self._desk.clock.left(row.release_at) < LAST_SECONDS

    def draw(self, section: Section[MessageView], row: MessageView, line: int, width: int) -> list[Piece]:
        if line:
            return self._question(row, width)
        look = format.look(row)
        cursor = glyphs().cursor if row is self.selected else " "
        to = 16 if width < 100 else 20
        modem = 8 if width < 100 else 12
        text = max(4, width - (FUSE_X + STATE + 1 + to + 1 + 1 + 5 + 1 + modem))
        words, style = self._going_on(row)
        said, said_style = self._said(row)
        return [
            (cursor, "strong"),
            (look.sign + " ", look.style),
            (format.fit(words, STATE) + " ", style),
            (format.fit(format.number(row.to), to) + " ", "plain"),
            (format.fit(said, text) + " ", said_style),
            (format.fit_right(format.parts(len(row.parts)), 5) + " ", "dim"),
            (format.fit(self._by(row), modem), "dim"),
        ]

    # -- what is going on ----------------------------------------------------------------------------

    def _going_on(self, row: MessageView) -> tuple[str, str]:
        look = format.look(row)
        match row.state:
            case "staged" if row.send_at and row.release_at and self._desk.clock.left(row.release_at) >= 60:
                clock = self._desk.clock
                return times.moment(clock.local(row.release_at), clock.here()), look.style
            case "staged":
                return self._fuse(row)
            case "submitting" | "queued":
                return self._on_air(row), look.style
            case "held" | "uncertain" | "draft":
                return _(look.word), look.style
        if row.ended_at:
            return f"{times.hm(self._desk.clock.local(row.ended_at))} {_(look.word)}", look.style
        return _(look.word), look.style

    def _fuse(self, row: MessageView) -> tuple[str, str]:
        clock = self._desk.clock
        if row.release_at is None:
            return _("burning"), "fuse"
        left = clock.left(row.release_at)
        if left <= 0:
            return self._spent(row.release_at)
        whole = row.fuse or (times.parse(row.release_at) - times.parse(row.created_at)).total_seconds()
        bar = format.bar(left / max(whole, left, 1.0), BAR)
        return f"{bar} {format.fit_right(times.countdown(left), STATE - BAR - 1)}", "fuse"

    def _spent(self, release_at: str) -> tuple[str, str]:
        """The fuse is out by the clock, and the daemon has not said what came of it."""
        if self._desk.away:
            at = times.hms(self._desk.clock.local(release_at))
            return _("unknown {time}").format(time=at), "warn"
        if self._desk.stopped:
            return _("held by the stop"), "warn"
        return _("leaving ..."), "air"

    def _on_air(self, row: MessageView) -> str:
        if self._desk.away:
            return _("unknown")
        on_air = [part for part in row.parts if part.state == "submitting"]
        if on_air and len(row.parts) > 1:
            return _("part {n} of {total}").format(n=on_air[0].sequence, total=len(row.parts))
        return _(format.look(row).word)

    def _said(self, row: MessageView) -> tuple[str, str]:
        """The beginning of the text; where it went wrong, the sentence about that."""
        if row.state in ("failed", "undelivered") and row.error:
            return f"{format.one_line(row.error.sentence)} ({format.one_line(row.error.code)})", "plain"
        return format.one_line(row.text), "dim" if row.state in ("cancelled", "expired") else "plain"

    def _by(self, row: MessageView) -> str:
        """The modem that has it or had it."""
        modems = [part.modem for part in row.parts if part.modem]
        return format.one_line(modems[-1] if modems else row.modem or "")

    # -- questions -----------------------------------------------------------------------------------

    def _question(self, row: MessageView, width: int) -> list[Piece]:
        key = _("{enter} decide").format(enter=glyphs().enter)
        indent = FUSE_X if width < 80 else 12 if width < 110 else FUSE_X + STATE + 1
        room = width - indent - format.width(key) - 3
        asked = format.fit(self._asked(row), max(4, room))
        return [(" " * indent, "plain"), (asked, "plain"), ("  ", "plain"), (key, "strong")]

    def _asked(self, row: MessageView) -> str:
        if row.state == "uncertain":
            at = [part.left_at for part in row.parts if part.state == "uncertain" and part.left_at]
            if at:
                time = times.hms(self._desk.clock.local(at[-1]))
                return _("Did it leave? No answer after {time}, no report.").format(time=time)
            return _("Did it leave? No answer, no report.")
        if row.holds:
            return format.one_line(row.holds[0].sentence)
        return _("Held: it waits for your decision.")
