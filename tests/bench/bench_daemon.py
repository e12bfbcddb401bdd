"""The daemon's figures: fuse to AT+CMGS, a cancel's answer, memory. Each beside something bare."""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.acceptance.site import Site
from tests.bench.table import Row
from tests.drivers.simulator_client import Client

_SHOTS = 50
_FUSES = 1000
_CANCELS = 500
_BARE_SERVER = """
import socket, sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
async def answer(request):
    await request.body()
    return JSONResponse({})
listener = socket.socket(socket.AF_UNIX); listener.bind(sys.argv[1]); listener.listen()
app = Starlette(routes=[Route("/", answer, methods=["POST"])])
uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off")).run(sockets=[listener])
"""


async def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        async with Site(Path(folder), modems=2, delay=0.0, report_delay=0.05) as site:
            bare_at = await _at_round_trip(Path(folder))
            rows = [await _fuse_to_cmgs(site, bare_at)]
            async with _bare_server(Path(folder)) as (ask, pid):
                rows.append(await _cancel(site, ask))
                assert site.process is not None
                rows.append(Row("daemon RSS, two modems", _rss(site.process.pid), "MiB", 80, "bare uvicorn", _rss(pid)))
        return rows


async def _at_round_trip(folder: Path) -> float:
    """Median ms of `AT` → `OK` at a simulated modem of its own, nothing of ours in between."""
    from drivers.simulator.simulator import Simulator

    async with Simulator(folder / "bare", 1, 0.0) as sim, Client(sim.ports[0]) as client:
        times = []
        for _ in range(200):
            start = time.perf_counter()
            await client.ask("AT")
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


async def _fuse_to_cmgs(site: Site, bare: float) -> Row:
    """From the promised end of the fuse to the moment at which the modem has read AT+CMGS."""
    late = []
    to_wall = time.time() - time.monotonic()
    for shot in range(_SHOTS):
        staged = await site.client.stage("+447700900003", f"shot {shot}", fuse=f"{30 + shot % 7}ms")
        await site.settled(staged.id)
        promised = _seconds(staged.release_at)
        late.append((site.sim.exchanges[-1].at + to_wall - promised) * 1000)
    print(f"  fuse to AT+CMGS: min {min(late):.1f}, median {statistics.median(late):.1f}, max {max(late):.1f} ms")
    return Row("fuse spent to AT+CMGS, median", statistics.median(late), "ms", 20, "bare AT round trip", bare)


def _seconds(moment: str | None) -> float:
    from datetime import datetime

    assert moment is not None
    return datetime.fromisoformat(moment).timestamp()


async def _cancel(site: Site, bare: Callable[[], Awaitable[None]]) -> Row:
    """p99 of a cancel's answer while a thousand fuses burn, beside an empty POST to a bare server."""
    ids = [
        message.id
        for batch in range(_FUSES // 100)
        for message in (await site.client.stage_many(["+447700900003"] * 100, f"fuse {batch}", fuse="1h")).messages
    ]
    ours, theirs = [], []
    for id in ids[:_CANCELS]:
        ours.append(await _timed(lambda id=id: site.client.cancel(id)))  # type: ignore[misc]
        theirs.append(await _timed(bare))
    print(f"  cancel: median {statistics.median(ours):.2f}, p99 {_p99(ours):.2f}, max {max(ours):.2f} ms")
    return Row("cancel answer, 1,000 fuses, p99", _p99(ours), "ms", 30, "bare uvicorn POST p99", _p99(theirs))


async def _timed(call: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await call()
    return (time.perf_counter() - start) * 1000


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


@asynccontextmanager
async def _bare_server(folder: Path) -> AsyncIterator[tuple[Callable[[], Awaitable[None]], int]]:
    path = str(folder / "bare.sock")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _BARE_SERVER, path)
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=path), base_url="http://bare") as client:

        async def ask() -> None:
            await client.post("/", json={})

        while True:
            try:
                await ask()
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        yield ask, process.pid
    process.terminate()
    await process.wait()


def _rss(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    from tests.bench.table import show

    show(asyncio.run(run()))
