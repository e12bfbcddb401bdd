"""Who does something: the identity that the operating system gives, or a token."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Role = Literal["read", "write", "approve", "admin", "numbers"]
ROLES: tuple[Role, ...] = ("read", "write", "approve", "admin", "numbers")

# Who writes or approves has to see whom it goes to.
_IMPLIED: dict[Role, frozenset[Role]] = {
    "read": frozenset(),
    "numbers": frozenset({"read"}),
    "write": frozenset({"read", "numbers"}),
    "approve": frozenset({"read", "numbers"}),
    "admin": frozenset({"read"}),
}


@dataclass(frozen=True)
class Actor:
    """`key` tells persons apart ("uid:1000", "token:booking"), `name` is for people.

    `origin` is where it came from, for the audit: a process, an address.
    """

    name: str
    key: str
    origin: str = ""
    uid: int | None = None
    groups: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()

    def is_one_of(self, names: Iterable[str]) -> bool:
        """Of users, tokens and @groups."""
        return any(each[1:] in self.groups if each.startswith("@") else each == self.name for each in names)


def with_implied(roles: Iterable[Role]) -> frozenset[Role]:
    given = frozenset(roles)
    return given.union(*(_IMPLIED[role] for role in given))


EVERYTHING = frozenset(ROLES)
DAEMON = Actor("modemd", "daemon", "daemon")
CODES = Actor("modemd", "daemon:codes", "daemon")  # asks by SMS for an approval
