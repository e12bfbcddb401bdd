"""The head of the audit, kept beside the database: what is taken off the end of the chain is missed here.

A file of the same machine is a fence, not a wall: whoever may write both can change both. The line in the log, and
what `modemd audit verify` prints, can be kept where nobody of the machine reaches.
"""

import asyncio
import logging
import os
from pathlib import Path

from drivers.words import N_
from modemd.model.chain import Checkpoint, read_checkpoint
from modemd.model.errors import StoreError
from modemd.store import audit
from modemd.store.database import Store

logger = logging.getLogger(__name__)

FILE = "audit.head"
_EVERY = 60.0  # seconds
_TOLD_EVERY = 3600.0


class Checkpoints:
    """One task. A checkpoint that the chain contradicts is evidence: it is kept, and nothing is written over it."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._file, self._store = folder / FILE, store
        self._written = Checkpoint(0, "")
        self._told_at = float("-inf")
        self.contradicted = False

    def read(self) -> Checkpoint | None:
        """None: there is none yet. Raises StoreError."""
        try:
            return read_checkpoint(self._file.read_text("ascii"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            what = N_(
                "The audit's checkpoint at {file} cannot be read ({why}): compare with one that was kept elsewhere."
            )
            raise StoreError(what, file=self._file, why=error) from error

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.keep()
            await asyncio.sleep(_EVERY)

    async def keep(self) -> None:
        """Write the head down, unless the chain is not the one that was written down before."""
        try:
            before = await asyncio.to_thread(self.read)
            if before is not None and await self._store.run(audit.hash_at, before.id) != before.hash:
                self._complain(before)
                return
            self.contradicted = False
            head = await self._store.run(audit.head)
            if head.id and head != self._written:
                await asyncio.to_thread(_write, self._file, head)
                self._tell(head)
        except (OSError, StoreError) as error:
            logger.error("the checkpoint of the audit at %s cannot be kept: %s", self._file, error)

    def _complain(self, before: Checkpoint) -> None:
        if not self.contradicted:
            logger.error(
                "the audit is not the one of its checkpoint (row %d in %s): modemd audit verify", before.id, self._file
            )
        self.contradicted = True

    def _tell(self, head: Checkpoint) -> None:
        self._written = head
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= _TOLD_EVERY:
            self._told_at = now
            logger.info("audit checkpoint %s", head)


def _write(file: Path, head: Checkpoint) -> None:
    """Whole or not at all, and on the medium."""
    part = file.with_suffix(".part")
    with part.open("w", encoding="ascii") as written:
        written.write(f"{head}\n")
        written.flush()
        os.fsync(written.fileno())
    part.replace(file)
