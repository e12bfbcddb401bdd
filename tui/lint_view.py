"""Pure: what the daemon says about a text that is being written, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui import format
from tui.glyphs import glyphs
from tui.widgets.notice_bar import COLOURS
from tui.words import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modemd.api.schema import FindingView, LintView

FIX_KEYS = ("f2", "f3", "f4")
MOST = 5  # findings shown at once; the worst come first
_ORDER = {"block": 0, "confirm": 1, "note": 2}


def worst_first(findings: Sequence[FindingView]) -> list[FindingView]:
    return sorted(findings, key=lambda finding: _ORDER.get(finding.severity, 3))


def fixes(findings: Sequence[FindingView]) -> list[FindingView]:
    """Those that a key repairs, in the order of their keys."""
    return [finding for finding in worst_first(findings)[:MOST] if finding.fix is not None][: len(FIX_KEYS)]


def encoding_line(lint: LintView) -> str:
    """Unicode · 24 of 70 · 1 part · room for 46 · because of 見 本"""
    used = lint.units if lint.parts <= 1 else lint.per_part - lint.room
    said = [
        format.encoding(lint.encoding),
        _("{used} of {limit}").format(used=used, limit=lint.per_part),
        ngettext("{n} part", "{n} parts", lint.parts).format(n=lint.parts),
        _("room for {n}").format(n=lint.room),
    ]
    if lint.cost is not None:
        said.insert(3, format.one_line(lint.cost))
    if lint.forcing:
        said.append(_("because of {characters}").format(characters=format.listed(lint.forcing)))
    return f" {glyphs().dot} ".join(said)


def lint_content(lint: LintView | None, findings: Sequence[FindingView], width: int) -> Content:
    """The encoding, the ruler, the findings with the keys that repair them."""
    lines: list[Content] = []
    if lint is not None:
        lines.append(Content.styled(format.clip(encoding_line(lint), width), "$text-muted"))
        ruler = format.ruler(lint.parts, lint.room, lint.per_part, width)
        lines.append(Content.styled(ruler, "$text-accent"))
    if lint is not None and lint.risk is not None and lint.risk.score:
        said = _("Risk: {reason}").format(reason=format.one_line(lint.risk.reason))
        lines.append(Content.styled(format.clip(said, width), COLOURS.get("warn", "")))
    keys = {id(finding): key for key, finding in zip(FIX_KEYS, fixes(findings), strict=False)}
    shown = worst_first(findings)
    for finding in shown[:MOST]:
        lines.append(_finding(finding, keys.get(id(finding)), width))
    if len(shown) > MOST:
        n = len(shown) - MOST
        lines.append(Content.styled(ngettext("{n} more", "{n} more", n).format(n=n), "$text-muted"))
    return Content("\n").join(lines)


def _finding(finding: FindingView, key: str | None, width: int) -> Content:
    look = format.severity(finding.severity)
    fix = ""
    if key is not None and finding.fix is not None:
        fixed = format.clip(format.one_line(finding.fix), 20)
        fix = f"  {key.upper()} {glyphs().arrow} {fixed or _('remove it')}"
    said = f"{look.sign} {format.one_line(finding.message)}"
    if format.width(said + fix) <= width:
        said = format.fit(said, width - format.width(fix))
    return Content.assemble((said, COLOURS.get(look.style, "")), (fix, "bold $text-accent"))
