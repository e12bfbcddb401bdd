"""What is known of the recipient: is it the one that was meant, and does it want this?"""

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

from modemd.checks.row import Hit
from modemd.model.candidate import Candidate
from modemd.model.directory import Directory, Person

LONG_SILENCE = timedelta(days=365)
SAME_AGAIN = timedelta(hours=24)
FAILURES = 2  # in a row
_SHOWN = 3


def new(candidate: Candidate) -> Iterator[Hit]:
    if candidate.known.written_before is False:
        yield Hit()


def dormant(candidate: Candidate) -> Iterator[Hit]:
    heard = candidate.known.last_heard
    if heard is not None and candidate.release - heard >= LONG_SILENCE:
        yield Hit(values={"date": candidate.day_of(heard).isoformat()})


def failing(candidate: Candidate) -> Iterator[Hit]:
    """A machine's message waits for nobody: what reaches no one there is the doctor's to say."""
    if candidate.by_hand is not False and candidate.known.last_failures >= FAILURES:
        yield Hit(values={"count": candidate.known.last_failures})


def opted_out(candidate: Candidate) -> Iterator[Hit]:
    if candidate.known.opted_out == "recipient_opted_out":
        yield Hit(values={"number": candidate.number or candidate.to})


def opt_out_asked(candidate: Candidate) -> Iterator[Hit]:
    if candidate.known.opted_out == "recipient_opt_out_asked":
        yield Hit(values={"number": candidate.number or candidate.to})


def near_other(candidate: Candidate) -> Iterator[Hit]:
    """A number that nobody wrote to yet, one slip of a finger away from one that is written to often."""
    known, number = candidate.known, candidate.number
    if candidate.by_hand is False:
        return  # no finger has slipped
    if known.directory is None or number is None or known.written_before is not False:
        return
    for person in known.directory.near_numbers(number):
        if known.person is not None and person.id == known.person.id:
            continue
        meant = next(each for each in person.numbers if _is_slip(number, each))
        yield Hit(fix=meant, values={"name": person.name or meant, "number": meant})
        return


def _is_slip(number: str, other: str) -> bool:
    differing = [index for index, (a, b) in enumerate(zip(number, other, strict=False)) if a != b]
    if len(number) != len(other):
        return False
    return len(differing) == 1 or (
        len(differing) == 2
        and differing[1] == differing[0] + 1
        and number[differing[0]] == other[differing[1]]
        and number[differing[1]] == other[differing[0]]
    )


@lru_cache(maxsize=2)  # two rows ask
def _twins_of(directory: Directory, person: Person) -> list[Person]:
    return directory.twins(person)


def _twins(candidate: Candidate) -> tuple[list[Person], list[Person]]:
    """Those who are written to more than the recipient, and those who are not. A list was picked by nobody."""
    known = candidate.known
    if known.directory is None or known.person is None or candidate.by_hand is False:
        return [], []
    twins = _twins_of(known.directory, known.person)
    usual = [twin for twin in twins if twin.written > known.person.written]
    return usual, [twin for twin in twins if twin not in usual]


def _named(twins: list[Person]) -> Hit:
    shown = ", ".join(
        f"{twin.name} (…{twin.numbers[0][-4:]})" if twin.numbers else twin.name for twin in twins[:_SHOWN]
    )
    return Hit(values={"names": shown + (" …" if len(twins) > _SHOWN else "")})


def twin(candidate: Candidate) -> Iterator[Hit]:
    """Somebody of nearly the same name is written to more often."""
    usual, _ = _twins(candidate)
    if usual:
        yield _named(usual)


def twin_of_usual(candidate: Candidate) -> Iterator[Hit]:
    usual, others = _twins(candidate)
    if others and not usual:
        yield _named(others)


def repeat(candidate: Candidate) -> Iterator[Hit]:
    """A machine may well say the same once more: its alarm has gone off again."""
    same = candidate.known.last_same
    if candidate.by_hand is False:
        return
    if same is not None and abs(candidate.release - same) < SAME_AGAIN:
        yield Hit(values={"time": f"{same.astimezone(candidate.site.zone):%m-%d %H:%M}"})
