"""Nothing lost, nothing twice: random traffic under random faults, kills included; the network judges."""

import asyncio
import os
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from drivers.simulator.faults import (
    BareError,
    CmeCode,
    CmsCode,
    EchoOn,
    Fault,
    Hang,
    LateAnswer,
    LatePrompt,
    LongReference,
    LostAnswer,
    OkOnly,
    Reboot,
    Unplug,
    WordedError,
)
from modemd.api.client import Refused, Unreachable
from modemd.api.schema import CancelView, MessageView
from tests.acceptance.site import Site, sequence_of

pytestmark = [pytest.mark.acceptance, pytest.mark.soak]

MESSAGES = int(os.environ.get("MESSAGES", "80"))
SEED = int(os.environ.get("SEED", "1"))
T = TypeVar("T")

FAULTS: tuple[tuple[float, Fault], ...] = (
    (0.03, LostAnswer(accepted=True)),
    (0.02, LostAnswer(accepted=False)),
    (0.02, LateAnswer(seconds=0.9)),
    (0.02, CmsCode(code=38)),
    (0.01, CmsCode(code=1)),
    (0.01, CmsCode(code=500)),
    (0.01, CmsCode(code=332)),
    (0.01, CmsCode(code=322)),
    (0.01, CmeCode(code=14)),
    (0.01, BareError()),
    (0.01, WordedError()),
    (0.01, OkOnly(accepted=True)),
    (0.02, LongReference()),
    (0.01, LatePrompt(seconds=0.3)),
    (0.01, Hang(seconds=0.5)),
    (0.01, Hang(seconds=0.5, accepted=True)),
    (0.01, Reboot()),
    (0.02, Unplug(back_after=0.3)),
    (0.02, Unplug(back_after=0.3, accepted=True)),
    (0.01, EchoOn()),
)


@dataclass
class Story:
    """What one client was told of one message."""

    marker: str
    text: str
    id: int | None = None
    cancel: CancelView | None = None
    refused: bool = False


