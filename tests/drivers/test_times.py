"""TP-SCTS, TP-DT and TP-VP."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from drivers import times
from drivers.errors import PduError


@pytest.mark.parametrize(
    ("octets", "written"),
    [
        ("42506070809063", "2024-05-06T07:08:09+09:00"),
        ("4250607080900A", "2024-05-06T07:08:09-05:00"),
        ("42506070809022", "2024-05-06T07:08:09+05:30"),
        ("42506070809000", "2024-05-06T07:08:09+00:00"),
        ("42209200000000", "2024-02-29T00:00:00+00:00"),
        ("89112131325400", "1998-11-12T13:23:45+00:00"),
        ("07101000000000", "1970-01-01T00:00:00+00:00"),
        ("96211332959500", "2069-12-31T23:59:59+00:00"),
    ],
)
def test_a_time_keeps_its_own_offset(octets: str, written: str) -> None:
    time = times.read_time(bytes.fromhex(octets))
    assert time is not None
    assert time.isoformat() == written
    assert times.write_time(time).hex().upper() == octets


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("08", timedelta(0)),  # minus nothing
        ("A0", timedelta(hours=2, minutes=30)),  # ten in the place of ones
        ("E1", timedelta(hours=6)),
    ],
)
def test_odd_offsets_that_centres_write(zone: str, offset: timedelta) -> None:
    time = times.read_time(bytes.fromhex("425060708090" + zone))
    assert time is not None
    assert time.utcoffset() == offset


@pytest.mark.parametrize(
    "octets",
    [
        "00000000000000",
        "FFFFFFFFFFFFFF",
        "42316070809000",
        "42209300000000",
        "4250F070809000",
        "42506042809000",
    ],
)
def test_an_impossible_time_is_none(octets: str) -> None:
    assert times.read_time(bytes.fromhex(octets)) is None


def test_no_time_is_written_as_zeros() -> None:
    assert times.write_time(None) == bytes(7)


def test_an_offset_a_pdu_cannot_say_is_written_in_utc() -> None:
    odd = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(minutes=7)))
    assert times.read_time(times.write_time(odd)) == odd.astimezone(UTC)


@pytest.mark.parametrize("time", [datetime(2070, 1, 1, tzinfo=UTC), datetime(2024, 1, 1)])  # noqa: DTZ001
def test_a_time_that_does_not_fit_is_refused(time: datetime) -> None:
    with pytest.raises(PduError):
        times.write_time(time)


@pytest.mark.parametrize(
    ("validity", "octet"),
    [
        (timedelta(seconds=1), 0),
        (timedelta(minutes=5), 0),
        (timedelta(minutes=5, seconds=1), 1),
        (timedelta(hours=12), 143),
        (timedelta(hours=12, seconds=1), 144),
        (timedelta(hours=24), 167),
        (timedelta(hours=25), 168),
        (timedelta(days=3), 169),
        (timedelta(days=30), 196),
        (timedelta(days=31), 197),
        (timedelta(weeks=5), 197),
        (timedelta(weeks=63), 255),
        (timedelta(days=1000), 255),
    ],
)
def test_a_validity_is_rounded_up_to_the_next_step(validity: timedelta, octet: int) -> None:
    assert times.write_validity(validity) == octet


@pytest.mark.parametrize("octet", range(256))
def test_every_relative_validity_comes_back(octet: int) -> None:
    assert times.write_validity(times.read_validity(octet)) == octet


@pytest.mark.parametrize("validity", [timedelta(0), timedelta(seconds=-1)])
def test_a_validity_of_nothing_is_refused(validity: timedelta) -> None:
    with pytest.raises(PduError):
        times.write_validity(validity)
