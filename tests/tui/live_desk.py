"""python -m tests.tui.live_desk: the terminal UI before a fake daemon, on a real terminal, in real time."""

import argparse
import asyncio
import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from modemd.api.schema import DiagnosisView, ErrorView, FindingView, HoldView, LineView, PartView
from tests.tui.fake_gateway import FakeClock, FakeGateway
from tests.tui.mornings import a_morning
from tui import glyphs, theme, words
from tui.__main__ import poor_signs
from tui.app import ModemdApp
from tui.clock import DaemonClock
from tui.desk import Desk

HOSTILE = "[/foo]\x1b]0;pwned\x07\u202e\u2066\x9b31m[bold]x\u200b\ud83d"


class RunningClock(FakeClock):
    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)


def a_hostile_morning(gateway: FakeGateway) -> None:
    """Everything that can hold a text holds a hostile one."""
    a_morning(gateway)
    wrong, why = ErrorView(HOSTILE, HOSTILE), HoldView(HOSTILE, HOSTILE)
    parts = [PartView(1, 1, "uncertain", 1, HOSTILE, gateway.modem_list[0].since, None, None, 0x41, HOSTILE, 2, wrong)]
    gateway.add(HOSTILE, HOSTILE, "uncertain", parts=parts, author=HOSTILE, error=wrong)
    gateway.add("+447700900111", HOSTILE, "held", holds=[why], author=HOSTILE)
    gateway.add("+447700900111", HOSTILE, "failed", error=wrong)
    gateway.add("+447700900112", HOSTILE, "draft")
    gateway.add("+447700900113", HOSTILE, fuse=3600.0)
    gateway.receive(HOSTILE, HOSTILE)
    gateway.receive("+447700900111", HOSTILE)
    gateway.receive("+447700900114", None, error=wrong)
    names = ("name", "sentence", "operator", "technology", "model", "port", "own_number", "smsc")
    everywhere: dict[str, Any] = dict.fromkeys(names, HOSTILE)
    gateway.modem_list = [
        replace(modem, last_error=wrong, last_error_at=modem.since, **everywhere) for modem in gateway.modem_list
    ]
    gateway.extra_findings = [FindingView(HOSTILE, "confirm", "text", HOSTILE, (0, 1), HOSTILE)]
    gateway.diagnoses = [DiagnosisView(HOSTILE, "fail", HOSTILE, HOSTILE, modem) for modem in (None, HOSTILE)]
    gateway.line = LineView(True, HOSTILE, gateway.modem_list[0].since)
    gateway.happen("state", HOSTILE, 10, who=HOSTILE)
    gateway.happen("modem", HOSTILE, who=HOSTILE, subject=HOSTILE)


async def live(gateway: FakeGateway) -> None:
    """Fuses are spent, modems send, reports come: what the daemon would do."""
    after = {"staged": ("submitting", "its fuse is spent"), "submitting": ("submitted", "the network has it")}
    after["submitted"] = ("delivered", "the phone has it")
    while True:
        await asyncio.sleep(0.2)
        if gateway.away or gateway.line.stopped:
            continue
        for message in list(gateway.messages_by_id.values()):
            since = message.ended_at or message.release_at
            if message.state not in after or since is None:
                continue
            waited = (gateway.clock.now() - datetime.fromisoformat(since)).total_seconds()
            if waited > (0 if message.state == "staged" else 2):
                state, said = after[message.state]
                gateway.put(message.id, said, state=state)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lang", default="en")
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--demo", action="store_true")
    options = parser.parse_args()
    words.speak(options.lang)
    glyphs.use_ascii(poor_signs(os.environ, sys.stdout.encoding))
    gateway = FakeGateway(clock=RunningClock())
    if not options.empty:
        (a_hostile_morning if options.hostile else a_morning)(gateway)
    desk = Desk(lambda: gateway, DaemonClock())  # type: ignore[arg-type,return-value]
    app = ModemdApp(desk, demo=options.demo, sixteen=theme.sixteen_colours(os.environ))

    def started() -> None:
        app.run_worker(live(gateway))
        app.set_interval(0.5, lambda: toggle(gateway))

    app._started = started
    app.run(mouse="SSH_CONNECTION" not in os.environ)


def toggle(gateway: FakeGateway) -> None:
    """kill -USR1 would do; a file is simpler: while it is there, the daemon is away."""
    name = os.environ.get("AWAY_FILE", "")
    if name and os.path.exists(name) != gateway.away:
        gateway.come_back() if gateway.away else gateway.go_away()


if __name__ == "__main__":
    main()
