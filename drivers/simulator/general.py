"""Commands that are not about messages: identity, settings, SIM, registration, signal (TS 27.007)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from drivers.simulator.dialogue import Command, Kind, Prompt, Refusal
from drivers.simulator.radio import DOMAINS
from drivers.simulator.settings import Settings
from drivers.simulator.sim import CLOSED, PIN_TRIES, PUK_TRIES, Lock

if TYPE_CHECKING:
    from drivers.simulator.modem import Modem

Said = Sequence[str] | Prompt
Handler = Callable[["Modem", Command], Said]

BALANCE = "Balance: 12.34"
CHARACTER_SETS = ("IRA", "GSM", "UCS2", "8859-1")


@dataclass(frozen=True)
class Knob:
    """A setting of whole numbers: test, read and set forms by one row of the table."""

    name: str
    field: str
    values: range

    def __call__(self, modem: Modem, command: Command) -> Said:
        match command.kind:
            case Kind.TEST:
                return [f"{self.name}: ({self.values.start}-{self.values.stop - 1})"]
            case Kind.READ:
                return [f"{self.name}: {getattr(modem.settings, self.field)}"]
            case _:
                value = command.number(0, 0)
                if value not in self.values:
                    raise Refusal.cme(50)
                setattr(modem.settings, self.field, value)
                return []


def fixed(*lines: str) -> Handler:
    """Always the same; for settings that change nothing here."""
    return lambda modem, command: lines if command.kind is not Kind.SET else ()


def of_identity(field: str) -> Handler:
    def answer(modem: Modem, command: Command) -> Said:
        return [getattr(modem.identity, field)] if command.kind is Kind.EXECUTE else []

    return answer


def information(modem: Modem, command: Command) -> Said:
    me = modem.identity
    return [f"Manufacturer: {me.manufacturer}\r\nModel: {me.model}\r\nRevision: {me.revision}\r\nIMEI: {me.imei}"]


def echo(modem: Modem, command: Command) -> Said:
    modem.settings.echo = command.number(0, 0)
    return []


def factory(modem: Modem, command: Command) -> Said:
    modem.settings = Settings()
    return []


def verbose(modem: Modem, command: Command) -> Said:
    modem.settings.verbose = command.number(0, 0)
    return []


def quiet(modem: Modem, command: Command) -> Said:
    modem.settings.quiet = command.number(0, 0)
    return []


def refuse_call(modem: Modem, command: Command) -> Said:
    """This modem carries messages alone."""
    raise Refusal.cme(3)


def hang_up(modem: Modem, command: Command) -> Said:
    modem.call.hung_up = True
    return []


def imsi(modem: Modem, command: Command) -> Said:
    return [modem.sim.imsi] if command.kind is Kind.EXECUTE else []


def iccid(modem: Modem, command: Command) -> Said:
    if not modem.sim.present:
        raise Refusal.cme(10)
    return [f"{command.name}: {modem.sim.iccid}"] if command.kind is not Kind.TEST else []


def own_number(modem: Modem, command: Command) -> Said:
    outward = modem.settings.outward
    return [f'+CNUM: "{outward("")}","{outward(modem.sim.own_number)}",145']


def pin(modem: Modem, command: Command) -> Said:
    if command.kind is Kind.TEST:
        return []
    if command.kind is Kind.READ:
        if modem.sim.lock in (Lock.ABSENT, Lock.DEAD):
            raise Refusal.cme(CLOSED[modem.sim.lock][0])
        return [f"+CPIN: {modem.sim.lock}"]
    modem.sim.enter(*command.args[:2])
    modem.radio_changed()
    return []


def pin_tries(modem: Modem, command: Command) -> Said:
    tries = {"SIM PIN": (modem.sim.pin_tries, PIN_TRIES), "SIM PUK": (modem.sim.puk_tries, PUK_TRIES)}
    return [f"+CPINR: {name},{left},{whole}" for name, (left, whole) in tries.items()]


def facility_lock(modem: Modem, command: Command) -> Said:
    if command.kind is Kind.TEST:
        return ['+CLCK: ("SC")']
    if command.args[:2] != ("SC", "2"):
        raise Refusal.cme(4)
    return [f"+CLCK: {modem.sim.pin is not None:d}"]


def functionality(modem: Modem, command: Command) -> Said:
    if command.kind is Kind.TEST:
        return ["+CFUN: (0,1,4),(0,1)"]
    if command.kind is Kind.READ:
        return [f"+CFUN: {modem.functional}"]
    if command.number(0) not in (0, 1, 4):
        raise Refusal.cme(50)
    if command.number(1, 0):
        modem.later(0, modem.reset)
        return []
    modem.functional = command.number(0)
    modem.radio_changed()
    return []


def registration(modem: Modem, command: Command) -> Said:
    asked = modem.settings.registration
    match command.kind:
        case Kind.TEST:
            return [f"{command.name}: (0-2)"]
        case Kind.READ:
            detail = asked[command.name]
            return [f"{command.name}: {detail},{modem.radio.line(command.name, detail)}"]
        case _:
            if command.number(0, 0) > 2:
                raise Refusal.cme(50)
            asked[command.name] = command.number(0, 0)
            return []


def signal(modem: Modem, command: Command) -> Said:
    if command.kind is Kind.TEST:
        return ["+CSQ: (0-31,99),(0-7,99)"]
    return [f"+CSQ: {modem.radio.rssi if modem.radio.on else 99},{modem.radio.ber}"]


def extended_signal(modem: Modem, command: Command) -> Said:
    """Of RSSI (2 dB a step from -113 dBm) an RSRP (1 dB a step from -140 dBm), by and large."""
    if not modem.radio.on or modem.radio.rssi == 99:
        return ["+CESQ: 99,99,255,255,255,255"]
    if modem.radio.technology == "LTE":
        return [f"+CESQ: 99,99,255,255,20,{min(97, 2 * modem.radio.rssi)}"]
    return [f"+CESQ: {2 * modem.radio.rssi},0,255,255,255,255"]


def operator(modem: Modem, command: Command) -> Said:
    radio, settings = modem.radio, modem.settings
    name = radio.plmn if settings.cops_format == 2 else settings.outward(radio.operator)
    act = {"GSM": 0, "UMTS": 2, "LTE": 7, "NR": 11}[radio.technology]
    match command.kind:
        case Kind.TEST:
            names = f'"{settings.outward(radio.operator)}","{settings.outward(radio.operator)}"'
            return [f'+COPS: (2,{names},"{radio.plmn}",{act}),,(0-4),(0-2)']
        case Kind.READ if any(radio.domain(domain) in (1, 5, 6, 7) for domain in DOMAINS):
            return [f'+COPS: 0,{settings.cops_format},"{name}",{act}']
        case Kind.READ:
            return ["+COPS: 0"]
        case _:
            if command.number(0) == 3:
                settings.cops_format = command.number(1, 0)
            return []


def character_set(modem: Modem, command: Command) -> Said:
    match command.kind:
        case Kind.TEST:
            return ["+CSCS: (" + ",".join(f'"{name}"' for name in CHARACTER_SETS) + ")"]
        case Kind.READ:
            return [f'+CSCS: "{modem.settings.cscs}"']
        case _:
            if command.args[0] not in CHARACTER_SETS:
                raise Refusal.cme(50)
            modem.settings.cscs = command.args[0]
            return []


def clock(modem: Modem, command: Command) -> Said:
    if command.kind is not Kind.READ:
        return []
    return [datetime.now(UTC).strftime('+CCLK: "%y/%m/%d,%H:%M:%S+00"')]


def ussd(modem: Modem, command: Command) -> Said:
    """Every code asks for the balance."""
    if command.kind is Kind.TEST:
        return ["+CUSD: (0-2)"]
    if command.kind is Kind.READ:
        return ["+CUSD: 1"]
    if len(command.args) > 1:
        answer = f'+CUSD: 0,"{modem.settings.outward(BALANCE)}",15'
        modem.later(max(modem.network.delay, 0.01), lambda: modem.urc(answer))
    return []


GENERAL: dict[str, Handler] = {
    "Z": factory,
    "&F": factory,
    "E": echo,
    "V": verbose,
    "Q": quiet,
    "I": information,
    "H": hang_up,
    "+CHUP": hang_up,
    "X": fixed(),
    "&C": fixed(),
    "&D": fixed(),
    "&K": fixed(),
    "&W": fixed(),
    "S0": fixed("000"),
    "S3": fixed("013"),
    "S4": fixed("010"),
    "S5": fixed("008"),
    "+CGMI": of_identity("manufacturer"),
    "+GMI": of_identity("manufacturer"),
    "+CGMM": of_identity("model"),
    "+GMM": of_identity("model"),
    "+CGMR": of_identity("revision"),
    "+GMR": of_identity("revision"),
    "+CGSN": of_identity("imei"),
    "+GSN": of_identity("imei"),
    "+GCAP": fixed("+GCAP: +CGSM"),
    "+CIMI": imsi,
    "+CCID": iccid,
    "+ICCID": iccid,
    "^ICCID": iccid,
    "+CNUM": own_number,
    "+CPIN": pin,
    "+CPINR": pin_tries,
    "+CLCK": facility_lock,
    "+CFUN": functionality,
    "+CREG": registration,
    "+CGREG": registration,
    "+CEREG": registration,
    "+CGATT": fixed("+CGATT: 1"),
    "+CSQ": signal,
    "+CESQ": extended_signal,
    "+COPS": operator,
    "+CPAS": fixed("+CPAS: 0"),
    "+CMEE": Knob("+CMEE", "cmee", range(3)),
    "+CSCS": character_set,
    "+CLIP": Knob("+CLIP", "clip", range(2)),
    "+CRC": Knob("+CRC", "crc", range(2)),
    "+CVHU": Knob("+CVHU", "cvhu", range(3)),
    "+CBC": fixed("+CBC: 0,100"),
    "+CCLK": clock,
    "+CUSD": ussd,
}
