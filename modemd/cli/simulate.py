"""modemd simulate: modems, their SIMs and a network behind ptys, and a hand on them."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import click

from drivers.simulator.control import ask
from drivers.simulator.errors import SimulatorError
from drivers.simulator.serve import serve
from modemd.cli.common import end


@click.group("simulate", invoke_without_command=True)
@click.option("--modems", "count", type=click.IntRange(1, 256), default=1, show_default=True, help="How many.")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), required=True, help="Where modem0, modem1 ... appear."
)
@click.option("--network-delay", default=0.5, show_default=True, help="Seconds that the network takes for a message.")
@click.option("--report-delay", default=None, type=float, help="Seconds until the report. Default: delay + 0.2.")
@click.option("--seed", default=0, show_default=True, help="For faults by chance.")
@click.option("--pin", help="SIMs that wait for this PIN.")
@click.pass_context
def simulate_command(
    context: click.Context,
    count: int,
    folder: Path,
    network_delay: float,
    report_delay: float | None,
    seed: int,
    pin: str | None,
) -> None:
    """Simulated modems at DIR/modem0 ..., printed, until stopped. Nothing leaves this machine.

    \b
    What the network accepted is written to DIR/accepted.jsonl. While it runs, from another terminal:
      modemd simulate --dir DIR do inject sender=+447700900123 text="Hello"
      modemd simulate --dir DIR do fault fault=lost_answer accepted=true
      modemd simulate --dir DIR do unplug modem=0
    """
    context.obj = folder
    if context.invoked_subcommand is None:
        _run(count, folder, network_delay, report_delay, seed, pin)


def _run(
    count: int, folder: Path, network_delay: float, report_delay: float | None, seed: int, pin: str | None
) -> None:
    async def until_stopped() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        await serve(
            folder,
            count,
            network_delay,
            report_delay,
            seed,
            pin,
            ready=lambda ports: click.echo("\n".join(str(port) for port in ports)),
        )

    try:
        asyncio.run(until_stopped())
    except SimulatorError as error:
        end(str(error))
    except asyncio.CancelledError:
        pass


@simulate_command.command("do")
@click.argument("verb")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@click.pass_obj
def do(folder: Path, verb: str, values: tuple[str, ...]) -> None:
    """Ask the simulator that runs at DIR to do something: inject, fault, noise, clear, unplug, plug, swap,
    reset, hang, signal, register, ring, urc, set, sim, accepted, exchanges, state."""
    request: dict[str, Any] = {}
    for each in values:
        key, equals, value = each.partition("=")
        if not equals:
            raise click.UsageError(f"{each}: write KEY=VALUE")
        request[key] = _value(value)
    try:
        click.echo(json.dumps(ask(folder, do=verb, **request), ensure_ascii=False))
    except SimulatorError as error:
        end(str(error))


def _value(text: str) -> object:
    """A number or true/false as JSON has them; anything else is text, a phone number included."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float) and not text.startswith("+") else text
