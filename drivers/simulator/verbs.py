"""What can be asked of a running simulator: a function a verb, its parameters are the request's keys."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from inspect import signature
from typing import Any

from drivers.errors import PduError
from drivers.simulator.errors import SimulatorError
from drivers.simulator.faults import FAULTS
from drivers.simulator.modem import Modem
from drivers.simulator.noise import Noise
from drivers.simulator.radio import TECHNOLOGIES, Stat
from drivers.simulator.simulator import Simulator

Json = dict[str, Any]


async def inject(sim: Simulator, text: str, sender: str = "+447700900123", modem: int = 0) -> Json:
    return {"parts": await sim.inject(modem, sender, text)}


async def inject_pdu(sim: Simulator, pdu: str, modem: int = 0, length: int | None = None, report: bool = False) -> Json:
    await sim.inject_pdu(modem, pdu, length, report)
    return {}


async def fault(
    sim: Simulator,
    fault: str,
    modem: int = 0,
    times: int = 1,
    probability: float | None = None,
    command: str = "+CMGS",
    **options: Any,
) -> Json:
    if fault not in FAULTS:
        raise SimulatorError(f"There is no fault {fault!r}: choose from {', '.join(FAULTS)}.")
    known = {field.name for field in fields(FAULTS[fault])}
    if unknown := set(options) - known:
        raise SimulatorError(f"{fault} has no {min(unknown)!r}: choose from {', '.join(sorted(known))}.")
    made = FAULTS[fault](**options)
    if probability is None:
        sim.modem(modem).faults.next(made, times, command)
    else:
        sim.modem(modem).faults.chance(made, probability, command)
    return {}


async def noise(sim: Simulator, modem: int = 0, **probabilities: float) -> Json:
    known = {field.name for field in fields(Noise)} - {"random", "happened"}
    if unknown := set(probabilities) - known:
        raise SimulatorError(f"There is no noise {min(unknown)!r}: choose from {', '.join(sorted(known))}.")
    for name, probability in probabilities.items():
        setattr(sim.modem(modem).noise, name, float(probability))
    return {}


async def clear(sim: Simulator, modem: int = 0) -> Json:
    """No more faults, no more noise."""
    sim.modem(modem).faults.clear()
    sim.modem(modem).noise.quiet()
    return {}


async def unplug(sim: Simulator, modem: int = 0, back_after: float | None = None, name: str | None = None) -> Json:
    chosen = sim.modem(modem)
    chosen.unplug()
    if back_after is not None:
        chosen.later(back_after, lambda: chosen.plug(name))
    return {}


async def plug(sim: Simulator, modem: int = 0, name: str | None = None) -> Json:
    sim.modem(modem).plug(name)
    return {"port": str(sim.modem(modem).port)}


async def swap(sim: Simulator, one: int = 0, other: int = 1) -> Json:
    sim.swap(one, other)
    return {}


async def reset(sim: Simulator, modem: int = 0, seconds: float = 0.05) -> Json:
    sim.modem(modem).reset(seconds)
    return {}


async def hang(sim: Simulator, modem: int = 0, seconds: float | None = None) -> Json:
    sim.modem(modem).hang(seconds)
    return {}


async def signal(sim: Simulator, rssi: int, modem: int = 0) -> Json:
    sim.modem(modem).radio.rssi = int(rssi)
    return {}


async def register(sim: Simulator, modem: int = 0, stat: str | None = None, technology: str | None = None) -> Json:
    """`stat`: none home searching denied unknown roaming sms_only sms_only_roaming."""
    chosen = sim.modem(modem)
    if stat is not None:
        if stat.upper() not in Stat.__members__:
            raise SimulatorError(f"There is no registration {stat!r}.")
        chosen.radio.stat = Stat[stat.upper()]
    if technology is not None:
        if technology not in TECHNOLOGIES:
            raise SimulatorError(f"There is no technology {technology!r}.")
        chosen.radio.technology = technology
    chosen.radio_changed()
    return {}


async def ring(sim: Simulator, modem: int = 0, caller: str | None = None, rings: int = 1) -> Json:
    sim.modem(modem).ring(caller, rings)
    return {}


async def storm(sim: Simulator, modem: int = 0, lines: int = 200) -> Json:
    sim.modem(modem).storm(int(lines))
    return {}


async def babble(sim: Simulator, modem: int = 0, octets: int = 200) -> Json:
    sim.modem(modem).babble(int(octets))
    return {}


async def urc(sim: Simulator, line: str, modem: int = 0) -> Json:
    sim.modem(modem).urc(line)
    return {}


async def settings(sim: Simulator, network_delay: float | None = None, report_delay: float | None = None) -> Json:
    if network_delay is not None:
        sim.network.delay = float(network_delay)
    if report_delay is not None:
        sim.network.report_delay = float(report_delay)
    return {"network_delay": sim.network.delay, "report_delay": sim.network.report_delay}


async def card(
    sim: Simulator,
    modem: int = 0,
    pin: str | None = None,
    present: bool | None = None,
    smsc: str | None = None,
    slots: int | None = None,
    pin_tries: int | None = None,
) -> Json:
    """Change the SIM; `pin` takes effect as after power-up, "" takes it away; no tries left: it wants its PUK."""
    chosen = sim.modem(modem).sim
    if pin is not None:
        chosen.pin, chosen.unlocked = pin or None, False
    if present is not None:
        chosen.present = present
    if smsc is not None:
        chosen.smsc = smsc
    if slots is not None:
        chosen.storage.slots = int(slots)
    if pin_tries is not None:
        chosen.pin_tries = int(pin_tries)
    sim.modem(modem).radio_changed()
    return {"lock": chosen.lock, "pin_tries": chosen.pin_tries, "puk_tries": chosen.puk_tries}


async def accepted(sim: Simulator, since: int = 0) -> Json:
    return {"accepted": [asdict(one) for one in sim.network.accepted[since:]]}


async def exchanges(sim: Simulator, since: int = 0) -> Json:
    return {"exchanges": [asdict(one) for one in sim.exchanges[since:]]}


def view(modem: Modem) -> Json:
    return {
        "name": modem.name,
        "port": str(modem.port) if modem.plugged else None,
        "imei": modem.identity.imei,
        "iccid": modem.sim.iccid,
        "imsi": modem.sim.imsi,
        "own_number": modem.sim.own_number,
        "lock": modem.sim.lock,
        "pin_tries": modem.sim.pin_tries,
        "stat": modem.radio.stat.name.lower(),
        "technology": modem.radio.technology,
        "rssi": modem.radio.rssi,
        "storages": {name: [modem.storage(name).used, modem.storage(name).slots] for name in ("SM", "ME", "SR")},
        "cnmi": list(modem.settings.cnmi),
    }


async def state(sim: Simulator) -> Json:
    waiting = {imsi: len(queue) for imsi, queue in sim.network.waiting.items() if queue}
    return {
        "modems": [view(modem) for modem in sim.modems],
        "accepted": len(sim.network.accepted),
        "waiting": waiting,
    }


Verb = Callable[..., Awaitable[Json]]
VERBS: dict[str, Verb] = {
    "inject": inject,
    "inject_pdu": inject_pdu,
    "fault": fault,
    "noise": noise,
    "clear": clear,
    "unplug": unplug,
    "plug": plug,
    "swap": swap,
    "reset": reset,
    "hang": hang,
    "signal": signal,
    "register": register,
    "ring": ring,
    "urc": urc,
    "storm": storm,
    "babble": babble,
    "set": settings,
    "sim": card,
    "accepted": accepted,
    "exchanges": exchanges,
    "state": state,
}


async def follow(sim: Simulator, request: Json) -> Json:
    """Do what is asked. Whatever is wrong with it comes back as one sentence."""
    given = dict(request)
    verb = VERBS.get(str(given.pop("do", "")))
    if verb is None:
        return {"error": f"Say what to do: {', '.join(VERBS)}."}
    try:
        signature(verb).bind(sim, **given)
        return {"ok": True, **await verb(sim, **given)}
    except (SimulatorError, PduError) as error:
        return {"error": str(error)}
    except (TypeError, ValueError) as error:
        return {"error": f"That cannot be done with these values: {error}."}
