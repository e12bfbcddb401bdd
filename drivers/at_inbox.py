"""What a modem has received: where it lies, how we are told of it, and how the modem is rid of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from drivers.at import answers, commands
from drivers.at.answers import Listed
from drivers.at.commands import Command
from drivers.at.results import code_of, error_of
from drivers.at_channel import AtChannel
from drivers.errors import CommandError
from drivers.modem import Listing, StoredPdu

logger = logging.getLogger(__name__)

_READINGS = 3  # of a storage that shows something else each time
_GONE = ("cms_321", "cme_21", "cme_22")  # no such index: there is nothing left to delete
Asker = Callable[[Command], Awaitable[tuple[str, ...]]]
Routing = tuple[int, int, int, int]  # <mode>, <mt>, <ds>, <bfr> of +CNMI


class AtInbox:
    """Part of an AtModem. `optional` gives the information text, or nothing where there is none."""

    def __init__(self, channel: AtChannel, optional: Asker) -> None:
        self.storages: tuple[str, ...] = ("",)  # "": the one that is chosen, whatever its name
        self._channel = channel
        self._optional = optional
        self._lock = asyncio.Lock()  # over choosing a storage and what is done with it
        self._routing: Routing | None = None
        self._acknowledges = False  # +CSMS=1: what is handed over wants an AT+CNMA

    async def set_up(self) -> None:
        await self._pick_storages()
        await self._route()

    async def renew(self) -> None:
        """See `Modem.renew`. Some modems stop telling of messages by themselves (TS 27.005 §3.4.4)."""
        if self.storages == ("",):
            await self._pick_storages()
        said = answers.routing(await self._optional(commands.ROUTING))
        if self._routing is None or (said is not None and said != self._routing[1:3]):
            await self._route()

    async def sweep(self, storage: str) -> Listing:
        """See `Modem.sweep`. What does not agree with its head is read again: the wire may have bent it."""
        async with self._lock:
            use = await self._choose(storage)
            found = await self._read()
            for _ in range(_READINGS - 1):
                if all(each.is_whole for each in found):
                    break
                found, before = await self._read(), found
                if found == before:
                    break
            else:
                found = [each for each in found if each.is_whole]
        return Listing(tuple(StoredPdu(storage, each.index, each.pdu) for each in found), use)

    async def _read(self) -> list[Listed]:
        """What is listed before an error counts; an error alone is raised."""
        reply = await self._channel.ask(commands.LIST_MESSAGES)
        found = answers.listed(reply.information)
        if not reply.ok and not found:
            raise error_of(reply.final)
        return found

    async def delete(self, stored: StoredPdu) -> None:
        """See `Modem.delete`. The storage is chosen each time: a modem that restarts falls back to its own."""
        async with self._lock:
            await self._choose(stored.storage)
            try:
                await self._channel.demand(commands.delete(stored.index))
            except CommandError as error:
                if code_of(error) not in _GONE:
                    raise

    async def acknowledge(self) -> None:
        """See `Modem.acknowledge`. One that came too late is refused, and the modem has stopped routing."""
        if self._acknowledges and not (await self._channel.ask(commands.ACKNOWLEDGE)).ok:
            await self._route()

    async def _choose(self, storage: str) -> tuple[int, int] | None:
        if not storage:
            return None
        return answers.chosen_use((await self._channel.demand(commands.choose_storages(storage))).information)

    async def _pick_storages(self) -> None:
        """Receive into ME where it can be (the SIM's flash wears out), and know all that must be swept."""
        offer = answers.storage_offer(await self._optional(commands.STORAGE_OFFER))
        if not offer:
            return
        self.storages = _to_sweep(offer[0])
        for wish in (("ME", "SM", "MT"), ("SM", "ME", "MT"), ("MT", "SM", "ME")):
            names = [next((name for name in wish if name in each), "") for each in offer]
            if all(names) and (await self._channel.ask(commands.choose_storages(*names))).ok:
                return

    async def _route(self) -> None:
        """+CNMI by what is offered: messages stored and announced, reports handed over at once.

        A modem that will not announce hands messages over; then +CSMS=1 has the network keep each until
        it is acknowledged.
        """
        offer = answers.routing_offer(await self._optional(commands.ROUTING_OFFER))
        announces = not offer or not offer[1] or bool({1, 3} & set(offer[1]))
        is_taken = bool(await self._optional(commands.PHASE_2 if announces else commands.PHASE_2_PLUS))
        service = answers.service(await self._optional(commands.SERVICE))
        self._acknowledges = service == 1 or (service is None and is_taken and not announces)
        for routing in _routings(offer, acknowledged=self._acknowledges):
            mode, mt, ds, bfr = routing
            if (await self._channel.ask(commands.routing(mode, mt, 0, ds, bfr))).ok:
                self._routing = routing
                return
        self._routing = None
        logger.warning("no +CNMI was accepted: new messages are found by sweeping alone")


def _to_sweep(offered: list[str]) -> tuple[str, ...]:
    """MT is ME and SM in one, or ME alone: needless where both can be chosen, else swept beside the other."""
    wanted = ("ME", "SM", "SR") if {"ME", "SM"} <= set(offered) else ("ME", "MT", "SM", "SR")
    return tuple(name for name in wanted if name in offered) or tuple(offered[:1])


def _routings(offer: list[list[int]] | None, *, acknowledged: bool) -> list[Routing]:
    """What is worth trying, best first. Some modems take bfr=1 alone, some refuse ds=1.

    mt=3 announces all but class 3. Handed over without an acknowledgement (mt=2) a message may be lost
    with us; stored without a word (mt=0) it is found by the next sweep.
    """

    def offered(field: int, values: tuple[int, ...]) -> list[int]:
        said = offer[field] if offer and field < len(offer) else None
        return [value for value in values if not said or value in said]

    modes, messages = offered(0, (2, 1, 3, 0)), offered(1, (1, 3, 2, 0) if acknowledged else (1, 3, 0, 2))
    reports, buffers = offered(3, (1, 2, 0)), offered(4, (0, 1))
    return [(mode, mt, ds, bfr) for mt in messages[:2] for mode in modes[:2] for ds in reports for bfr in buffers]
