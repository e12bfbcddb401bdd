"""A long list held in keyset pages: only what is looked at is fetched, and only that is kept."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

SIZE = 50
KEPT = 12  # pages held; what scrolls far away is fetched again
LEAP = 500  # rows a request when a far place is looked for

# Given a cursor and a limit: rows, and the cursor that comes after them.
Fetch = Callable[[str | None, int], Awaitable[tuple[list[T], str | None]]]


class Pages(Generic[T]):
    """Rows by index. `count` is what the daemon counted, until the end itself was seen."""

    def __init__(self, fetch: Fetch[T]) -> None:
        self._fetch = fetch
        self._rows: OrderedDict[int, list[T]] = OrderedDict()
        self._cursors: dict[int, str | None] = {0: None}  # page → what it comes after
        self._stale: set[int] = set()
        self._counted = 0
        self._end: int | None = None

    @property
    def count(self) -> int:
        return self._counted if self._end is None else self._end

    @property
    def ended(self) -> bool:
        return self._end is not None

    def recount(self, count: int) -> None:
        """What the daemon says now; known rows are marked to be looked at again when it differs."""
        if count != self.count:
            self._end = None
            self._stale.update(self._rows)
        self._counted = count
        if count == 0:
            self.clear()

    def clear(self) -> None:
        self._rows.clear()
        self._stale.clear()
        self._cursors = {0: None}
        self._end = 0 if self._counted == 0 else None

    def get(self, index: int) -> T | None:
        page, offset = divmod(index, SIZE)
        rows = self._rows.get(page)
        return rows[offset] if rows is not None and offset < len(rows) else None

    def loaded(self) -> Iterable[tuple[int, T]]:
        for page, rows in sorted(self._rows.items()):
            for offset, row in enumerate(rows):
                yield page * SIZE + offset, row

    def lacks(self, index: int) -> bool:
        page = index // SIZE
        return page not in self._rows or page in self._stale

    def spoil(self) -> None:
        """Everything held may have changed."""
        self._stale.update(self._rows)

    async def load(self, index: int) -> None:
        """Fetch the page of this row; cursors lead there from the nearest page that is known."""
        page = index // SIZE
        known = max((at for at in self._cursors if at <= page), default=0)
        while known < page:
            known = await self._leap(known, page)
            if known < 0:
                return
        rows, after = await self._fetch(self._cursors[page], SIZE)
        self._keep(page, rows, after)

    async def _leap(self, start: int, goal: int) -> int:
        """One request towards a far page: its rows are not kept, but where they end is."""
        pages = min(goal - start, LEAP // SIZE)
        rows, after = await self._fetch(self._cursors[start], pages * SIZE)
        if after is None:
            self._end = start * SIZE + len(rows)
            for ahead in range(0, len(rows), SIZE):
                self._store(start + ahead // SIZE, rows[ahead : ahead + SIZE])
            return -1
        self._cursors[start + pages] = after
        return start + pages

    def _keep(self, page: int, rows: list[T], after: str | None) -> None:
        self._store(page, rows)
        if after is None:
            self._end = page * SIZE + len(rows)
            self._cursors = {at: cursor for at, cursor in self._cursors.items() if at <= page}
        else:
            if self._cursors.get(page + 1, after) != after:
                self._stale.update(at for at in self._rows if at > page)
            self._cursors[page + 1] = after
            if self._end is not None and self._end <= (page + 1) * SIZE:
                self._end = None
            self._counted = max(self._counted, (page + 1) * SIZE + 1)

    def _store(self, page: int, rows: list[T]) -> None:
        self._rows[page] = rows
        self._rows.move_to_end(page)
        self._stale.discard(page)
        while len(self._rows) > KEPT:
            gone, _rows = self._rows.popitem(last=False)
            self._stale.discard(gone)
