"""The commands that run something: the daemon, the demo, the terminal UI; and the configuration check."""

import asyncio
import logging
import os
import sys
from pathlib import Path

import click

from drivers.words import N_, Worded
from modemd import config as configuration
from modemd.cli.common import config_file, end, language, socket_path, where, words


@click.command("run")
@click.option(
    "--config", "file", type=click.Path(path_type=Path), default=configuration.DEFAULT_CONFIG, show_default=True
)
@click.option("--verbose", is_flag=True, help="Log more.")
@language
def run_command(file: Path, verbose: bool, lang: str | None) -> None:
    """The daemon, in the foreground, until SIGTERM."""
    from modemd import daemon

    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(levelname)s %(name)s: %(message)s",
    )
    try:
        config = configuration.load(file)
        ready = words(lang, N_("modemd is ready at {socket}."), socket=config.socket)
        asyncio.run(daemon.run(config, lambda: click.echo(ready)))
    except Worded as error:
        end(error.sentence, lang)


@click.command("demo")
@language
@click.option("--plain", is_flag=True, help="The printed story, even on a terminal.")
def demo_command(lang: str | None, plain: bool) -> None:
    """Two simulated modems, a daemon and the terminal UI. Nothing leaves this machine, nothing stays.

    Without a terminal the same story runs by itself and is printed.
    """
    from modemd import demo

    try:
        sys.exit(demo.run(lang, plain=plain or not (sys.stdin.isatty() and sys.stdout.isatty())))
    except Worded as error:
        end(error.sentence, lang)


@click.command("tui", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@config_file
@socket_path
@click.argument("rest", nargs=-1, type=click.UNPROCESSED)
def tui_command(config_file: Path | None, socket: Path | None, rest: tuple[str, ...]) -> None:
    """The terminal UI."""
    try:
        path = where(socket, config_file)
    except Worded as error:
        end(error.sentence)
    os.execv(sys.executable, [sys.executable, "-m", "tui", "--socket", str(path), *rest])


@click.group("config")
def config_command() -> None:
    """The configuration."""


@config_command.command("check")
@click.option(
    "--config", "file", type=click.Path(path_type=Path), default=configuration.DEFAULT_CONFIG, show_default=True
)
@language
def check(file: Path, lang: str | None) -> None:
    """Read the configuration as the daemon would, and say what is wrong with it."""
    from modemd.people import People

    try:
        config = configuration.load(file)
        People(config.people).check()
    except Worded as error:
        end(error.sentence, lang)
    click.echo(words(lang, N_("{file} is right: {modems} modem(s)."), file=file, modems=len(config.modems)))
    for modem in config.modems:
        if modem.port != "auto" and not os.path.exists(modem.port):
            click.echo(words(lang, N_("  {name}: {port} is not there yet."), name=modem.name, port=modem.port))
