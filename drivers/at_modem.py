"""A modem that speaks AT: set up by what it says it can, then driven."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from drivers.at import answers, commands
from drivers.at.commands import Command
from drivers.at.dialogue import LateSubmit
from drivers.at.results import code_of, error_of
from drivers.at.urcs import (
    Booted,
    Call,
    MessageRouted,
    MessageStored,
    RegistrationChanged,
    ReportRouted,
    ReportStored,
    StorageFull,
    Urc,
)
from drivers.at_channel import AtChannel
from drivers.errors import CmeError, CommandError, CommandTimeout, OutcomeUnknown, SimLocked
from drivers.modem import (
    Arrived,
    Health,
    Identity,
    InboxChanged,
    LateResult,
    ModemEvent,
    NetworkChanged,
    Registration,
    Restarted,
    Ringing,
    SimState,
    StoredPdu,
)
from drivers.pdu import Pdu
from drivers.profiles import Profile, profile_for

logger = logging.getLogger(__name__)

_REGISTRATION = {  # <stat>, TS 27.007 §10.1.20
    0: Registration.NONE,
    1: Registration.HOME,
    2: Registration.SEARCHING,
    3: Registration.DENIED,
    4: Registration.NONE,
    5: Registration.ROAMING,
    6: Registration.SMS_ONLY,
    7: Registration.SMS_ONLY,
    8: Registration.DENIED,
    9: Registration.HOME,
    10: Registration.ROAMING,
    11: Registration.DENIED,
}
_BEST_FIRST = (
    Registration.HOME,
    Registration.ROAMING,
    Registration.SMS_ONLY,
    Registration.SEARCHING,
    Registration.DENIED,
    Registration.NONE,
)
_SIM_STATES = {"READY": SimState.READY, "SIM PIN": SimState.PIN, "SIM PUK": SimState.PUK}
# AT+CPIN? refused. That a PIN is wanted must be said by the state, not by an error (P8).
_SIM_ERRORS = (
    dict.fromkeys(("cme_10", "cme_13", "cme_15", "cms_310", "cms_313", "cms_315"), SimState.ABSENT)
    | dict.fromkeys(("cme_12", "cms_316"), SimState.PUK)
    | dict.fromkeys(("cme_5", "cme_11", "cme_17", "cme_18", "cms_311", "cms_312", "cms_317"), SimState.OTHER)
)

# Asked with the identity of modem and SIM, when the SIM waits for its PIN. None: do not try.
PinSource = Callable[[Identity], Awaitable[str | None]]


class AtModem:
    """One open modem. When it is lost, build another: nothing here is repaired in place."""

    def __init__(self, channel: AtChannel, result_timeout: float | None) -> None:
        self.identity = Identity()
        self.profile = Profile()
        self._channel = channel
        self._asked_timeout = result_timeout
        self._unsupported: set[str] = set()
        self._silent: set[str] = set()  # commands that were not answered at all, once
        self._storages: tuple[str, ...] = ("",)  # "": the one that is chosen, whatever its name
        self._chosen = ""  # "": not known
        self._storage_lock = asyncio.Lock()  # over choosing a storage and what is done with it
        self._keeps_link = False
        self._more_due = False  # a part of the same message is to come

    @classmethod
    async def open(
        cls, path: str, pin: PinSource, *, result_timeout: float | None = None, patience: float = 1.0
    ) -> "AtModem":
        """Open the port and set the modem up. Raises PortError, CommandTimeout, SimLocked, CommandError."""
        channel = AtChannel(path, patience=patience)
        modem = cls(channel, result_timeout)
        try:
            await modem._greet()
            await modem._unlock(pin)
            await modem._prepare()
        except BaseException:
            channel.close()
            raise
        return modem

    def close(self) -> None:
        self._channel.close()

    # -- what the daemon asks ------------------------------------------------------------------------

    async def submit(
        self,
        pdu: Pdu,
        mark: Callable[[], Awaitable[bool]],
        *,
        more_follow: bool = False,
        owed: frozenset[int | None] = frozenset(),
    ) -> int | None:
        """See `Modem.submit`."""
        await self._keep_link(more_follow)
        command = commands.submit(pdu.tpdu_length, prompt_timeout=self.profile.prompt_timeout_s)
        timeout = self._asked_timeout or self.profile.result_timeout_s
        async with self._channel.submission(command, timeout) as submission:
            await submission.prompt()
            if not await mark():
                return None
            reply = await submission.body(pdu.hex, owed)
        if not reply.ok:
            raise error_of(reply.final)
        tp_mr = answers.tp_mr(reply.information)
        if tp_mr is None:
            raise OutcomeUnknown("unconfirmed")
        return tp_mr

    async def health(self) -> Health:
        """A real round trip: raises CommandTimeout or PortError when the modem is deaf."""
        await self._channel.demand(commands.ATTENTION)
        name, technology = answers.operator(await self._optional(commands.OPERATOR))
        return Health(
            registration=await self._registration(),
            signal_dbm=answers.signal_dbm(await self._optional(commands.SIGNAL)),
            operator=name,
            technology=technology,
            smsc=answers.smsc(await self._optional(commands.SMSC)),
        )

    async def sweep(self, storage: str | None = None) -> list[StoredPdu]:
        """See `Modem.sweep`. A storage that refuses does not hide the others."""
        found: list[StoredPdu] = []
        refused: list[CommandError] = []
        names = self._storages if storage not in self._storages else (str(storage),)
        for name in names:
            try:
                found += await self._list(name)
            except CommandError as error:
                refused.append(error)
        if len(refused) == len(names):
            raise refused[0]
        return found

    async def _list(self, storage: str) -> list[StoredPdu]:
        async with self._storage_lock:
            await self._choose(storage)
            reply = await self._channel.demand(commands.LIST_MESSAGES)
        return [StoredPdu(storage, index, pdu) for index, pdu in answers.stored(reply.information)]

    async def delete(self, stored: StoredPdu) -> None:
        async with self._storage_lock:
            await self._choose(stored.storage)
            await self._channel.demand(commands.delete(stored.index))

    async def hang_up(self) -> None:
        await self._channel.ask(commands.HANG_UP)

    async def events(self) -> AsyncIterator[ModemEvent]:
        while (urc := await self._channel.urcs.get()) is not None:
            if event := _event(urc):
                yield event
        raise self._channel.lost.result()

    # -- setting up ----------------------------------------------------------------------------------

    async def _greet(self) -> None:
        """Echo off, numeric errors, who it is, and its family's own set-up lines."""
        await self._channel.start()
        await self._channel.demand(commands.ECHO_OFF)
        for command in (commands.VERBOSE, commands.NUMERIC_ERRORS):
            await self._optional(command)
        self.identity = Identity(
            imei=answers.digits(await self._optional(commands.IMEI), 14, 16),
            manufacturer=answers.words(await self._optional(commands.MANUFACTURER)),
            model=answers.words(await self._optional(commands.MODEL)),
            revision=answers.words(await self._optional(commands.REVISION)),
        )
        self.profile = profile_for(self.identity.manufacturer, self.identity.model)
        self._channel.gap = self.profile.gap_ms / 1000
        self._channel.flow_control(self.profile.rtscts)
        for line in self.profile.init:
            await self._optional(commands.init_line(line))

    async def _unlock(self, pin: PinSource) -> None:
        """P8: a PIN is sent in the state `SIM PIN` alone, and whether to try at all is not ours to say."""
        iccid = await self._iccid()
        self.identity = replace(self.identity, iccid=iccid)
        state = await self._sim_state()
        if state is SimState.PIN:
            if (digits := await pin(self.identity)) is None:
                raise SimLocked(state.value)
            reply = await self._channel.ask(commands.unlock(digits))
            if not reply.ok:
                raise error_of(reply.final)
            state = await self._sim_state()
        if state not in (SimState.READY, SimState.UNKNOWN):
            raise SimLocked(state.value)
        if iccid is None:
            self.identity = replace(self.identity, iccid=await self._iccid())

    async def _sim_state(self) -> SimState:
        reply = await self._channel.ask(commands.PIN_STATE)
        if reply.ok:
            said = answers.pin_state(reply.information)
            return _SIM_STATES.get(said, SimState.OTHER) if said else SimState.UNKNOWN
        error = error_of(reply.final)
        if isinstance(error, CmeError) and error.code in (14, 16):
            raise error
        return _SIM_ERRORS.get(code_of(error), SimState.UNKNOWN)

    async def _iccid(self) -> str | None:
        for command in commands.ICCIDS:
            if iccid := answers.iccid(await self._optional(command)):
                return iccid
        return None

    async def _prepare(self) -> None:
        await self._channel.demand(commands.PDU_MODE)
        imsi = answers.digits(await self._optional(commands.IMSI), 14, 15)
        own = answers.own_number(await self._optional(commands.OWN_NUMBER))
        self.identity = replace(self.identity, imsi=imsi, own_number=own)
        await self._optional(commands.OPERATOR_FORMAT)
        for command in commands.REGISTRATION_URCS.values():
            await self._optional(command)
        await self._optional(commands.SHOW_CALLER)
        await self._pick_storages()
        await self._route()

    async def _pick_storages(self) -> None:
        """Receive into ME where it can be (the SIM's flash wears out), and know all that must be swept."""
        offer = answers.storage_offer(await self._optional(commands.STORAGE_OFFER))
        if not offer:
            return
        self._storages = _to_sweep(offer[0])
        for wish in (("ME", "SM", "MT"), ("SM", "ME", "MT"), ("MT", "SM", "ME")):
            names = [next((name for name in wish if name in each), "") for each in offer]
            if all(names) and (await self._channel.ask(commands.choose_storages(*names))).ok:
                self._chosen = names[0]
                return

    async def _route(self) -> None:
        """+CNMI by what is offered: messages stored and announced, reports handed over at once."""
        await self._optional(commands.PHASE_2)
        offer = answers.routing_offer(await self._optional(commands.ROUTING_OFFER))
        for mode, mt, ds, bfr in _routings(offer):
            if (await self._channel.ask(commands.routing(mode, mt, 0, ds, bfr))).ok:
                return
        logger.warning("no +CNMI was accepted: new messages are found by sweeping alone")

    # -- helpers -------------------------------------------------------------------------------------

    async def _optional(self, command: Command) -> tuple[str, ...]:
        """The information text, or nothing where the modem does not know the command."""
        if command.line in self._unsupported:
            return ()
        try:
            reply = await self._channel.ask(command)
        except CommandTimeout:
            await self._channel.demand(commands.ATTENTION)  # deaf altogether? Then this says so
            (self._unsupported if command.line in self._silent else self._silent).add(command.line)
            return ()
        if reply.ok:
            return reply.information
        if reply.final in ("ERROR", "COMMAND NOT SUPPORT", "+CME ERROR: 4"):
            self._unsupported.add(command.line)
        return ()

    async def _registration(self) -> Registration:
        found = set()
        for command in commands.REGISTRATION.values():
            stat = answers.registration(await self._optional(command))
            if stat is not None:
                found.add(_REGISTRATION.get(stat, Registration.NONE))
        return next((each for each in _BEST_FIRST if each in found), Registration.UNKNOWN)

    async def _choose(self, storage: str) -> None:
        if storage and storage != self._chosen:
            self._chosen = ""  # until it is answered nobody knows which it is
            await self._channel.demand(commands.choose_storages(storage))
            self._chosen = storage

    async def _keep_link(self, more_follow: bool) -> None:
        """AT+CMMS (TS 27.005 §3.5.6) holds the radio link between the parts of one message.

        It is let go before the next message and not behind the last part, whose answer must not wait; the
        modem closes an idle link by itself.
        """
        is_last_part, self._more_due = self._more_due and not more_follow, more_follow
        if is_last_part or more_follow == self._keeps_link or commands.KEEP_LINK.line in self._unsupported:
            return
        await self._optional(commands.KEEP_LINK if more_follow else commands.LET_LINK_GO)
        self._keeps_link = more_follow


