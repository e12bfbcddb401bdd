"""What is wrong with a modem though it works: raised once, shown with its state, and over by itself."""

import json
import logging
import sqlite3

from drivers.words import N_, Sentence
from modemd.engine.status import ModemStatus
from modemd.store import events
from modemd.store.database import Store

logger = logging.getLogger(__name__)

# code: (what is wrong and what to do, what is said when it is over)
SENTENCES = {
    "storage_full": (
        N_("The modem says that its message storage is full: it is being emptied."),
        N_("The modem's message storage has room again."),
    ),
    "storage_high": (
        N_(
            "The message storage {storage} is full but for little: {used} of {total}. What is left there was not"
            " received: delete it with a phone, or messages will wait in the network."
        ),
        N_("The modem's message storage has room again."),
    ),
    "storage_stuck": (
        N_(
            "The modem does not delete what was received from {storage} ({why}): it is kept here, but the storage"
            " fills up. Restart the modem; if that does not help, empty the SIM with a phone."
        ),
        N_("The modem deletes what was received again."),
    ),
    "storage_unread": (
        N_("The modem does not show what it has received ({why}): it is asked again every minute."),
        N_("The modem shows what it has received again."),
    ),
}


class Alerts:
    """Of one modem. They outlive its connection, and are looked at anew by the next."""

    def __init__(self, state: ModemStatus, store: Store) -> None:
        self._state, self._store = state, store

    async def set(self, code: str, **values: str | int) -> None:
        """Something is wrong: an event when it is new."""
        is_new = code not in self._state.alerts
        self._state.alerts[code] = Sentence(SENTENCES[code][0], dict(values))
        if is_new:
            logger.warning("modem=%s alert=%s", self._state.name, code)
            await self._write_down(code, self._state.alerts[code])

    async def over(self, code: str) -> None:
        if self._state.alerts.pop(code, None):
            await self._write_down(code, Sentence(SENTENCES[code][1]))

    async def _write_down(self, code: str, sentence: Sentence) -> None:
        data = json.dumps({"template": sentence.template, "values": sentence.values})
        try:
            await self._store.run(
                events.record, self._store.clock.now(), "modem", subject=self._state.name, code=code, data=data
            )
        except sqlite3.Error as error:  # it is shown with the modem's state all the same
            logger.error("the database failed alert=%s: %s", code, error)
