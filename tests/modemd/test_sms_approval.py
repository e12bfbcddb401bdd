"""Approval by SMS: the code goes to the registered number, and only its answer from there counts, once."""

import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlite_utils import Database

from modemd.config_people import PeopleConfig, SmsConfig
from modemd.model.actor import CODES
from modemd.model.approval import Rule
from modemd.model.states import MessageState
from modemd.staging.sms_approval import SmsApproval
from modemd.store import approval_codes, events, inbox, messages
from tests.modemd.outbox_at_hand import SIM, send
from tests.modemd.site import ALICE, BOB, CONFIG, Site
from tests.modemd.test_approvals import BIN, DAEMON, ROOT, Desk

M = MessageState
PHONE, OTHER = "+447700900777", "+447700900778"


class Sms(Desk):
    """A site at which the users daemon and root approve by SMS."""

    def __init__(self, site: Site, numbers: dict[str, str], **rest: Any) -> None:
        config = SmsConfig(numbers, **rest)
        super().__init__(site.configured(people=PeopleConfig(approval=(Rule("all"),), approval_sms=config)))
        self.task = SmsApproval(CONFIG, config, self.store, self.site.desk, lambda: None)

    async def look(self) -> None:
        await self.task.look()

    async def codes(self, number: str = PHONE) -> list[str]:
        """The texts that went to a number, as the modem gets them."""
        rows = await self.store.run(
            lambda db: db.execute("select text from message where recipient = ? order by id", (number,)).fetchall()
        )
        return [row[0] for row in rows]

    async def code(self, number: str = PHONE) -> str:
        found = re.search(r"with (\d{6}) within", (await self.codes(number))[-1])
        assert found is not None
        return found[1]

    async def answer(self, text: str, sender: str = PHONE) -> None:
        pdu = f"{time.monotonic_ns():X}"
        await self.store.run(inbox.add, inbox.Received(pdu, SIM, "north", sender, False, text, None), time.time())
        await self.look()

    async def outcomes(self) -> list[str | None]:
        found = await self.store.run(events.before, None, 99)
        return [event.code for event in reversed(found) if event.kind == "code"]

    async def asked(self, text: str = "Hello", **rest: Any) -> int:
        id = int((await self.stage(text, **rest))["id"])
        await self.look()
        return id


@pytest.fixture
async def sms(site: Site) -> AsyncIterator[Sms]:
    made = Sms(site, {DAEMON: PHONE, ROOT: OTHER})
    yield made
    await made.close()


async def test_the_right_code_from_the_right_number(sms: Sms) -> None:
    id = await sms.asked("See you at three")
    (text,) = await sms.codes()
    assert re.fullmatch(
        rf"Approve message {id} to \{ALICE}\? Answer with \d{{6}} within 15 min\. It says: See you at three", text
    )
    sent = (await sms.store.run(messages.page, "queued", None, 9, 0.0, {}))[0][0]
    assert (sent.writers, sent.category, sent.recipient) == ((CODES.key,), "service", PHONE)
    await sms.answer(f"Yes: {await sms.code()}.")
    assert await sms.state(id) is M.STAGED


async def test_who_wrote_it_is_not_asked(sms: Sms) -> None:
    """Seen red: when everybody with a number was asked."""
    await sms.asked()
    assert (len(await sms.codes(PHONE)), await sms.codes(OTHER)) == (1, [])


async def test_nobody_is_asked_twice(sms: Sms) -> None:
    await sms.asked()
    await sms.look()
    assert len(await sms.codes()) == 1


@pytest.mark.parametrize("answer", ["０１２３４５", "yes 12345 1234567"])
async def test_digits_in_full_width_are_digits_and_other_lengths_no_code(sms: Sms, answer: str) -> None:
    await sms.asked()
    await sms.store.run(lambda db: db.execute("delete from wrong_code"))
    await sms.answer(answer)
    wrong = await sms.store.run(lambda db: db.execute("select count(*) from wrong_code").fetchone()[0])
    assert wrong == (1 if answer.startswith("０") else 0)


