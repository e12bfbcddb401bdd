"""Statements that run again and again find their rows by an index: what they cost does not grow with the messages.

The daemon itself runs, with a simulated modem, while messages go through their lives and people look at them; every
statement of its store is kept, and SQLite is asked how it would be done.
"""

import asyncio
import contextlib
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drivers.simulator.simulator import Simulator
from modemd.api.app import build_app
from modemd.api.client import GatewayClient, over_socket
from modemd.api.server import bind_unix, build_server
from modemd.config import Config, ModemConfig
from modemd.config_people import PeopleConfig, Retention
from modemd.daemon import Daemon
from modemd.model.quota import Quota
from modemd.store import outbox, reports, transmit
from modemd.store.database import Store, open_database
from modemd.store.outbox import New
from tests.bench.million import SAMPLE, build, numbers

TO, SIM = "+819012345678", "8900101000000000001"

# Tables that grow with the messages, and the indexes that hold only what waits for something, or is rare.
GROWS = {
    *("message", "part", "event", "report", "spent", "hold", "vote", "version", "seen", "batch", "audit"),
    *("inbound", "inbound_pdu", "conversation", "idempotency", "approval_code", "contact", "opt_out"),
}
FEW = {
    *("message_draft", "message_burning", "message_scheduled", "message_queued", "message_queued_until"),
    *("message_submitting", "message_held", "message_uncertain", "message_queued_later", "message_queued_for"),
    *("part_in_flight", "part_awaited", "report_waiting", "hold_until", "hold_waiting", "inbound_incomplete"),
    *("conversation_unread", "audit_configured"),
}
EXCUSED = (
    re.compile(r"(?:delete from approval_code|update vote) "),  # once an hour, where texts are forgotten
    re.compile(r".* in \(\)"),  # no row at all
    re.compile(r"select 1 from contact limit 1$"),  # whether there is any
    # The first of all, in the order of an index: a page.
    re.compile(
        r"select (?!.* where (?!state <> 'draft' order)).* order by (?:id|last_at) desc(?:, \w+ desc)? limit \d+$"
    ),
)
_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?$")


def by_hand(statement: str, plan: list[str]) -> list[str]:
    """The steps that go through a table, or sort more than what a person is asked about."""
    if any(each.match(statement) for each in EXCUSED):
        return []
    sorts = [step for step in plan if "TEMP B-TREE" in step and " from hold " not in statement]
    scans = [match for step in plan if (match := _SCAN.match(step))]
    return sorts + [match[0] for match in scans if match[1] in GROWS and match[2] not in FEW]


class Running:
    def __init__(self, daemon: Daemon, client: GatewayClient, sim: Simulator) -> None:
        self.daemon, self.client, self.sim = daemon, client, sim
        self.statements: set[str] = set()

    async def until(self, id: int, *states: str) -> None:
        async with asyncio.timeout(20):
            while (await self.client.message(id)).state not in states:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    async with Simulator(folder / "sim", 1, 0.0, 0.02) as sim:
        quota = Quota(gap=0.001, minute=1000, hour=1000, day=1000, month=10000)
        modems = (ModemConfig("north", sim.ports[0], quota=quota),)
        people = PeopleConfig(retention=Retention(texts=3600.0, numbers=3600.0))
        socket, again = folder / "api.sock", ("service",)
        config = Config(state_dir=folder, socket=socket, modems=modems, people=people, resend_uncertain=again)
        store = Store(folder / "modemd.db")
        daemon = Daemon(config, store)
        client = GatewayClient(over_socket(str(config.socket)))
        found = Running(daemon, client, sim)
        store._database.conn.set_trace_callback(found.statements.add)
        stop, ready = asyncio.Event(), asyncio.Event()
        server = build_server(build_app(daemon.gateway))
        runs = asyncio.create_task(daemon.run(server, [bind_unix(config.socket)], stop, ready.set))
        await ready.wait()
        try:
            yield found
        finally:
            stop.set()
            await runs
            await client.close()
            await store.close()


