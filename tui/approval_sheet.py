"""Pure: what is to be approved, as a page of text: whom, what, what the checks found, what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import format, times
from tui.sheets import DIM, HEAD, Line, field, page, runs
from tui.widgets.notice_bar import COLOURS
from tui.words import _, ngettext

if TYPE_CHECKING:
    from textual.content import Content

    from modemd.api.schema import ApprovalView, ChangeView
    from tui.clock import DaemonClock


def whom(view: ApprovalView) -> str:
    """The recipient, or how many."""
    if view.batch is None:
        return format.number(view.to)
    return ngettext("{n} message", "{n} messages", view.count).format(n=view.count)


def approval_sheet(view: ApprovalView, clock: DaemonClock) -> Content:
    here = clock.here()
    leaves = times.moment_exactly(clock.local(view.send_at), here) if view.send_at else _("when its fuse is spent")
    lines: list[Line] = [
        field(_("To"), whom(view), "bold"),
        *([field("", ", ".join(format.number(number) for number in view.examples), DIM)] if view.batch else []),
        field(_("By"), format.one_line(view.author)),
        field(_("Leaves"), leaves),
        field(_("Asked"), times.moment(clock.local(view.asked_at), here)),
        field(_("Until"), times.moment(clock.local(view.lapses_at), here)),
        *(field(_("Approval"), _progress(rule.name, len(rule.given), rule.needed, rule.given)) for rule in view.rules),
        [("", "")],
        *_changed(view.before, view, clock),
        *([] if view.before else [[(format.safe(view.text), "")]]),
        [("", "")],
    ]
    if view.texts > 1:
        lines.append([(_("The batch holds {n} different texts; this is the first.").format(n=view.texts), "bold")])
    if view.findings or view.confirmed:
        lines.append([(_("What the checks say"), HEAD)])
        for finding in view.findings:
            look = format.severity(finding.severity)
            lines.append([(f"{look.sign} {format.safe(finding.message)}", COLOURS.get(look.style, ""))])
        lines += [[(_("confirmed: {what}").format(what=format.one_line(each)), DIM)] for each in view.confirmed]
    return page(lines)


def _progress(rule: str, given: int, needed: int, names: list[str]) -> str:
    by = f" ({', '.join(format.one_line(name) for name in names)})" if names else ""
    return _("{rule}: {given} of {needed}").format(rule=format.one_line(rule), given=given, needed=needed) + by


def _changed(before: ChangeView | None, view: ApprovalView, clock: DaemonClock) -> list[Line]:
    if before is None:
        return []
    at = times.moment(clock.local(before.at), clock.here())
    lines: list[Line] = [[(_("Changed since {time}:").format(time=at), HEAD)]]
    if before.to is not None:
        lines.append(
            [(_("To: {before} is now {after}").format(before=format.number(before.to), after=whom(view)), "bold")]
        )
    if before.moved:
        was = times.moment(clock.local(before.send_at), clock.here()) if before.send_at else _("when its fuse is spent")
        lines.append([(_("Was to leave: {time}").format(time=was), "bold")])
    return [*lines, runs(before.text)]
