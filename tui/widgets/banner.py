"""Lines across every screen that cannot be missed: simulation, the line stopped, the daemon away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tui import format, roles, times
from tui.glyphs import glyphs
from tui.words import _, ngettext

if TYPE_CHECKING:
    from tui.desk import Desk


class Banner(Widget):
    """A line for each thing that is so; no line where nothing is."""

    DEFAULT_CSS = """
    Banner { height: auto; display: none; }
    Banner.-some { display: block; }
    """

    def __init__(self, desk: Desk, *, demo: bool) -> None:
        super().__init__()
        self._desk = desk
        self._demo = demo
        self._drawn: list[tuple[str, str]] = []

    def show(self) -> None:
        lines = self._lines()
        if lines != self._drawn:
            self._drawn = lines
            self.set_class(bool(lines), "-some")
            self.refresh(layout=True)

    def render(self) -> Content:
        self._drawn = self._lines()
        width = self.size.width
        return Content("\n").join([Content.styled(format.fit(" " + text, width), style) for text, style in self._drawn])

    def _lines(self) -> list[tuple[str, str]]:
        lines = []
        if self._demo:
            lines.append((_("SIMULATION: nothing leaves this machine"), "bold $banner-demo-text on $banner-demo"))
        if self._desk.stopped and self._desk.outbox:
            lines.append((self._stopped(), "bold $banner-stop-text on $banner-stop"))
        outbox = self._desk.outbox
        if outbox and (lacking := roles.lacking(outbox.me)):
            lines.append((lacking, "$text-muted"))
        if outbox and outbox.approvals:
            said = ngettext(
                "{n} message waits for your approval.   a look",
                "{n} messages wait for your approval.   a look",
                outbox.approvals,
            )
            lines.append((f"{glyphs().warning} " + said.format(n=outbox.approvals), "bold $text-warning"))
        if self._desk.away_since is not None:
            lines += [(text, "bold $banner-away-text on $banner-away") for text in self._away()]
        return lines

    def _stopped(self) -> str:
        line = self._desk.outbox.line if self._desk.outbox else None
        mark = glyphs().stop
        if line and line.who and line.at:
            said = _("THE LINE IS STOPPED by {who} since {time}. Nothing leaves.   s resume")
            at = times.hm(self._desk.clock.local(line.at))
            return f"{mark} " + said.format(who=format.one_line(line.who), time=at)
        return f"{mark} " + _("THE LINE IS STOPPED. Nothing leaves.   s resume")

    def _away(self) -> list[str]:
        since = times.hms(self._desk.away_since) if self._desk.away_since else ""
        mark = glyphs().warning
        if self._desk.outbox is None:
            return [f"{mark} {format.one_line(self._desk.away_sentence)}", "  " + _("Looking for it ...")]
        return [
            f"{mark} " + _("The daemon does not answer since {time}. Looking for it ...").format(time=since),
            "  " + _("What you type is kept here. Fuses that run in the daemon go on burning there."),
        ]
