"""modemd backup and restore: a checked copy of everything, and the way back."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from drivers.words import N_, Worded
from modemd import config as configuration
from modemd import i18n
from modemd.api.client import ClientError, GatewayClient, Unreachable, over_socket
from modemd.cli.common import as_json, config_file, day_and_clock, end, language, print_json, socket_path, where, words
from modemd.model.errors import StoreError
from modemd.store import backup
from modemd.store.backup import Content
from modemd.store.database import DATABASE, lock_state_dir

_ASK_EVERY = 0.3  # seconds between looks at how far the daemon is
_PHASES = {"copy": N_("copying"), "check": N_("checking"), "send": N_("writing")}


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@language
@as_json
@config_file
@socket_path
def backup_command(file: Path, socket: Path | None, config_file: Path | None, lang: str | None, as_json: bool) -> None:
    """Copy the whole database to FILE, checked, while modemd runs or while it is stopped.

    \b
      modemd backup /media/usb/modemd-2026-11-24.db

    FILE appears when it is whole and was read back; it is never written over, and is for its owner alone
    (mode 600): all texts and numbers are in it. Ctrl-C ends it, and leaves nothing behind.

    It holds the outbox, the inbox and the history, not the configuration and not the PIN files.
    """
    lang = i18n.choose(lang)
    made = _do(lang, file, lambda told: _backup(file, socket, config_file, lang, told))
    if as_json:
        print_json(_json(file, made))
        return
    sentence = N_("{file} is whole and checked: {messages} messages, {inbound} received.")
    click.echo(words(lang, sentence, file=file, messages=made.messages, inbound=made.inbound))


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--config", "config", type=click.Path(path_type=Path), default=configuration.DEFAULT_CONFIG, show_default=True
)
@language
@as_json
def restore_command(file: Path, config: Path, lang: str | None, as_json: bool) -> None:
    """Bring a backup back, for a modemd that is stopped and has no database.

    \b
      systemctl stop modemd
      mkdir /var/lib/modemd/old && mv /var/lib/modemd/modemd.db* /var/lib/modemd/old/
      modemd restore /media/usb/modemd-2026-11-24.db
      systemctl start modemd

    FILE is checked first: is it a backup of modemd's, is it whole, is it of this version or an older one.
    A database that is there is never written over: move it away, as above, and keep it.

    What waited to be sent when the backup was made may have left since, or have been called off. So nothing
    of it leaves by itself: it is put before a person, as uncertain or held, and the line stands still until
    somebody has looked and lets it run (modemd resume).
    """
    lang = i18n.choose(lang)
    found = _do(lang, file, lambda told: _restore(file, config, told))
    if as_json:
        print_json(_json(file, found))
        return
    moment = day_and_clock(_moment(found))
    sentence = N_("Restored as of {moment}: {messages} messages, {inbound} received.")
    click.echo(words(lang, sentence, moment=moment, messages=found.messages, inbound=found.inbound))
    sentence = N_(
        "{waiting} of them waited to be sent then and may have left since: none leaves by itself. Start modemd, look"
        " at what needs you (modemd tui), then let the line run: modemd resume"
    )
    click.echo(words(lang, sentence, waiting=found.waiting))


def _json(file: Path, content: Content) -> dict[str, Any]:
    return {**asdict(content), "made_at": _moment(content), "file": str(file), "octets": file.stat().st_size}


def _moment(content: Content) -> str | None:
    return datetime.fromtimestamp(content.made_at, UTC).isoformat() if content.made_at is not None else None


def _do(lang: str, file: Path, work: Callable[[backup.Progress], Awaitable[Content]]) -> Content:
    """Run it, showing how far it is; ends the program with a sentence where it fails or is stopped."""

    async def watched() -> Content:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await work(_shown(lang))

    try:
        return asyncio.run(watched())
    except ClientError as error:
        end(str(error))
    except Worded as error:
        end(error.sentence, lang)
    except OSError as error:
        end(words(lang, N_("{file}: {why}."), file=error.filename or file, why=error.strerror))
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo(words(lang, N_("Stopped: nothing was kept of it.")), err=True)
        sys.exit(130)
    finally:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)


def _shown(lang: str) -> backup.Progress:
    """Tells a person at a terminal; a program is told nothing."""
    if not sys.stderr.isatty():
        return lambda phase, done, total: None

    def tell(phase: str, done: int, total: int) -> None:
        share = f" {100 * done // total} %" if total > 1 else " ..."
        click.echo(f"\r\x1b[K{words(lang, _PHASES[phase])}{share}", err=True, nl=False)

    return tell


async def _backup(
    file: Path, socket: Path | None, config_file: Path | None, lang: str, told: backup.Progress
) -> Content:
    _refuse_existing(file)
    client = GatewayClient(over_socket(path := str(where(socket, config_file))), where=path, language=lang)
    try:
        try:
            await client.backup_progress()
        except Unreachable as away:
            return await _of_stopped(file, _state_dir(socket, config_file), told, away)
        return await _of_running(file, client, told)
    finally:
        await client.close()


def _refuse_existing(file: Path) -> None:
    if file.exists():
        raise StoreError(N_("{file} is there already: name a new file, nothing is written over."), file=file)


async def _of_running(file: Path, client: GatewayClient, told: backup.Progress) -> Content:
    with backup.unfinished(file) as part:
        watching = asyncio.ensure_future(_watch(client, told))
        try:
            with part.open("wb") as out:
                expected = await client.backup(out.write)
        finally:
            watching.cancel()
        await backup.in_thread(lambda _: backup.keep(part, file, expected), told)
    return backup.content(file)


async def _watch(client: GatewayClient, told: backup.Progress) -> None:
    while True:
        with suppress(ClientError):
            view = await client.backup_progress()
            if view.phase in _PHASES:
                told(view.phase, view.done, view.total)
        await asyncio.sleep(_ASK_EVERY)


def _state_dir(socket: Path | None, config_file: Path | None) -> Path | None:
    """Where a daemon that does not run has its database; None where only its socket was named."""
    if config_file is None and (socket is not None or not configuration.DEFAULT_CONFIG.exists()):
        return None
    return configuration.load(config_file or configuration.DEFAULT_CONFIG).state_dir


async def _of_stopped(file: Path, state_dir: Path | None, told: backup.Progress, away: Unreachable) -> Content:
    """Raises `away` where there is a daemon after all, or no database."""
    if state_dir is None or not (state_dir / DATABASE).exists():
        raise away
    try:
        lock = lock_state_dir(state_dir)
    except StoreError:
        raise away from None
    try:
        with backup.unfinished(file) as part:
            made = await backup.in_thread(lambda told: backup.copy(state_dir / DATABASE, part, told), told)
            await backup.in_thread(lambda _: backup.keep(part, file), told)
        return made
    finally:
        os.close(lock)


async def _restore(file: Path, config: Path, told: backup.Progress) -> Content:
    database = configuration.load(config).state_dir / DATABASE
    backup.refuse_existing(database)  # before a folder is made for it
    lock = lock_state_dir(database.parent)
    try:
        backup.refuse_existing(database)  # a daemon may have made it in between
        with backup.unfinished(database) as part:
            found = await backup.in_thread(lambda told: backup.bring_back(file, part, told), told)
            await backup.in_thread(lambda _: backup.keep(part, database), told)
        return found
    finally:
        os.close(lock)
