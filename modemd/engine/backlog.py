"""What was there before the index of words is put into it, a little at a time."""

import asyncio
import logging
import sqlite3

from modemd.store import search
from modemd.store.database import Store

logger = logging.getLogger(__name__)

_ROWS = 200  # in one transaction: some ten milliseconds in which nothing else is done
_PAUSE = 0.05  # seconds between two
_STORE_PAUSE = 1.0


async def index_backlog(store: Store) -> None:
    """Until there is nothing left to do. Until then words are looked for in the texts themselves."""
    while True:
        try:
            if not await store.run(search.catch_up, _ROWS):
                return
        except sqlite3.Error as error:
            logger.error("the database failed, trying again: %s", error)
            await asyncio.sleep(_STORE_PAUSE)
        await asyncio.sleep(_PAUSE)
