"""Whatever is sent, the answer is an answer: never a 5xx, and every no is problem+json."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modemd.store.database import Store
from tests.modemd.site import ALICE, Site

SURROGATES = st.characters(codec=None, categories=["Cs"])
TEXT = st.text(st.characters() | SURROGATES, max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
TIMES = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2099-01-01T00:00Z", "2026-W48", "24:00"]
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "to": st.sampled_from([ALICE, "", "x", "\ud800", "１１９", "+" * 64, [ALICE, "7"], [], None]) | JSON,
    "text": st.sampled_from(["Hello", "", "\ud83d", "\x00", "€" * 900, "{why}", None]) | JSON,
    "fuse": st.sampled_from(["0s", "1h", "", "9" * 64, "366d", None]) | JSON,
    "send_at": st.sampled_from([*TIMES, "", None]) | JSON,
    "validity": st.sampled_from(["0s", "1ms", "366d", "", None]) | JSON,
    "modem": st.sampled_from(["north", "", "\ud800", "{x}", None]) | JSON,
    "draft": st.booleans() | JSON,
    "confirm": st.lists(TEXT, max_size=2) | JSON,
    "extend": st.sampled_from(["1s", "366d", "", None]) | JSON,
    "as": st.sampled_from(["sent", "not_sent", "resend"]) | JSON,
    "number": TEXT | JSON,
}
BODIES = st.fixed_dictionaries({}, optional=LIKELY) | st.dictionaries(TEXT, JSON, max_size=3) | JSON
MESSAGES = st.fixed_dictionaries(
    {"to": LIKELY["to"], "text": LIKELY["text"]},
    optional={name: LIKELY[name] for name in ("fuse", "send_at", "validity", "modem", "draft", "confirm")},
)
CHANGES = st.fixed_dictionaries(
    {}, optional={name: LIKELY[name] for name in ("to", "text", "fuse", "send_at", "validity", "draft", "extend")}
)
PATHS = [
    "/v1/messages",
    "/v1/messages/1/cancel",
    "/v1/messages/1/settle",
    "/v1/batches/1/cancel",
    "/v1/lint",
    "/v1/undo",
    "/v1/inbox/read",
]
QUERIES = st.dictionaries(
    st.sampled_from(["group", "state", "to", "q", "after", "limit", "number"]),
    st.sampled_from(["all", "burning", "draft", "all|1.0|1", "all|nan|1", "inf|x", "1e400|x", "%", "9" * 40, "-1", ""])
    | st.text(max_size=12),
    max_size=4,
)
FAST = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


class Loop:
    """A site in a loop of its own, so that hypothesis may run many requests against one."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.site = self.runner.run(self._open(folder))

    async def _open(self, folder: Path) -> Site:
        return Site(Store(folder / "modemd.db"))

    def send(self, method: str, path: str, body: Any = None, **rest: Any) -> httpx.Response:
        if body is not None:
            rest["content"] = json.dumps(body).encode()
            rest["headers"] = {"Content-Type": "application/json"} | rest.get("headers", {})
        return self.runner.run(self.site.http.request(method, path, **rest))

    def close(self) -> None:
        self.runner.run(self._close())
        self.runner.close()

    async def _close(self) -> None:
        await self.site.close()
        await self.site.store.close()


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    made = Loop(tmp_path_factory.mktemp("fuzz"))
    yield made
    made.close()


def is_an_answer(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and "outcome" not in answer.json():
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


@FAST
@given(path=st.sampled_from(PATHS), body=BODIES)
def test_any_body_anywhere(loop: Loop, path: str, body: Any) -> None:
    is_an_answer(loop.send("POST", path, body))


@FAST
@given(body=MESSAGES, key=st.sampled_from([None, "k", "{x}"]))
def test_messages_that_might_pass(loop: Loop, body: Any, key: str | None) -> None:
    answer = loop.send("POST", "/v1/messages", body, headers={"Idempotency-Key": key} if key else {})
    is_an_answer(answer)
    if answer.status_code == 201:
        for view in answer.json().get("messages", [answer.json()]):
            is_an_answer(loop.send("GET", f"/v1/messages/{view['id']}"))


@FAST
@given(body=CHANGES | BODIES, draft=st.booleans())
def test_edits(loop: Loop, body: Any, draft: bool) -> None:
    staged = loop.send("POST", "/v1/messages", {"to": ALICE, "text": "Hello", "draft": draft})
    id = staged.json()["id"]
    is_an_answer(loop.send("PATCH", f"/v1/messages/{id}", body))
    answer = loop.send("GET", f"/v1/messages/{id}")
    assert answer.status_code == 200, answer.text


@FAST
@given(
    path=st.sampled_from(["/v1/messages", "/v1/inbox", "/v1/conversations", "/v1/conversation", "/v1/log"]),
    params=QUERIES,
)
def test_queries(loop: Loop, path: str, params: dict[str, str]) -> None:
    is_an_answer(loop.send("GET", path, params=params))


@FAST
@given(content=st.binary(max_size=40))
def test_bytes(loop: Loop, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    is_an_answer(loop.send("POST", "/v1/messages", content=content, headers=headers))


def test_a_nest_without_an_end(loop: Loop) -> None:
    content = b"[" * 100_000
    is_an_answer(loop.send("POST", "/v1/lint", content=content, headers={"Content-Type": "application/json"}))


def test_after_all_that_the_lists_still_work(loop: Loop) -> None:
    for group in ("all", "drafts", "burning", "scheduled", "on_air", "with_drafts"):
        after = None
        while True:
            answer = loop.send("GET", "/v1/messages", params={"group": group} | ({"after": after} if after else {}))
            assert answer.status_code == 200, answer.text
            if (after := answer.json()["next"]) is None:
                break
    assert loop.send("GET", "/v1/outbox").status_code == 200
