"""PDUs both ways, octet by octet."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from drivers.errors import PduError
from drivers.pdu import (
    Concat,
    Deliver,
    Direction,
    Encoding,
    Pdu,
    StatusReport,
    Submit,
    decode,
    encode_deliver,
    encode_status_report,
    encode_submit,
)

ALICE, ALICE_OCTETS = "+447700900123", "0C91447700091032"
SMSC, SMSC_OCTETS = "+447700900999", "0791447700099099"
TIME, TIME_OCTETS = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=9))), "42506070809063"
HI = "02C834"  # TP-UDL and TP-UD
SUBMIT = Submit(ALICE, "Hi")
DELIVER = Deliver(ALICE, "Hi", TIME)


def submitted(pdu: Pdu) -> Submit:
    tpdu = decode(pdu.hex, Direction.TO_NETWORK)
    assert isinstance(tpdu, Submit)
    return tpdu


def delivered(pdu: str) -> Deliver:
    tpdu = decode(pdu)
    assert isinstance(tpdu, Deliver)
    return tpdu


@pytest.mark.parametrize(
    ("submit", "pdu"),
    [
        (SUBMIT, f"002100{ALICE_OCTETS}0000{HI}"),
        (replace(SUBMIT, status_report=False), f"000100{ALICE_OCTETS}0000{HI}"),
        (replace(SUBMIT, reject_duplicates=True, tp_mr=255), f"0025FF{ALICE_OCTETS}0000{HI}"),
        (replace(SUBMIT, validity=timedelta(hours=24)), f"003100{ALICE_OCTETS}0000A7{HI}"),
        (replace(SUBMIT, smsc=SMSC, pid=0x41), f"{SMSC_OCTETS}2100{ALICE_OCTETS}4100{HI}"),
        (replace(SUBMIT, message_class=0), f"002100{ALICE_OCTETS}0010{HI}"),
        (replace(SUBMIT, recipient="5550123"), f"0021000781550521F30000{HI}"),
        (replace(SUBMIT, recipient="12345"), f"00210005812143F50000{HI}"),
        (replace(SUBMIT, encoding=Encoding.UCS2), f"002100{ALICE_OCTETS}00080400480069"),
        (
            replace(SUBMIT, text="😀", encoding=Encoding.UCS2, message_class=1),
            f"002100{ALICE_OCTETS}001904D83DDE00",
        ),
        (
            replace(SUBMIT, text=None, data=b"\x01\xff", encoding=Encoding.DATA),
            f"002100{ALICE_OCTETS}00040201FF",
        ),
        # six octets of header are 48 bits: one fill bit, and the text begins with the eighth septet
        (replace(SUBMIT, concat=Concat(7, 3, 2)), f"006100{ALICE_OCTETS}0000090500030703029069"),
        # seven are 56: no fill bit
        (
            replace(SUBMIT, concat=Concat(0x1234, 3, 2, wide=True)),
            f"006100{ALICE_OCTETS}00000A06080412340302C834",
        ),
    ],
)
def test_a_submit_octet_by_octet(submit: Submit, pdu: str) -> None:
    made = encode_submit(submit)
    assert made.hex == pdu
    octets = bytes.fromhex(pdu)
    assert made.tpdu_length == len(octets) - 1 - octets[0]
    back = submitted(made)
    assert back.tpdu_length == made.tpdu_length
    assert replace(back, data=submit.data, dcs=None, udh=b"", udl=None, tpdu_length=None) == submit


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "+",
        " ",
        "+44 7700 900123",
        "+44-7700-900123",
        "(0770)0900123",
        "*100#",
        "DESK",
        "07700x",
        "+" + "1" * 21,
        "٠٧٧٠٠",
        "07700900123\n",
        "++447700900123",
        "44+7700900123",
    ],
)
def test_a_recipient_that_is_no_number_is_refused(recipient: str) -> None:
    with pytest.raises(PduError, match="number"):
        encode_submit(replace(SUBMIT, recipient=recipient))


@pytest.mark.parametrize(
    "submit",
    [
        replace(SUBMIT, smsc="desk"),
        replace(SUBMIT, tp_mr=256),
        replace(SUBMIT, pid=-1),
        replace(SUBMIT, message_class=4),
        replace(SUBMIT, text="カ"),
        replace(SUBMIT, text="\ud83d", encoding=Encoding.UCS2),
        replace(SUBMIT, validity=timedelta(0)),
        replace(SUBMIT, concat=Concat(1, 2, 3)),
    ],
)
def test_what_cannot_be_encoded_is_refused(submit: Submit) -> None:
    with pytest.raises(PduError):
        encode_submit(submit)


@pytest.mark.parametrize(
    ("part", "most"),
    [
        (SUBMIT, 160),
        (replace(SUBMIT, concat=Concat(1, 2, 1)), 153),
        (replace(SUBMIT, concat=Concat(1, 2, 1, wide=True)), 152),
        (replace(SUBMIT, encoding=Encoding.UCS2), 70),
        (replace(SUBMIT, encoding=Encoding.UCS2, concat=Concat(1, 2, 1)), 67),
        (replace(SUBMIT, encoding=Encoding.UCS2, concat=Concat(1, 2, 1, wide=True)), 66),
    ],
)
def test_a_part_holds_so_much_and_no_more(part: Submit, most: int) -> None:
    full = replace(part, text="x" * most)
    assert submitted(encode_submit(full)).text == full.text
    with pytest.raises(PduError, match="holds"):
        encode_submit(replace(part, text="x" * (most + 1)))


@pytest.mark.parametrize("length", range(1, 25))
@pytest.mark.parametrize("concat", [None, Concat(1, 2, 1), Concat(1, 2, 1, wide=True)])
def test_a_last_at_sign_is_never_lost(length: int, concat: Concat | None) -> None:
    text = "x" * (length - 1) + "@"
    assert submitted(encode_submit(replace(SUBMIT, text=text, concat=concat))).text == text


def test_fill_bits_that_are_not_zero_are_no_character() -> None:
    # seven septets fill 49 bits of seven octets; some senders fill the rest with a carriage return
    packed = sum(ord(char) << 7 * i for i, char in enumerate("message\r")).to_bytes(7, "little")
    assert delivered(f"0004{ALICE_OCTETS}0000{TIME_OCTETS}07{packed.hex()}").text == "message"


def test_a_deliver_octet_by_octet() -> None:
    pdu = f"{SMSC_OCTETS}04{ALICE_OCTETS}0000{TIME_OCTETS}{HI}"
    made = encode_deliver(replace(DELIVER, smsc=SMSC))
    assert made == Pdu(pdu, 21)
    assert delivered(pdu) == replace(DELIVER, smsc=SMSC, dcs=0, udl=2, tpdu_length=21)
    assert str(delivered(pdu).smsc_time) == "2024-05-06 07:08:09+09:00"


def test_case_and_white_space_around_do_not_matter_nor_what_follows() -> None:
    pdu = encode_deliver(DELIVER).hex
    assert delivered(f" {pdu.lower()}\r\n") == delivered(pdu)
    assert replace(delivered(pdu + "FF" * 9), tpdu_length=21) == delivered(pdu)


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("0C91447700091032", "+447700900123"),
        ("0BA17007900021F3", "07700900123"),
        ("05812143F5", "12345"),
        ("0480ABDC", "#*ab"),
        ("0581A1CBFE", "1*#ac"),
        ("0081", ""),
        ("0191F5", "+5"),
        ("0581214305", "12345"),  # the fill is no F
    ],
)
def test_senders_in_digits(address: str, sender: str) -> None:
    assert delivered(f"0004{address}0000{TIME_OCTETS}{HI}").sender == sender


@pytest.mark.parametrize("plan", ["D0", "D1", "D9"])
@pytest.mark.parametrize(
    ("name", "semi_octets"),
    [
        ("A", 2),
        ("AB", 4),
        ("ABC", 6),
        ("ABCD", 7),
        ("ABCDE", 9),
        ("ABCDEF", 11),
        ("ABCDEFG", 13),
        ("ABCDEFGH", 14),
        ("ABCDEFG@", 14),
        ("ABCDEFGHI", 16),
        ("ABCDEFGHIJ", 18),
        ("ABCDEFGHIJK", 20),
        ("Ta[o]", 13),
        ("Søk & Få", 14),
    ],
)
def test_senders_that_are_names(plan: str, name: str, semi_octets: int) -> None:
    made = encode_deliver(replace(DELIVER, sender=name, alphanumeric=True)).hex
    assert made[4:8] == f"{semi_octets:02X}D0"
    read = delivered(made[:6] + plan + made[8:])
    assert (read.sender, read.alphanumeric) == (name, True)


@pytest.mark.parametrize("name", ["", "ABCDEFGHIJKL", "ABCDEFGHIJ€", "カナ"])
def test_a_name_that_does_not_fit_is_refused(name: str) -> None:
    with pytest.raises(PduError):
        encode_deliver(replace(DELIVER, sender=name, alphanumeric=True))


def test_a_network_may_write_stars_and_hashes() -> None:
    assert delivered(encode_deliver(replace(DELIVER, sender="*100#")).hex).sender == "*100#"


@pytest.mark.parametrize(
    ("dcs", "body", "text", "data"),
    [
        ("00", HI, "Hi", None),
        ("C8", HI, "Hi", None),
        ("F0", HI, "Hi", None),
        ("08", "0404160436", "\u0416\u0436", bytes.fromhex("04160436")),
        ("48", "0404160436", "\u0416\u0436", bytes.fromhex("04160436")),
        ("E0", "0404160436", "\u0416\u0436", bytes.fromhex("04160436")),
        ("08", "04D83DDE00", "😀", bytes.fromhex("D83DDE00")),
        ("08", "040041D83D", "A\ufffd", bytes.fromhex("0041D83D")),
        ("08", "04DE000041", "\ufffdA", bytes.fromhex("DE000041")),
        ("08", "03004100", "A", bytes.fromhex("004100")),
        ("04", "020102", None, b"\x01\x02"),
        ("F5", "020102", None, b"\x01\x02"),
        ("20", "020102", None, b"\x01\x02"),
        ("00", "00", "", None),
        ("08", "00", "", b""),
    ],
)
def test_user_data_by_its_coding(dcs: str, body: str, text: str | None, data: bytes | None) -> None:
    read = delivered(f"0004{ALICE_OCTETS}00{dcs}{TIME_OCTETS}{body}")
    assert (read.text, read.data) == (text, data)


def test_a_header_chooses_the_national_tables() -> None:
    header = bytes.fromhex("06250101240101")  # Turkish, both
    septets = bytes(8) + bytes((0x04, 0x1B, 0x53))  # the header covers 56 bits
    packed = sum(septet << 7 * i for i, septet in enumerate(septets)).to_bytes(10, "little")
    body = bytes((11,)) + header + packed[7:]
    read = delivered(f"0044{ALICE_OCTETS}0000{TIME_OCTETS}{body.hex()}")
    assert (read.text, read.udh.hex()) == ("€Ş", "250101240101")


def test_an_empty_header_takes_one_octet() -> None:
    septets = bytes(2) + b"Hi"
    packed = sum(septet << 7 * i for i, septet in enumerate(septets)).to_bytes(4, "little")
    assert delivered(f"0044{ALICE_OCTETS}0000{TIME_OCTETS}04{packed.hex()}").text == "Hi"


def test_a_part_that_cannot_be_is_a_message_of_its_own() -> None:
    read = delivered(f"0044{ALICE_OCTETS}0004{TIME_OCTETS}07050003070206AA")
    assert (read.concat, read.data) == (None, b"\xaa")


REPORT = StatusReport(200, ALICE, TIME, TIME.astimezone(UTC), 0x43)


def test_a_status_report_octet_by_octet() -> None:
    made = encode_status_report(REPORT)
    assert made == Pdu(f"0006C8{ALICE_OCTETS}{TIME_OCTETS}4250502280900043", 25)
    assert decode(made.hex) == replace(REPORT, tpdu_length=25)


def test_a_report_without_a_time_is_still_a_report() -> None:
    report = replace(REPORT, smsc_time=None, discharge_time=None)
    assert decode(encode_status_report(report).hex) == replace(report, tpdu_length=25)


def test_what_follows_a_report_is_left_alone() -> None:
    assert decode(encode_status_report(REPORT).hex + "07000000") == replace(REPORT, tpdu_length=29)


def test_a_reserved_type_from_the_network_is_read_as_a_deliver() -> None:
    assert delivered(f"0007{ALICE_OCTETS}0000{TIME_OCTETS}{HI}").text == "Hi"


@pytest.mark.parametrize(
    ("pdu", "complaint"),
    [
        ("", "SMSC"),
        ("0", "hex"),
        ("0X", "hex"),
        ("00 04", "hex"),
        ("００", "hex"),
        ("00", "first octet"),
        ("0001", "type 1"),
        ("FF" * 200, "SMSC"),
        ("00" + "FF" * 200, "TP-OA"),
        ("079144", "SMSC"),
        (f"0004{ALICE_OCTETS}", "TP-PID"),
        (f"0004{ALICE_OCTETS}00005150", "TP-SCTS"),
        (f"0004{ALICE_OCTETS}0000{TIME_OCTETS}", "TP-UDL"),
        (f"0004{ALICE_OCTETS}0000{TIME_OCTETS}03C834", "TP-UD"),
        (f"0044{ALICE_OCTETS}0000{TIME_OCTETS}02C834", "header"),
        (f"000600{ALICE_OCTETS}{TIME_OCTETS}{TIME_OCTETS}", "TP-ST"),
    ],
)
def test_garbage_is_refused_in_one_sentence(pdu: str, complaint: str) -> None:
    with pytest.raises(PduError, match=complaint) as refusal:
        decode(pdu)
    assert str(refusal.value).count(".") == 1


def test_a_deliver_is_no_way_to_the_network() -> None:
    with pytest.raises(PduError, match="to the network"):
        decode(encode_deliver(DELIVER).hex, Direction.TO_NETWORK)


@pytest.mark.parametrize("octets", [1, 7])
def test_other_formats_of_validity_are_passed_over(octets: int) -> None:
    first = {1: "11", 7: "19"}[octets]
    tpdu = decode(f"00{first}00{ALICE_OCTETS}0000{'A7' * octets}{HI}", Direction.TO_NETWORK)
    assert isinstance(tpdu, Submit)
    assert (tpdu.text, tpdu.validity) == ("Hi", timedelta(hours=24) if octets == 1 else None)
