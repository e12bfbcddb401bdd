"""Judges a campaign: the ledger against what the network took, and against every answer that was given."""

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from drivers.parts import cut
from drivers.pdu import Encoding
from modemd.api.schema import MessageView
from modemd.model import tp_st
from tests.acceptance.campaign import INBOUND, MARKER, Part, Story, Traffic
from tests.acceptance.site import Site, sequence_of

LEFT = {"submitted", "delivered", "undelivered"}
STAYED = {"queued", "failed", "cancelled", "expired"}


@dataclass
class Verdict:
    wrong: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    reports_kept: int = 0

    def check(self, right: object, what: str) -> None:
        if not right:
            self.wrong.append(what)


class Oracle:
    """Ask while the daemon is up and nothing moves any more."""

    def __init__(self, site: Site, traffic: Traffic) -> None:
        self.site, self.traffic = site, traffic
        self.verdict = Verdict()
        self.taken: dict[Part, list[str]] = defaultdict(list)  # the texts
        self.modems: dict[Part, set[str]] = defaultdict(set)

    async def judge(self) -> Verdict:
        check = self.verdict.check
        self._read_network()
        ledger = await self._ledger()
        for story in self.traffic.stories:
            name = f"{story.marker} to {story.to}"
            found = ledger.pop((story.marker, story.to), [])
            if story.id is None or [each.id for each in found] != [story.id]:
                check(False, f"{name}: accepted as {story.id}, in the ledger as {[each.id for each in found]}")
                continue
            self.verdict.outcomes[found[0].state] += 1
            self._message(name, story, found[0])
        check(not ledger, f"messages that nobody has staged: {list(ledger)}")
        self._batches()
        await self._inbox()
        self._database()
        return self.verdict

    def _read_network(self) -> None:
        for each in self.site.accepted:
            markers = set(MARKER.findall(each.text or ""))
            if len(markers) != 1:
                self.verdict.check(False, f"the network took what nobody wrote: {each}")
                continue
            part = markers.pop(), each.recipient, sequence_of(each)
            self.taken[part].append(each.text or "")
            self.modems[part].add(self.site.names[int(each.modem.removeprefix("modem"))])
        for part, texts in self.taken.items():
            allowed = 1 + self.traffic.resends[part]
            self.verdict.check(len(texts) <= allowed, f"{part}: sent {len(texts)} times, {allowed} allowed (P2)")

    async def _ledger(self) -> dict[tuple[str, str], list[MessageView]]:
        """Every message but the drafts, by marker and recipient."""
        found: dict[tuple[str, str], list[MessageView]] = defaultdict(list)
        after: str | None = None
        while True:
            page = await self.site.client.messages(group="all", after=after, limit=100)
            for message in page.messages:
                found[message.text[:11], message.to].append(message)
            if (after := page.next) is None:
                return found

    def _message(self, name: str, story: Story, message: MessageView) -> None:
        check = self.verdict.check
        told = f"{name}: {message.state} {[part.state for part in message.parts]}"
        left = {part[2] for part in self.taken if part[:2] == (story.marker, story.to)}
        check(message.text in story.texts, f"{told}: not the text that was asked for")
        texts = cut(message.text, Encoding(message.encoding)).parts
        for sequence in left:
            for text in self.taken[story.marker, story.to, sequence]:
                check(sequence <= len(texts) and text == texts[sequence - 1], f"{told}: part {sequence} says {text!r}")
        for part in message.parts:
            if self.traffic.resends[story.marker, story.to, part.sequence]:
                continue  # the last copy's state says nothing about the first's
            if part.state in LEFT:
                check(part.sequence in left, f"{told}: part {part.sequence} did not leave")
                by = self.modems[story.marker, story.to, part.sequence]
                check(by == {part.modem}, f"{told}: part {part.sequence} left by {by}, not by {part.modem}")
            elif part.state in STAYED:
                check(part.sequence not in left, f"{told}: part {part.sequence} did leave")
            else:
                check(part.state == "uncertain", f"{told}: in limbo (P4)")
        if story.asleep:
            check(message.state == "staged", f"{told}: its fuse burns for days")
        for answer in story.cancels:
            if answer.outcome == "cancelled":
                check(not left, f"{told}: left after a confirmed cancel (P1)")
                check(message.state in ("cancelled", "expired", "failed"), f"{told}: the cancel was confirmed (P1)")
            elif answer.outcome == "partly":
                check(left <= set(range(1, answer.left + 1)), f"{told}: more left than the cancel said (P1)")

    def _batches(self) -> None:
        for batch in self.traffic.batches:
            unsent = sum(not any(part[:2] == (each.marker, each.to) for part in self.taken) for each in batch.stories)
            for answer in batch.cancels:
                total = answer.cancelled + answer.partly + answer.too_late
                self.verdict.check(total == len(batch.stories), f"{batch}: counted {total}")
                self.verdict.check(unsent >= answer.cancelled, f"{batch}: only {unsent} did not leave (P1)")

    async def _inbox(self) -> None:
        found: Counter[str] = Counter()
        after: str | None = None
        while True:
            page = await self.site.client.inbox(after=after, limit=100)
            found.update(each.text for each in page.messages if each.text and INBOUND.match(each.text))
            if (after := page.next) is None:
                break
        wanted = Counter(self.traffic.inbound)
        self.verdict.check(found == wanted, f"received, beside what was written: +{found - wanted} -{wanted - found}")

    # -- the file ------------------------------------------------------------------------------------

    def _database(self) -> None:
        connection = sqlite3.connect(f"file:{self.site.database}?mode=ro", uri=True, timeout=10)
        try:
            (healthy,) = connection.execute("pragma integrity_check").fetchone()
            self.verdict.check(healthy == "ok", f"the database: {healthy}")
            self._marks(connection)
            self._reports(connection)
        finally:
            connection.close()

    def _marks(self, db: sqlite3.Connection) -> None:
        """Nothing passes the mark while the line is stopped; what the network took had passed it each time."""
        stopped = False
        marks: Counter[tuple[int, int]] = Counter()
        for kind, new, message, sequence in db.execute("select kind, new, message_id, subject from event order by id"):
            if kind == "line":
                stopped = new == "stopped"
            elif kind == "part" and new == "submitting":
                marks[message, int(sequence)] += 1
                self.verdict.check(not stopped, f"message {message} passed the mark while the line was stopped")
        ids = {(story.marker, story.to): story.id for story in self.traffic.stories}
        for (marker, to, sequence), texts in self.taken.items():
            passed = marks[ids.get((marker, to)) or 0, sequence]
            self.verdict.check(
                passed >= len(texts), f"{marker} part {sequence}: left {len(texts)} times, {passed} marks"
            )

    def _reports(self, db: sqlite3.Connection) -> None:
        """Every report in the ledger stands at the part that it is about, and is reflected there."""
        sims = {modem.sim.imsi: modem.sim.iccid for modem in self.site.sim.modems}
        about = {(sims[each.part.imsi], each.pdu): each for each in self.site.sim.network.reported}
        ids = {(story.marker, story.to): story.id for story in self.traffic.stories}
        rows = db.execute(
            "select pdu, report.sim, report.tp_mr, message_id, sequence from report order by report.id"
        ).fetchall()
        self.verdict.reports_kept = len(rows)
        last: dict[tuple[int, int], int] = {}
        for pdu, sim, tp_mr, message, sequence in rows:
            report = about[sim, pdu]
            marker = MARKER.findall(report.part.text or "")[0]
            true = ids[marker, report.part.recipient], sequence_of(report.part)
            if message is None:
                open_ = db.execute(
                    "select state from part where message_id = ? and sequence = ? and sim = ? and tp_mr = ?"
                    " and state in ('submitted', 'uncertain')",
                    (*true, sim, tp_mr),
                ).fetchone()
                self.verdict.check(open_ is None, f"{marker} part {true[1]} is {open_}, its report came")
                continue
            self.verdict.check((message, sequence) == true, f"the report about {true} was given to {message, sequence}")
            if tp_st.settles(report.tp_st) is not None:
                last.setdefault((message, sequence), report.tp_st)
        for (message, sequence), status in last.items():
            (state,) = db.execute(
                "select state from part where message_id = ? and sequence = ?", (message, sequence)
            ).fetchone()
            settled = tp_st.settles(status)
            self.verdict.check(state == settled, f"message {message} part {sequence} is {state}, reported {settled}")


_SOON = 10.0  # seconds: what is tried again within these is waited for


async def moving(site: Site, traffic: Traffic) -> list[str]:
    """What is neither final, nor waits for a named time, nor is in front of a person (P4). In words."""
    now = datetime.fromisoformat((await site.client.outbox()).now).timestamp()
    free = {modem.name for modem in await site.client.modems() if modem.state in ("ready", "busy")}
    asleep = {story.id for story in traffic.stories if story.asleep}
    connection = sqlite3.connect(f"file:{site.database}?mode=ro", uri=True, timeout=10)
    try:
        rows = connection.execute(
            "select id, state, not_before, release_at, modem, error from message where state not in"
            " ('draft', 'submitted', 'delivered', 'undelivered', 'cancelled', 'expired', 'failed', 'uncertain')"
        ).fetchall()
    finally:
        connection.close()
    found = []
    for id, state, not_before, release_at, modem, error in rows:
        waits_for_modem = not (free if modem is None else free & {modem})
        if (state == "staged" and id in asleep) or (
            state == "queued" and (not_before > now + _SOON or waits_for_modem)
        ):
            continue
        found.append(f"message {id} {state} {error} {not_before - now:+.1f} s, fuse {release_at - now:+.1f} s, {modem}")
    return found
