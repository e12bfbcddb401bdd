"""Who asks for no more messages gets none: at once, from all SIMs, until it asks for them again."""

import pytest
from sqlite_utils import Database

from drivers.pdu import Concat
from modemd.engine.inbound import Source, take
from modemd.model.errors import Blocked, NotFound
from modemd.model.opt_out import WORDS, Asked, Rules, asked
from modemd.store import events, messages, opt_outs, outbox, transmit
from modemd.store.opt_outs import ASKED, BACK, OUT
from modemd.store.transmit import Mark
from tests.modemd.outbox_at_hand import ALICE, BOB, NOW, M, P, add, find, mark, parts, queued, state
from tests.modemd.site import Site, problem
from tests.modemd.test_inbox import SOURCE, deliver

# -- what a message asks for ------------------------------------------------------------------------------


@pytest.mark.parametrize("word", sorted({word for line in WORDS.values() for word in line.split()}))
def test_each_word_in_every_dress(word: str) -> None:
    for dressed in (word, word.lower(), f" {word}. ", f"「{word}」", f"{word}!!", f"{word}\n", f"({word.title()})"):
        assert asked(dressed) is Asked.STOP, dressed


@pytest.mark.parametrize(
    "text", ["ＳＴＯＰ", "Stop all", "opt-out", "s.t.o.p", "すとっぷ", "ｽﾄｯﾌﾟ", "配信停止。", "Arrêt"]
)
def test_words_as_people_write_them(text: str) -> None:
    assert asked(text) is Asked.STOP


NEAR = """STOP PLEASE|Please stop|stpo|STOPE|unsubscribe me|Stop texting me|Don’t text me again
もう送らないでください|送らないでください|メールは不要です|もういらないです|今後の連絡は結構です
配信を停止してください|登録を削除してください|STOPでお願いします|停止してください|please remove me from your list"""
ORDINARY = """|👍|Yes|shop|top|I will stop by at 5|Meet me at the bus stop at ten, not before please|Can't stop now
キャンセルは不要です|予約を解除したいのですが|停止線の前で待ちます|三時に伺います|来ないでください|No thanks
The end|remove the old part first|Could you cancel my appointment?|終わりました|停電はいつまでですか"""


@pytest.mark.parametrize("text", NEAR.replace("\n", "|").split("|"))
def test_what_a_person_reads_first(text: str) -> None:
    assert asked(text) is Asked.NEAR


@pytest.mark.parametrize("text", ORDINARY.replace("\n", "|").split("|"))
def test_what_is_an_ordinary_answer(text: str) -> None:
    assert asked(text) is None


def test_start_and_the_words_of_the_site() -> None:
    assert [asked(text) for text in ("START", "unstop", "YES")] == [Asked.START, Asked.START, None]
    rules = Rules(stop=("やめて", "BASTA"), start=("はじめ",))
    assert [asked(text, rules) for text in ("ヤメテ！", "basta", "はじめ")] == [Asked.STOP, Asked.STOP, Asked.START]


# -- what is held at once ---------------------------------------------------------------------------------


def hear(
    db: Database, text: str, sender: str = ALICE, *, at: float = NOW, second: int = 0, modem: str = "north"
) -> None:
    take(db, deliver(text, sender=sender, second=second), Source(modem, f"sim-{modem}"), at)


def test_p6_a_stop_holds_all_that_has_not_left_in_the_same_transaction(db: Database) -> None:
    """Seen red: with the messages held by a later job, a crash in between lets them go."""
    burning, waiting, other = add(db), queued(db, modem="south"), queued(db, BOB)
    scheduled = add(db, send_at=NOW + 9999)
    emergency, draft = queued(db, category="emergency"), add(db, fuse=None)
    hear(db, "STOP")
    assert [state(db, id) for id in (burning, waiting, scheduled)] == [M.HELD] * 3
    assert find(db, burning).error == "recipient_opted_out"
    assert [state(db, id) for id in (other, emergency, draft)] == [M.QUEUED, M.QUEUED, M.DRAFT]
    assert opt_outs.held(db, ALICE) == [burning, waiting, scheduled]
    found = opt_outs.find(db, ALICE)
    assert found is not None
    assert (found.state, found.how, found.inbound_id) == (OUT, "message", 1)
    assert [(e.subject, e.new) for e in events.since(db, 0, 99) if e.kind == "opt_out"] == [(ALICE, OUT)]
    assert outbox.due(db, NOW + 99) == []
    assert transmit.claimable(db, ["north", "south"], {other, emergency}, NOW) == []


