"""What the commands share: options, the client, words, and how they end."""

import asyncio
import functools
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

from drivers.words import Sentence, Worded
from modemd import config as configuration
from modemd import i18n
from modemd.api.schema import RunView
from modemd.model.display import one_line

P = ParamSpec("P")
T = TypeVar("T")

language = click.option("--lang", type=click.Choice(i18n.LANGUAGES), help="The language to speak.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
config_file = click.option(
    "--config", "config_file", type=click.Path(path_type=Path), help="The daemon's configuration file."
)
socket_path = click.option(
    "--socket", "socket", type=click.Path(path_type=Path), help="The daemon's socket.", metavar="PATH"
)


def say(sentence: Sentence | str, lang: str | None = None) -> str:
    return i18n.say(sentence, i18n.choose(lang))


def words(lang: str | None, template: str, **values: object) -> str:
    return say(Sentence(template, values), lang)


def end(sentence: Sentence | str, lang: str | None = None) -> NoReturn:
    """Exit status 1, with the reason on stderr."""
    click.echo(say(sentence, lang), err=True)
    sys.exit(1)


def where(socket: Path | None, config_file: Path | None) -> Path:
    """The daemon's socket: as given, else as configured, else where it usually is."""
    if socket is not None:
        return socket
    if config_file is not None or configuration.DEFAULT_CONFIG.exists():
        return configuration.load(config_file or configuration.DEFAULT_CONFIG).socket
    return configuration.DEFAULT_SOCKET


def talks(command: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A command that asks the daemon: `command(client, lang=, as_json=, ...)` with the common options."""

    @language
    @as_json
    @config_file
    @socket_path
    @functools.wraps(command)
    def wrapped(socket: Path | None, config_file: Path | None, lang: str | None, **rest: Any) -> None:
        from modemd.api.client import ClientError, GatewayClient, over_socket  # the daemon does without httpx

        lang = i18n.choose(lang)

        async def ask() -> None:
            path = str(where(socket, config_file))
            client = GatewayClient(over_socket(path), where=path, language=lang)
            try:
                await command(client, lang=lang, **rest)
            finally:
                await client.close()

        try:
            asyncio.run(ask())
        except ClientError as error:
            end(str(error))
        except Worded as error:
            end(error.sentence, lang)
        except KeyboardInterrupt:
            sys.exit(130)

    return wrapped


def print_json(value: Any) -> None:
    if isinstance(value, list):
        value = [asdict(each) for each in value]
    elif not isinstance(value, dict):
        value = asdict(value)
    click.echo(json.dumps(value, ensure_ascii=False))


def clock(moment: str | None) -> str:
    """A moment of the API as the local time of day."""
    if moment is None:
        return "--:--:--"
    return datetime.fromisoformat(moment).astimezone().strftime("%H:%M:%S")


def day_and_clock(moment: str | None) -> str:
    if moment is None:
        return "-"
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")


_CHANGES = {"same": "{}", "gone": "[-{}-]", "new": "[+{}+]"}


def changes(runs: list[RunView]) -> str:
    """A text with what was changed in it."""
    return "".join(_CHANGES[run.op].format(one_line(run.text)) for run in runs)
