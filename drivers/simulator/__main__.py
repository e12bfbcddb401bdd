"""`python -m drivers.simulator DIR [--modems N]`: the simulator alone, until stopped."""

import argparse
import asyncio
import signal
import sys

from drivers.simulator.errors import SimulatorError
from drivers.simulator.serve import serve


def show(ports: list[str]) -> None:
    sys.stdout.write("\n".join(ports) + "\n")
    sys.stdout.flush()


async def run(options: argparse.Namespace) -> None:
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    if task:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
    await serve(
        options.directory,
        options.modems,
        options.network_delay,
        options.report_delay,
        options.seed,
        options.pin,
        options.wire_log,
        show,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="drivers.simulator", description=__doc__)
    parser.add_argument("directory")
    parser.add_argument("--modems", type=int, default=1)
    parser.add_argument("--network-delay", type=float, default=0.05)
    parser.add_argument("--report-delay", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pin")
    parser.add_argument("--wire-log", action="store_true")
    try:
        asyncio.run(run(parser.parse_args()))
    except asyncio.CancelledError:
        return 0
    except SimulatorError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
