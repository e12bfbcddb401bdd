"""The phones of the network: numbers whose last digits say what becomes of a message."""

import re
from dataclasses import dataclass

# Drama numbers: +44 7700 900001-008, and +1 (area) 555 0101-0108.
MAGIC = re.compile(r"\+447700900(\d{3})|\+1(?:\d{3})?5550(10\d)")

DELIVERED = 0x00  # TP-ST, TS 23.040 §9.2.3.15
TRYING = 0x30
NOT_OBTAINABLE = 67
VALIDITY_EXPIRED = 70


@dataclass(frozen=True)
class Phone:
    """`odd` and `even` are the tp_st reported for parts of that sequence, one after the other."""

    odd: tuple[int, ...] = (DELIVERED,)
    even: tuple[int, ...] = (DELIVERED,)
    slowness: int = 1  # times the report delay
    reply: str | None = None  # `{text}` is what was received

    def reports(self, sequence: int) -> tuple[int, ...]:
        return self.odd if sequence % 2 else self.even


def always(*tp_st: int, slowness: int = 1) -> Phone:
    return Phone(tp_st, tp_st, slowness)


PHONES = {
    1: Phone(),
    2: always(NOT_OBTAINABLE),
    3: always(),
    4: Phone(even=(VALIDITY_EXPIRED,)),
    5: Phone(reply="STOP"),
    6: Phone(reply="> {text}\nThank you, I have read it."),
    7: always(DELIVERED, slowness=3),
    8: always(TRYING, DELIVERED),
}


def phone(number: str) -> Phone:
    """Whoever has that number; one without magic receives everything."""
    found = MAGIC.fullmatch(number)
    if not found:
        return Phone()
    return PHONES.get(int(found[1]) if found[1] else int(found[2]) - 100, Phone())
