"""A simulator as a service: modems, and the control socket to inject messages and faults by hand."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from drivers.simulator.control import SOCKET, short_path
from drivers.simulator.errors import SimulatorError
from drivers.simulator.simulator import Simulator
from drivers.simulator.verbs import follow


async def answer(sim: Simulator, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while line := await reader.readline():
            try:
                request = json.loads(line)
            except ValueError:
                request = None
            if isinstance(request, dict):
                said = await follow(sim, request)
            else:
                said = {"error": "A request is one JSON object on a line."}
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()
    except (OSError, ValueError):
        pass  # the client went away, or sent a line without end
    finally:
        writer.close()


@asynccontextmanager
async def controlled(sim: Simulator) -> AsyncIterator[Simulator]:
    """The control socket of a started simulator, for as long as the block lasts."""
    path = sim.directory / SOCKET
    path.unlink(missing_ok=True)  # we hold the directory: whoever left it is gone
    directory_fd = os.open(sim.directory, os.O_RDONLY | os.O_DIRECTORY)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(short_path(directory_fd))
    except OSError as error:
        listener.close()
        raise SimulatorError(f"The control socket cannot be made in {sim.directory}.") from error
    finally:
        os.close(directory_fd)
    busy: set[asyncio.Task[None]] = set()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            busy.add(task)
            task.add_done_callback(busy.discard)
        await answer(sim, reader, writer)

    server = await asyncio.start_unix_server(serve_one, sock=listener)
    try:
        yield sim
    finally:
        server.close()
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        path.unlink(missing_ok=True)


async def serve(
    directory: Path | str,
    modems: int = 1,
    network_delay: float = 0.05,
    report_delay: float | None = None,
    seed: int = 1,
    pin: str | None = None,
    wire_log: bool = False,
    ready: Callable[[list[str]], None] | None = None,
) -> None:
    """Until cancelled. `ready` is told the ports once all can be opened. Raises SimulatorError."""
    async with (
        Simulator(directory, modems, network_delay, report_delay, seed, pin, wire_log) as sim,
        controlled(sim),
    ):
        if ready:
            ready(sim.ports)
        await asyncio.Event().wait()
