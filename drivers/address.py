"""Numbers as type of address and digits: TS 23.040 §9.1.2.5."""

import re

from drivers.errors import PduError
from drivers.words import N_

# Bits 6 to 4 of the type of address; the low bits are the numbering plan, always ISDN (1) when we write.
INTERNATIONAL, ALPHANUMERIC = 1, 5
_TOA_INTERNATIONAL, _TOA_UNKNOWN, TOA_NAME = 0x91, 0x81, 0xD0

MAX_DIGITS = 20  # an address field has ten octets of value
MAX_NAME = 11  # septets in those ten octets

_NUMBER = re.compile(rf"\+?[0-9]{{1,{MAX_DIGITS}}}")
_NETWORK_NUMBER = re.compile(rf"\+?[0-9*#a-c]{{1,{MAX_DIGITS}}}")
_FROM_HEX = str.maketrans("abcde", "*#abc")
_TO_HEX = str.maketrans("*#abc", "ABCDE")


def type_of_number(toa: int) -> int:
    return toa >> 4 & 7


def number(toa: int, semi_octets: str) -> str:
    """The digits as people write them, from one hex digit a semi-octet; `f` fills up the last octet."""
    digits = semi_octets.partition("f")[0].translate(_FROM_HEX)
    return f"+{digits}" if digits and type_of_number(toa) == INTERNATIONAL else digits


def toa_and_digits(address: str, *, from_network: bool = False) -> tuple[int, str]:
    """Type of address, and one hex digit a semi-octet. Only a network may write `*#abc`.

    A number without a plus is of unknown type: short codes are, and a national type would have the
    network put its own country's rules on it.
    """
    if not (_NETWORK_NUMBER if from_network else _NUMBER).fullmatch(address):
        # The number itself stays out of the sentence: sentences get logged.
        raise PduError(
            N_("A number is 1 to {most} digits, with or without a plus in front, and nothing else."),
            most=MAX_DIGITS,
        )
    toa = _TOA_INTERNATIONAL if address.startswith("+") else _TOA_UNKNOWN
    return toa, address.removeprefix("+").translate(_TO_HEX)
