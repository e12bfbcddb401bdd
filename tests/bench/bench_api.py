"""The API's figures: how many accepts are on disk in a second, and how soon a cancel is answered."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench import load
from tests.bench.table import Row

_SINGLES = 12_000
_CONNECTIONS = 16
_BATCH = 5000  # recipients in a call
_BATCHES = 4
_FUSES = 1000
_CANCELS = 500
_PAUSE = 0.01  # seconds between two: so that they meet everything that the modems do
_BUSY = 8  # modems
_QUEUE = 1200  # messages that keep them busy
_AIR_TIME = 0.5  # seconds

_WHY_ONE = (
    "Half of it: an accept takes about 0.6 ms of CPU (perf); two threads share one interpreter lock for it:"
    " 45 % Python in the store's thread (checks, what is known of the recipient, rows, audit chain, the answer), 20 %"
    " Python in the event loop (HTTP, JSON, the door), 17 % kernel (syncs, sockets), 10 % SQLite (nine statements)."
    " The disk is not what it waits for: more frames in the journal before a checkpoint change nothing. It would take"
    " less than half of the Python: HTTP in a process of its own, and the audit chained once a commit."
)
_WHY_MANY = (
    "A message of a list takes about 0.27 ms: 0.10 in the loop (the number read, its checks, the text's are remembered)"
    " and 0.16 in the store's thread (what is known of the recipient, its row, its words, its part, its event, its"
    " view), under one interpreter lock. It would take what is known of all recipients in one query, rows by"
    " executemany, and no phonenumbers in Python: a number that was not met before costs three passes of it."
)

# Both hold what any such server has to: HTTP and a body; the other, beside it, one row of it on disk before it
# answers, many rows to a disk sync.
_BARE = """
import asyncio, queue, socket, sqlite3, sys, threading, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

jobs = queue.SimpleQueue()

def write(path, loop):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode = wal"); db.execute("pragma synchronous = full")
    db.execute("create table message (id integer primary key, recipient text, text text)")
    while True:
        batch = [jobs.get()]
        while not jobs.empty():
            batch.append(jobs.get())
        db.execute("begin immediate")
        rows = [db.execute("insert into message (recipient, text) values (?, ?)", row).lastrowid for row, _ in batch]
        db.execute("commit")
        loop.call_soon_threadsafe(hand_back, [future for _, future in batch], rows)

def hand_back(futures, rows):
    for future, row in zip(futures, rows):
        future.set_result(row)

async def empty(request):
    await request.body()
    return JSONResponse({}, 201)

async def insert(request):
    body = await request.json()
    future = asyncio.get_running_loop().create_future()
    jobs.put(((body["to"], body["text"]), future))
    return JSONResponse({"id": await future}, 201)

async def serve():
    threading.Thread(target=write, args=(sys.argv[2], asyncio.get_running_loop()), daemon=True).start()
    listener = socket.socket(socket.AF_UNIX); listener.bind(sys.argv[1]); listener.listen(128)
    app = Starlette(routes=[Route("/empty", empty, methods=["POST"]), Route("/insert", insert, methods=["POST"])])
    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", loop="asyncio")
    await uvicorn.Server(config).serve(sockets=[listener])

