"""The rest of the API: lint, the line, modems, inbox, log, health, metrics, who may come in."""

import asyncio
import contextlib
import os
import pwd
import socket
import stat
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlite_utils import Database

from drivers.modem import Health, Identity, Registration
from drivers.words import Sentence
from modemd.api.client import GatewayClient, Refused, Unreachable, over_socket
from modemd.api.schema import EventView
from modemd.api.server import bind_tcp, bind_unix, build_server
from modemd.engine import status
from modemd.engine.status import ModemStatus
from modemd.model.errors import ConfigError
from modemd.store import events, inbox
from modemd.store.database import Store
from tests.modemd.outbox_at_hand import NOW, SIM, queued, send
from tests.modemd.site import ALICE, BOB, REMOTE, TOKEN, Site, problem


def modem(name: str = "north", state: str = status.READY) -> ModemStatus:
    made = ModemStatus(name, "/dev/ttyUSB2", state=state, sentence=Sentence(status.SENTENCES[status.READY]), sim=SIM)
    made.identity = Identity(imei="490154203237518", iccid=SIM)
    return made


# -- lint and the line --------------------------------------------------------------------------------------


async def test_lint_says_what_staging_would(site: Site) -> None:
    answer = await site.http.post("/v1/lint", json={"text": "Caf\u00e9 “open” [x]", "to": "+44 7700 900001"})
    body = answer.json()
    assert (body["encoding"], body["parts"], body["to"], body["forcing"]) == ("ucs2", 1, ALICE, ["“", "”"])
    assert (body["units"], body["room"], body["per_part"]) == (15, 55, 70)
    assert [finding["code"] for finding in body["findings"]] == ["recipient_new", "text_unicode"]
    two = (await site.http.post("/v1/lint", json={"text": "a" * 161})).json()
    assert (two["parts"], two["per_part"], two["room"]) == (2, 153, 145)
    long = (await site.http.post("/v1/lint", json={"text": "a" * 40_000})).json()
    assert long["parts"] == 256
    assert [finding["severity"] for finding in long["findings"]] == ["block"]


async def test_lint_without_a_recipient_does_not_ask_for_one(site: Site) -> None:
    assert (await site.http.post("/v1/lint", json={"text": "Hello"})).json()["findings"] == []
    body = (await site.http.post("/v1/lint", json={"text": "Hello", "to": ""})).json()
    assert [finding["code"] for finding in body["findings"]] == ["recipient_unreadable"]
    for wrong in ({"fuse": "ten"}, {"send_at": "soon"}, {"colour": 1}):
        problem(await site.http.post("/v1/lint", json={"text": "Hello", **wrong}), 422, "invalid")
    past = await site.http.post("/v1/lint", json={"text": "Hello", "send_at": "2001-01-01T00:00:00Z"})
    assert [finding["subject"] for finding in past.json()["findings"]] == ["time"]
    assert (await site.http.get("/v1/messages")).json()["messages"] == []


async def test_the_line(site: Site) -> None:
    site.modems.append(modem())
    stopped = (await site.http.post("/v1/stop")).json()
    assert (stopped["stopped"], stopped["who"]) == (True, "root")
    assert (await site.http.post("/v1/stop")).json() == stopped
    assert (await site.http.get("/v1/outbox")).json()["line"] == stopped
    health = await site.http.get("/healthz")
    assert (health.status_code, health.json()["reasons"]) == (503, ["the line was stopped"])
    assert not (await site.http.post("/v1/resume")).json()["stopped"]
    assert (await site.http.get("/healthz")).status_code == 200
    log = (await site.http.get("/v1/log")).json()["events"]
    assert [event["detail"] for event in log] == ["the line runs again", "the line was stopped"]


async def test_what_is_not_there(site: Site) -> None:
    problem(await site.http.get("/v1/nothing"), 404, "http")
    problem(await site.http.post("/v1/nothing"), 404, "http")
    problem(await site.http.delete("/v1/messages"), 405, "http")


# -- modems, inbox, log ----------------------------------------------------------------------------------


