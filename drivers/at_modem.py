"""A modem that speaks AT: set up by what it says it can, then driven."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

from drivers.at import answers, commands
from drivers.at.answers import Tries
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
from drivers.at_inbox import AtInbox
from drivers.errors import (
    CmeError,
    CommandError,
    CommandTimeout,
    DriverError,
    OutcomeUnknown,
    PromptTimeout,
    SimLocked,
)
from drivers.modem import (
    Arrived,
    Health,
    Identity,
    InboxChanged,
    LateResult,
    Listing,
    ModemEvent,
    NetworkChanged,
    Registration,
    Restarted,
    Ringing,
    Sim,
    SimState,
    StoredPdu,
)
from drivers.pdu import Pdu
from drivers.profiles import Profile, pin_counter, profile_for
from drivers.trace import Trace

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

_FEWEST_TRIES = 2  # of the PIN: the last one is a person's to take (P8)
# What a trace of a submission that failed is called.
_FAILURES = (
    (CommandError, "refused"),
    (OutcomeUnknown, "uncertain"),
    (PromptTimeout, "no_prompt"),
    (CommandTimeout, "timeout"),
)
_NO_ROOM = ("cms_208", "cms_211", "cms_322", "cme_20")

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
        self._inbox = AtInbox(channel, self._optional)
        self._keeps_link = False
        self._more_due = False  # a part of the same message is to come

    @classmethod
    async def open(
        cls,
        path: str,
        pin: PinSource,
        *,
        recognise: Callable[[Identity], Awaitable[None]] | None = None,
        result_timeout: float | None = None,
        patience: float = 1.0,
        trace: Trace | None = None,
    ) -> "AtModem":
        """Open the port and set the modem up. Raises PortError, CommandTimeout, SimLocked, CommandError.

        `recognise` is told who answers before a PIN is sent; what it raises ends the opening.
        """
        modem = await cls.greet(path, result_timeout=result_timeout, patience=patience, trace=trace)
        try:
            if recognise is not None:
                await recognise(modem.identity)
            await modem._unlock(pin)
            await modem._prepare()
        except BaseException:
            modem.close()
            raise
        return modem

    @classmethod
    async def greet(
        cls,
        path: str,
        *,
        result_timeout: float | None = None,
        patience: float = 1.0,
        trace: Trace | None = None,
    ) -> "AtModem":
        """Open the port and ask who is there; no PIN is sent, nothing is set up. Raises as `open`."""
        channel = AtChannel(path, patience=patience, trace=trace)
        modem = cls(channel, result_timeout)
        try:
            await modem._greet()
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
        owed: Callable[[], frozenset[int | None]] = frozenset,
    ) -> int | None:
        """See `Modem.submit`."""
        try:
            return await self._submit(pdu, mark, more_follow, owed)
        except DriverError as error:
            why = next((why for kind, why in _FAILURES if isinstance(error, kind)), "lost")
            self._channel.trace.fail(why, error)
            raise

    async def _submit(
        self,
        pdu: Pdu,
        mark: Callable[[], Awaitable[bool]],
        more_follow: bool,
        owed: Callable[[], frozenset[int | None]],
    ) -> int | None:
        await self._keep_link(more_follow)
        command = commands.submit(pdu.tpdu_length, prompt_timeout=self.profile.prompt_timeout_s)
        timeout = self._asked_timeout or self.profile.result_timeout_s
        try:
            async with self._channel.submission(command, timeout, self.profile.errors) as submission:
                await submission.prompt()
                if not await mark():
                    return None
                reply = await submission.body(pdu.hex, owed())
            if not reply.ok:
                raise error_of(reply.final, self.profile.errors)
        except CommandError as error:
            if code_of(error) in _NO_ROOM:  # some modems send nothing while there is no room to receive
                self._channel.urcs.put_nowait(StorageFull())
            raise
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
            without_lte=self._lacks(commands.REGISTRATION["CEREG"]),
        )

    async def signal(self) -> int | None:
        """See `Modem.signal`."""
        return answers.signal_dbm(await self._optional(commands.SIGNAL))

    async def sim(self) -> Sim:
        """How the card is locked and how many tries are left; no PIN is sent."""
        state = await self._sim_state()
        opened = state in (SimState.READY, SimState.UNKNOWN)
        imsi = answers.digits(await self._optional(commands.IMSI), 14, 15) if opened else None
        return Sim(state, await self._tries(state), imsi[:3] if imsi else None)

    async def look_into_storages(self) -> dict[str, tuple[int, int]]:
        """{"SM": (used, total), ...} of all that there are. Leaves another one chosen: before it is set up alone."""
        offer = answers.storage_offer(await self._optional(commands.STORAGE_OFFER))
        names, uses = offer[0] if offer else [], {}
        for name in names:
            if name == "MT" and "ME" in names:
                continue  # all the others in one
            said = await self._optional(commands.choose_storages(name))
            if use := answers.chosen_use(said):
                uses[name] = use
        return uses

    @property
    def storages(self) -> tuple[str, ...]:
        return self._inbox.storages

    async def sweep(self, storage: str) -> Listing:
        return await self._inbox.sweep(storage)

    async def delete(self, stored: StoredPdu) -> None:
        await self._inbox.delete(stored)

    async def acknowledge(self) -> None:
        await self._inbox.acknowledge()

    async def renew(self) -> None:
        await self._inbox.renew()

    async def hang_up(self) -> None:
        for command in commands.HANG_UPS:
            if (await self._channel.ask(command)).ok:
                return

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
        self.identity = replace(self.identity, iccid=await self._iccid())

    async def _unlock(self, pin: PinSource) -> None:
        """P8: a PIN is sent in the state `SIM PIN` alone, and whether to try at all is not ours to say."""
        iccid = self.identity.iccid
        state = await self._sim_state()
        if state is SimState.PIN:
            tries = await self._tries(state)
            if tries.pin is not None and tries.pin < _FEWEST_TRIES:
                raise SimLocked("last_try", tries)
            try:
                digits = await pin(self.identity)
            except SimLocked as locked:
                locked.tries = tries
                raise
            if digits is None:
                raise SimLocked(state.value, tries)
            reply = await self._channel.ask(commands.unlock(digits))
            if not reply.ok:
                raise error_of(reply.final)
            state = await self._sim_state()
        if state not in (SimState.READY, SimState.UNKNOWN):
            raise SimLocked(state.value, await self._tries(state))
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

    async def _tries(self, state: SimState) -> Tries:
        waits_for_puk = {SimState.PIN: False, SimState.PUK: True}.get(state)
        for counter in (pin_counter(self.identity.manufacturer), commands.PIN_COUNTER):
            said = await self._optional(counter) if counter else ()
            tries = answers.tries(said, waits_for_puk=waits_for_puk)
            if tries != Tries():
                return tries
        return Tries()

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
        await self._inbox.set_up()

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

    def _lacks(self, command: Command) -> bool:
        """Whether the modem has said that it does not know this; silence is no such word."""
        return command.line in self._unsupported - self._silent

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


_RADIO_REST = 5.0  # seconds without radio, and to find the network again


async def switch_radio(path: str, *, patience: float = 1.0, trace: Trace | None = None) -> None:
    """Off and on, whether or not the modem says anything to it. Raises PortError."""
    await _shout(path, ((commands.RADIO_OFF, _RADIO_REST), (commands.RADIO_ON, _RADIO_REST)), patience, trace)


async def restart(path: str, profile: Profile, *, patience: float = 1.0, trace: Trace | None = None) -> None:
    """By the profile's own command; the port may vanish over it. Raises PortError."""
    if profile.reset is not None:
        await _shout(path, ((commands.init_line(profile.reset), _RADIO_REST),), patience, trace)


async def _shout(path: str, lines: Sequence[tuple[Command, float]], patience: float, trace: Trace | None) -> None:
    channel = AtChannel(path, patience=patience, trace=trace)
    try:
        for command, pause in lines:
            await channel.shout(command, pause)
    finally:
        channel.close()