async def test_the_code_from_another_number_is_nothing(sms: Sms) -> None:
    """Seen red: when the sender was not compared."""
    id = await sms.asked()
    code = await sms.code()
    for sender in (OTHER, BOB, "MODEMD"):
        await sms.answer(code, sender)
    assert (await sms.state(id), await sms.outcomes()) == (M.HELD, [])
    await sms.answer(code)
    assert await sms.state(id) is M.STAGED


async def test_a_code_is_used_once(sms: Sms) -> None:
    """Seen red: when a code that was used stayed good."""
    first = await sms.asked()
    code = await sms.code()
    taken = [await sms.store.run(approval_codes.take, PHONE, code, time.time()) for _ in range(2)]
    assert [each and each.message_id for each in taken] == [first, None]


async def test_an_edit_is_asked_about_with_a_new_code(sms: Sms) -> None:
    id = await sms.asked()
    old = await sms.code()
    await sms.answer(old)
    await sms.root.patch(f"/v1/messages/{id}", json={"text": "Hello"})
    await sms.answer(old)
    assert await sms.state(id) is M.HELD
    await sms.answer(await sms.code())
    assert await sms.state(id) is M.STAGED


async def test_a_code_is_for_what_it_was_sent_for(sms: Sms) -> None:
    """P6."""
    id = await sms.asked()
    code = await sms.code()
    await sms.root.patch(f"/v1/messages/{id}", json={"text": "Other"})
    await sms.answer(code)
    assert await sms.state(id) is M.HELD
    assert (await sms.outcomes())[-1] in ("changed", "wrong")


async def test_a_code_ends(sms: Sms) -> None:
    id = await sms.asked()
    code = await sms.code()
    await sms.store.run(lambda db: db.execute("update approval_code set expires_at = 5"))
    await sms.answer(code)
    assert await sms.state(id) is M.HELD


async def test_wrong_codes_are_counted_and_lock_the_number(sms: Sms) -> None:
    """Seen red: when they were not counted."""
    id = await sms.asked()
    code = await sms.code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(3):
        await sms.answer(wrong)
    await sms.answer(code)
    assert await sms.state(id) is M.HELD
    assert await sms.outcomes() == ["wrong", "wrong", "wrong", "locked"]
    assert (await sms.approve(sms.bin, id)).json()["state"] == "staged"


async def test_no_role_no_code(site: Site) -> None:
    sms = Sms(site, {BIN: PHONE, "nobody-at-all": OTHER})
    sms.site.desk.people._config = PeopleConfig(roles={"write": (ROOT, BIN)})
    await sms.asked()
    assert await sms.codes() == []
    await sms.close()


async def test_a_batch_takes_one_code(sms: Sms) -> None:
    batch = await sms.stage(to=[ALICE, BOB])
    await sms.look()
    assert "Approve 2 messages (batch" in (await sms.codes())[0]
    await sms.answer(await sms.code())
    assert [await sms.state(each["id"]) for each in batch["messages"]] == [M.STAGED, M.STAGED]


async def test_a_text_too_long_to_be_shown_is_not_asked_about(sms: Sms) -> None:
    await sms.asked("a" * 1500)
    assert await sms.codes() == []


async def test_nobody_but_its_recipient_sees_the_code(sms: Sms) -> None:
    """In no list, no search, no conversation. Seen red: with the text as it is."""
    await sms.answer("Good morning")
    await sms.asked()
    code = await sms.code()
    id = (await sms.store.run(messages.page, "queued", None, 9, 0.0, {}))[0][0].id

    def submit(db: Database) -> None:

        send(db, id, at=time.time())

    await sms.store.run(submit)
    for path in ("messages", f"messages/{id}", "log", "conversations", f"messages?q={code}", "inbox"):
        assert code not in (await sms.root.get(f"/v1/{path}")).text
    shown = await sms.root.get("/v1/conversation", params={"number": PHONE})
    assert code not in shown.text
    assert "Answer with ••••••" in shown.text
    assert (await sms.root.get("/v1/messages", params={"q": code})).json()["messages"] == []