def _to_sweep(offered: list[str]) -> tuple[str, ...]:
    """MT is ME and SM in one: wanted only where ME cannot be chosen by itself."""
    wanted = ("MT", "SR") if "MT" in offered and "ME" not in offered else ("ME", "SM", "SR")
    return tuple(name for name in wanted if name in offered) or tuple(offered[:1])


def _routings(offer: list[list[int]] | None) -> list[tuple[int, int, int, int]]:
    """(mode, mt, ds, bfr) worth trying, best first. Some modems take bfr=1 alone, some refuse ds=1."""

    def offered(field: int, values: tuple[int, ...]) -> list[int]:
        said = offer[field] if offer and field < len(offer) else None
        return [value for value in values if not said or value in said]

    modes, stored = offered(0, (2, 1, 3, 0)), offered(1, (1, 0))
    reports, buffers = offered(3, (1, 2, 0)), offered(4, (0, 1))
    return [(mode, mt, ds, bfr) for mode in modes[:2] for mt in stored[:1] for ds in reports for bfr in buffers]


def _event(urc: Urc | LateSubmit) -> ModemEvent | None:
    match urc:
        case MessageStored(storage=storage) | ReportStored(storage=storage):
            return InboxChanged(storage or None)
        case StorageFull():
            return InboxChanged(full=True)
        case MessageRouted(pdu=pdu):
            return Arrived(pdu, is_report=False)
        case ReportRouted(pdu=pdu):
            return Arrived(pdu, is_report=True)
        case LateSubmit(tp_mr=tp_mr):
            return LateResult(tp_mr)
        case Booted():
            return Restarted()
        case RegistrationChanged():
            return NetworkChanged()
        case Call(number=number):
            return Ringing(number)
        case _:
            return None


async def imei_at(path: str) -> str | None:
    """Who answers at a port: opened, asked, and given back."""
    channel = AtChannel(path)
    try:
        await channel.start()
        await channel.demand(commands.ECHO_OFF)
        return answers.digits((await channel.ask(commands.IMEI)).information, 14, 16)
    finally:
        channel.close()
