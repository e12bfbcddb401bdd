"""The recovery ladder: which step, when, and that it ends."""

import itertools

from modemd.engine.ladder import HALF_AN_HOUR, Ladder, Rung

ALL = set(Rung)


def climbed(ladder: Ladder, seconds: int, possible: set[Rung] = ALL) -> list[tuple[int, Rung]]:
    steps = [(now, ladder.climb(float(now), possible)) for now in range(0, seconds, 5)]
    return [(now, rung) for now, rung in steps if rung is not None]


def test_one_step_a_minute_the_gentlest_first() -> None:
    steps = climbed(Ladder(60.0), 600)
    assert steps == [(0, Rung.REOPEN), (60, Rung.RADIO), (120, Rung.RESET), (180, Rung.REPLUG)]


def test_the_whole_ladder_at_most_twice_an_hour() -> None:
    """Seen red: without the bound, a stick that a reset makes worse is reset for ever."""
    ladder = Ladder(60.0)
    radios = [now for now, rung in climbed(ladder, 3 * 3600) if rung is Rung.RADIO]
    assert all(later - earlier >= HALF_AN_HOUR for earlier, later in itertools.pairwise(radios))
    assert 5 <= len(radios) <= 6
    assert ladder.exhausted


def test_a_modem_that_keeps_coming_back_is_not_forced_more_often() -> None:
    ladder, forced = Ladder(60.0), 0
    for now in range(0, 3600, 60):
        rung = ladder.climb(float(now), ALL)
        forced += rung not in (None, Rung.REOPEN)
        if now % 240 == 0:
            ladder.well()
    assert forced <= 6


def test_steps_that_this_modem_does_not_have_are_left_out() -> None:
    steps = climbed(Ladder(60.0), 600, {Rung.REOPEN, Rung.RADIO})
    assert steps == [(0, Rung.REOPEN), (60, Rung.RADIO)]


def test_after_the_last_step_it_is_exhausted_until_it_works() -> None:
    ladder = Ladder(60.0)
    climbed(ladder, 600)
    assert ladder.exhausted
    ladder.well()
    assert not ladder.exhausted