async def test_modems_show_no_whole_number(site: Site) -> None:
    north = modem()
    north.health = Health(
        registration=Registration.HOME, operator="Simulated", technology="LTE", signal_dbm=-71, smsc="+447700900000"
    )
    north.signal.extend([-75, None, -71])
    site.modems += [north, modem("south", status.GONE)]
    await site.store.run(lambda db: send(db, queued(db)))
    shown, gone = (await site.http.get("/v1/modems")).json()["modems"]
    assert (shown["name"], shown["state"], shown["imei"], shown["iccid"]) == ("north", "ready", "7518", SIM[-4:])
    assert (shown["signal_dbm"], shown["signal_history"], shown["operator"]) == (-71, [-75, None, -71], "Simulated")
    assert gone["state"] == "gone"
    assert (await site.http.get("/v1/outbox")).json()["modems"][0]["name"] == "north"


@pytest.mark.parametrize("code", ["cms_38", "cms_9999", "cme_10", "port_lost", "error"])
async def test_the_last_error_of_a_modem_in_words(site: Site, code: str) -> None:
    north = modem()
    north.error_code, north.error_at = code, NOW
    site.modems.append(north)
    (shown,) = (await site.http.get("/v1/modems")).json()["modems"]
    assert shown["last_error"]["code"] == code
    assert shown["last_error"]["sentence"]


async def fill(site: Site, count: int = 5) -> None:
    for n in range(count):
        got = inbox.Received(f"{n:02X}", SIM, "north", f"+44770090010{n % 3}", False, f"text {n}", NOW)
        await site.store.run(inbox.add, got, NOW + n)


async def test_the_inbox(site: Site) -> None:
    await fill(site)
    first = (await site.http.get("/v1/inbox", params={"limit": 3})).json()
    rest = (await site.http.get("/v1/inbox", params={"limit": 3, "after": first["next"]})).json()
    assert [each["text"] for each in first["messages"] + rest["messages"]] == [f"text {n}" for n in (4, 3, 2, 1, 0)]
    assert rest["next"] is None
    assert (await site.http.post("/v1/inbox/read", json={"number": "+447700900100"})).status_code == 204
    assert (await site.http.get("/v1/outbox")).json()["unread"] == 3
    problem(await site.http.get("/v1/inbox", params={"after": "9" * 40}), 422, "invalid")
    problem(await site.http.post("/v1/inbox/read", json={}), 422, "invalid")


async def test_conversations(site: Site) -> None:
    await fill(site)
    first = (await site.http.get("/v1/conversations", params={"limit": 2})).json()
    rest = (await site.http.get("/v1/conversations", params={"limit": 2, "after": first["next"]})).json()
    numbers = [each["number"] for each in first["conversations"] + rest["conversations"]]
    assert numbers == ["+447700900101", "+447700900100", "+447700900102"]
    found = (await site.http.get("/v1/conversations", params={"q": "text 2"})).json()["conversations"]
    assert [each["last_text"] for each in found] == ["text 2"]
    for after in ("x", "x|y"):
        problem(await site.http.get("/v1/conversations", params={"after": after}), 422, "invalid")
    await site.stage(to="+447700900101", text="Answer")
    entries = (await site.http.get("/v1/conversation", params={"number": "+447700900101"})).json()["entries"]
    assert [(e["inbound"] or e["outbound"])["text"] for e in entries] == ["text 1", "text 4", "Answer"]
    problem(await site.http.get("/v1/conversation"), 422, "invalid")


