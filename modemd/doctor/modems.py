"""Gathers what there is to know of the configured modems: of the daemon, or by asking them oneself."""

import asyncio
import grp
import os
import pwd
import stat
from dataclasses import replace

from drivers import usb
from drivers.at.results import by_code
from drivers.at_modem import AtModem
from drivers.errors import CmeError, CommandError, DriverError, SimLocked
from drivers.holders import group_of, holders
from drivers.modem import SimState
from drivers.ports import PLACES
from drivers.words import Sentence
from modemd.config import Config, ModemConfig
from modemd.doctor.computer import service_user
from modemd.doctor.facts import ModemFacts, Node
from modemd.engine import status
from modemd.engine.ports import Ports
from modemd.engine.status import ModemStatus

_UNIT_GROUP = "dialout"  # SupplementaryGroups= of the unit
_WRONG_PIN = 16  # +CME ERROR
_ANSWERING = (status.READY, status.BUSY, status.WAITING)
_AN_ANSWER = (SimLocked, CommandError)  # a connection that ended so was one


def node(path: str, root: str = "/") -> Node:
    """What is at this path, without opening it."""
    try:
        is_serial = stat.S_ISCHR(os.stat(path).st_mode)
    except OSError:
        return Node(path, exists=False)
    port = usb.port_of(path, root)
    return Node(
        path,
        exists=True,
        is_serial=is_serial,
        user=_user(),
        group=group_of(path),
        may_open=os.access(path, os.R_OK | os.W_OK),
        service_may=_service_may(path),
        holders=tuple(holders(path, root)),
        usb=port,
        stable_name=usb.stable_name(port.tty, root) if port else None,
    )


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _service_may(path: str) -> bool | None:
    """Whether the unit's user is in the node's group; None where there is no such user."""
    user = service_user()
    if user is None:
        return None
    group = group_of(path)
    try:
        return group == _UNIT_GROUP or user in grp.getgrnam(group).gr_mem
    except KeyError:
        return False


def _configured(config: Config, modem: ModemConfig, now: float) -> ModemFacts:
    return ModemFacts(
        name=modem.name,
        port=modem.port,
        imei=modem.imei,
        has_pin_file=modem.pin_file is not None,
        region=config.region,
        now=now,
    )


# -- the daemon's ------------------------------------------------------------------------------------------


def of_daemon(config: Config, states: list[ModemStatus], now: float) -> list[ModemFacts]:
    """Of what the daemon knows already: no modem is asked. Looks at device nodes, so not for the event loop."""
    by_name = {state.name: state for state in states}
    return [
        _of_status(_configured(config, each, now), by_name[each.name]) for each in config.modems if each.name in by_name
    ]


def _of_status(facts: ModemFacts, state: ModemStatus) -> ModemFacts:
    answering = state.state in _ANSWERING or state.park not in (None, status.MODEM_CHANGED)
    trouble, imsi = state.trouble, state.identity.imsi
    starting = state.state == status.STARTING and trouble is None  # else it is tried once more
    return replace(
        facts,
        by_daemon=True,
        node=node(state.port) if state.port != "auto" else None,
        answered=None if starting else answering or isinstance(trouble, _AN_ANSWER),
        trouble=trouble,
        identity=state.identity,
        lock="ready" if answering else _lock_of(trouble),
        tries=trouble.tries if isinstance(trouble, SimLocked) else facts.tries,
        mcc=imsi[:3] if imsi else None,
        health=state.health if answering else None,
        storages=state.storages if answering else {},
        alerts=state.alerts,
        last_error=_last_word(state),
        last_error_at=state.error_at,
    )


def _last_word(state: ModemStatus) -> Sentence | None:
    """What a person has to see to comes before what merely went wrong last."""
    if state.park is not None:
        return state.park_sentence()
    if weak := state.alerts.get("power"):
        return weak
    return Sentence(by_code(state.error_code).sentence) if state.error_code else state.error


def _lock_of(trouble: DriverError | None) -> str | None:
    match trouble:
        case SimLocked(state=state):
            return state
        case CmeError(code=code) if code == _WRONG_PIN:
            return "pin_tried"
        case _:
            return None


# -- by asking them ----------------------------------------------------------------------------------------


def unasked(config: Config) -> list[ModemFacts]:
    """Only whether they are there; for when a daemon has them and does not speak to us."""
    known = [_configured(config, each, 0.0) for each in config.modems]
    return [replace(each, node=node(each.port)) if each.port != "auto" else each for each in known]


async def by_asking(config: Config, now: float) -> list[ModemFacts]:
    """Opens every configured port for as long as it takes; for when no daemon has them.

    Sends no PIN, and nothing that costs. Those that must be looked for are looked for one after the other,
    and after the others: two who look would find each other's ports in use.
    """
    known = [_configured(config, each, now) for each in config.modems]
    named = [(each, facts) for each, facts in zip(config.modems, known, strict=True) if each.port != "auto"]
    asked = await asyncio.gather(*(_ask(modem, facts) for modem, facts in named))
    found = {facts.name: facts for facts in asked}
    for modem, facts in zip(config.modems, known, strict=True):
        if modem.port == "auto":
            found[modem.name] = await _ask(modem, facts)
    return [found[each.name] for each in config.modems]


async def _ask(modem: ModemConfig, facts: ModemFacts) -> ModemFacts:
    try:
        path = modem.port
        if path == "auto":
            path = await Ports((modem,), PLACES).find(str(modem.imei), besides=path)
        there = await asyncio.to_thread(node, path)
        facts = replace(facts, node=there, answered=False)
        if not (there.is_serial and there.may_open) or there.holders:
            return facts  # the port alone says what is wrong; who has it is not disturbed
        asked = await AtModem.greet(path)
    except DriverError as error:
        return replace(facts, answered=False, trouble=error)
    try:
        return await _examine(asked, facts)
    finally:
        asked.close()


async def _examine(asked: AtModem, facts: ModemFacts) -> ModemFacts:
    facts = replace(facts, answered=True, identity=asked.identity)
    try:
        sim = await asked.sim()
        facts = replace(facts, lock=sim.state.value, tries=sim.tries, mcc=sim.mcc)
        if sim.state in (SimState.READY, SimState.UNKNOWN):
            facts = replace(facts, storages=await asked.look_into_storages(), health=await asked.health())
    except DriverError as error:
        return replace(facts, answered=isinstance(error, CommandError), trouble=error)
    return facts
