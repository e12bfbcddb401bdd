"""Pure: everything about one message, a conversation, a modem, as pages of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui import format, times
from tui.format import Look
from tui.glyphs import glyphs
from tui.widgets.notice_bar import COLOURS
from tui.words import N_, _, ngettext

if TYPE_CHECKING:
    from modemd.api.schema import ConversationEntry, ErrorView, HoldView, InboundView, MessageView, PartView, RunView
    from tui.clock import DaemonClock

DIM = "$text-muted"
HEAD = "bold $text-primary"
Line = list[tuple[str, str]]


# Signs and looks: a text that was changed is told apart without colours, too.
_RUNS = {"same": ("", "", ""), "gone": ("[-", "-]", "$text-error strike"), "new": ("[+", "+]", "bold $text-success")}


def runs(found: list[RunView]) -> Line:
    """A text with what was changed in it."""
    line: Line = []
    for run in found:
        left, right, style = _RUNS.get(run.op, _RUNS["same"])
        line.append((left + format.safe(run.text) + right, style))
    return line


def afresh(draft: MessageView, clock: DaemonClock) -> Content:
    """Over a draft that is opened again: who did not approve it and why; that it has cooled, and what was changed."""
    lines: list[Line] = []
    if draft.rejected is not None:
        said = _("{who} did not approve it: {reason}")
        words = {"who": format.one_line(draft.rejected.who), "reason": format.one_line(draft.rejected.reason)}
        lines.append([(said.format(**words), "bold $text-warning")])
    if draft.cool is not None and not draft.cool.over:
        until = times.hm(clock.local(draft.cool.until))
        lines.append([(_("It cools until {time}, and is not staged before.").format(time=until), "bold")])
    elif draft.cool is not None:
        lines.append([(_("It has cooled. Read it as if somebody else had written it."), "bold")])
        if (before := draft.cool.before) is not None and any(run.op != "same" for run in before.text):
            lines.append([(_("Changed since:"), HEAD)])
            lines.append(runs(before.text))
    return page(lines)


def nothing() -> Content:
    return Content("")


def page(lines: list[Line]) -> Content:
    return Content("\n").join([Content.assemble(*line) for line in lines])


def field(name: str, value: str, style: str = "") -> Line:
    return [(format.fit(name, 11) + " ", DIM), (value, style)]


def _look(look: Look) -> tuple[str, str]:
    return (f"{look.sign} {_(look.word)}", COLOURS.get(look.style, ""))


def error_words(error: ErrorView | HoldView) -> str:
    """The sentence, and the code for the phone call to support."""
    return f"{format.safe(error.sentence)} ({format.one_line(error.code)})"


def message_sheet(message: MessageView, clock: DaemonClock) -> Content:
    lines: list[Line] = [
        [_look(format.look(message)), (f"   #{message.id}", DIM)],
        *_why(message),
        [("", "")],
        field(_("To"), format.number(message.to), "bold"),
        *_times(message, clock),
        field(_("By"), format.one_line(message.author)),
        *([field(_("Modem"), format.one_line(message.modem))] if message.modem else []),
        field(_("Text"), _size(message), DIM),
        [("", "")],
        [(format.safe(message.text), "")] if not message.forgotten else [(_("(forgotten: its time was over)"), DIM)],
        [("", "")],
    ]
    if message.parts and (len(message.parts) > 1 or any(_told(part) for part in message.parts)):
        lines.append([(_("Parts"), HEAD)])
        for part in message.parts:
            lines += _part(part, clock)
        lines.append([("", "")])
    if message.findings:
        lines.append([(_("What the checks say"), HEAD)])
        for finding in message.findings:
            lines.append([_look(format.severity(finding.severity)), (": " + format.safe(finding.message), "")])
        lines.append([("", "")])
    if message.events:
        lines.append([(_("What happened"), HEAD)])
        for event in message.events:
            at = times.hms(clock.local(event.at))
            who = f"{format.one_line(event.who)}: " if event.who else ""
            lines.append([(at + "  ", DIM), (who, DIM), (format.safe(event.detail), "")])
    return page(lines)


def _told(part: PartView) -> bool:
    return bool(part.left_at or part.error or part.tp_st is not None)


def _why(message: MessageView) -> list[Line]:
    lines: list[Line] = [[(error_words(hold), COLOURS["warn"])] for hold in message.holds or []]
    if message.error:
        lines.append([(error_words(message.error), COLOURS["bad"])])
    if message.waits:
        lines.append([(error_words(message.waits), COLOURS["warn"])])
    if message.state == "uncertain" and not (message.error and message.error.code == "restored"):
        said = _(
            "The modem was given it and gave no answer: it may have left, or not. A report can still settle "
            "this by itself."
        )
        lines.append([(said, "")])
    return lines


def _times(message: MessageView, clock: DaemonClock) -> list[Line]:
    here = clock.here()
    lines = [field(_("Written"), times.moment(clock.local(message.created_at), here))]
    if message.release_at and (message.state == "staged" or (message.state == "held" and message.send_at)):
        lines.append(field(_("Leaves"), times.moment_exactly(clock.local(message.release_at), here)))
    if message.next_try_at:
        lines.append(field(_("Next try"), times.moment_exactly(clock.local(message.next_try_at), here)))
    if message.valid_until:
        lines.append(field(_("Valid until"), times.moment(clock.local(message.valid_until), here)))
    if message.ended_at:
        lines.append(field(_("Ended"), times.moment(clock.local(message.ended_at), here)))
    return lines


def _size(message: MessageView) -> str:
    count = len(message.parts)
    said = ngettext("{n} part", "{n} parts", count).format(n=count) if count else ""
    return f" {glyphs().dot} ".join(word for word in (format.encoding(message.encoding), said) if word)


def _part(part: PartView, clock: DaemonClock) -> list[Line]:
    look = format.look_of(part.state)
    line: Line = [
        (_("{n} of {total}").format(n=part.sequence, total=part.total) + "  ", ""),
        _look(look if part.state != "queued" else format.Look("·", "-", N_("has not left"), "dim")),
    ]
    facts = []
    if part.modem:
        facts.append(format.one_line(part.modem))
    if part.left_at:
        facts.append(_("left {time}").format(time=times.hms(clock.local(part.left_at))))
    if part.tp_mr is not None:
        facts.append(f"tp_mr {part.tp_mr}")
    if part.attempts > 1:
        facts.append(_("{n} attempts").format(n=part.attempts))
    lines = [line]
    if facts:
        lines.append([("    " + f" {glyphs().dot} ".join(facts), DIM)])
    if part.tp_st is not None:
        at = f", {times.hms(clock.local(part.ended_at))}" if part.ended_at else ""
        words = format.safe(part.tp_st_words or _("no words for it"))
        lines.append([("    " + _("report: {words}").format(words=words), ""), (f" (0x{part.tp_st:02X}{at})", DIM)])
    if part.error:
        lines.append([("    " + error_words(part.error), COLOURS["bad"])])
    return lines


def inbound_words(message: InboundView) -> str:
    """The text, or the PDU of one that cannot be read; and what is known about it."""
    lines = [format.safe(message.text or message.raw or "")]
    if message.error:
        lines.insert(0, error_words(message.error))
    if message.lacking:
        lines.append(f"({format.safe(message.lacking.sentence)})")
    return "\n".join(line for line in lines if line)


def talk_sheet(entries: list[ConversationEntry], clock: DaemonClock) -> Content:
    """A conversation, oldest first; a line between days."""
    lines: list[Line] = []
    last_day = None
    here = clock.here()
    for entry in entries:
        at = clock.local(entry.at)
        if at.date() != last_day:
            last_day = at.date()
            lines.append([(times.date(at, here), HEAD)])
        if entry.inbound is not None:
            marks = glyphs().arrow_in
            new = "" if entry.inbound.read else f"  {glyphs().unread} " + _("new")
            lines.append([(f"{times.hm(at)} {marks} ", DIM), (_("received"), DIM), (new, COLOURS["warn"])])
            lines += _indented(inbound_words(entry.inbound), "bold")
        elif entry.outbound is not None:
            lines.append([(f"{times.hm(at)} {glyphs().arrow_out} ", DIM), _look(format.look(entry.outbound))])
            lines += _indented(format.safe(entry.outbound.text), "")
        lines.append([("", "")])
    return page(lines[:-1])


def _indented(text: str, style: str) -> list[Line]:
    return [[("   " + line, style)] for line in text.split("\n")]