@dataclass
class Campaign:
    site: Site
    dice: random.Random
    stories: list[Story] = field(default_factory=list)
    inbound: list[str] = field(default_factory=list)
    kills: int = 0
    stops: int = 0
    running: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    # -- clients -------------------------------------------------------------------------------------

    async def insist(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer, over kills and restarts, as a client with a key would."""
        while True:
            await self.running.wait()
            try:
                return await call()
            except Unreachable:
                await asyncio.sleep(0.02)

    async def client(self, number: int) -> None:
        marker = f"[{SEED % 1000:03d}-{number:05d}]"
        story = Story(marker, marker * self.dice.choice([1, 1, 1, 20, 40]))
        self.stories.append(story)
        fuse = f"{self.dice.choice([0, 0, 30, 200])}ms"
        staged = await self.insist(
            lambda: self.site.client.stage("+447700900001", story.text, fuse=fuse, key=f"key-{marker}")
        )
        story.id = staged.id
        if self.dice.random() < 0.25:
            await asyncio.sleep(self.dice.uniform(0, 0.3))
            story.cancel = await self.insist(lambda: self.site.client.cancel(staged.id))
        elif self.dice.random() < 0.1:
            await self.edit(story, staged.id)

    async def edit(self, story: Story, id: int) -> None:
        changed = story.text + story.marker
        try:
            await self.insist(lambda: self.site.client.edit(id, text=changed, fuse="50ms"))
        except Refused:
            story.refused = True

    async def writer(self, number: int) -> None:
        """Somebody writes to us."""
        text = f"<in-{number:05d}>" * self.dice.choice([1, 1, 20])
        self.inbound.append(text)
        modem = self.dice.randrange(len(self.site.names))
        await self.site.sim.inject(modem, sender="+447700900123", text=text)

    # -- chaos ---------------------------------------------------------------------------------------

    async def chaos(self) -> None:
        """Kill or stop the daemon at any instant, and start it again."""
        while not self.done.is_set():
            await asyncio.sleep(self.dice.uniform(0.3, 2.0))
            if self.done.is_set():
                return
            self.running.clear()
            if self.dice.random() < 0.75:
                await self.site.kill()
                self.kills += 1
            else:
                assert await self.site.terminate() == 0
                self.stops += 1
            await self.site.start(ready=False)
            self.running.set()

    async def run(self) -> None:
        for modem in self.site.sim.modems:
            for probability, fault in FAULTS:
                modem.faults.chance(fault, probability)
            modem.noise.urc_inside = modem.noise.urc_before = modem.noise.urc_before_prompt = 0.1
            modem.noise.garbage, modem.noise.split, modem.noise.bare_lf = 0.02, 0.2, 0.1
        self.running.set()
        chaos = asyncio.create_task(self.chaos())
        gate = asyncio.Semaphore(8)

        async def gated(number: int) -> None:
            async with gate:
                await self.client(number)
                if self.dice.random() < 0.2:
                    await self.writer(number)
                await asyncio.sleep(self.dice.uniform(0, 0.3))

        await asyncio.gather(*(gated(number) for number in range(MESSAGES)))
        self.done.set()
        await chaos
        await self.calm()

    async def calm(self) -> None:
        """No more faults: wait until nothing is on its way."""
        for modem in self.site.sim.modems:
            modem.faults.clear()
            modem.noise.urc_inside = modem.noise.urc_before = modem.noise.urc_before_prompt = 0.0
            modem.noise.garbage = modem.noise.split = modem.noise.bare_lf = 0.0
        try:
            await self.site.until(self.site.all_ready, 60)
            await self.site.until(self.nothing_moves, 60)
        except TimeoutError:
            raise AssertionError(await self.stuck()) from None

    async def stuck(self) -> str:
        """What still moves, or does not come."""
        client = self.site.client
        outbox, modems = await client.outbox(), await client.modems()
        on_air = (await client.messages(group="on_air", limit=100)).messages
        received = (await client.inbox(limit=500)).messages
        return "\n".join(
            [
                f"in limbo: {outbox}",
                *(f"{modem.name} {modem.state}: {modem.sentence}" for modem in modems),
                *(f"{each.id} {each.state} {each.error} {each.release_at}" for each in on_air),
                f"{len(received)} of {len(self.inbound)} received",
                *(f"{each.sender} {(each.text or '')[:20]} lacks {each.missing}" for each in received if each.missing),
            ]
        )

    async def nothing_moves(self) -> bool:
        outbox = await self.site.client.outbox()
        queued = (await self.site.client.messages(state="queued", limit=500)).messages
        backing_off = sum(1 for message in queued if message.error is not None)
        received = [each for each in (await self.site.client.inbox(limit=500)).messages if not each.missing]
        return outbox.burning == 0 and outbox.on_air == backing_off and len(received) >= len(self.inbound)

    # -- the oracle ----------------------------------------------------------------------------------

    async def judge(self) -> None:
        taken: Counter[tuple[str, int]] = Counter()
        for each in self.site.accepted:
            markers = set(re.findall(r"\[\d{3}-\d{5}\]", each.text or ""))
            assert len(markers) == 1, each
            taken[markers.pop(), sequence_of(each)] += 1
        assert not {part: count for part, count in taken.items() if count > 1}, "sent twice"
        for story in self.stories:
            assert story.id is not None
            message = await self.site.client.message(story.id)
            assert story.marker in message.text, "lost or mixed up"
            left = {sequence for marker, sequence in taken if marker == story.marker}
            self.judge_parts(message, left)
            if story.cancel is not None:
                self.judge_cancel(story.cancel, left)
        await self.judge_inbox()

    def judge_parts(self, message: MessageView, left: set[int]) -> None:
        for part in message.parts:
            was_taken = part.sequence in left
            match part.state:
                case "submitted" | "delivered" | "undelivered":
                    assert was_taken, ("said to have left", message)
                case "failed" | "cancelled" | "queued" | "expired":
                    assert not was_taken, ("said not to have left", message)
                case state:
                    assert state == "uncertain", ("in limbo", message)

    def judge_cancel(self, answer: CancelView, left: set[int]) -> None:
        if answer.outcome == "cancelled":
            assert not left, ("sent after a confirmed cancel", answer)
        elif answer.outcome == "partly":
            assert left <= set(range(1, answer.left + 1)), ("more left than was said", answer)

    async def judge_inbox(self) -> None:
        found = Counter(each.text for each in (await self.site.client.inbox(limit=500)).messages)
        replies = {text: count for text, count in found.items() if text and text.startswith("<in-")}
        assert replies == dict.fromkeys(self.inbound, 1)


async def test_under_every_fault_nothing_is_lost_and_nothing_sent_twice(tmp_path: Path) -> None:
    """P1 to P5. Seen red: with a recovery that puts marked parts back into the queue (P2)."""
    async with Site(tmp_path, modems=3, delay=0.03, modem='result_timeout = "600ms"') as site:
        campaign = Campaign(site, random.Random(SEED))
        await campaign.run()
        await campaign.judge()
        states = Counter(
            message.state for message in [await site.client.message(s.id) for s in campaign.stories if s.id]
        )
        print(f"\nseed {SEED}: {MESSAGES} messages, {campaign.kills} kills, {campaign.stops} stops, {dict(states)}")
