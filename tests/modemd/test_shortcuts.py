"""Every shorter way answers as the long one does: remembered findings, lists, rows that are not read back, requests."""

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from modemd.api import quick
from modemd.checks.table import CHECKS, LIST_CHECKS, examine, judged, severity_of
from modemd.model.candidate import Candidate
from modemd.model.finding import Finding
from modemd.model.hold import NewHold
from modemd.model.message import Message
from modemd.staging.desk import Wish
from modemd.store import messages, outbox
from modemd.store.knowledge import knowledge
from tests.modemd.checks import corpus
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW, new
from tests.modemd.site import Site

CASES = [case for name in ("ordinary.jsonl", "mistakes.jsonl") for case in corpus.read(name) if "text" in case]
NUMBERS = ("090-1234-5678", "9012345678", "0081 90 1234 5678", "110", "+44 7700 900123", "", "03-1234-5678")
_LIST_CODES = {row.code for row, _ in LIST_CHECKS} | {"list_bulk"}


def asked_of_all(candidate: Candidate) -> list[Finding]:
    """Each row with the whole message in its hands, and nothing remembered."""
    return [
        finding
        for row in CHECKS
        if row.find is not None and severity_of(row, candidate.site) is not None
        for hit in row.find(candidate)
        if (finding := judged(row, candidate.site, hit)) is not None
    ]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_remembered_is_what_would_be_found(seed: int) -> None:
    """Seen red: with `days.moved` among the checks of a text alone, and with the day left out of what is remembered."""
    chance = random.Random(seed)
    for _ in range(400):
        case = chance.choice(CASES)
        candidate = corpus.candidate(case | {"text": spoilt(case["text"][:300], chance)})
        for to in (candidate.to, chance.choice(NUMBERS)):
            for days in (0, chance.randint(-200, 200)):
                other = replace(candidate, to=to, now=candidate.now + days * _DAY)
                assert examine(other) == asked_of_all(other) == examine(other)


_DAY = corpus.candidate(CASES[0]).now.replace(day=2) - corpus.candidate(CASES[0]).now.replace(day=1)


def spoilt(text: str, chance: random.Random) -> str:
    """A piece doubled, taken out, or put in from another text."""
    for _ in range(chance.randint(0, 2)):
        at, length = chance.randint(0, len(text)), chance.randint(0, 6)
        piece = chance.choice(("", text[at : at + length] * 2, chance.choice(CASES)["text"][:8], " ( ", "XX", "25:00"))
        text = text[:at] + piece + text[at + length :]
    return text


async def test_a_list_is_seen_as_its_messages_are(site: Site) -> None:
    """Seen red: with the first of every few asked in the place of all of them."""
    texts = [case["text"][:300] for case in CASES[::40]]
    for text in texts:
        wishes = [Wish(to, text) for to in (ALICE, BOB, *NUMBERS)]
        together = await site.desk.looks(wishes, "ann")
        for wish, look in zip(wishes, together, strict=True):
            alone = await site.desk.look(wish, "ann")
            assert [each for each in look.findings if each.code not in _LIST_CODES] == alone.findings


HELD = NewHold("text_password", "confirm")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"fuse": None},
        {"fuse": 0},
        {"fuse": 0.0, "parts": 3, "leave_by": NOW + 60},
        {"fuse": 5, "validity": 60, "modem": "north", "category": "promotional", "by_hand": True, "reason": "why"},
        {"send_at": NOW + 3600, "writer": "uid:1", "recipients": 7},
        {"holds": (HELD,)},
        {"holds": (replace(HELD, cleared=True),)},
        {"fuse": 0, "holds": (HELD,), "parts": 2},
    ],
)
def test_what_was_put_is_not_read_back_and_is_the_same(db: Database, given: Mapping[str, Any]) -> None:
    """Seen red: with the writers left out; with a fuse of whole seconds shown as 5, not as 5.0."""
    put = outbox.put(db, [new(**given), new(BOB, text="other", **given)], NOW, batch=True)
    read = messages.find_many(db, [each.id for each in put])
    assert put == read
    assert [exact(each) for each in put] == [exact(each) for each in read]


