"""Can this recipient be dialled?"""

from collections.abc import Iterator

from drivers.words import Sentence
from modemd.model.finding import Candidate, Finding
from modemd.model.recipient import read_recipient


def readable(candidate: Candidate) -> Iterator[Finding]:
    reading = read_recipient(candidate.to, candidate.region)
    if isinstance(reading, Sentence):
        yield Finding("recipient_unreadable", "block", "recipient", reading)
