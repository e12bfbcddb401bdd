"""Keeps what is being written as one draft at the daemon, however the connection behaves."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from modemd.api.schema import MessageView
    from tui.desk import Desk


class DraftKeeper:
    """One at a time: two saves under way could make two drafts of one text."""

    def __init__(self, desk: Desk, draft: MessageView | None, to: str, text: str) -> None:
        self._desk = desk
        self._id = draft.id if draft else None
        self._kept = (to, text)
        self.kept_at: datetime | None = None
        self._staged = False
        self._lock = asyncio.Lock()
        # The same key again is the same message: a stage whose answer was lost can be repeated.
        self._key = uuid.uuid4().hex

    def keeps(self, to: str, text: str) -> bool:
        nothing = self._id is None and not (to.strip() or text.strip())
        return self._staged or nothing or (to, text) == self._kept

    async def keep(self, to: str, text: str) -> None:
        async with self._lock:
            if self.keeps(to, text):
                return
            view = await self._desk.ask(lambda client: client.save_draft(to, text, id=self._id))
            self._id = view.id
            self._kept, self.kept_at = (to, text), self._desk.clock.here()

    async def cool(self, to: str, text: str, how_long: str) -> MessageView:
        """Keep it, and not stage it for so long."""
        async with self._lock:
            view = await self._desk.ask(lambda client: client.save_draft(to, text, id=self._id, cool=how_long))
            self._id = view.id
            self._kept, self.kept_at = (to, text), self._desk.clock.here()
            return view

    async def stage(
        self, to: str, text: str, *, fuse: str | None, send_at: str | None, confirm: list[str], **rest: str
    ) -> MessageView:
        """Under the fuse (None: as the risk has it), or at the time.

        `confirm` are the findings that a person has agreed to; `rest`: category, reason.
        """
        # A draft may remember an older fuse or time: one of the two is always said.
        when: dict[str, Any] = {"send_at": send_at} if send_at else {"fuse": fuse}
        when |= {"by_hand": True, **rest}
        async with self._lock:
            if (id := self._id) is None:
                view = await self._desk.ask(
                    lambda client: client.stage(to, text, key=self._key, confirm=confirm or None, **when)
                )
            else:
                view = await self._desk.ask(
                    lambda client: client.edit(id, draft=False, to=to, text=text, confirm=confirm, **when)
                )
            self._staged = True
            return view
