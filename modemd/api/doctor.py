"""The doctor, asked over the API; and a look at the signal for whoever places an antenna."""

import asyncio
from contextlib import suppress
from dataclasses import asdict, replace

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from drivers.errors import DriverError
from drivers.words import N_
from modemd.api import schema, views
from modemd.api.gateway import Author, Daemon, Language
from modemd.api.routes import Route
from modemd.doctor import computer, judge_daemon, modems
from modemd.doctor.facts import Quota
from modemd.doctor.table import diagnose
from modemd.model.errors import NotFound
from modemd.store import quota
from modemd.store.inspection import inspect_running

router = APIRouter(route_class=Route)


@router.get("/v1/doctor", response_model=schema.DoctorView)
async def doctor(daemon: Daemon, author: Author, language: Language) -> Response:
    """What is well and what is not, from the supply to the network. No modem is disturbed."""
    config, now = daemon.config, daemon.store.clock.now()
    database = await inspect_running(daemon.store)
    facts = await asyncio.to_thread(computer.gather, config.state_dir, database)
    of_modems = await asyncio.to_thread(modems.of_daemon, config, daemon.modems(), now)
    limits = [await daemon.store.run(quota.used, state.sim, state.quota, now) for state in daemon.modems()]
    of_modems = [replace(facts, quotas=_quotas(used)) for facts, used in zip(of_modems, limits, strict=True)]
    found = [judge_daemon.settings(len(config.modems)), judge_daemon.runs(), *diagnose(facts, of_modems)]
    return JSONResponse(asdict(schema.DoctorView([views.diagnosis(each, language) for each in found])))


def _quotas(used: list[tuple[str, int, int]]) -> tuple[Quota, ...]:
    return tuple(Quota(code.removeprefix("quota_"), sent, most) for code, sent, most in used)


@router.post("/v1/modems/{name:path}/look", response_model=schema.LookView)
async def look(name: str, daemon: Daemon, author: Author, language: Language) -> Response:
    """The signal now: the modem is asked at most once a second, and never while it sends."""
    state = next((each for each in daemon.modems() if each.name == name), None)
    if state is None:
        raise NotFound(name, N_('There is no modem "{what}".'))
    with suppress(DriverError):  # its supervisor hears of it as well, and the state says it
        await daemon.look(name)
    return JSONResponse(asdict(views.look(state, language)))
