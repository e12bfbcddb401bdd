"""POST /v1/backup: a checked copy of the database while everything goes on."""

import asyncio
import base64
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from sqlite_utils import Database

from drivers.words import N_
from modemd.api import schema
from modemd.api.gateway import Author, Daemon, Gateway, Who
from modemd.api.routes import Route
from modemd.model.errors import Conflict
from modemd.store import audit, backup, events

router = APIRouter(prefix="/v1/backup", route_class=Route)

_PREFIX = "backup."  # of a folder in the state folder
_LOOK = 0.5  # seconds between looks at whether the client is still there
_NONE = schema.BackupView("none")


@router.get("", response_model=schema.BackupView)
async def progress(daemon: Daemon, author: Author) -> Response:
    """How far the backup under way is."""
    return JSONResponse(asdict(daemon.backup))


@router.post("")
async def make(request: Request, daemon: Daemon, who: Who) -> Response:
    """The whole database as it is at one moment, checked, with its digest (RFC 9530). One at a time.

    The answer begins when the copy is made and checked. Going away ends it.
    """
    if daemon.backup.phase != "none":
        raise Conflict(N_("A backup is being made already: wait for it."))
    daemon.backup = schema.BackupView("copy")
    try:
        made = await _while_wanted(request, daemon)
    except BaseException:
        daemon.backup = _NONE
        raise
    if made is None:
        daemon.backup = _NONE
        return Response(status_code=499)  # that nobody reads
    copied, size, digest = made
    now = daemon.store.clock.now()

    def write_down(db: Database) -> None:
        events.record(db, now, "backup", who=who.name)
        audit.record(db, now, who, "backed_up")

    await daemon.store.run(write_down)
    return StreamingResponse(
        _pieces(daemon, copied, size),
        media_type="application/vnd.sqlite3",
        headers={
            "Content-Length": str(size),
            "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:",
            "Cache-Control": "no-store",
        },
    )


async def _while_wanted(request: Request, daemon: Gateway) -> tuple[BinaryIO, int, str] | None:
    """None: the client has gone away."""
    making = asyncio.ensure_future(_make(daemon))
    try:
        while not (await asyncio.wait([making], timeout=_LOOK))[0]:
            if await request.is_disconnected():
                return None
        return making.result()
    finally:
        making.cancel()


async def _make(daemon: Gateway) -> tuple[BinaryIO, int, str]:
    """The copy, its size and digest. Its file is gone as soon as nobody has it open."""

    def tell(phase: str, done: int, total: int) -> None:
        daemon.backup = schema.BackupView(phase, done, total)

    def work(told: backup.Progress) -> tuple[BinaryIO, int, str]:
        backup.room_for_copy(daemon.store.path)
        with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=daemon.config.state_dir) as folder:
            target = Path(folder) / "copy.db"
            backup.copy(daemon.store.path, target, told)
            return target.open("rb"), target.stat().st_size, backup.digest(target)

    return await backup.in_thread(work, tell)


def remove_remains(state_dir: Path) -> None:
    """What a backup left that was killed."""
    for folder in state_dir.glob(f"{_PREFIX}*"):
        shutil.rmtree(folder, ignore_errors=True)


async def _pieces(daemon: Gateway, copied: BinaryIO, size: int) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(copied.read, backup.PIECE):
            daemon.backup = schema.BackupView("send", copied.tell(), size)
            yield piece
    finally:
        daemon.backup = _NONE
        copied.close()
