"""Message storages as +CPMS names them: numbered slots that fill up."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

SM_SLOTS = 20
ME_SLOTS = 100
SR_SLOTS = 10


class Stat(IntEnum):
    """TS 27.005 §3.1 <stat>."""

    UNREAD = 0
    READ = 1
    UNSENT = 2
    SENT = 3


@dataclass
class Stored:
    stat: Stat
    pdu: str  # hex with the SMSC in front
    tpdu_length: int


class Storage:
    """Numbered slots, from 1 with most modems; a full one takes nothing."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.first = 1
        self.refused = 0  # how often it had no room
        self._messages: dict[int, Stored] = {}

    @property
    def used(self) -> int:
        return len(self._messages)

    @property
    def indexes(self) -> range:
        return range(self.first, self.first + self.slots)

    def add(self, message: Stored) -> int | None:
        if self.used >= self.slots:
            self.refused += 1
            return None
        index = next(i for i in self.indexes if i not in self._messages)
        self._messages[index] = message
        return index

    def get(self, index: int) -> Stored | None:
        return self._messages.get(index)

    def remove(self, index: int) -> None:
        self._messages.pop(index, None)

    def items(self) -> Iterator[tuple[int, Stored]]:
        return iter(sorted(self._messages.items()))


class Row(Storage):
    """ "MT": the slots of several storages, numbered on from one to the next."""

    def __init__(self, *storages: Storage) -> None:
        super().__init__(sum(storage.slots for storage in storages))
        self.first = storages[0].first
        self._storages = storages

    def _find(self, index: int) -> tuple[Storage, int]:
        for storage in self._storages[:-1]:
            if index in storage.indexes:
                return storage, index
            index -= storage.slots
        return self._storages[-1], index

    @property
    def used(self) -> int:
        return sum(storage.used for storage in self._storages)

    def add(self, message: Stored) -> int | None:
        before = 0
        for storage in self._storages:
            if (index := storage.add(message)) is not None:
                return before + index
            before += storage.slots
        return None

    def get(self, index: int) -> Stored | None:
        storage, own = self._find(index)
        return storage.get(own)

    def remove(self, index: int) -> None:
        storage, own = self._find(index)
        storage.remove(own)

    def items(self) -> Iterator[tuple[int, Stored]]:
        before = 0
        for storage in self._storages:
            yield from ((before + index, message) for index, message in storage.items())
            before += storage.slots
