"""Contacts, groups, files, hygiene and opt-outs over HTTP, and the client before it."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from modemd.api.client import Refused
from modemd.model.contact import Card
from modemd.store import contacts
from modemd.store.database import Store
from tests.modemd.outbox_at_hand import NOW
from tests.modemd.site import ALICE, BOB, CONFIG, Site, problem
from tests.modemd.test_contact_files import workbook
from tests.modemd.test_opt_outs import hear

CSV = "氏名,フリガナ,携帯電話,備考\n山田 花子,ヤマダ ハナコ,090-1234-5678,朝\n田中,タナカ,9087654321,\n悪い,,12,\n"


@pytest.fixture
async def site(store: Store) -> AsyncIterator[Site]:
    made = Site(store, replace(CONFIG, region="JP"))
    yield made
    await made.close()


async def test_a_contact_from_beginning_to_end(site: Site) -> None:
    made = await site.client.add_contact(
        name="山田 花子",
        reading="やまだ はなこ",
        numbers=["090-1234-5678"],
        language="ja",
        tags=["常連"],
        groups=["顧客"],
        consents=[{"what": "promotional", "on": "2026-01-02", "how": "店頭"}],
        fields={"会員": "A-4711"},
    )
    assert (made.card.numbers, made.revision, made.created_by) == (["+819012345678"], 1, "root")
    changed = await site.client.edit_contact(made.id, revision=1, notes="朝に電話")
    assert (changed.card.name, changed.card.notes, changed.card.fields) == ("山田 花子", "朝に電話", {"会員": "A-4711"})
    shown = await site.client.contact(made.id)
    assert [(edit.kind, edit.who) for edit in shown.history or []] == [("added", "root"), ("changed", "root")]
    with pytest.raises(Refused, match="has edited this contact meanwhile") as refused:
        await site.client.edit_contact(made.id, revision=1, notes="夜")
    assert refused.value.code == "conflict"
    assert [c.id for c in await site.client.contacts_of("09012345678")] == [made.id]
    await site.client.delete_contact(made.id)
    problem(await site.http.get(f"/v1/contacts/{made.id}"), 404, "not_found")
    log = (await site.client.log(limit=3)).events
    assert [(event.kind, event.detail) for event in log] == [
        ("contact", f"contact {made.id} deleted"),
        ("contact", f"contact {made.id} changed"),
        ("contact", f"contact {made.id} added"),
    ]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "has a name or a number"),
        ({"name": "Ann", "numbers": ["9012345678"]}, "begins with neither 0 nor +"),
        ({"name": "Ann", "colour": "red"}, "colour is not known here"),
        ({"name": "Ann", "consents": [{"what": "x", "on": "soon"}]}, "is no date"),
    ],
)
async def test_what_is_no_contact(site: Site, body: dict[str, Any], why: str) -> None:
    answer = await site.http.post("/v1/contacts", json=body)
    assert why in problem(answer, 422, "invalid")["detail"]


async def test_the_list_in_pages(site: Site) -> None:
    for name in ("いとう", "あべ", "うえだ"):
        await site.client.add_contact(name=name)
    first = await site.client.contacts(limit=2)
    assert [c.card.name for c in first.contacts] == ["あべ", "いとう"]
    assert first.total == 3
    rest = await site.client.contacts(after=first.next, limit=2)
    assert ([c.card.name for c in rest.contacts], rest.next) == (["うえだ"], None)
    assert [c.card.name for c in (await site.client.contacts(q="うえ")).contacts] == ["うえだ"]
    problem(await site.http.get("/v1/contacts?after=x"), 422, "invalid")


async def test_groups(site: Site) -> None:
    ids = [(await site.client.add_contact(name=name)).id for name in ("Ann", "Bob")]
    await site.client.add_group("八月")
    await site.client.regroup("八月", add=ids)
    await site.client.regroup("八月", remove=ids[:1])
    assert [(group.name, group.contacts) for group in await site.client.groups()] == [("八月", 1)]
    assert [c.id for c in (await site.client.contacts(group="八月")).contacts] == ids[1:]
    done = await site.client.drop_group("八月")
    assert done.batch is not None
    assert (await site.client.undo_batch(done.batch)).contacts == 1
    assert (await site.client.contact(ids[1])).card.groups == ["八月"]
    problem(await site.http.post("/v1/groups/none/members", json={"add": ids}), 404, "not_found")
    problem(await site.http.post("/v1/groups", json={"name": "a,b"}), 422, "invalid")


async def test_completion_and_what_was_chosen(site: Site) -> None:
    made = await site.client.add_contact(name="山田", numbers=["090-1234-5678"])
    await site.client.add_contact(name="山本", numbers=["090-9999-9999"])
    found = await site.client.complete("山")
    assert ([s.tail for s in found.suggestions], found.tie) == (["5678", "9999"], True)
    found = await site.client.complete("山田")
    assert ([(s.name, s.fits) for s in found.suggestions], found.tie) == ([("山田", 0)], False)
    message = await site.stage("+819012345678")
    await site.client.chosen(message["id"], "山田", made.id)
    await site.client.cancel(message["id"])
    found = await site.client.complete("山田")
    assert (found.suggestions[0].demoted, found.tie) == (True, True)
    problem(
        await site.http.post("/v1/contacts/chosen", json={"message": 1, "typed": "x", "contact": 99}), 404, "not_found"
    )


async def test_an_import_from_preview_to_undo(site: Site) -> None:
    await site.client.add_contact(name="山田 花子", numbers=["090-1234-5678"])
    data = CSV.encode("cp932")
    seen = await site.client.preview_import(data)
    assert (seen.kind, seen.encoding, seen.headed) == ("csv", "cp932", True)
    assert [(c.heading, c.means) for c in seen.columns] == [
        ("氏名", "name"),
        ("フリガナ", "reading"),
        ("携帯電話", "number"),
        ("備考", "notes"),
    ]
    assert seen.counts == {"new": 1, "changed": 1, "same": 0, "conflict": 0, "bad": 1, "doubts": 1}
    changed, new, bad = seen.items
    assert [(c.field, c.old, c.new) for c in changed.changes] == [("reading", "", "ヤマダ ハナコ"), ("notes", "", "朝")]
    assert new.why is not None
    assert "seems to lack the 0" in new.why.sentence
    assert bad.why is not None
    assert "too few digits" in bad.why.sentence
    assert await site.store.run(contacts.count) == 1  # nothing was done yet
    done = await site.client.apply_import(data, seen.seen, source="customers.csv")
    assert (done.added, done.merged, done.skipped) == (1, 1, 1)
    again = await site.client.preview_import(data)
    assert again.counts | {"bad": 0, "doubts": 0} == dict.fromkeys(again.counts, 0) | {"same": 2}
    (batch,) = (await site.client.contact_batches()).batches
    assert (batch.source, batch.contacts, batch.undone_by) == ("customers.csv", 2, None)
    assert (await site.client.undo_batch(batch.id)).contacts == 2
    assert [c.card.reading for c in (await site.client.contacts()).contacts] == [""]


async def test_p6_what_was_seen_is_what_is_done(site: Site) -> None:
    """Seen red: applied without comparing again."""
    made = await site.client.add_contact(name="山田 花子", numbers=["090-1234-5678"])
    seen = await site.client.preview_import(CSV.encode())
    await site.client.edit_contact(made.id, notes="夜")
    with pytest.raises(Refused, match="have changed since they were compared") as refused:
        await site.client.apply_import(CSV.encode(), seen.seen)
    assert refused.value.code == "conflict"
    assert await site.store.run(contacts.count) == 1
    assert (await site.client.contact_batches()).batches == []


async def test_a_person_decides_conflicts_zeros_encoding_and_columns(site: Site) -> None:
    await site.client.add_contact(name="田村", numbers=["090-1234-5678"])
    data = "誰,どこ\n田中,090-1234-5678\n林,9087654321\n".encode("euc_jp")
    wanted: dict[str, Any] = {
        "encoding": "euc_jp",
        "headed": True,
        "columns": ["name", "number"],
        "zeros": True,
        "group": "八月",
    }
    seen = await site.client.preview_import(data, **wanted)
    conflict, new = seen.items
    assert (conflict.why and conflict.why.code, conflict.known_as) == ("other_name", "田村")
    assert (new.kind, new.numbers) == ("new", ["+819087654321"])
    done = await site.client.apply_import(data, seen.seen, {2: "add"}, **wanted)
    assert (done.added, done.skipped) == (2, 0)
    assert sorted(c.card.name for c in (await site.client.contacts(group="八月")).contacts) == ["林", "田中"]
    problem(await site.http.post("/v1/contacts/import/preview", json={"content": "###"}), 422, "invalid")


async def test_a_spreadsheet_and_a_large_file_find_room(site: Site) -> None:
    book = workbook(["氏名", "携帯電話"], *([f"名{n}", f"090-{n:04d}-0000"] for n in range(1000, 1200)))
    assert (await site.client.preview_import(book)).counts["new"] == 200
    large = b"name,notes\n" + b"".join(b"n%d,%s\n" % (n, b"x" * 200) for n in range(12_000))
    assert len(large) > 2 * 2**20
    assert (await site.client.preview_import(large)).counts["new"] == 12_000
    answer = await site.http.post("/v1/messages", content=b"x" * (3 * 2**20))
    problem(answer, 413, "too_large")


async def test_exports_are_read_again_as_the_same(site: Site) -> None:
    for n in range(150):
        await site.store.run(contacts.add, Card(f"=名{n}", numbers=(f"+8190123{n:05d}",)), NOW, "ann")
    for kind in ("csv", "vcard"):
        data = await site.client.export_contacts(kind)
        assert (await site.client.preview_import(data)).counts["same"] == 150
    assert (await site.client.export_contacts(q="名7")).count(b"\r\n") == 12
    answer = await site.http.get("/v1/contacts/export?kind=csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="contacts.csv"'
    assert io.BytesIO(answer.content).read(3) == b"\xef\xbb\xbf"
    problem(await site.http.get("/v1/contacts/export?kind=pdf"), 422, "invalid")


async def test_hygiene(site: Site) -> None:
    ids = [(await site.client.add_contact(name=name, numbers=["090-1234-5678"])).id for name in ("田中", "田村")]
    (case,) = (await site.client.hygiene()).cases
    assert (case.kind, case.actions, case.keeps) == ("two_names", ["keep", "merge", "dismiss"], ["keep", "merge"])
    assert case.sentence == "+819012345678 stands under several names: 田中, 田村."
    done = await site.client.tidy_up(case.kind, case.key, "merge", keep=ids[1])
    assert [c.card.name for c in (await site.client.contacts()).contacts] == ["田村"]
    assert done.batch is not None
    await site.client.undo_batch(done.batch)
    assert (await site.client.tidy_up(case.kind, case.key, "dismiss")).batch is None
    assert (await site.client.hygiene()).cases == []


async def test_opt_outs(site: Site) -> None:
    await site.client.add_contact(name="Ann", numbers=[ALICE])
    staged = await site.stage(ALICE)
    await site.store.run(hear, "もう送らないでください")
    (asked,) = (await site.client.opt_outs(state="asked")).opt_outs
    assert (asked.number, asked.said, asked.names, asked.held) == (
        ALICE,
        "もう送らないでください",
        ["Ann"],
        [staged["id"]],
    )
    assert (await site.client.add_opt_out(ALICE, "on the phone")).state == "out"
    assert [(s.what, s.who) for s in (await site.client.opt_out(ALICE)).history or []] == [
        ("asked", None),
        ("out", "root"),
    ]
    assert (await site.client.contacts()).contacts[0].opted_out == [ALICE]
    await site.client.lift_opt_out(ALICE, "she called again")
    assert (await site.client.opt_outs()).opt_outs == []
    assert (await site.client.opt_out(ALICE)).state == "back"
    for answer in (
        await site.http.get(f"/v1/opt-outs/{BOB}"),
        await site.http.delete(f"/v1/opt-outs/{BOB}"),
    ):
        problem(answer, 404, "not_found")
    problem(await site.http.post("/v1/opt-outs", json={"number": "hello"}), 422, "invalid")
    detail = [event.detail for event in (await site.client.log(limit=20)).events if event.kind == "opt_out"]
    assert detail == [
        f"{ALICE} may be written to again",
        f"{ALICE} wants no more messages",
        f"{ALICE} may want no more messages: a person reads it",
    ]
