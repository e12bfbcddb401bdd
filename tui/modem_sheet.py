"""Pure: the modems as a page of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui import format, times
from tui.format import Look
from tui.glyphs import glyphs
from tui.sheets import DIM, HEAD, Line, error_words, page
from tui.widgets.notice_bar import COLOURS
from tui.words import N_, _, ngettext

if TYPE_CHECKING:
    from modemd.api.schema import DiagnosisView, ModemView
    from tui.clock import DaemonClock

LOOKS = {
    "starting": Look("◌", "o", N_("starting"), "air"),
    "ready": Look("✔", "V", N_("ready"), "good"),
    "busy": Look("↗", ">", N_("sending"), "air"),
    "waiting": Look("◷", "@", N_("waiting"), "fuse"),
    "parked": Look("▲", "!", N_("parked"), "warn"),
    "gone": Look("✖", "x", N_("gone"), "bad"),
}
READINGS = 24  # of the signal's history


def modem_sheet(
    modems: list[ModemView], clock: DaemonClock, width: int, trouble: DiagnosisView | None = None
) -> Content:
    """`trouble`: the doctor's first finding, where there is no modem to show."""
    if not modems:
        return Content(_teach(trouble))
    lines: list[Line] = []
    for modem in modems:
        lines += [*_block(modem, clock, width), [("", "")]]
    return page(lines[:-1])


def _block(modem: ModemView, clock: DaemonClock, width: int) -> list[Line]:
    look = LOOKS.get(modem.state, format.UNKNOWN)
    since = ""
    if modem.since:
        since = " " + _("since {time}").format(time=times.moment(clock.local(modem.since), clock.here()))
    model = format.one_line(modem.model or "")
    lines: list[Line] = [
        [
            (format.fit(format.one_line(modem.name), 10) + " ", HEAD),
            (f"{look.sign} {_(look.word)}", COLOURS.get(look.style, "")),
            (f"{since}   {model}", DIM),
        ],
        [(_indent(modem.sentence), COLOURS["warn"] if modem.park else "")],
        *([(" " * 11 + error_words(alert), COLOURS["warn"])] for alert in modem.alerts),
        _network(modem),
        _field(_("SIM"), format.clip(_sim(modem), width - 23)),
        _field(_("Work"), _work(modem)),
        _field(_("Port"), format.clip(format.one_line(modem.port), width - 23)),
    ]
    if modem.last_error:
        at = ""
        if modem.last_error_at:
            at = times.short_stamp(clock.local(modem.last_error_at), clock.here()) + "  "
        lines.append([*_field(_("Last error"), at), (error_words(modem.last_error), COLOURS["bad"])])
    return lines


def _indent(text: str) -> str:
    return " " * 11 + format.one_line(text)


def _field(name: str, value: str) -> Line:
    return [(" " * 11 + format.fit(name, 11) + " ", DIM), (value, "")]


def _network(modem: ModemView) -> Line:
    words = [modem.operator, modem.technology, modem.registration]
    named = f" {glyphs().dot} ".join(format.one_line(word) for word in words if word) or _("no network")
    dbm = _("no reading") if modem.signal_dbm is None else f"{modem.signal_dbm} dBm"
    spark = format.sparkline(modem.signal_history or [], READINGS)
    return [
        *_field(_("Network"), named + "   "),
        (format.signal_bars(modem.signal_dbm) + " " + dbm + "  ", "bold"),
        (spark, "$text-accent"),
    ]


def _sim(modem: ModemView) -> str:
    said = []
    if modem.iccid:
        said.append(_("card ...{digits}").format(digits=format.one_line(modem.iccid)))
    said.append(format.number(modem.own_number) if modem.own_number else _("own number not on the card"))
    if modem.smsc:
        said.append(_("centre {number}").format(number=format.number(modem.smsc)))
    return f" {glyphs().dot} ".join(said)


def _work(modem: ModemView) -> str:
    waiting = _("{n} waiting").format(n=modem.queue)
    sent = ngettext("{n} part left today", "{n} parts left today", modem.sent_today).format(n=modem.sent_today)
    limits = [
        _(_WINDOWS.get(quota.window, quota.window)).format(used=quota.used, limit=quota.limit)
        for quota in modem.quota or []
    ]
    return f" {glyphs().dot} ".join([waiting, sent, *limits])


_WINDOWS = {
    "minute": N_("{used} of {limit} this minute"),
    "hour": N_("{used} of {limit} this hour"),
    "day": N_("{used} of {limit} today"),
    "month": N_("{used} of {limit} this month"),
}


def _teach(trouble: DiagnosisView | None) -> str:
    said = [trouble.finding, trouble.next_step or ""] if trouble else []
    lines = (
        _("No modem is configured, or none was found."),
        *(format.safe(line) for line in said),
        "",
        _("1. Plug one in, and look what the daemon sees:    modemd doctor"),
        _("2. Name it in the configuration file:"),
        "       [[modem]]",
        '       name = "north"',
        '       port = "auto"',
        _("3. Restart the daemon:                            systemctl restart modemd"),
        "",
        _("To try everything without hardware:               modemd demo"),
    )
    return "\n" + "\n".join(lines)
