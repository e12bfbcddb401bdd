"""What modems say unasked."""

import pytest

from drivers.at.dialogue import Dialogue, Event
from drivers.at.urcs import (
    Booted,
    Call,
    MessageRouted,
    MessageStored,
    Noise,
    RegistrationChanged,
    ReportRouted,
    ReportStored,
    StorageFull,
    UnderVoltage,
    Urc,
    parse_urc,
)

REPORT = "0006070C9144770900001062012102000000620121021000"


def hear(traffic: bytes, size: int | None = None) -> list[Event]:
    dialogue = Dialogue()
    step = size or len(traffic)
    return [event for i in range(0, len(traffic), step) for event in dialogue.feed(traffic[i : i + step])]


@pytest.mark.parametrize(
    ("line", "urc"),
    [
        ('+CMTI: "SM",3', MessageStored("SM", 3)),
        ('+CMTI:"ME", 0', MessageStored("ME", 0)),
        ('+CMTI: "MT",-1', MessageStored("MT", None)),
        ('+CMTI: "SM",3,145', MessageStored("SM", 3)),
        ("+CMTI: SM,12", MessageStored("SM", 12)),
        ('+CDSI: "SR",2', ReportStored("SR", 2)),
        ("+CREG: 1", RegistrationChanged("CREG", 1)),
        ('+CEREG: 5,"00A1","01A2B3C4",7', RegistrationChanged("CEREG", 5)),
        ("+CGREG: 2,,", RegistrationChanged("CGREG", 2)),
        ('+CREG: 0011,"0001","0010",000', RegistrationChanged("CREG", 11)),
        ('^SMMEMFULL: "SM"', StorageFull()),
        ('+QIND: "smsfull","ME"', StorageFull()),
        ("+SMS FULL", StorageFull()),
        ("RDY", Booted()),
        ("^SYSSTART", Booted()),
        ("^BOOT:20041,0,0,0,77", Noise("^BOOT:20041,0,0,0,77")),
        ("UNDER-VOLTAGE WARNNING", UnderVoltage()),
        ("RING", Call(None)),
        ("+CRING: VOICE", Call(None)),
        ('+CLIP: "+447700900001",145,,,,0', Call("+447700900001")),
        ('+CLIP: "",128', Call(None)),
        ('+CLIP: "447700900001",145', Call("+447700900001")),
        ('+CLIP: "07700900001",129', Call("07700900001")),
        ("^RSSI:17", Noise("^RSSI:17")),
        ('+CUSD: 0,"Press 1 > info"', Noise('+CUSD: 0,"Press 1 > info"')),
        ("+CUSD: 2", Noise("+CUSD: 2")),
        ("NO CARRIER", Noise("NO CARRIER")),
    ],
)
def test_a_row_for_each(line: str, urc: Urc) -> None:
    """Defects 40 to 42 of the library among them: +CUSD without a text, other registrations than +CREG."""
    assert parse_urc(line) == urc


@pytest.mark.parametrize("line", ["SPRING OFFER", "STRING", "+CMTI: ", "+CMTI", "OK BOSS", "RDYX", "DODGY"])
def test_a_word_inside_another_is_no_urc(line: str) -> None:
    """Defect 40 of the library: SPRING was an incoming call."""
    assert parse_urc(line) is None


@pytest.mark.parametrize("size", [1, 2, 7, None])
def test_every_line_of_a_burst_counts(size: int | None) -> None:
    """Defect 11 of the library: of a burst only the first was handled."""
    burst = b"".join(b'\r\n+CMTI: "SM",%d\r\n' % index for index in range(3))
    assert hear(burst, size) == [MessageStored("SM", index) for index in range(3)]


@pytest.mark.parametrize("head", ["+CDS: 25", "+CDS:25", "+CDS: ,25"])
@pytest.mark.parametrize("size", [1, 2, 7, None])
def test_a_report_in_two_lines_may_come_in_any_packets(head: str, size: int | None) -> None:
    """Defect 24 of the library: head and PDU in two packets were two things nobody knew."""
    assert hear(f"\r\n{head}\r\n{REPORT}\r\n".encode(), size) == [ReportRouted(REPORT)]


@pytest.mark.parametrize("head", ["+CMT: ,24", '+CMT: "",24', '+CMT: "Smith, John",24', "+CMT: 24", "+CMT:,24"])
def test_a_message_in_two_lines(head: str) -> None:
    assert hear(f"\r\n{head}\r\n{REPORT}\r\n".encode()) == [MessageRouted(REPORT)]


def test_two_lines_at_the_end_of_a_burst_wait_for_the_second() -> None:
    dialogue = Dialogue()
    assert list(dialogue.feed(b'\r\n+CMTI: "SM",1\r\n\r\n+CDS: 25\r\n')) == [MessageStored("SM", 1)]
    assert list(dialogue.feed(f"{REPORT}\r\n".encode())) == [ReportRouted(REPORT)]


def test_a_urc_between_head_and_pdu_loses_neither() -> None:
    heard = hear(f"\r\n+CDS: 25\r\n^RSSI:11\r\n{REPORT}\r\n".encode())
    assert heard == [Noise("^RSSI:11"), ReportRouted(REPORT)]


def test_a_head_whose_pdu_was_lost_takes_no_later_line() -> None:
    heard = hear(f"\r\n+CDS: 25\r\nOK\r\n{REPORT}\r\n".encode())
    assert not any(isinstance(event, ReportRouted) for event in heard)


def test_a_cell_broadcast_is_noise_with_its_page() -> None:
    assert hear(b"\r\n+CBM: 88\r\n00320111\r\n") == [Noise("00320111")]
