"""What holds for any text and any octets."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import gsm7
from drivers.errors import PduError
from drivers.parts import LIMITS, cut, join
from drivers.pdu import (
    Concat,
    Deliver,
    Direction,
    Encoding,
    Submit,
    decode,
    encode_deliver,
    encode_submit,
)

NUMBER = "+447700900123"
GSM7_TEXTS = st.text(st.sampled_from(sorted(gsm7.CHARACTERS)), max_size=500)
AWKWARD = st.text(st.sampled_from("@€^aé カか\u3099ｶﾞ👍🏽👩\u200d🚀e\u0301"), max_size=400)
TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), GSM7_TEXTS, AWKWARD)
any_speed = settings(deadline=None)  # a slow machine is no defect
DIRECTIONS = st.sampled_from(Direction)


def submits(text: str, *, wide: bool = False) -> list[Submit]:
    whole = cut(text)
    total = len(whole.parts)
    return [
        Submit(NUMBER, part, whole.encoding, concat=Concat(9, total, i, wide) if total > 1 else None)
        for i, part in enumerate(whole.parts, 1)
    ]


@any_speed
@given(TEXTS)
def test_a_text_comes_back_from_its_parts(text: str) -> None:
    back = [decode(encode_submit(submit).hex, Direction.TO_NETWORK) for submit in submits(text)]
    assert join(part for part in back if isinstance(part, Submit)) == text


@any_speed
@given(GSM7_TEXTS.filter(lambda text: len(gsm7.encode(text)) <= 152), st.sampled_from([None, False, True]))
def test_septets_are_packed_as_the_standard_draws_them(text: str, wide: bool | None) -> None:
    concat = None if wide is None else Concat(9, 2, 1, wide)
    header = b"" if concat is None else bytes.fromhex("06080400090201" if wide else "050003090201")
    covered = (len(header) * 8 + 6) // 7
    septets = gsm7.encode(text)
    bits = sum(septet << 7 * (covered + i) for i, septet in enumerate(septets))
    bits |= int.from_bytes(header, "little")
    count = covered + len(septets)
    user_data = bytes((count,)) + bits.to_bytes((count * 7 + 7) // 8, "little")
    made = encode_deliver(Deliver(NUMBER, text, None, concat=concat)).hex
    assert made.endswith("00" * 7 + user_data.hex().upper())


@any_speed
@given(st.lists(st.text(st.characters(min_codepoint=0x10000), min_size=1), min_size=1), st.data())
def test_a_surrogate_pair_that_others_cut_is_joined(texts: list[str], data: st.DataObject) -> None:
    text = "".join(texts)
    octets = text.encode("utf-16-be")
    at = 2 * data.draw(st.integers(0, len(octets) // 2))
    halves = [Deliver(NUMBER, "", None, Encoding.UCS2, half) for half in (octets[:at], octets[at:])]
    assert join(halves) == text


def refused_or_storable(pdu: str, direction: Direction) -> None:
    with suppress(PduError):
        tpdu = decode(pdu, direction)
        if isinstance(tpdu, Submit | Deliver):
            (tpdu.text or "").encode()


@any_speed
@given(st.binary(max_size=200), DIRECTIONS)
def test_any_octets_are_read_or_refused(octets: bytes, direction: Direction) -> None:
    refused_or_storable(octets.hex(), direction)


@any_speed
@given(st.text(), DIRECTIONS)
def test_any_string_is_read_or_refused(text: str, direction: Direction) -> None:
    refused_or_storable(text, direction)


@any_speed
@given(TEXTS.filter(bool), st.data(), st.booleans())
def test_a_damaged_pdu_is_read_or_refused(text: str, data: st.DataObject, to_network: bool) -> None:
    submit = submits(text, wide=False)[0]
    deliver = Deliver(NUMBER, submit.text, None, submit.encoding, concat=submit.concat)
    made = encode_submit(submit) if to_network else encode_deliver(deliver)
    octets = bytearray.fromhex(made.hex)
    for _ in range(data.draw(st.integers(0, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    del octets[data.draw(st.integers(0, len(octets))) :]
    refused_or_storable(octets.hex(), Direction.TO_NETWORK if to_network else Direction.FROM_NETWORK)


@any_speed
@given(st.text(), st.text())
def test_whatever_is_asked_to_be_sent_is_encoded_or_refused(recipient: str, text: str) -> None:
    for encoding in Encoding:
        with suppress(PduError):
            encode_submit(Submit(recipient, text, encoding, smsc=recipient))
        with suppress(PduError):
            encode_deliver(Deliver(recipient, text, None, encoding, alphanumeric=True))


@any_speed
@given(TEXTS)
def test_parts_fit_and_their_number_is_the_least(text: str) -> None:
    whole = cut(text)
    one, each = LIMITS[whole.encoding]
    limit = each if len(whole.parts) > 1 else one
    for part in whole.parts:
        alone = cut(part, whole.encoding)
        assert alone.units <= limit
    assert whole.room == limit - cut(whole.parts[-1], whole.encoding).units
    least = -(-whole.units // each) if whole.units > one else 1
    lost = len(whole.parts)  # each cut may waste one unit before a character of two
    assert least <= len(whole.parts) <= -(-(whole.units + lost) // each) or len(whole.parts) == 1
    assert whole.units == sum(cut(part, whole.encoding).units for part in whole.parts)


@pytest.mark.parametrize("encoding", [Encoding.GSM7, Encoding.UCS2])
def test_the_longest_message_is_255_full_parts(encoding: Encoding) -> None:
    most = 255 * LIMITS[encoding][1]
    assert len(cut("x" * most, encoding).parts) == 255
    with pytest.raises(PduError, match="too long"):
        cut("x" * (most + 1), encoding)
