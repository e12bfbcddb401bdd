"""Pure: the daemon's answers, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui import format, times
from tui.format import Look
from tui.glyphs import glyphs
from tui.words import N_, _, ngettext

if TYPE_CHECKING:
    from modemd.api.schema import CancelView, MessageView, OutboxView
    from tui.clock import DaemonClock

STOPPED = Look("⊘", "/", N_("stopped"), "good")
TOO_LATE = Look("✓", "v", N_("too late"), "warn")
TOLD = Look("·", "-", N_("told"), "plain")
FAILED = Look("✖", "x", N_("failed"), "bad")


@dataclass(frozen=True)
class Notice:
    """A sentence that stays until it is closed; `message` is what it speaks of, to be edited again."""

    look: Look
    sentence: str
    message: MessageView | None = None


def told(sentence: str) -> Notice:
    return Notice(TOLD, sentence)


def refused(sentence: str) -> Notice:
    return Notice(FAILED, sentence)


def cancelled(view: CancelView, clock: DaemonClock) -> Notice:
    """P1's one true answer, one of three."""
    at = clock.local(view.left_at) if view.left_at else None
    match view.outcome:
        case "cancelled":
            return Notice(STOPPED, _("Stopped. Nothing left the modem."), view.message)
        case "partly":
            return Notice(format.PARTLY, _partly(view.left, view.total, times.hms(at) if at else "?"), view.message)
    if at is None:
        return Notice(TOO_LATE, _("Too late: it has left."), view.message)
    return Notice(TOO_LATE, _("Too late: it left at {time}.").format(time=times.hms_tenths(at)), view.message)


def _partly(left: int, total: int, at: str) -> str:
    stopped = _("Stopped after part {left} of {total}, which left at {time}.")
    first = left + 1
    rest = ngettext("Part {first} never will.", "Parts {first} to {last} never will.", total - left)
    return stopped.format(left=left, total=total, time=at) + " " + rest.format(first=first, last=total)


def nothing_to_undo() -> Notice:
    return told(_("Nothing to undo: no message of yours is waiting."))


def about(message: MessageView) -> str:
    """Which message is meant, in a few words."""
    return f"{format.number(message.to)} {glyphs().dot} {format.one_line(message.text)}"


def before_resuming(view: OutboxView | None) -> str:
    """How many would leave: what is asked before the line goes on."""
    waiting, burning = (view.on_air, view.burning) if view else (0, 0)
    leave = ngettext("{n} message waits and leaves at once.", "{n} messages wait and leave at once.", waiting)
    burn = ngettext(
        "{n} fuse burns: it leaves as soon as that is spent.",
        "{n} fuses burn: they leave as soon as those are spent.",
        burning,
    )
    return "\n".join((_("Resume the line?"), "", leave.format(n=waiting), burn.format(n=burning)))


def before_leaving(view: OutboxView | None, *, unkept: bool) -> str:
    """What goes on without this screen, and what would be lost with it; empty where nothing is."""
    lines = []
    if unkept:
        lines.append(_("The daemon is away, and what you wrote is not kept yet: it would be lost."))
    if view and view.burning:
        said = ngettext(
            "{n} fuse goes on burning in the daemon, and its message leaves when it is spent.",
            "{n} fuses go on burning in the daemon, and their messages leave when they are spent.",
            view.burning,
        )
        lines.append(said.format(n=view.burning))
    return "\n".join(lines)
