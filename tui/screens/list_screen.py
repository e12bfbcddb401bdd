"""A screen around one long list: fetches what is in view, teaches when it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual import on, work

from tui.errors import DeskError
from tui.screens.desk_screen import DeskScreen
from tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from modemd.api.client import GatewayClient
    from tui.desk import Change
    from tui.pages import Fetch

T = TypeVar("T")
R = TypeVar("R")


class ListScreen(DeskScreen, Generic[T]):
    """Subclasses put the list into `self.rows` before it is composed."""

    rows: RowList[T]
    TOUCHED_BY: tuple[str, ...] = ()
    _from_the_start = False

    def fetch(
        self,
        call: Callable[[GatewayClient, str | None, int], Awaitable[R]],
        unpack: Callable[[R], tuple[list[T], str | None]],
    ) -> Fetch[T]:
        """A page of rows from one call of the client."""

        async def page(after: str | None, limit: int) -> tuple[list[T], str | None]:
            return unpack(await self.desk.ask(lambda client: call(client, after, limit)))

        return page

    def desk_changed(self, change: Change) -> None:
        super().desk_changed(change)
        self.rows.faded = self.desk.away
        if self.desk.away:
            self.rows.refresh()
        elif change.touches(*self.TOUCHED_BY):
            self.reload()

    def on_mount(self) -> None:
        self.focus_first()

    def focus_first(self) -> None:
        self.rows.focus()

    def on_screen_resume(self) -> None:
        self.rows.faded = self.desk.away
        self.reload()

    def reload(self) -> None:
        """Look at everything again."""
        self.rows.spoil()
        self._from_the_start = True
        self.fill()

    @on(RowList.Wanted)
    def _rows_wanted(self) -> None:
        # A fill under way looks for more when it is done: begun anew at each step of a hand, none would end.
        if not any(worker.group == "fill" and worker.node is self and worker.is_running for worker in self.workers):
            self.fill()

    @work(exclusive=True, group="fill")
    async def fill(self) -> None:
        """Fetch what the list lacks, as long as it lacks something.

        A later call takes the place of one under way, and with it the duty to look from the start.
        """
        if not self.desk.known and not self.desk.away:
            return  # the first look at the daemon is under way; it tells when it is done
        try:
            if self._from_the_start:
                await self.fill_first()
                self._from_the_start = False
            await self._fill_wanted()
            while self.rows.wants:
                await self._fill_wanted()
        except DeskError:
            self.rows.take_wanted()  # what is drawn next asks again
            return
        empty = not any(section.pages.count for section in self.rows.sections)
        self.set_class(empty, "-empty")
        if self.focused is None and not empty:  # while it was empty it was hidden, and lost it
            self.call_after_refresh(self.rows.focus)

    async def _fill_wanted(self) -> None:
        for pages, index in self.rows.take_wanted():
            if pages.lacks(index):
                await pages.load(index)
        self.rows.settle()
        if self.rows.awaits():
            await self._look_for_selected()

    async def fill_first(self) -> None:
        """What no count announces: the beginning of each list."""
        for section in self.rows.sections:
            await section.pages.load(0)

    async def _look_for_selected(self) -> None:
        """The selected row has moved to another group: groups begin with what came last."""
        for section in self.rows.sections:
            if section.pages.count and section.pages.lacks(0):
                await section.pages.load(0)
        self.rows.settle()
