"""TP-DCS, group by group."""

import pytest

from drivers import dcs
from drivers.dcs import Coding
from drivers.errors import PduError
from drivers.tpdu import Encoding

GSM7, UCS2, DATA = Encoding.GSM7, Encoding.UCS2, Encoding.DATA


@pytest.mark.parametrize(
    ("octets", "coding"),
    [
        ([0x00, 0x03, 0x0C, 0x40, 0x4C], Coding(GSM7)),  # without bit 4 the low bits are no class
        ([0x04, 0x06, 0x44], Coding(DATA)),
        ([0x08, 0x0B, 0x48], Coding(UCS2)),
        ([0x10, 0x1C, 0x50], Coding(GSM7, 0)),
        ([0x15, 0x55], Coding(DATA, 1)),
        ([0x1A, 0x5A], Coding(UCS2, 2)),
        ([0x20, 0x28, 0x60], Coding(DATA)),  # compressed
        ([0x31, 0x39, 0x7D], Coding(DATA, 1)),
        ([*range(0x80, 0xC0)], Coding(GSM7)),  # reserved
        ([*range(0xC0, 0xE0)], Coding(GSM7)),  # message waiting: discard, store
        ([*range(0xE0, 0xF0)], Coding(UCS2)),  # message waiting: store
        ([0xF0, 0xF8], Coding(GSM7, 0)),
        ([0xF1, 0xF9], Coding(GSM7, 1)),
        ([0xF5, 0xFD], Coding(DATA, 1)),
        ([0xF7, 0xFF], Coding(DATA, 3)),
    ],
)
def test_groups(octets: list[int], coding: Coding) -> None:
    assert {dcs.read(octet) for octet in octets} == {coding}


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("message_class", [None, 0, 1, 2, 3])
def test_what_is_written_reads_the_same(encoding: Encoding, message_class: int | None) -> None:
    assert dcs.read(dcs.write(encoding, message_class)) == Coding(encoding, message_class)


@pytest.mark.parametrize("message_class", [-1, 4])
def test_there_are_four_classes(message_class: int) -> None:
    with pytest.raises(PduError, match="class"):
        dcs.write(GSM7, message_class)