def test_p6_what_is_staged_meanwhile_is_held_at_release(db: Database) -> None:
    hear(db, "STOP")
    late = add(db)
    assert outbox.release(db, late, NOW + 10)
    assert mark(db, late, at=NOW + 10) is Mark.OPTED_OUT
    assert (state(db, late), find(db, late).error) == (M.HELD, "recipient_opted_out")


def test_p6_the_mark_is_refused(db: Database) -> None:
    """Claimed before, held since. Seen red: without the question in `mark`."""
    id = queued(db)
    opt_outs._set(db, opt_outs.OptOut(ALICE, OUT, NOW, "person", "ann"), None)
    assert mark(db, id) is Mark.OPTED_OUT
    assert (state(db, id), parts(db, id), find(db, id).error) == (M.HELD, [P.QUEUED], "recipient_opted_out")
    assert db.execute("select count(*) from spent").fetchone() == (0,)


def test_p6_between_two_parts_the_rest_stays_here(db: Database) -> None:
    id = queued(db, parts=3)
    assert mark(db, id, 1) is Mark.GO
    hear(db, "停止")
    assert state(db, id) is M.SUBMITTING  # what is on air is not called back
    transmit.submitted(db, id, 1, 7, NOW)
    assert mark(db, id, 2) is Mark.OPTED_OUT
    assert (state(db, id), parts(db, id)) == (M.HELD, [P.SUBMITTED, P.QUEUED, P.QUEUED])
    assert outbox.cancel(db, id, NOW, "ann").outcome == "partly"


def test_what_comes_back_refused_is_held_too(db: Database) -> None:
    id = queued(db)
    assert mark(db, id) is Mark.GO
    hear(db, "STOP")
    transmit.refused(db, id, 1, NOW, "cms_42", retry_at=NOW + 60)
    assert mark(db, id, at=NOW + 60) is Mark.OPTED_OUT


def test_a_near_miss_suspends_until_a_person_has_read_it(db: Database) -> None:
    waiting = queued(db)
    hear(db, "もう送らないでください")
    assert (state(db, waiting), find(db, waiting).error) == (M.HELD, "recipient_opt_out_asked")
    assert [each.state for each in opt_outs.page(db, None, 9)] == [ASKED]
    with pytest.raises(Blocked, match="may have asked for no more messages"):
        opt_outs.refuse(db, [(ALICE, "service")])
    opt_outs.lift(db, ALICE, NOW, who="ann")
    opt_outs.refuse(db, [(ALICE, "service")])
    assert state(db, waiting) is M.HELD  # whoever decides looks at it, and stages it again
    hear(db, "STOP PLEASE", second=1)
    assert opt_outs.put(db, ALICE, OUT, NOW, who="ann", note="she meant it")
    hear(db, "stop that please", second=2)
    assert [each.state for each in opt_outs.page(db, None, 9)] == [OUT]
    assert [(step.what, step.who) for step in opt_outs.history(db, ALICE)] == [
        (ASKED, None),
        (BACK, "ann"),
        (ASKED, None),
        (OUT, "ann"),
    ]


def test_start_lifts_and_consent_is_kept(db: Database) -> None:
    hear(db, "STOP")
    hear(db, "start", at=NOW + 9, second=1)
    assert opt_outs.page(db, None, 9) == []
    assert mark(db, queued(db)) is Mark.GO
    assert [(step.what, step.at) for step in opt_outs.history(db, ALICE)] == [(OUT, NOW), (BACK, NOW + 9)]
    hear(db, "START", BOB)  # who never stopped
    assert opt_outs.history(db, BOB) == []
    with pytest.raises(NotFound, match="has not asked for anything"):
        opt_outs.lift(db, BOB, NOW, who="ann")


def test_the_same_pdu_twice_does_not_bring_a_stop_back(db: Database) -> None:
    hear(db, "STOP")
    hear(db, "START", second=1)
    hear(db, "STOP")
    assert opt_outs.page(db, None, 9) == []


@pytest.mark.parametrize("sender", ["+819012345678", "09012345678", "819012345678"])
@pytest.mark.parametrize("region", ["JP", None])
def test_a_sender_without_its_country_is_the_same_number(db: Database, sender: str, region: str | None) -> None:
    """Japan's networks leave +81 out. Seen red: compared as it came."""
    opt_outs.configure(db, Rules(region=region))
    waiting = queued(db, "+819012345678")
    hear(db, "STOP", sender)
    assert state(db, waiting) is M.HELD


