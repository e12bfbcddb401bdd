"""JSON lines, and lines for people."""

import json
from typing import Any

import pytest

from drivers.pdu import Concat, Deliver, Encoding, StatusReport, encode_deliver, encode_status_report
from drivers.pdu_json import decode_line, encode_line, readable
from drivers.times import read_time

NUMBER = "+447700900123"
TIME = read_time(bytes.fromhex("42506070809063"))
SUBMIT = "0021070C91447700091032000002C834"


def encoded(**asked: Any) -> dict[str, Any]:
    return encode_line(json.dumps({"number": NUMBER, "text": "Hi"} | asked))


def test_a_deliver() -> None:
    deliver = Deliver(NUMBER, "か", TIME, Encoding.UCS2, concat=Concat(7, 3, 2), message_class=1, smsc="+447700900999")
    made = encode_deliver(deliver)
    assert decode_line(json.dumps({"pdu": made.hex})) == {
        "type": "deliver",
        "smsc": "+447700900999",
        "sender": NUMBER,
        "timestamp": "2024-05-06T07:08:09+09:00",
        "text": "か",
        "alphabet": "ucs2",
        "class": 1,
        "pid": 0,
        "dcs": 0x19,
        "udl": 8,
        "tpdu_length": made.tpdu_length,
        "udh": {"concat": {"ref": 7, "total": 3, "seq": 2}},
    }


def test_a_field_the_pdu_has_not_is_absent() -> None:
    made = encode_deliver(Deliver("DESK", None, None, Encoding.DATA, b"\xab", alphanumeric=True))
    assert decode_line(json.dumps({"pdu": made.hex, "direction": None})) == {
        "type": "deliver",
        "sender": "DESK",
        "data_hex": "AB",
        "alphabet": "8bit",
        "pid": 0,
        "dcs": 4,
        "udl": 1,
        "tpdu_length": made.tpdu_length,
    }


def test_a_status_report() -> None:
    made = encode_status_report(StatusReport(200, NUMBER, TIME, TIME, 0x43))
    assert decode_line(json.dumps({"pdu": made.hex, "direction": "from_network"})) == {
        "type": "status_report",
        "recipient": NUMBER,
        "reference": 200,
        "status": 0x43,
        "timestamp": "2024-05-06T07:08:09+09:00",
        "discharge": "2024-05-06T07:08:09+09:00",
        "tpdu_length": 25,
    }


def test_a_submit_both_ways() -> None:
    assert encoded(reference=7, srr=True) == {"parts": [{"pdu": SUBMIT, "tpdu_length": 15}]}
    back = decode_line(json.dumps({"pdu": SUBMIT, "direction": "to_network"}))
    assert (back["type"], back["number"], back["reference"], back["text"]) == ("submit", NUMBER, 7, "Hi")


@pytest.mark.parametrize(
    ("asked", "start"),
    [
        ({}, "0001000C91"),
        ({"srr": True}, "0021000C91"),
        ({"validity_s": 3600}, "0011000C91"),
        ({"smsc": "+447700900999"}, "079144770009909901"),
        ({"number": "12345"}, "00010005812143F5"),
    ],
)
def test_wishes_of_a_submit(asked: dict[str, Any], start: str) -> None:
    assert encoded(**asked)["parts"][0]["pdu"].startswith(start)


def test_parts_share_the_number_that_was_asked_for() -> None:
    parts = encoded(text="x" * 161, reference=9)["parts"]
    headers = [part["pdu"].partition("050003")[2][:6] for part in parts]
    assert headers == ["090201", "090202"]
    assert len(encoded(text="x" * 161)["parts"]) == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"number": ""},
        {"number": "+44x"},
        {"number": "\ud83d"},
        {"text": "\ud83d"},
        {"text": "x" * 39016},
        {"text": 5},
        {"number": None},
        {"smsc": "desk"},
        {"class": 4},
        {"class": True},
        {"srr": 1},
        {"reference": 256},
        {"reference": "7"},
        {"validity_s": 0},
        {"validity_s": 1e300},
        {"validity_s": float("nan")},
        {"validity": 5},
    ],
)
def test_a_bad_wish_is_an_answer(asked: dict[str, Any]) -> None:
    answer = encoded(**asked)
    assert answer.keys() == {"error"}
    assert answer["error"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        "5",
        '"x"',
        "{}",
        '{"pdu": 5}',
        '{"pdu": "XX"}',
        '{"pdu": "00", "direction": "up"}',
        "[" * 100_000,
        '{"pdu": "' + "0" * 100_001 + '"}',
        '{"pdu": ' + "9" * 5000 + "}",
        '{"pdu": "00", "x": 1}',
    ],
)
def test_a_bad_line_is_an_answer(line: str) -> None:
    assert decode_line(line).keys() == {"error"}
    assert encode_line(line).keys() == {"error"}


def test_lines_for_people() -> None:
    made = encode_deliver(Deliver(NUMBER, "[/b]\x1b]0;x\u202e\n", TIME, Encoding.UCS2, concat=Concat(7, 3, 2)))
    lines = readable(decode_line(json.dumps({"pdu": made.hex})))
    assert [line.split(None, 1) for line in lines if line.startswith(("sender", "part"))] == [
        ["sender", NUMBER],
        ["part", "2 of 3, number 7"],
    ]
    assert lines[-1].endswith("[/b]\\x1b]0;x\\u202e\\n")
    assert readable(encoded(reference=7, srr=True)) == [f"AT+CMGS=15: {SUBMIT}"]
    assert readable({"error": "No."}) == ["error: No."]