def exact(message: Message) -> dict[str, str]:
    """With 5 and 5.0 told apart; SQLite has no bool."""
    said = {key: repr(value) for key, value in vars(message).items() if key != "by_hand"}
    return said | {"parts": said["parts"].replace("known=0", "known=False")}


_STATES = st.sampled_from(
    ("draft", "cancelled", "failed", "undelivered", "delivered", "submitting", "staged", "uncertain")
)


@given(states=st.lists(_STATES, max_size=24))
def test_the_newest_messages_tell_as_much_as_all(states: list[str]) -> None:
    """Seen red: with the first eight taken for all."""
    from modemd.store.migrations import migrations

    db = Database(memory=True)
    migrations.apply(db)
    for number, state in enumerate(states):
        id = outbox.add(db, [new(text=str(number), at=NOW + number)], NOW + number)[0]
        db.execute("update message set state = ? where id = ?", (state, id))
    failures = 0
    for state in reversed(states):
        if state in ("delivered", "uncertain"):
            break
        failures += state in ("failed", "undelivered")
    found = knowledge(db, ALICE, "x", NOW + 100)
    assert found.last_failures == failures
    assert found.written_before == bool({"undelivered", "delivered", "submitting", "uncertain"} & set(states))


BODIES: tuple[tuple[bytes, dict[str, str]], ...] = (
    (b'{"to": "+447700900001", "text": "Hello", "draft": true}', {}),
    (b'{"to": ["+447700900001", "+447700900002"], "text": "Hello", "draft": true}', {}),
    (b'{"to": "+447700900001", "text": "Hello", "draft": "yes"}', {}),
    (b'{"to": "+447700900001", "text": "Hello", "draft": 2}', {}),
    (b'{"to": "nobody", "text": "Hello"}', {}),
    (b'{"to": "+447700900001", "text": "Hello", "fuse": "soon"}', {}),
    (b'{"to": "+447700900001", "text": "Hello", "category": "spam"}', {}),
    (b'{"to": "+447700900001"}', {}),
    (b'{"to": "+447700900001", "text": "Hello", "colour": 1}', {}),
    (b'{"to": 47, "text": "Hello"}', {}),
    (b'{"to": "+447700900001", "text": "' + b"x" * 40_001 + b'"}', {}),
    (b'{"to": "+447700900001", "text": "\\ud800", "draft": true}', {}),
    (b"{", {}),
    (b"", {}),
    (b"[]", {}),
    (b"null", {}),
    (b"\xff", {}),
    (b"[" * 100_000, {}),
    (b'{"to": "+447700900001", "text": "Hello"}', {"content-type": "text/plain"}),
    (b'{"to": "+447700900001", "text": "Hello", "draft": true}', {"content-type": "application/json; charset=utf-8"}),
    (b'{"to": "+447700900001", "text": "Hello", "draft": true}', {"idempotency-key": "k" * 201}),
    (b'{"to": [], "text": "Hello"}', {}),
)


@pytest.mark.parametrize(("body", "headers"), BODIES, ids=range(len(BODIES)))
async def test_a_request_is_answered_the_same_by_the_short_way(
    site: Site, body: bytes, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red: with a type of content, and with a length of a key, that are not looked at."""
    headers = {"content-type": "application/json", "accept-language": "ja"} | headers
    short = await site.http.post("/v1/messages", content=body, headers=headers)
    monkeypatch.setattr(quick.QuickStage, "matches", lambda self, scope: (quick.Match.NONE, {}))
    long = await site.http.post("/v1/messages", content=body, headers=headers)
    assert (short.status_code, timeless(short.content)) == (long.status_code, timeless(long.content))
    assert {key: value for key, value in short.headers.items() if key != "content-length"} == {
        key: value for key, value in long.headers.items() if key != "content-length"
    }


def timeless(answer: bytes) -> Any:
    """Two messages have two numbers, and two times."""
    found = json.loads(answer)
    for each in (found, *found.get("messages", ())):
        for key in ("id", "batch", "created_at"):
            each.pop(key, None)
    return found
