"""Can it leave then?"""

from collections.abc import Iterator
from datetime import timedelta

from drivers.words import N_, Sentence
from modemd.model.finding import Candidate, Finding

FARTHEST = timedelta(days=366)


def in_the_future(candidate: Candidate) -> Iterator[Finding]:
    if candidate.send_at is None:
        return
    if candidate.send_at <= candidate.now:
        yield Finding("time_past", "block", "time", Sentence(N_("That time has passed: choose a later one.")))
    elif candidate.send_at - candidate.now > FARTHEST:
        yield Finding("time_far", "block", "time", Sentence(N_("That is more than a year away.")))