asyncio.run(serve())
"""


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="modemd-bench-") as folder:
        return [*_accepts(Path(folder)), _cancel(Path(folder))]


# -- accepts ------------------------------------------------------------------------------------------------


def _accepts(folder: Path) -> list[Row]:
    with _bare(folder) as path:
        theirs: dict[str, float | None] = {}
        for name, call in (("bare POST", "/empty"), ("one durable row a POST", "/insert")):
            theirs[name] = load.post(path, [(call, each) for each in _messages()], _CONNECTIONS, expected=201).rate
    rows = []
    for profile in ("open", "standard"):
        with _daemon(folder / profile, f'[staging]\nfuse = "1h"\n[policy]\nprofile = "{profile}"\n') as path:
            singles = load.post(path, [("/v1/messages", each) for each in _messages()], _CONNECTIONS, expected=201)
            load.post(path, [("/v1/messages", _batch(0, 100))], expected=201)
            batches = load.post(
                path, [("/v1/messages", _batch(number, _BATCH)) for number in range(_BATCHES)], expected=201
            )
        print(f"  {profile}: p50 {singles.quantile(0.5):.1f}, p99 {singles.quantile(0.99):.1f} ms")
        rows += [
            Row(f"durable accepts, 16 connections ({profile})", singles.rate, "/s", 3000, theirs, True, _WHY_ONE),
            Row(
                f"durable accepts, batch call ({profile})", batches.rate * _BATCH, "/s", 10_000, theirs, True, _WHY_MANY
            ),
        ]
    return rows


def _messages() -> list[dict[str, Any]]:
    """A thousand recipients, each text another."""
    return [
        {"to": _number(index % 1000), "text": f"Pump {index % 7} of building {index % 31}: {index} l/min, look at it."}
        for index in range(_SINGLES)
    ]


def _batch(number: int, size: int) -> dict[str, Any]:
    return {
        "to": [_number(index) for index in range(size)],
        "text": f"Water is off today, notice {number}: 13:00-15:00.",
    }


def _number(index: int) -> str:
    return f"+81901{2_000_000 + 37 * index}"


# -- a cancel's answer --------------------------------------------------------------------------------------


def _cancel(folder: Path) -> Row:
    """While a thousand fuses burn and eight modems send: both take from the store's one thread."""
    with _simulator(folder / "sim") as ports, _bare(folder / "beside") as bare:
        modems = "".join(f'[[modem]]\nname = "m{index}"\nport = "{port}"\n' for index, port in enumerate(ports))
        with _daemon(folder / "cancel", f'[staging]\nfuse = "1h"\n[policy]\nprofile = "open"\n{modems}') as path:
            for start in range(0, _FUSES, 100):
                load.post(path, [("/v1/messages", {**_batch(start, 100), "fuse": "1h"})], expected=201)
            for start in range(0, _QUEUE, 300):
                load.post(path, [("/v1/messages", {**_batch(start, 300), "fuse": "0s"})], expected=201)
            _until(lambda: (folder / "sim" / "accepted.jsonl").read_text().count("\n") > 2 * _BUSY)
            before = _taken(folder)
            ours = load.post(path, [(f"/v1/messages/{id}/cancel", {}) for id in range(1, _CANCELS + 1)], pause=_PAUSE)
            theirs = load.post(bare, [("/empty", {})] * _CANCELS, expected=201)
            sent = _taken(folder) - before
        print(f"  cancel: p50 {ours.quantile(0.5):.2f}, max {max(ours.ms):.2f} ms; {sent} messages left meanwhile")
    beside = {"bare POST": theirs.quantile(0.99)}
    return Row("cancel answer, 1,000 fuses, 8 modems busy, p99", ours.quantile(0.99), "ms", 20, beside)


def _taken(folder: Path) -> int:
    return (folder / "sim" / "accepted.jsonl").read_text().count("\n")


# -- what is measured ---------------------------------------------------------------------------------------


@contextmanager
def _daemon(folder: Path, more: str) -> Iterator[Path]:
    """The real one, in a process of its own; its socket."""
    folder.mkdir()
    config, path = folder / "config.toml", folder / "api.sock"
    config.write_text(f'[daemon]\nstate_dir = "{folder / "state"}"\nsocket = "{path}"\n{more}')
    with _process("-m", "modemd", "run", "--config", str(config), log=folder / "log") as process:
        assert process.stdout is not None
        assert b"ready" in process.stdout.readline()
        yield path


@contextmanager
def _bare(folder: Path) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    path = folder / "bare.sock"
    with _process("-c", _BARE, str(path), str(folder / "bare.db")):
        _until(path.exists)
        time.sleep(0.3)
        yield path


@contextmanager
def _simulator(folder: Path) -> Iterator[list[str]]:
    """Its ports."""
    options = ("--dir", str(folder), "--modems", str(_BUSY), "--network-delay", str(_AIR_TIME))
    with _process("-m", "modemd", "simulate", *options) as process:
        assert process.stdout is not None
        yield [process.stdout.readline().decode().strip() for _ in range(_BUSY)]


@contextmanager
def _process(*arguments: str, log: Path | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    with (log or Path(os.devnull)).open("wb") as errors:
        process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=errors)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _until(is_so: Callable[[], object], timeout: float = 60.0) -> None:
    end = time.monotonic() + timeout
    while not is_so():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)


if __name__ == "__main__":
    from tests.bench.table import show

    show(run())