async def go_about(site: Running) -> None:
    """What people and modems do all day."""
    client = site.client
    while (await client.modems())[0].state != "ready":
        await asyncio.sleep(0.01)
    sent = await client.stage(TO, "Your order is ready", fuse="200ms")
    await site.until(sent.id, "delivered")
    await client.cancel((await client.stage(TO, "Never mind", fuse="600s")).id)
    far_away = datetime.now(UTC) + timedelta(days=100)
    await client.stage(TO, "In spring", send_at=far_away.isoformat())
    await client.stage_many([TO, "+447700900004"], "Hello", fuse="1h")
    await client.save_draft(TO, "Perhaps")
    await site.sim.inject(0, TO, "Thank you")
    while not (await client.inbox()).messages:
        await asyncio.sleep(0.01)
    for group in (None, "needs_you", "burning", "scheduled", "on_air", "done_today", "drafts"):
        await client.messages(group=group)
    await client.messages(q="order")
    await client.messages(to=TO)
    await client.outbox()
    await client.conversations()
    await client.log()


async def test_no_statement_of_every_day_goes_through_a_table(tmp_path: Path) -> None:
    """Seen red: with holds, unread conversations and reports asked for as before each had its index."""
    async with running(tmp_path) as site:
        await go_about(site)
    with contextlib.closing(sqlite3.connect(tmp_path / "modemd.db")) as connection:
        found = {
            re.sub(r"\d[\d.]*", "?", statement): steps
            for statement in site.statements
            if statement.startswith(("select", "update", "delete", "insert"))
            and (steps := by_hand(statement, plan(connection, statement)))
        }
    assert len(site.statements) > 200
    assert not found


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    statement = re.sub(r"\bInf\b", "9e999", statement)  # which SQLite writes and does not read
    return [row[3] for row in connection.execute(f"explain query plan {statement}")]


def test_a_message_costs_no_more_among_many(tmp_path: Path) -> None:
    """Counted in steps of SQLite's machine, which are the same on every machine. Seen red: with a claim
    that sorts the queue, with a look through it for what is to be tried again, and with a second report that sorts
    all parts that had its reference."""
    few, many = (_steps(tmp_path / str(count), count) for count in (SAMPLE, 10 * SAMPLE))
    assert many < few * 1.15


def _steps(folder: Path, count: int) -> int:
    """For a message's whole life, from the desk to its report, with others waiting beside it."""
    folder.mkdir()
    build(folder / "modemd.db", count, SIM, done=True)
    db, steps = open_database(folder / "modemd.db"), 0

    def step() -> None:
        nonlocal steps
        steps += 1

    at = time.time()
    waiting = [New(to, "Hello", "gsm7", 1, "ann", 3600.0, 0.0, None, at) for to in numbers()[: count // 40]]
    outbox.add(db, waiting, at)
    db.conn.set_progress_handler(step, 1)
    (id,) = outbox.add(db, [New(TO, "Your order is ready", "gsm7", 1, "ann", 3600.0, 10.0, None, at + 10)], at)
    assert [message.id for message in outbox.due(db, at + 10)] == [id]
    assert outbox.let_go(db, id, at + 10, [])
    assert transmit.claimable(db, ["north"], set(), at + 10)
    transmit.next_retry(db, at + 10)
    transmit.owed(db, SIM, at + 10)
    transmit.passed(db, SIM, at + 10)
    expected = ((transmit.last_tp_mr(db, SIM) or 0) + 1) % 256
    assert transmit.mark(db, id, 1, at + 10, modem="north", sim=SIM, expected=expected) is transmit.Mark.GO
    transmit.submitted(db, id, 1, expected, at + 11)
    assert reports.add(db, sim=SIM, tp_mr=expected, recipient=TO, status=0, pdu="00", at=at + 12) == id
    assert reports.add(db, sim=SIM, tp_mr=expected, recipient=TO, status=0, pdu="01", at=at + 13) == id
    outbox.next_moment(db)
    outbox.overdue(db, at + 12)
    db.conn.set_progress_handler(None, 1)
    db.close()
    return steps
