"""modemd doctor: from USB power to "SMS sent" on one screen, with and without a daemon."""

import asyncio
import errno
import json
import shutil
import socket as sockets
import sys
import time
from dataclasses import asdict, replace
from enum import Enum
from pathlib import Path

import click

from drivers.holders import group_of, holders
from drivers.words import N_
from modemd import config as configuration
from modemd import i18n
from modemd.api import views
from modemd.api.client import ClientError, GatewayClient, over_socket
from modemd.api.schema import DiagnosisView
from modemd.cli.common import as_json, config_file, language, socket_path, words
from modemd.config import Config
from modemd.doctor import computer, judge_daemon, judge_port, modems
from modemd.doctor.table import diagnose, diagnose_computer
from modemd.model.doctor import Diagnosis
from modemd.model.doctor_page import MARKS, Page
from modemd.model.errors import ConfigError
from modemd.store.database import DATABASE
from modemd.store.inspection import inspect

_CONNECT_WITHIN = 5.0  # seconds
_ANSWER_WITHIN = 6.0
_API_GROUP = "modemd-api"


class Reach(Enum):
    """What becomes of a knock at the daemon's socket."""

    ANSWERS = "it answers"
    AWAY = "nobody is there: the ports are free"
    FORBIDDEN = "somebody is there, but not for us"
    HANGS = "somebody is there and says nothing"


_NO_ANSWER = {
    Reach.AWAY: judge_daemon.away,
    Reach.FORBIDDEN: lambda path: judge_daemon.forbidden(path, _group(path)),
    Reach.HANGS: judge_daemon.hangs,
}


@click.command("doctor")
@click.option("--send", "number", metavar="NUMBER", help="Then send this number a message, and wait for its report.")
@click.option("--modem", metavar="NAME", help="With --send: by this modem.")
@click.option("--all", "whole", is_flag=True, help="Every check on a line of its own, however many.")
@language
@as_json
@config_file
@socket_path
def doctor_command(
    socket: Path | None,
    config_file: Path | None,
    as_json: bool,
    lang: str | None,
    number: str | None,
    modem: str | None,
    whole: bool,
) -> None:
    """What is well and what is not, from USB power to "SMS sent", and what to do next.

    Asks the daemon where one runs; else opens the ports itself, sends no PIN and nothing that costs.
    Exit status 1 when a check fails.
    """
    lang = i18n.choose(lang)

    async def examine() -> list[DiagnosisView]:
        config, settings = _settings(config_file, needed=socket is None)
        path = socket or (config.socket if config else configuration.DEFAULT_SOCKET)
        client = GatewayClient(over_socket(str(path)), where=str(path), language=lang)
        try:
            found = await _look(client, path, config, lang)
            if settings is not None:
                found = [views.diagnosis(settings, lang), *(each for each in found if each.check != "config")]
            if not as_json:
                _print(found, lang, whole=whole or number is not None)
            if number is not None:
                from modemd.cli.proof import prove

                found.append(await prove(client, number, modem, lang, found, quiet=as_json))
        finally:
            await client.close()
        return found

    try:
        found = asyncio.run(examine())
    except KeyboardInterrupt:
        sys.exit(130)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False))
    sys.exit(any(each.verdict == "fail" for each in found))


def _settings(file: Path | None, *, needed: bool) -> tuple[Config | None, Diagnosis | None]:
    """The configuration, and what is to say of it. Neither where a socket was given in its place."""
    if file is None and not needed:
        return None, None
    file = file or configuration.DEFAULT_CONFIG
    try:
        config = configuration.load(file)
    except ConfigError as error:
        return None, judge_daemon.settings_wrong(error)
    return config, judge_daemon.settings(len(config.modems), file)


def _print(found: list[DiagnosisView], lang: str, *, whole: bool) -> None:
    size = shutil.get_terminal_size((80, 24))
    room = None if whole else size.lines - 1 if sys.stdout.isatty() else sys.maxsize
    page = Page(i18n.catalogue(lang).gettext, size.columns, room, ascii_only=_is_poor())
    click.echo("\n".join(line.head + line.text for line in page.lines(found)))


def _is_poor() -> bool:
    """Whether the terminal's encoding lacks our marks."""
    try:
        "".join(MARKS.values()).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return True
    return False


# -- looking -----------------------------------------------------------------------------------------------


async def _look(client: GatewayClient, path: Path, config: Config | None, lang: str) -> list[DiagnosisView]:
    """By the daemon where one runs: the ports that it may have are not opened from here."""
    reach = await asyncio.to_thread(_knock, path)
    if reach is Reach.ANSWERS:
        try:
            async with asyncio.timeout(_ANSWER_WITHIN):
                found = await client.doctor()
        except (ClientError, TimeoutError):
            reach = Reach.HANGS
        else:
            daemon = next((each.value for each in found if each.check == "daemon"), None)
            return [_named(each, lang, daemon) for each in found]
    found_here = [_NO_ANSWER[reach](path), *await _from_here(config, ask=reach is Reach.AWAY, lang=lang)]
    return [views.diagnosis(each, lang) for each in found_here]


def _knock(path: Path) -> Reach:
    with sockets.socket(sockets.AF_UNIX) as probe:
        probe.settimeout(_CONNECT_WITHIN)
        try:
            probe.connect(str(path))
        except PermissionError:
            return Reach.FORBIDDEN
        except TimeoutError:
            return Reach.HANGS
        except OSError as error:
            return Reach.AWAY if error.errno in (errno.ENOENT, errno.ECONNREFUSED, errno.ENOTSOCK) else Reach.HANGS
    return Reach.ANSWERS


def _group(socket: Path) -> str:
    """Whose members may talk to the daemon; the unit's own where even that may not be seen."""
    try:
        return group_of(str(socket))
    except OSError:
        return _API_GROUP


def _named(found: DiagnosisView, lang: str, daemon: object) -> DiagnosisView:
    """Who has a port, where this user can see more than the daemon may."""
    if found.check != "port" or found.verdict != "fail":
        return found
    who = [each for each in holders(str(found.value)) if each.pid != daemon]
    return (
        replace(views.diagnosis(judge_port.held(str(found.value), who[0]), lang), modem=found.modem) if who else found
    )


async def _from_here(config: Config | None, *, ask: bool, lang: str) -> list[Diagnosis]:
    known = config or Config()
    database = await asyncio.to_thread(inspect, known.state_dir / DATABASE)
    facts = await asyncio.to_thread(computer.gather, known.state_dir, database)
    if ask and known.modems and sys.stderr.isatty():
        click.echo(words(lang, N_("Asking the modems; one that hangs takes half a minute ...")), err=True)
    if not ask:
        return diagnose_computer(facts, await asyncio.to_thread(modems.unasked, known))
    return diagnose(facts, await modems.by_asking(known, time.time()))
