"""The user data header."""

import pytest

from drivers import udh
from drivers.errors import PduError
from drivers.tpdu import Concat
from drivers.udh import Header


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("", Header()),
        ("0003070302", Header(Concat(7, 3, 2))),
        ("080412340302", Header(Concat(0x1234, 3, 2, wide=True))),
        ("05040B8423F00003070302", Header(Concat(7, 3, 2))),  # ports, which are not ours
        ("240101250103", Header(locking=3, single=1)),
        ("0A03000410", Header()),
        ("00030703020003080302", Header(Concat(8, 3, 2))),  # the last of two counts
        ("00030703020804123401FF", Header(Concat(7, 3, 2))),  # … if it can be
        ("0003070203", Header()),  # part 3 of 2
        ("0003070300", Header()),  # part 0
        ("0003070000", Header()),
        ("00020703", Header()),  # too short to say
        ("24020101", Header()),
        ("0003070302FF", Header()),  # does not add up: ignored whole
        ("0003070302050A00", Header()),
    ],
)
def test_headers(header: str, meaning: Header) -> None:
    assert udh.read(bytes.fromhex(header)) == meaning


@pytest.mark.parametrize(
    ("concat", "written"),
    [
        (None, ""),
        (Concat(7, 3, 2), "050003070302"),
        (Concat(0x1234, 255, 255, wide=True), "0608041234FFFF"),
    ],
)
def test_a_header_is_written_with_its_length(concat: Concat | None, written: str) -> None:
    assert udh.write(concat).hex().upper() == written


@pytest.mark.parametrize(
    "concat",
    [
        Concat(256, 2, 1),
        Concat(-1, 2, 1),
        Concat(1, 2, 3),
        Concat(1, 2, 0),
        Concat(1, 256, 1),
        Concat(65536, 2, 1, True),
    ],
)
def test_what_no_header_can_say_is_refused(concat: Concat) -> None:
    with pytest.raises(PduError):
        udh.write(concat)
