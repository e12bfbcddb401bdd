"""Everybody whom the desk knows, indexed once for what the checks ask."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from modemd.model import names, spelling

OFTEN = 5  # sends; from here a number counts as one that is written to
_MOST_TWINS = 20
_SHORTEST_ALIKE = 5  # letters; of shorter names too many are one letter apart


@dataclass(frozen=True)
class Person:
    """`numbers` in E.164; `identifiers` are order, contract and customer numbers; `written`: messages to them."""

    id: int
    name: str = ""
    reading: str = ""
    numbers: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    written: int = 0

    @property
    def sound(self) -> str:
        """The reading folded, "" where only kanji are known."""
        spoken = names.fold(self.reading or self.name)
        return spoken if spoken and names.is_kana(spoken) else ""


@dataclass(frozen=True, eq=False)
class Directory:
    people: tuple[Person, ...]
    by_number: Mapping[str, Person]
    by_name: Mapping[str, tuple[Person, ...]]
    by_word: Mapping[str, tuple[Person, ...]]  # family and given names, and readings
    by_look: Mapping[str, tuple[Person, ...]]
    by_sound: Mapping[str, tuple[Person, ...]]
    by_identifier: Mapping[str, tuple[Person, ...]]
    folded: tuple[str, ...]  # the name of each of `people`

    @classmethod
    def of(cls, everybody: Iterable[Person]) -> "Directory":
        people = tuple(everybody)
        by_number = {number: person for person in people for number in person.numbers}
        folded = tuple(names.fold(person.name) for person in people)
        return cls(
            people,
            by_number,
            _grouped(zip(folded, people, strict=True)),
            _grouped(
                (word, person)
                for person in people
                for word in {*names.words(person.name), *names.words(person.reading)}
            ),
            _grouped((names.look(person.name), person) for person in people),
            _grouped((person.sound, person) for person in people),
            _grouped((each.casefold(), person) for person in people for each in person.identifiers),
            folded,
        )

    def twins(self, person: Person) -> list[Person]:
        """Others whose name looks or sounds the same, or has one letter more, fewer or, if long, another."""
        name = names.fold(person.name)
        found = dict.fromkeys((*self.by_look.get(names.look(name), ()), *self.by_sound.get(person.sound, ())))
        if len(name) >= 3:
            near = spelling.near(name, self.folded, 1, _MOST_TWINS)
            found |= dict.fromkeys(self.people[index] for other, _, index in near if _alike(name, other))
        return [other for other in found if other.id != person.id and not set(other.numbers) & set(person.numbers)]

    def near_numbers(self, number: str) -> Iterator[Person]:
        """Those often written to, at a number one digit or one swap away."""
        for near in _slips(number):
            if (person := self.by_number.get(near)) and person.written >= OFTEN:
                yield person


def _grouped(pairs: Iterable[tuple[str, Person]]) -> dict[str, tuple[Person, ...]]:
    groups: dict[str, list[Person]] = {}
    for key, person in pairs:
        if key:
            groups.setdefault(key, []).append(person)
    return {key: tuple(group) for key, group in groups.items()}


def _alike(name: str, other: str) -> bool:
    """Of two names one letter apart: 健 and 健一 are taken for each other, 健一 and 健二 are two people."""
    if names.is_ideographic(name + other):
        return len(name) != len(other)
    return len(name) >= _SHORTEST_ALIKE


def _slips(number: str) -> Iterator[str]:
    """+819012345678 with one digit changed, or two neighbours swapped."""
    for index in range(1, len(number)):
        before, digit, after = number[:index], number[index], number[index + 1 :]
        for other in "0123456789":
            if other != digit:
                yield before + other + after
        if after and after[0] != digit:
            yield before + after[0] + digit + after[1:]
