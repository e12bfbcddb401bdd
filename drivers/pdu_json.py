"""`modemd pdu decode|encode`: one JSON line in, one answer out, and the answer for people."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zlib import crc32

from drivers.errors import PduError
from drivers.parts import cut
from drivers.pdu import (
    Concat,
    Deliver,
    Direction,
    Encoding,
    StatusReport,
    Submit,
    Tpdu,
    decode,
    encode_submit,
)
from drivers.words import N_

Answer = dict[str, Any]

_FIELDS: dict[str, tuple[type, ...]] = {
    "pdu": (str,),
    "direction": (str,),
    "number": (str,),
    "text": (str,),
    "reference": (int,),
    "smsc": (str,),
    "class": (int,),
    "srr": (bool,),
    "validity_s": (int, float),
}
_LABELS = {
    "type": "type",
    "smsc": "SMSC",
    "sender": "sender",
    "recipient": "recipient",
    "number": "recipient",
    "timestamp": "SMSC time",
    "discharge": "discharge time",
    "reference": "TP-MR",
    "status": "TP-ST",
    "alphabet": "encoding",
    "class": "class",
    "pid": "TP-PID",
    "dcs": "TP-DCS",
    "udl": "TP-UDL",
    "tpdu_length": "TPDU length",
    "udh": "part",
    "text": "text",
    "data_hex": "data",
}


def _asked(line: str, required: set[str], optional: set[str]) -> Answer:
    """The line's fields; null is as good as absent. Raises PduError."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise PduError(N_("The line is not JSON.")) from error
    if not isinstance(asked, dict):
        raise PduError(N_("The line is not a JSON object."))
    fields = {key: value for key, value in asked.items() if value is not None}
    if unknown := sorted(fields.keys() - required - optional):
        raise PduError(N_("There is no field {field}."), field=ascii(unknown[0]))
    if missing := sorted(required - fields.keys()):
        raise PduError(N_("The field {field} is missing."), field=missing[0])
    for key, value in fields.items():
        types = _FIELDS[key]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise PduError(N_("The field {field} is of the wrong kind."), field=key)
    return fields


def decode_line(line: str) -> Answer:
    try:
        asked = _asked(line, {"pdu"}, {"direction"})
        direction = asked.get("direction", Direction.FROM_NETWORK)
        if direction not in list(Direction):
            raise PduError(N_("The direction is from_network or to_network."))
        return _present(decode(asked["pdu"], Direction(direction)))
    except PduError as error:
        return {"error": str(error)}


def _present(tpdu: Tpdu) -> Answer:
    match tpdu:
        case StatusReport():
            answer = {
                "type": "status_report",
                "smsc": tpdu.smsc,
                "recipient": tpdu.recipient,
                "reference": tpdu.tp_mr,
                "status": tpdu.tp_st,
                "timestamp": tpdu.smsc_time and tpdu.smsc_time.isoformat(),
                "discharge": tpdu.discharge_time and tpdu.discharge_time.isoformat(),
                "tpdu_length": tpdu.tpdu_length,
            }
        case Deliver():
            time = tpdu.smsc_time and tpdu.smsc_time.isoformat()
            answer = {"type": "deliver", "smsc": tpdu.smsc, "sender": tpdu.sender, "timestamp": time}
            answer |= _content(tpdu)
        case Submit():
            answer = {"type": "submit", "smsc": tpdu.smsc, "number": tpdu.recipient, "reference": tpdu.tp_mr}
            answer |= _content(tpdu)
    return {key: value for key, value in answer.items() if value is not None}


def _content(tpdu: Deliver | Submit) -> Answer:
    raw = tpdu.data if tpdu.encoding is Encoding.DATA else None
    concat = tpdu.concat
    place = concat and {"ref": concat.concat_ref, "total": concat.total, "seq": concat.sequence}
    return {
        "text": tpdu.text,
        "data_hex": None if raw is None else raw.hex().upper(),
        "alphabet": tpdu.encoding.value,
        "class": tpdu.message_class,
        "pid": tpdu.pid,
        "dcs": tpdu.dcs,
        "udl": tpdu.udl,
        "tpdu_length": tpdu.tpdu_length,
        "udh": place and {"concat": place},
    }


def encode_line(line: str) -> Answer:
    try:
        asked = _asked(line, {"number", "text"}, {"reference", "smsc", "class", "srr", "validity_s"})
        pdus = [encode_submit(submit) for submit in _submits(asked)]
    except PduError as error:
        return {"error": str(error)}
    return {"parts": [{"pdu": pdu.hex, "tpdu_length": pdu.tpdu_length} for pdu in pdus]}


def _submits(asked: Answer) -> list[Submit]:
    whole = cut(asked["text"])
    tp_mr = asked.get("reference", 0)
    single = Submit(
        recipient=asked["number"],
        text=whole.parts[0],
        encoding=whole.encoding,
        validity=_validity(asked.get("validity_s")),
        message_class=asked.get("class"),
        status_report=asked.get("srr", False),
        tp_mr=tp_mr,
        smsc=asked.get("smsc"),
    )
    total = len(whole.parts)
    if total == 1:
        return [single]
    # Without one from the caller, any number will do that differs from message to message.
    concat_ref = tp_mr if "reference" in asked else _varied(asked["text"])
    return [
        replace(single, text=text, concat=Concat(concat_ref, total, sequence))
        for sequence, text in enumerate(whole.parts, 1)
    ]


def _varied(text: str) -> int:
    return crc32(text.encode()) & 0xFF


def _validity(seconds: float | None) -> timedelta | None:
    try:
        return None if seconds is None else timedelta(seconds=seconds)
    except (OverflowError, ValueError) as error:
        raise PduError(N_("The validity period is no number of seconds.")) from error


def _shown(value: object) -> str:
    """One line, whatever is in it: control and bidi characters by their escapes."""
    if isinstance(value, dict):
        place = value.get("concat", {})
        return f"{place.get('seq')} of {place.get('total')}, number {place.get('ref')}"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in str(value))


def readable(answer: Answer) -> list[str]:
    """An answer of decode_line or encode_line as lines for a person."""
    if "error" in answer:
        return [f"error: {_shown(answer['error'])}"]
    if "parts" in answer:
        return [f"AT+CMGS={part['tpdu_length']}: {_shown(part['pdu'])}" for part in answer["parts"]]
    width = max(map(len, _LABELS.values()))
    return [f"{label:{width}}  {_shown(answer[key])}" for key, label in _LABELS.items() if key in answer]
