"""Random traffic, and every answer that a client was given: the peaceful half of the fault campaign."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from modemd.api.client import Refused, Unreachable
from modemd.api.schema import BatchCancelView, CancelView
from tests.acceptance.site import Site, sequence_of

T = TypeVar("T")
Part = tuple[str, str, int]  # marker, recipient, sequence

AT_ONCE = 6
SLEEP = "72h"  # longer than all steps of the clock together
WRITER = "+447700900123"
# Delivered; unobtainable; no report; the second part fails; delivered late; first "still trying".
PHONES = ("+447700900001", "+447700900002", "+447700900003", "+447700900004", "+447700900007", "+447700900008")
MARKER = re.compile(r"\[\d{3}-\d{5}\]")
INBOUND = re.compile(r"<in-\d{5}>")


@dataclass
class Story:
    """What one client wanted, and every answer that it got about one message."""

    marker: str
    to: str
    texts: list[str]  # what may be sent: the old text too, while nobody said that the edit was made
    id: int | None = None
    asleep: bool = False
    cancels: list[CancelView] = field(default_factory=list)


@dataclass
class Batch:
    stories: list[Story]
    cancels: list[BatchCancelView] = field(default_factory=list)


class Traffic:
    """Clients of one site. Dice: one die for each client, so that one that waits does not change another's."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.seed = site, seed
        self.up = asyncio.Event()  # the daemon is, as far as anybody knows
        self.stories: list[Story] = []
        self.batches: list[Batch] = []
        self.inbound: list[str] = []
        self.resends: Counter[Part] = Counter()  # a person's word

    async def run(self, messages: int) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def gated(number: int) -> None:
            async with gate:
                await self.client(number)

        async with asyncio.TaskGroup() as tasks:
            for number in range(messages):
                tasks.create_task(gated(number))

    async def insist(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer, over kills, restarts and a full disk, as a client with a key would."""
        while True:
            await self.up.wait()
            try:
                return await call()
            except Unreachable:
                pass
            except Refused as error:
                if error.status != 503:
                    raise
            await asyncio.sleep(0.05)

    async def client(self, number: int) -> None:
        """One person or machine with one wish."""
        dice = Random(f"client {self.seed} {number}")
        kinds = (self.single, self.batch, self.draft, self.sleeper)
        (kind,) = dice.choices(kinds, (74, 10, 8, 8))
        await kind(f"[{self.seed % 1000:03d}-{number:05d}]", dice)
        if dice.random() < 0.25:
            await self.write_in(f"<in-{number:05d}>", dice)
        await asyncio.sleep(dice.uniform(0, 0.5))

    # -- out -----------------------------------------------------------------------------------------

    def story(self, marker: str, text: str, dice: Random) -> Story:
        known = dice.random() < 0.4
        story = Story(marker, dice.choice(PHONES) if known else f"+4477009001{dice.randrange(24, 99)}", [text])
        self.stories.append(story)
        return story

    async def single(self, marker: str, dice: Random) -> None:
        story = self.story(marker, text_of(marker, dice), dice)
        fuse, validity = dice.choice(("0s", "0s", "30ms", "200ms")), "2s" if dice.random() < 0.1 else None
        modem = dice.choice(self.site.names) if dice.random() < 0.2 else None
        staged = await self.insist(
            lambda: self.site.client.stage(
                story.to, story.texts[0], fuse=fuse, validity=validity, modem=modem, key=f"key-{marker}"
            )
        )
        story.id = staged.id
        what = dice.random()
        if what < 0.25:
            await self.cancel(story, dice)
        elif what < 0.35:
            await self.edit(story, staged.id, text_of(marker, dice), fuse="50ms")

    async def draft(self, marker: str, dice: Random) -> None:
        """Written, kept, staged, and perhaps taken back."""
        story = self.story(marker, text_of(marker, dice), dice)
        kept = await self.insist(lambda: self.site.client.save_draft(story.to, "half a thought"))
        story.id = kept.id
        await self.edit(story, kept.id, story.texts[0], fuse=dice.choice(("0s", "100ms")), draft=False)
        if dice.random() < 0.3:
            await self.cancel(story, dice)

    async def batch(self, marker: str, dice: Random) -> None:
        text, fuse = text_of(marker, dice), dice.choice(("0s", "100ms", "300ms"))
        recipients = [f"+4477009001{n}" for n in dice.sample(range(24, 99), dice.randint(2, 4))]
        stories = [Story(marker, to, [text]) for to in recipients]
        self.stories += stories
        staged = await self.insist(
            lambda: self.site.client.stage_many(recipients, text, key=f"key-{marker}", fuse=fuse)
        )
        for story, view in zip(stories, staged.messages, strict=True):
            story.id = view.id
        batch = Batch(stories)
        self.batches.append(batch)
        what = dice.random()
        if what < 0.4:
            await asyncio.sleep(dice.uniform(0, 0.4))
            batch.cancels.append(await self.insist(lambda: self.site.client.cancel_batch(staged.batch)))
        elif what < 0.6:
            await self.cancel(dice.choice(stories), dice)

    async def sleeper(self, marker: str, dice: Random) -> None:
        """Its fuse burns on through everything."""
        story = self.story(marker, text_of(marker, dice), dice)
        staged = await self.insist(
            lambda: self.site.client.stage(story.to, story.texts[0], fuse=SLEEP, key=f"key-{marker}")
        )
        story.id = staged.id
        if dice.random() < 0.5:
            await self.insist(lambda: self.site.client.edit(staged.id, extend="60s"))
        if dice.random() < 0.5:
            await self.cancel(story, dice)
        else:
            story.asleep = True

    async def edit(self, story: Story, id: int, text: str, **rest: object) -> None:
        """The old text may go as long as nobody said that the new one took its place."""
        old, story.texts = story.texts, [*story.texts, text]
        tries = 0

        async def once() -> None:
            nonlocal tries
            tries += 1
            await self.site.client.edit(id, to=story.to, text=text, **rest)
            story.texts = [text]

        try:
            await self.insist(once)
        except Refused:
            if tries == 1:  # else the answer to the first may have been lost, and it was made
                story.texts = old

    async def cancel(self, story: Story, dice: Random) -> None:
        await asyncio.sleep(dice.uniform(0, 0.3))
        id = story.id
        assert id is not None
        story.cancels.append(await self.insist(lambda: self.site.client.cancel(id)))

    # -- in ------------------------------------------------------------------------------------------

    async def write_in(self, marker: str, dice: Random) -> None:
        """Somebody writes to us; now and then the network brings the same PDUs again."""
        text = marker * dice.choice((1, 1, 20, 40))
        self.inbound.append(text)
        await self.site.sim.inject(dice.randrange(len(self.site.names)), sender=WRITER, text=text)

    # -- in between ----------------------------------------------------------------------------------

    async def person(self, done: asyncio.Event, dice: Random) -> None:
        """Settles what is uncertain: by the truth, which she has asked the recipients about, or by `resend`."""
        seen: set[int] = set()
        while not done.is_set():
            await asyncio.sleep(dice.uniform(0.3, 0.9))
            await self.see_to_modems()
            found = await self.insist(lambda: self.site.client.messages(state="uncertain", limit=100))
            for message in found.messages:
                if message.id not in seen:  # nothing is in the air any more when she looks the second time
                    seen.add(message.id)
                    continue
                if dice.random() < 0.5:
                    continue
                marker = message.text[:11]
                open_ = [part.sequence for part in message.parts if part.state == "uncertain"]
                taken = self.parts_taken()
                truth = {taken[marker, message.to, sequence] > 0 for sequence in open_}
                said = "resend" if len(truth) > 1 or dice.random() < 0.3 else "sent" if truth == {True} else "not_sent"
                await self.settle(message.id, said, [(marker, message.to, sequence) for sequence in open_])

    async def see_to_modems(self) -> None:
        """She looks at what a modem is parked for, but never accepts another modem or SIM in its place."""
        for modem in await self.insist(lambda: self.site.client.modems()):
            if modem.park and modem.park not in ("modem_changed", "sim_changed"):
                await self.insist(lambda name=modem.name: self.site.client.resume_modem(name))  # type: ignore[misc]

    async def settle(self, id: int, said: str, parts: list[Part]) -> None:
        async def once() -> None:
            if said == "resend":
                self.resends.update(parts)
            await self.site.client.settle(id, said)

        try:
            await self.insist(once)
        except Refused as error:
            if error.status != 409:  # a late answer or a report was faster
                raise

    def parts_taken(self) -> Counter[Part]:
        """How often the network took each part."""
        return Counter(
            (markers[0], each.recipient, sequence_of(each))
            for each in self.site.accepted
            if (markers := MARKER.findall(each.text or ""))
        )


def text_of(marker: str, dice: Random) -> str:
    """Every part of it, in either encoding, holds a whole marker."""
    return dice.choice((marker, marker, marker, f"{marker}日本")) * dice.choice((1, 1, 1, 10, 25))
