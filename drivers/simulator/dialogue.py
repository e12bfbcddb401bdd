"""What a command line asks for, and what the modem says to it: V.250 and TS 27.007 in small."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    EXECUTE = ""
    READ = "?"
    TEST = "=?"
    SET = "="


@dataclass(frozen=True)
class Command:
    name: str
    kind: Kind = Kind.EXECUTE
    args: tuple[str, ...] = ()

    def number(self, position: int, default: int | None = None) -> int:
        """An argument as a number. Raises Refusal where there is none."""
        if position < len(self.args) and self.args[position].isdecimal():
            return int(self.args[position])
        if default is None or (position < len(self.args) and self.args[position]):
            raise Refusal.cme(50)
        return default


@dataclass(frozen=True)
class Refusal(Exception):
    """A final result code that says no; its words depend on +CMEE."""

    domain: str = ""  # "CME", "CMS"; empty: a bare ERROR
    code: int = 0

    @classmethod
    def cme(cls, code: int) -> "Refusal":
        return cls("CME", code)

    @classmethod
    def cms(cls, code: int) -> "Refusal":
        return cls("CMS", code)

    def final(self, cmee: int) -> str:
        if not self.domain or (self.domain == "CME" and cmee == 0):
            return "ERROR"
        words = WORDS.get((self.domain, self.code)) if cmee == 2 else None
        return f"+{self.domain} ERROR: {words or self.code}"


# TS 27.007 §9.2, TS 27.005 §3.2.5: those that this modem gives by itself.
WORDS = {
    ("CME", 3): "operation not allowed",
    ("CME", 4): "operation not supported",
    ("CME", 10): "SIM not inserted",
    ("CME", 11): "SIM PIN required",
    ("CME", 12): "SIM PUK required",
    ("CME", 13): "SIM failure",
    ("CME", 16): "incorrect password",
    ("CME", 21): "invalid index",
    ("CME", 50): "incorrect parameters",
    ("CME", 100): "unknown",
    ("CMS", 302): "operation not allowed",
    ("CMS", 303): "operation not supported",
    ("CMS", 304): "invalid PDU mode parameter",
    ("CMS", 305): "invalid text mode parameter",
    ("CMS", 310): "SIM not inserted",
    ("CMS", 311): "SIM PIN required",
    ("CMS", 316): "SIM PUK required",
    ("CMS", 321): "invalid memory index",
    ("CMS", 322): "memory full",
    ("CMS", 330): "SMSC address unknown",
    ("CMS", 331): "no network service",
    ("CMS", 340): "no +CNMA acknowledgement expected",
}

EXTENDED = re.compile(r'\s*([+^*$%#][A-Za-z0-9]+)\s*(?:(=\?|\?)|=((?:"[^"]*"|[^";])*))?\s*(?:;|$)')
BASIC = re.compile(r"\s*(S\d+(?=[=?])|D.*|&?[A-Z])(\?|=?\d*);?\s*", re.IGNORECASE)


def arguments(text: str) -> tuple[str, ...]:
    return tuple(piece.strip().strip('"') for piece in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', text))


def parse(line: str) -> Iterator[Command]:
    """The commands of one line after `AT`, each just before it runs. Raises Refusal at nonsense."""
    at = 0
    while at < len(line):
        if found := EXTENDED.match(line, at):
            name, question, given = found.groups()
            kind = Kind(question) if question else Kind.EXECUTE if given is None else Kind.SET
            args = arguments(given) if given is not None else ()
        elif found := BASIC.match(line, at):
            name, value = found.groups()
            kind = Kind.READ if value == "?" else Kind.SET if value else Kind.EXECUTE
            args = (value.lstrip("="),) if kind is Kind.SET else ()
        else:
            raise Refusal()
        at = found.end()
        yield Command("D" if name[0] in "Dd" else name.upper(), kind, args)


@dataclass(frozen=True)
class Answer:
    """What comes out after a command: information texts, then the final result code or the prompt."""

    information: tuple[str, ...] = ()
    final: str | Refusal = "OK"
    prompt: "Prompt | None" = None
    delay: float = 0.0
    aside: float = 0.0  # comes so late, while what follows is answered as if nothing were out
    lost: bool = False  # nobody will see it
    then: "After | None" = None


@dataclass(frozen=True)
class Prompt:
    """A body is awaited: for +CMGS or +CMGW, with the TPDU's announced octets or a text's recipient."""

    command: str
    length: int = 0
    recipient: str = ""  # text mode
    stat: int = 2


@dataclass(frozen=True)
class After:
    """What befalls the modem once an answer is out (or lost)."""

    what: str  # "hang", "reboot", "unplug", "echo"
    seconds: float | None = None
    name: str | None = None
