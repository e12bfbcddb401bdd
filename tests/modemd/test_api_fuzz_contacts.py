"""Whatever is sent to the calls about contacts, the answer is an answer: never a 5xx, and every no is problem+json."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.modemd.test_api_fuzz import FAST, JSON, TEXT, Loop, is_an_answer

WORDS = TEXT | st.sampled_from(["田中", "+447700900001", "9012345678", "", "\ud800", "\x00", "a,b", "x:", "-"])
CARD: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("name", "reading", "language", "notes"), WORDS | JSON),
    **dict.fromkeys(("numbers", "tags", "groups"), st.lists(WORDS, max_size=3) | JSON),
    "consents": st.lists(st.fixed_dictionaries({"what": WORDS, "on": WORDS}), max_size=2) | JSON,
    "fields": st.dictionaries(TEXT, TEXT, max_size=2) | JSON,
    "revision": st.integers() | JSON,
}
FILES = [
    b"",
    b"name,phone\nAnn,+447700900001\n",
    b"PK\x03\x04",
    b"BEGIN:VCARD\n",
    b"\xff\x00",
    "名\n=1".encode("utf-16"),
]
REST: dict[str, st.SearchStrategy[Any]] = {
    "content": st.sampled_from(FILES).map(lambda data: base64.b64encode(data).decode()) | JSON,
    "encoding": st.sampled_from(["cp932", "utf-8", "rot13", None]) | JSON,
    "columns": st.lists(st.sampled_from(["name", "number", "-", "x:a", "x:", "y"]), max_size=3) | JSON,
    **dict.fromkeys(("headed", "zeros"), st.booleans() | JSON),
    **dict.fromkeys(("group", "seen", "kind", "key", "action", "number", "typed", "note", "source"), WORDS | JSON),
    **dict.fromkeys(("message", "contact", "keep"), st.integers(0, 3) | JSON),
    "decisions": st.dictionaries(st.sampled_from(["2", "x"]), st.sampled_from(["add", "merge", "eat"])) | JSON,
    **dict.fromkeys(("add", "remove"), st.lists(st.integers(0, 3), max_size=2) | JSON),
}
BODIES = st.fixed_dictionaries({}, optional=CARD) | st.fixed_dictionaries({}, optional=CARD | REST)
CALLS = [
    *(
        ("POST", path)
        for path in ("/v1/contacts", "/v1/groups", "/v1/groups/八月/members", "/v1/hygiene", "/v1/opt-outs")
    ),
    *(("POST", f"/v1/contacts/{path}") for path in ("chosen", "import", "import/preview", "batches/1/undo")),
    *(("PATCH", f"/v1/contacts/{id}") for id in (1, 2)),
]
EXACT = [("POST", "/v1/hygiene", ("kind", "key", "action")), ("POST", "/v1/contacts/import/preview", ("content",))]
QUERIES = st.dictionaries(
    st.sampled_from(["q", "group", "after", "limit", "state", "number", "kind", "note"]),
    st.sampled_from(["1|a", "x", "-1", "9" * 40, "asked", '"', "a AND", "csv", "*"]) | st.text(max_size=12),
    max_size=4,
)
PATHS = ["", "/complete", "/of", "/1", "/batches", "/export"]
GETS = [f"/v1/contacts{path}" for path in PATHS] + ["/v1/groups", "/v1/hygiene", "/v1/opt-outs", "/v1/opt-outs/+44"]


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    made = Loop(tmp_path_factory.mktemp("fuzz"))
    for name in ("田中", "田村"):
        made.send("POST", "/v1/contacts", {"name": name, "numbers": ["+447700900001"]})
    yield made
    made.close()


@FAST
@given(call=st.sampled_from(CALLS), body=BODIES)
def test_any_body(loop: Loop, call: tuple[str, str], body: Any) -> None:
    is_an_answer(loop.send(*call, body))


@FAST
@given(call=st.sampled_from(EXACT), data=st.data())
def test_bodies_of_the_right_shape(loop: Loop, call: tuple[str, str, tuple[str, ...]], data: st.DataObject) -> None:
    method, path, names = call
    is_an_answer(loop.send(method, path, {name: data.draw(REST[name]) for name in names}))


@FAST
@given(content=st.binary(max_size=60) | st.text(max_size=30).map(str.encode))
def test_any_file(loop: Loop, content: bytes) -> None:
    body = {"content": base64.b64encode(content).decode()}
    is_an_answer(loop.send("POST", "/v1/contacts/import/preview", body))


@FAST
@given(path=st.sampled_from(GETS), params=QUERIES, method=st.sampled_from(["GET", "GET", "GET", "DELETE"]))
def test_queries(loop: Loop, path: str, params: dict[str, str], method: str) -> None:
    is_an_answer(loop.send(method if path in GETS[-2:] else "GET", path, params=params))
