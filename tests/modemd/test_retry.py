"""What a failure means: of every code, for the message and for the modem."""

import pytest

from drivers.at.results import CME, CMS, Remedy, error_of
from drivers.errors import CommandError
from modemd.engine.retry import Fate, Streak, Then, Verdict, judge

BACKOFF = (60.0, 300.0, 1800.0)


def verdict(final: str, *, attempts: int = 1, after_body: bool = True, took: float = 1.0, maker: str = "") -> Verdict:
    return judge(error_of(final, maker), after_body=after_body, attempts=attempts, took=took, backoff=BACKOFF)


def fates(final: str, **rest: str) -> list[float | str]:
    """The pauses that a message meets with this failure, and how it ends."""
    found: list[float | str] = []
    for attempts in range(1, 20):
        told = verdict(final, attempts=attempts, **rest)
        if told.fate is not Fate.AGAIN:
            return [*found, told.fate.name]
        found.append(told.after)
    return found


@pytest.mark.parametrize(
    ("final", "expected"),
    [
        ("+CMS ERROR: 38", [60.0, 300.0, 1800.0, "NEVER"]),
        ("+CMS ERROR: 22", [30.0, 120.0, 600.0, "NEVER"]),
        ("+CMS ERROR: 27", [900.0, 3600.0, 14400.0, "NEVER"]),
        ("+CMS ERROR: 111", [60.0, "NEVER"]),
        ("+CMS ERROR: 127", [60.0, 300.0, "NEVER"]),
        ("+CMS ERROR: 500", [60.0, 300.0, "NEVER"]),
        ("+CMS ERROR: 304", [5.0, "NEVER"]),
        ("+CMS ERROR: 314", [1.0, 2.0, 5.0, 10.0, 10.0, 10.0, 10.0, 10.0, "NEVER"]),
        ("+CMS ERROR: 199", [0.0, "NEVER"]),
        ("+CMS ERROR: 1", ["NEVER"]),
        ("+CMS ERROR: 332", ["UNCERTAIN"]),
        ("+CMS ERROR: 197", ["UNCERTAIN"]),
        ("ERROR", [60.0, 300.0, "NEVER"]),
    ],
)
def test_how_often_a_message_is_tried(final: str, expected: list[float | str]) -> None:
    assert fates(final) == expected


@pytest.mark.parametrize("code", [*(f"+CMS ERROR: {code}" for code in CMS), *(f"+CME ERROR: {code}" for code in CME)])
def test_every_code_comes_to_an_end_or_stops_the_modem(code: str) -> None:
    """P4: no message is tried for ever while the modem thinks nothing is wrong."""
    told = verdict(code, attempts=99)
    assert told.fate is not Fate.AGAIN or told.then is not Then.GO_ON or told.remedy is not Remedy.NONE


@pytest.mark.parametrize("code", [8, 10, 29, 50, 69, 193, 310, 313, 315])
def test_what_is_the_sims_parks_it_and_costs_the_message_nothing(code: int) -> None:
    assert verdict(f"+CMS ERROR: {code}") == Verdict(Fate.AGAIN, f"cms_{code}", then=Then.PARK, counts=False)


@pytest.mark.parametrize(("code", "remedy"), [(322, Remedy.SWEEP), (208, Remedy.SWEEP), (300, Remedy.REOPEN)])
def test_what_is_the_modems_is_met_with_its_remedy(code: int, remedy: Remedy) -> None:
    told = verdict(f"+CMS ERROR: {code}")
    assert (told.fate, told.remedy, told.counts) == (Fate.AGAIN, remedy, False)


def test_an_unknown_error_that_took_long_may_follow_a_message_that_left() -> None:
    """P2. Seen red: judged as any other 500."""
    assert verdict("+CMS ERROR: 500", took=45.0).fate is Fate.UNCERTAIN
    assert verdict("+CMS ERROR: 500", took=45.0, after_body=False).fate is Fate.AGAIN


@pytest.mark.parametrize(
    ("code", "maker", "expected"),
    [
        (513, "", Fate.AGAIN),
        (513, "sierra", Fate.AGAIN),
        (513, "simcom", Fate.NEVER),
        (515, "sierra", Fate.AGAIN),
        (515, "simcom", Fate.NEVER),
    ],
)
def test_codes_from_512_on_mean_what_their_maker_says(code: int, maker: str, expected: Fate) -> None:
    told = verdict(f"+CMS ERROR: {code}", maker=maker)
    assert told.fate is expected
    assert told.code == (f"cms_{code}_{maker}" if (code, maker) != (513, "sierra") and maker else f"cms_{code}")


def test_three_recipients_in_a_row() -> None:
    streak = Streak()
    assert [streak.met("cms_38", to) for to in ("a", "a", "b", "a", "c")] == [False, False, False, False, True]
    streak.over()
    assert not streak.met("cms_38", "d")
    assert not streak.met("cms_38", "e")
    assert not streak.met("cms_21", "f")
    assert not streak.met("cms_38", "g")


def test_a_refusal_before_the_body_is_never_uncertain() -> None:
    error: CommandError = error_of("+CMS ERROR: 332")
    assert judge(error, after_body=False, attempts=1, took=99.0, backoff=BACKOFF).fate is Fate.AGAIN