def test_whom_nobody_can_write_to_cannot_opt_out(db: Database) -> None:
    take(db, deliver("STOP", sender="MYBANK", alphanumeric=True), SOURCE, NOW)
    take(db, "nonsense", SOURCE, NOW)
    hear(db, "STOP", "80800")
    assert opt_outs.page(db, None, 9) == []


def test_a_long_message_is_read_whole(db: Database) -> None:
    for n, text in ((2, "でください"), (1, "もう送らない")):
        take(db, deliver(text, concat=Concat(7, 2, n)), SOURCE, NOW)
    assert [each.state for each in opt_outs.page(db, None, 9)] == [ASKED]


def test_categories_as_configured(db: Database) -> None:
    opt_outs.configure(db, Rules(applies_to=("promotional",)))
    service, advert = queued(db), queued(db, category="promotional")
    hear(db, "STOP")
    assert (state(db, service), state(db, advert)) == (M.QUEUED, M.HELD)
    assert mark(db, service) is Mark.GO
    opt_outs.refuse(db, [(ALICE, "service")])


# -- the confirmation -------------------------------------------------------------------------------------

CONFIRM = Rules(confirm="You will get no more messages.", fuse=5.0)


def confirmations(db: Database) -> list[int]:
    found, _ = messages.page(db, "all", None, 99, 0.0, {})
    return [message.id for message in found if message.author == "opt-out"]


def test_without_a_text_nothing_is_answered(db: Database) -> None:
    hear(db, "STOP")
    assert confirmations(db) == []


def test_one_confirmation_goes_through_the_outbox_and_past_the_opt_out(db: Database) -> None:
    opt_outs.configure(db, CONFIRM)
    other = queued(db)
    hear(db, "STOP", modem="south")
    (id,) = confirmations(db)
    told = find(db, id)
    assert (told.recipient, told.text, told.state, told.release_at, told.modem) == (
        ALICE,
        "You will get no more messages.",
        M.STAGED,
        NOW + 5,
        "south",
    )
    assert outbox.release(db, id, NOW + 5)
    assert mark(db, id, at=NOW + 5) is Mark.GO
    assert state(db, other) is M.HELD
    hear(db, "STOP", second=1)
    hear(db, "START", second=2)
    hear(db, "STOP", at=NOW + 3600, second=3)
    assert confirmations(db) == [id]
    hear(db, "START", second=4)
    hear(db, "STOP", at=NOW + 90_000, second=5)
    assert len(confirmations(db)) == 2


def test_a_near_miss_is_not_confirmed(db: Database) -> None:
    opt_outs.configure(db, CONFIRM)
    hear(db, "STOP PLEASE")
    assert confirmations(db) == []


# -- at the doors -----------------------------------------------------------------------------------------


async def test_nothing_new_is_staged_for_who_wants_none(site: Site) -> None:
    """Seen red: with the question asked before the transaction, a STOP in between is overlooked."""
    held = await site.stage()
    draft = await site.stage(draft=True)
    await site.store.run(hear, "STOP")
    for answer in (
        await site.http.post("/v1/messages", json={"to": ALICE, "text": "Hello"}),
        await site.http.post("/v1/messages", json={"to": [BOB, ALICE], "text": "Hello"}),
        await site.http.patch(f"/v1/messages/{draft['id']}", json={"draft": False}),
        await site.http.patch(f"/v1/messages/{held['id']}", json={"fuse": "1s"}),
    ):
        body = problem(answer, 422, "blocked")
        found = [(each["code"], each["subject"]) for each in body["findings"] if each["severity"] == "block"]
        assert found == [("recipient_opted_out", "recipient")]
    assert (await site.http.post("/v1/messages", json={"to": ALICE, "text": "x", "draft": True})).status_code == 201
    lint = (await site.http.post("/v1/lint", json={"to": ALICE, "text": "Hello"})).json()
    assert [each["code"] for each in lint["findings"] if each["severity"] == "block"] == ["recipient_opted_out"]
    shown = (await site.http.get(f"/v1/messages/{held['id']}", headers={"Accept-Language": "en"})).json()
    assert (shown["state"], shown["error"]["code"], [each["code"] for each in shown["holds"]]) == (
        "held",
        "recipient_opted_out",
        ["recipient_opted_out"],
    )
    assert (await site.stage(category="emergency"))["state"] == "staged"
