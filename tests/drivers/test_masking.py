"""What a trace shows of each line: enough to find a fault, nothing of anybody."""

from datetime import UTC, datetime

import pytest

from drivers.at.masking import Masker, words
from drivers.pdu import Deliver, Submit, encode_deliver, encode_submit
from drivers.simulator.sim import SMSC

NUMBER = "+447700900001"
SUBMIT = encode_submit(Submit(NUMBER, "meet me at noon"))
DELIVER = encode_deliver(Deliver(sender=NUMBER, text="meet me", smsc_time=datetime(2026, 1, 2, tzinfo=UTC), smsc=SMSC))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("OK", "OK"),
        ("+CMS ERROR: 38", "+CMS ERROR: 38"),
        ("+CME ERROR: SIM not inserted", "+CME ERROR: SIM not inserted"),
        ("+CMS ERROR: to +447700900001", "+CMS ERROR: <17 octets>"),
        ("+CMGS: 17", "+CMGS: 17"),
        ('+CMGS: 17,"26/01/02,03:04:05+00"', '+CMGS: 17,"26/01/02,03:04:05+00"'),
        ("+CSQ: 21,99", "+CSQ: 21,99"),
        ("+CPIN: SIM PIN", "+CPIN: SIM PIN"),
        ("+CPIN: READY", "+CPIN: READY"),
        ('+CREG: 2,1,"00A1","0000FFFF",7', '+CREG: 2,1,"00A1","..FFFF",7'),
        ('+CPMS: ("SM","ME"),("SM"),("ME","MT")', '+CPMS: ("SM","ME"),("SM"),("ME","MT")'),
        ("+CNMI: (0-3),(0,1,2),(0),(0,1),(1)", "+CNMI: (0-3),(0,1,2),(0),(0,1),(1)"),
        ('+CMTI: "ME",3', '+CMTI: "ME",3'),
        ('^HCSQ: "LTE",50,44,120,32', '^HCSQ: "LTE",50,44,120,32'),
        ("^RSSI:17", "^RSSI: 17"),
        ("RDY", "RDY"),
        (">", ">"),
        # numbers
        (f'+CNUM: "mine","{NUMBER}",145', '+CNUM: "<4>","..0001",145'),
        (f'+CSCA: "{NUMBER}",145', '+CSCA: "..0001",145'),
        (f'+CLIP: "{NUMBER}",145,,,"John",0', '+CLIP: "..0001",145,,,"<4>",0'),
        ('+CLIP: "61016",129', '+CLIP: "<5>",129'),
        ('+CLIP: "0 7700 90-0001",129', '+CLIP: "..0001",129'),
        ("+CCID: 8944100000000000001F", "+CCID: ..001F"),
        ('+CNUM: "002B003400340037003700300030",145', '+CNUM: "..0030",145'),
        ("350000000000006", "<15 octets>"),
        # names and texts
        ('+CMGL: 1,1,"John",25', '+CMGL: 1,1,"<4>",25'),
        ("+CMGL: 1,1,DAD,25", "+CMGL: 1,1,<3>,25"),
        ('+CMGL: 1,"REC READ","+447700900001",,"26/01/02,03:04:05+00"',
         '+CMGL: 1,"REC READ","..0001",,"26/01/02,03:04:05+00"'),
        ('+COPS: 0,0,"Some Network",7', '+COPS: 0,0,"<12>",7'),
        ('+CUSD: 0,"Your balance is 12, and 1234",15', "+CUSD: 0,<33 octets>"),
        ('+CUSD: 0,"it goes on', "+CUSD: 0,<11 octets>"),
        ("meet me at noon", "<15 octets>"),
        ("> meet me at noon", "> <15 octets>"),
        ("+KATE: meet me", "<14 octets>"),
        ("AT noon", "<7 octets>"),
        ("4711", "<4 octets>"),
        ("MANUFACTURER: me", "<16 octets>"),
        # PDUs
        (DELIVER.hex, f"<PDU, {len(DELIVER.hex) // 2} octets>"),
        (DELIVER.hex[:-1], f"<{len(DELIVER.hex) - 1} octets>"),
    ],
)  # fmt: skip
def test_what_a_modem_says(said: str, shown: str) -> None:
    assert Masker().received(said.encode()) == shown


def test_what_is_no_ascii_is_a_count() -> None:
    assert Masker().received(b"\xffOK \xe9") == "<5 octets>"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"\x1b", "ESC"),
        (b"AT+CPMS=?\r", "AT+CPMS=?"),
        (b'AT+CPMS="ME","SM","MT"\r', 'AT+CPMS="ME","SM","MT"'),
        (b"AT+CNMI=2,1,0,1,0\r", "AT+CNMI=2,1,0,1,0"),
        (b'AT+QURCCFG="urcport","usbat"\r', 'AT+QURCCFG="urcport","usbat"'),
        (b'AT+CMGS="+447700900001"\r', 'AT+CMGS="..0001"'),
        (b'AT+CSCA="+447700900001",145\r', 'AT+CSCA="..0001",145'),
        (b'AT+CUSD=1,"*123#"\r', 'AT+CUSD=1,"<5>"'),
        (b"AT+CPBW=1,+447700900001\r", "AT+CPBW=1,..0001"),
        (b"not hex\x1a", "<7 octets> Ctrl-Z"),
    ],
)
def test_what_we_say(said: bytes, shown: str) -> None:
    assert Masker().sent(said) == shown


def test_a_pdu_whose_length_is_as_announced_shows_what_stands_before_its_address() -> None:
    masker = Masker()
    masker.sent(f"AT+CMGS={SUBMIT.tpdu_length}\r".encode())
    assert masker.received(b"> ") == ">"
    assert (
        masker.sent(f"{SUBMIT.hex}\x1a".encode())
        == f"<PDU, {len(SUBMIT.hex) // 2} octets: 00 .. 21 00 0C 91 ..> Ctrl-Z"
    )
    assert masker.received(f"+CMGL: 1,1,,{DELIVER.tpdu_length}".encode()) == f"+CMGL: 1,1,,{DELIVER.tpdu_length}"
    assert masker.received(DELIVER.hex.encode()) == f"<PDU, {len(DELIVER.hex) // 2} octets: 07 .. 04 0C 91 ..>"
    masker.received(b"+CDS: 25")
    assert masker.received(DELIVER.hex.encode()) == f"<PDU, {len(DELIVER.hex) // 2} octets>"


def test_an_echo_is_called_one_and_nothing_that_only_looks_like_it() -> None:
    masker = Masker()
    masker.sent(b"AT+CSQ\r")
    assert masker.received(b"AT+CSQ") == "(echo)"
    assert masker.received(b"AT+CSQ and more") == "<15 octets>"


def test_an_answer_to_a_command_that_was_asked_is_known_by_its_label() -> None:
    masker = Masker()
    masker.sent(b"AT+QNWINFO\r")
    assert masker.received(b'+QNWINFO: "FDD LTE","44010","LTE BAND 1",100') == '+QNWINFO: "<7>","<5>","<10>",100'


def test_our_own_remarks_carry_no_number_either() -> None:
    assert words("refused: +CMS ERROR: 38") == "refused: +CMS ERROR: 38"
    assert words("lost: /dev/ttyUSB2 is gone: EIO.") == "lost: /dev/ttyUSB2 is gone: EIO."
    assert words("to +447700900001 or 0123456789ABCDEF") == "to ..0001 or ..CDEF"
