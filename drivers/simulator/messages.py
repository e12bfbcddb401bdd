"""Commands about messages (TS 27.005): sending, storages, indications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drivers.simulator.dialogue import Command, Kind, Prompt, Refusal
from drivers.simulator.general import Handler, Knob, Said
from drivers.simulator.storage import Stat, Stored
from drivers.simulator.textmode import STATS, message_lines

if TYPE_CHECKING:
    from drivers.simulator.modem import Modem

ALL = 4  # +CMGL <stat>
STAT_NAMES = {name: stat.value for stat, name in STATS.items()} | {"ALL": ALL}
# +CMGD <delflag> 1-4: what goes, besides the index (TS 27.005 §3.5.4).
GOING = {
    1: {Stat.READ},
    2: {Stat.READ, Stat.SENT},
    3: {Stat.READ, Stat.SENT, Stat.UNSENT},
    4: set(Stat),
}


def send(modem: Modem, command: Command) -> Said:
    if command.kind is Kind.TEST:
        return []
    if modem.settings.cmgf:
        recipient = modem.settings.inward(command.args[0]) if command.args else ""
        if not recipient:
            raise Refusal.cms(305)
        return Prompt(command.name, recipient=recipient)
    length = command.number(0, -1)
    if not 7 <= length <= 164 or command.kind is not Kind.SET:
        raise Refusal.cms(304)
    stat = command.number(1, Stat.UNSENT) if command.name == "+CMGW" else Stat.UNSENT
    return Prompt(command.name, length=length, stat=stat)


def smsc(modem: Modem, command: Command) -> Said:
    settings = modem.settings
    match command.kind:
        case Kind.TEST:
            return []
        case Kind.READ:
            kind = 145 if modem.sim.smsc.startswith("+") else 129
            return [f'+CSCA: "{settings.outward(modem.sim.smsc)}",{kind}']
        case _:
            modem.sim.smsc = settings.inward(command.args[0])
            return []


def service(modem: Modem, command: Command) -> Said:
    match command.kind:
        case Kind.TEST:
            return [f"+CSMS: ({','.join(map(str, modem.quirks.services))})"]
        case Kind.READ:
            return [f"+CSMS: {modem.settings.csms},1,1,1"]
        case _:
            if command.number(0) not in modem.quirks.services:
                raise Refusal.cms(303)
            modem.settings.csms = command.number(0)
            return ["+CSMS: 1,1,1"]


def memories(modem: Modem, command: Command) -> Said:
    names, quirks = modem.memories, modem.quirks
    counts = [(name, *count(modem, name)) for name in names]
    match command.kind:
        case Kind.TEST:
            lists = (",".join(f'"{name}"' for name in row) for row in quirks.memories)
            return ["+CPMS: " + ",".join(f"({row})" for row in lists)]
        case Kind.READ:
            return ["+CPMS: " + ",".join(f'"{name}",{used},{slots}' for name, used, slots in counts)]
        case _:
            chosen = tuple(new or old for new, old in zip(command.args, names, strict=False))
            if any(name not in row for name, row in zip(chosen, quirks.memories, strict=False)):
                raise Refusal.cms(302)
            if any(choice in quirks.refused_memories for choice in enumerate(chosen, 1)):
                raise Refusal.cms(302)
            first, second, third = chosen + names[len(chosen) :]
            modem.memories = (first, second, third)
            modem.pump()
            used = [count(modem, name) for name in modem.memories]
            return ["+CPMS: " + ",".join(f"{one},{of}" for one, of in used)]


def count(modem: Modem, name: str) -> tuple[int, int]:
    storage = modem.storage(name)
    return (storage.used if modem.quirks.counts else 0, storage.slots)


def indications(modem: Modem, command: Command) -> Said:
    match command.kind:
        case Kind.TEST:
            lists = (",".join(map(str, values)) for values in modem.quirks.routings)
            return ["+CNMI: " + ",".join(f"({values})" for values in lists)]
        case Kind.READ:
            return ["+CNMI: " + ",".join(map(str, modem.settings.cnmi))]
        case _:
            # What is left out is 0, as some modems have it.
            chosen = tuple(command.number(i, 0) for i in range(5))
            if any(value not in allowed for value, allowed in zip(chosen, modem.quirks.routings, strict=True)):
                raise Refusal.cms(303)
            modem.settings.cnmi = chosen
            release(modem)
            return []


def release(modem: Modem) -> None:
    """Indications held under <mode> 0: out with them, or forgotten, by <bfr>."""
    mode, *_, bfr = modem.settings.cnmi
    if mode:
        held = [] if bfr else list(modem.held_urcs)
        modem.held_urcs.clear()
        for line in held:
            modem.later(0, lambda line=line: modem.urc(line))  # type: ignore[misc]
        modem.pump()


def acknowledge(modem: Modem, command: Command) -> Said:
    if command.kind is Kind.TEST:
        return ["+CNMA: (0-2)"]
    if modem.unacknowledged is None:
        raise Refusal.cms(340)
    modem.unacknowledged = None
    modem.pump()
    return []


def shown(modem: Modem, message: Stored) -> tuple[str, str]:
    if modem.settings.cmgf:
        return message_lines(message, modem.settings)
    return f"{message.stat:d},,{message.tpdu_length}", message.pdu


def read(modem: Modem, command: Command) -> Said:
    if command.kind is Kind.TEST:
        return []
    message = modem.storage(modem.memories[0]).get(command.number(0))
    if message is None:
        raise Refusal.cms(321)
    head, body = shown(modem, message)
    mark_read(message)
    return [f"+CMGR: {head}\r\n{body}"]


def mark_read(message: Stored) -> None:
    if message.stat is Stat.UNREAD:
        message.stat = Stat.READ


def list_messages(modem: Modem, command: Command) -> Said:
    if command.kind is Kind.TEST:
        names = ",".join(f'"{name}"' for name in STAT_NAMES)
        return [f"+CMGL: ({names if modem.settings.cmgf else '0-4'})"]
    return list(listed(modem, wanted_stat(modem, command)))


def wanted_stat(modem: Modem, command: Command) -> int:
    if modem.settings.cmgf:
        name = command.args[0] if command.args else "REC UNREAD"
        if name not in STAT_NAMES:
            raise Refusal.cms(305)
        return STAT_NAMES[name]
    stat = command.number(0, Stat.UNREAD)
    if stat > ALL:
        raise Refusal.cms(304)
    return stat


def listed(modem: Modem, stat: int) -> Iterator[str]:
    for index, message in modem.storage(modem.memories[0]).items():
        if stat in (ALL, message.stat):
            head, body = shown(modem, message)
            mark_read(message)
            yield f"+CMGL: {index},{head}\r\n{body}"


def delete(modem: Modem, command: Command) -> Said:
    storage = modem.storage(modem.memories[0])
    if command.kind is Kind.TEST:
        indexes = ",".join(str(index) for index, _ in storage.items())
        return [f"+CMGD: ({indexes}),(0-4)"]
    index, flag = command.number(0), command.number(1, 0)
    if flag > 4 or (not flag and index not in storage.indexes):
        raise Refusal.cms(321)
    if flag:
        for index, message in list(storage.items()):
            if message.stat in GOING[flag]:
                storage.remove(index)
    else:
        storage.remove(index)
    modem.pump()
    return []


def text_parameters(modem: Modem, command: Command) -> Said:
    if command.kind is Kind.SET:
        kept = modem.settings.csmp
        given = tuple(new or old for new, old in zip(command.args, kept, strict=False))
        modem.settings.csmp = given + kept[len(given) :]
        return []
    return [f"+CSMP: {','.join(modem.settings.csmp)}"] if command.kind is Kind.READ else []


MESSAGES: dict[str, Handler] = {
    "+CSMS": service,
    "+CMGF": Knob("+CMGF", "cmgf", range(2)),
    "+CSCA": smsc,
    "+CPMS": memories,
    "+CNMI": indications,
    "+CNMA": acknowledge,
    "+CMGS": send,
    "+CMGW": send,
    "+CMGR": read,
    "+CMGL": list_messages,
    "+CMGD": delete,
    "+CMMS": Knob("+CMMS", "cmms", range(3)),
    "+CSDH": Knob("+CSDH", "csdh", range(2)),
    "+CSMP": text_parameters,
}
