"""A modem that speaks AT: set up by what it says it can, then driven."""

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
from drivers.at_inbox import AtInbox
from drivers.errors import CmeError, CommandError, CommandTimeout, OutcomeUnknown, SimLocked
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
    SimState,
    StoredPdu,
)
from drivers.pdu import Pdu
from drivers.profiles import Profile, profile_for

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

    async def submit(self, pdu: Pdu, mark: Callable[[], Awaitable[bool]], *, more_follow: bool = False) -> int | None:
        """See `Modem.submit`."""
        await self._keep_link(more_follow)
        command = commands.submit(pdu.tpdu_length, prompt_timeout=self.profile.prompt_timeout_s)
        timeout = self._asked_timeout or self.profile.result_timeout_s
        try:
            async with self._channel.submission(command, timeout) as submission:
                await submission.prompt()
                if not await mark():
                    return None
                reply = await submission.body(pdu.hex)
            if not reply.ok:
                raise error_of(reply.final)
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
        )

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
