"""A list of any length in keyset pages: what is fetched, what is kept, what moves."""

from tui.pages import KEPT, LEAP, SIZE, Pages


class Rows:
    """A list behind cursors; counts what is asked of it."""

    def __init__(self, count: int) -> None:
        self.rows = [f"row {n}" for n in range(count)]
        self.asked: list[tuple[str | None, int]] = []

    async def fetch(self, after: str | None, limit: int) -> tuple[list[str], str | None]:
        self.asked.append((after, limit))
        start = self.rows.index(after) + 1 if after else 0
        found = self.rows[start : start + limit]
        return found, found[-1] if start + limit < len(self.rows) else None


def counted(rows: Rows) -> Pages[str]:
    pages = Pages(rows.fetch)
    pages.recount(len(rows.rows))
    return pages


async def test_one_page_is_enough_for_the_first_screen() -> None:
    rows = Rows(100_000)
    pages = counted(rows)
    assert pages.lacks(0)
    await pages.load(0)
    assert pages.get(0) == "row 0"
    assert pages.count == 100_000
    assert rows.asked == [(None, SIZE)]


async def test_pages_follow_one_another_by_cursor() -> None:
    rows = Rows(300)
    pages = counted(rows)
    for index in range(0, 300, SIZE):
        await pages.load(index)
    assert [pages.get(n) for n in range(300)] == rows.rows
    assert all(limit == SIZE for _after, limit in rows.asked)


async def test_a_far_row_is_reached_in_leaps_of_which_nothing_is_kept() -> None:
    rows = Rows(5_000)
    pages = counted(rows)
    await pages.load(4_990)
    assert pages.get(4_990) == "row 4990"
    assert max(limit for _after, limit in rows.asked) == LEAP
    assert len(rows.asked) <= 5_000 / LEAP + 2
    assert len(list(pages.loaded())) <= LEAP + SIZE


async def test_pages_far_away_are_given_up() -> None:
    rows = Rows(SIZE * (KEPT + 5))
    pages = counted(rows)
    for index in range(0, len(rows.rows), SIZE):
        await pages.load(index)
    assert pages.lacks(0)
    assert len(list(pages.loaded())) == SIZE * KEPT


async def test_an_uncounted_list_grows_as_it_is_walked_and_knows_its_end() -> None:
    rows = Rows(SIZE + 3)
    pages = Pages(rows.fetch)
    await pages.load(0)
    assert pages.count == SIZE + 1
    await pages.load(SIZE)
    assert pages.count == SIZE + 3
    assert pages.ended


async def test_what_is_spoilt_is_still_shown_until_it_is_fetched_again() -> None:
    rows = Rows(10)
    pages = counted(rows)
    await pages.load(0)
    rows.rows.insert(0, "a new row")
    pages.spoil()
    assert pages.get(0) == "row 0"
    assert pages.lacks(0)
    pages.recount(11)
    await pages.load(0)
    assert pages.get(0) == "a new row"
    assert pages.count == 11


async def test_a_row_that_came_before_a_page_makes_the_next_ones_be_fetched_again() -> None:
    rows = Rows(200)
    pages = counted(rows)
    for index in range(0, 200, SIZE):
        await pages.load(index)
    rows.rows.insert(0, "a new row")
    await pages.load(0)
    assert pages.lacks(SIZE)
    for index in range(0, 201, SIZE):
        await pages.load(index)
    assert [pages.get(n) for n in range(201)] == rows.rows


async def test_an_empty_list_lacks_nothing_that_could_be_fetched() -> None:
    pages = counted(Rows(0))
    assert pages.count == 0
    pages.recount(3)
    assert pages.count == 3
    pages.recount(0)
    assert pages.count == 0
