"""Forgets texts and numbers after the site's period, a few rows at a time."""

import asyncio
import logging
import sqlite3
from collections.abc import Sequence

from modemd.config_people import Retention
from modemd.model.actor import DAEMON
from modemd.store import audit, redact
from modemd.store.database import Store
from modemd.store.redact import Step

logger = logging.getLogger(__name__)

_EVERY = 3600.0  # seconds
_BREATH = 0.05
_DAY = 86400.0
_FAR = 7 * _DAY


class Forgetting:
    """One task."""

    def __init__(self, retention: Retention, store: Store) -> None:
        self._retention, self._store = retention, store

    async def run(self) -> None:
        """Until cancelled. What a clock that was wrong has made old must not be forgotten: one that is far from what
        was written down last gets a day to be set.
        """
        last = await self._store.run(redact.last_seen)
        if last is not None and abs(self._store.clock.now() - last) > _FAR:
            logger.warning("the clock is more than a week from what was written down last: nothing is forgotten today")
            await asyncio.sleep(_DAY)
        while True:
            try:
                await self.forget()
            except sqlite3.Error as error:
                logger.error("the database failed, trying again: %s", error)
            await asyncio.sleep(_EVERY)

    async def forget(self) -> None:
        """All that is old enough by now."""
        now = self._store.clock.now()
        texts = await self._rows(redact.TEXTS, self._retention.texts, now)
        numbers = await self._rows(redact.NUMBERS, self._retention.numbers, now)
        if texts or numbers:
            await self._tidy()
            said = {"texts": texts, "numbers": numbers}
            await self._store.run(audit.record, self._store.clock.now(), DAEMON, "forgotten", None, said)

    async def _tidy(self) -> None:
        first = True
        while await self._store.run(redact.tidy, first):
            first = False
            await asyncio.sleep(_BREATH)

    async def _rows(self, statements: Sequence[Step], period: float | None, now: float) -> int:
        done = 0
        for statement in statements if period is not None else ():
            while (rows := await self._store.run(redact.step, statement, now - (period or 0.0))) >= redact.STEP:
                done += rows
                await asyncio.sleep(_BREATH)
            done += rows
        return done