async def test_the_log(site: Site) -> None:
    for _ in range(5):
        await site.stage()
    first = (await site.http.get("/v1/log", params={"limit": 3})).json()
    rest = (await site.http.get("/v1/log", params={"limit": 3, "after": first["next"]})).json()
    ids = [each["id"] for each in first["events"] + rest["events"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 5


def record(db: Database, what: dict[str, Any], /) -> None:
    events.record(db, NOW, **what)


async def test_a_log_of_every_kind_has_words(site: Site) -> None:
    kinds: list[dict[str, Any]] = [
        {"kind": "state", "new": "failed", "code": "cms_38"},
        {"kind": "part", "subject": "2", "new": "queued", "code": "cms_42"},
        {"kind": "attempt", "subject": "1", "code": "no_prompt"},
        {"kind": "report", "subject": "1", "code": "tp_st_70"},
        {"kind": "edit"},
        {"kind": "edit", "code": "extended", "data": "60"},
        {"kind": "cancel", "code": "partly"},
        {"kind": "cancel", "code": "too_late"},
        {"kind": "inbox", "subject": ALICE},
        {"kind": "line", "new": "stopped"},
        {"kind": "modem", "subject": "north", "data": '{"template": "Gone: {why}.", "values": {"why": "{x}"}}'},
        {"kind": "modem", "subject": "north"},
        {"kind": "of a later version", "data": "words"},
    ]
    for kind in kinds:
        await site.store.run(record, kind)
    for language in ("en", "ja"):
        shown = (await site.http.get("/v1/log", headers={"Accept-Language": language})).json()["events"]
        assert all(each["detail"] for each in shown)
        assert shown[2]["detail"] == "north: Gone: {x}."


# -- health, metrics, the description --------------------------------------------------------------------


async def test_health_gives_its_reasons(site: Site) -> None:
    answer = await site.http.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "degraded")
    assert "No modem is configured" in answer.json()["reasons"][0]
    site.modems += [modem(), modem("south", status.GONE)]
    answer = await site.http.get("/healthz")
    assert (answer.status_code, answer.json()["status"], len(answer.json()["reasons"])) == (200, "ok", 1)
    site.modems[0].state = status.STARTING
    answer = await site.http.get("/healthz")
    assert (answer.status_code, len(answer.json()["reasons"])) == (503, 2)


async def test_metrics_count_and_name_nobody(site: Site) -> None:
    site.modems.append(modem())
    await site.stage(text="a secret")
    answer = await site.http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'modemd_messages{group="burning"} 1.0' in answer.text
    assert 'modemd_modem_up{modem="north"} 1.0' in answer.text
    assert "secret" not in answer.text
    assert ALICE not in answer.text


async def test_the_api_describes_itself(site: Site) -> None:
    found = (await site.http.get("/openapi.json")).json()
    calls = {(method, path) for path, methods in found["paths"].items() for method in methods}
    assert calls >= {
        ("post", "/v1/messages"),
        ("get", "/v1/messages"),
        ("get", "/v1/messages/{id}"),
        ("patch", "/v1/messages/{id}"),
        ("post", "/v1/messages/{id}/cancel"),
        ("post", "/v1/messages/{id}/settle"),
        ("post", "/v1/batches/{id}/cancel"),
        ("post", "/v1/undo"),
        ("post", "/v1/stop"),
        ("post", "/v1/resume"),
        ("post", "/v1/lint"),
        ("get", "/v1/outbox"),
        ("get", "/v1/inbox"),
        ("get", "/v1/modems"),
        ("get", "/v1/events"),
        ("get", "/v1/log"),
        ("get", "/healthz"),
        ("get", "/metrics"),
    }


# -- who may come in -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}0", TOKEN, f"Basic {TOKEN}", f"bearer{TOKEN}"],
)
async def test_p10_tcp_without_the_token(site: Site, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with site.door(REMOTE, **headers) as door:
        for method, path in (
            ("GET", "/v1/messages"),
            ("GET", "/v1/outbox"),
            ("GET", "/v1/inbox"),
            ("GET", "/v1/events"),
            ("GET", "/v1/log"),
            ("GET", "/metrics"),
            ("POST", "/v1/stop"),
            ("POST", "/v1/undo"),
        ):
            problem(await door.request(method, path), 401, "unauthorized")
        problem(await door.post("/v1/messages", json={"to": ALICE, "text": "Hello"}), 401, "unauthorized")
        assert (await door.get("/healthz")).status_code == 503


async def test_p10_tcp_with_the_token(site: Site) -> None:
    async with site.door(REMOTE, Authorization=f"Bearer {TOKEN}") as door:
        answer = await door.post("/v1/messages", json={"to": ALICE, "text": "Hello"})
        assert (answer.status_code, answer.json()["author"]) == (201, "token")


async def test_p10_without_a_token_there_is_no_door(site: Site) -> None:
    site.gateway.token = None
    for given in ("Bearer ", "Bearer None", ""):
        async with site.door(REMOTE, Authorization=given) as door:
            problem(await door.get("/v1/outbox"), 401, "unauthorized")


# -- sockets, the stream, the client ---------------------------------------------------------------------


@contextlib.asynccontextmanager
async def served(site: Site, *listeners: socket.socket) -> AsyncIterator[None]:
    server = build_server(site.app)
    task = asyncio.create_task(server.serve(sockets=list(listeners)))
    try:
        yield
    finally:
        site.gateway.stopping.set()
        site.gateway.changes.ring()
        server.end()
        await asyncio.wait_for(task, 10)
        for listener in listeners:
            listener.close()


@pytest.fixture
async def client(site: Site, tmp_path: Path) -> AsyncIterator[GatewayClient]:
    path = tmp_path / "api.sock"
    async with served(site, bind_unix(path)):
        made = GatewayClient(over_socket(str(path)), where=str(path))
        yield made
        await made.close()


async def collect(client: GatewayClient, last: int | None, count: int) -> list[EventView]:
    found: list[EventView] = []
    stream = client.events(last)
    async with contextlib.aclosing(stream), asyncio.timeout(10):  # type: ignore[type-var]
        async for event in stream:
            found.append(event)
            if len(found) == count:
                break
    return found


async def listening(site: Site) -> None:
    """Until the stream waits for something to happen."""
    async with asyncio.timeout(10):
        while not site.gateway.changes._waiting:  # noqa: ASYNC110 - nothing rings when somebody comes to listen
            await asyncio.sleep(0.01)


async def test_p10_the_system_says_who_is_at_the_socket(site: Site, client: GatewayClient) -> None:
    assert (await client.stage(ALICE, "Hello")).author == pwd.getpwuid(os.geteuid()).pw_name


async def test_the_stream_gives_each_event_once_over_reconnections(site: Site, client: GatewayClient) -> None:
    async def traffic() -> None:
        for n in range(100):
            await site.stage(text=f"{n}")
            await asyncio.sleep(0)

    writing = asyncio.create_task(traffic())
    met: list[int] = []
    last = 0
    while len(met) < 100:
        for event in await collect(client, last, min(7, 100 - len(met))):
            met.append(event.id)
            last = event.id
    await writing
    assert met == [event.id for event in await site.store.run(events.since, 0, 999)]


async def test_the_stream_begins_now_unless_resumed(site: Site, client: GatewayClient) -> None:
    await site.stage()
    waiting = asyncio.create_task(collect(client, None, 1))
    await listening(site)
    staged = await site.stage()
    (event,) = await waiting
    assert (event.message, event.kind, event.new) == (staged["id"], "state", "staged")


async def test_a_stream_from_beyond_a_restored_backup(site: Site, client: GatewayClient) -> None:
    await site.stage()
    waiting = asyncio.create_task(collect(client, 9999, 1))
    await listening(site)
    staged = await site.stage()
    assert (await waiting)[0].message == staged["id"]


async def test_whoever_hangs_up_leaves_nothing_behind(site: Site, client: GatewayClient) -> None:
    await site.stage()
    await collect(client, 0, 1)
    async with asyncio.timeout(10):
        while site.gateway.changes._waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_stream_ends_when_the_daemon_stops(site: Site, client: GatewayClient) -> None:
    waiting = asyncio.create_task(collect(client, None, 1))
    await listening(site)
    site.gateway.stopping.set()
    site.gateway.changes.ring()
    with pytest.raises(Unreachable):
        await waiting


async def test_a_stream_that_is_refused(site: Site, client: GatewayClient) -> None:
    with pytest.raises(Refused):
        await collect(client, -1, 1)


async def test_the_client_knows_every_call(site: Site) -> None:
    client = site.client
    staged = await client.stage(ALICE, "Hello “you”", fuse="1h", validity="2h", modem="north", confirm=[], key="k")
    assert staged == await client.stage(
        ALICE, "Hello “you”", fuse="1h", validity="2h", modem="north", confirm=[], key="k"
    )
    assert staged.findings is not None
    assert staged.findings[1].span == (6, 7)
    assert (await client.message(staged.id)).events
    batch = await client.stage_many([ALICE, BOB], "Hello", fuse="1h")
    assert (await client.cancel_batch(batch.batch)).cancelled == 2
    draft = await client.save_draft("", "Hel")
    assert (await client.save_draft(ALICE, "Hello", id=draft.id)).state == "draft"
    assert (await client.edit(draft.id, draft=False)).state == "staged"
    assert (await client.edit(draft.id, extend="60s")).fuse == 660
    undone = await client.undo()
    assert undone is not None
    assert undone.message.id == draft.id
    assert (await client.cancel(staged.id)).outcome == "cancelled"
    assert await client.undo() is None
    gone = await client.stage(ALICE, "Hello", fuse="0s")
    await site.store.run(send, gone.id)
    assert (await client.cancel(gone.id)).outcome == "too_late"
    with pytest.raises(Refused) as caught:
        await client.settle(gone.id, "sent")
    assert caught.value.code == "conflict"
    with pytest.raises(Refused) as caught:
        await client.stage("nobody", "")
    assert [finding.code for finding in caught.value.findings] == ["recipient_unreadable", "text_empty"]
    assert (await client.stop()).stopped
    assert not (await client.resume()).stopped
    await fill(site)
    await client.mark_read("+447700900100")
    assert (await client.outbox()).unread == 3
    page = await client.messages(limit=1, state="cancelled")
    assert len(page.messages) == 1
    assert (await client.messages(limit=1, state="cancelled", after=page.next)).messages[0].id < page.messages[0].id
    assert (await client.lint("Hello", to=ALICE)).parts == 1
    assert await client.modems() == []
    assert len((await client.inbox(limit=2)).messages) == 2
    assert len((await client.conversations(q="text")).conversations) == 3
    assert (await client.conversation("+447700900100"))[0].inbound
    assert (await client.log(limit=1)).next


async def test_nobody_answers(tmp_path: Path) -> None:
    client = GatewayClient(over_socket(str(tmp_path / "none.sock")), where=str(tmp_path / "none.sock"))
    with pytest.raises(Unreachable, match="there is no socket at"):
        await client.outbox()
    with pytest.raises(Unreachable):
        await collect(client, None, 1)
    await client.close()


async def test_p10_tcp_over_a_real_socket(site: Site) -> None:
    listener = bind_tcp(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    async with served(site, listener), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        problem(await http.get("/v1/outbox"), 401, "unauthorized")
        forged = {"X-Forwarded-For": "uid:0", "Forwarded": "for=uid:0"}
        problem(await http.get("/v1/outbox", headers=forged), 401, "unauthorized")
        answer = await http.get("/v1/outbox", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200


def test_p10_the_socket_is_for_its_group(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    with bind_unix(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        with pytest.raises(ConfigError, match="Another program answers at"):
            bind_unix(path)
    bind_unix(path).close()  # what a crash left behind is in nobody's way
    (tmp_path / "file").write_text("precious")
    with pytest.raises(ConfigError, match="is there and is no socket"):
        bind_unix(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "precious"
    with pytest.raises(ConfigError, match="cannot be made: No such file or directory"):
        bind_unix(tmp_path / "none" / "api.sock")


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with (
        bind_tcp(("127.0.0.1", 0)) as taken,
        pytest.raises(ConfigError, match=r"Cannot listen on 127.0.0.1:.*already in use"),
    ):
        bind_tcp(taken.getsockname())
    with pytest.raises(ConfigError, match="Cannot listen on"):
        bind_tcp(("no such host.invalid", 8470))


# -- a full disk -------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]).returncode:
        pytest.skip("no tmpfs can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_is_said_and_nothing_is_half_done(small_disk: Path) -> None:
    store = Store(small_disk / "modemd.db")
    site = Site(store)
    try:
        before = await site.stage()
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        (small_disk / "ballast").write_bytes(bytes(free))
        refused = 0
        for _ in range(40):
            body = {"to": [ALICE] * 50, "text": "x" * 1500}
            answer = await site.http.post("/v1/messages", json=body, headers={"Idempotency-Key": "k"})
            if answer.status_code == 503:
                refused += 1
                assert "nothing was accepted" in problem(answer, 503, "store")["detail"]
                break
        assert refused
        answers = await asyncio.gather(
            *(site.http.post("/v1/messages", json=body) for _ in range(3)),
            *(site.http.get(f"/v1/messages/{before['id']}") for _ in range(3)),
        )
        assert [each.status_code for each in answers] == [503] * 3 + [200] * 3  # who only reads goes on
        shown = (await site.http.get("/v1/messages", params={"limit": 500})).json()["messages"]
        assert [each["id"] for each in shown] == [before["id"]]
        (small_disk / "ballast").unlink()
        answer = await site.http.post("/v1/messages", json={"to": ALICE, "text": "x"}, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201
    finally:
        await site.close()
        await store.close()
