"""Every door shows the same findings: lint, staging, and what is asked again at release (P6)."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from modemd.checks.dates import KANJI
from modemd.model.message import Message
from modemd.store import messages
from tests.modemd.site import Site

TO = "9012345678"  # its 0 is lost


def wrong_weekday() -> tuple[str, str]:
    """A date a week ahead, with the day of the week before it and its own."""
    day = datetime.now().astimezone().date() + timedelta(days=7)
    text = "ご予約は{}月{}日({})です。"
    return tuple(text.format(day.month, day.day, KANJI[(day.weekday() + step) % 7]) for step in (-1, 0))  # type: ignore[return-value]


async def lint(site: Site, **body: Any) -> list[dict[str, Any]]:
    answer = await site.http.post("/v1/lint", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["findings"]
    return found


async def test_lint_and_staging_say_the_same(site: Site) -> None:
    """Seen red: with the findings of the answer asked of the number as it is dialled."""
    site = site.configured(region="JP")
    text, _ = wrong_weekday()
    linted = await lint(site, to=TO, text=text)
    staged = await site.stage(TO, text)
    assert staged["findings"] == linted
    assert [finding["code"] for finding in linted] == ["recipient_zero_lost", "recipient_new", "text_weekday"]
    batch = await site.http.post("/v1/messages", json={"to": [TO, "090-1234-5679"], "text": text})
    codes = [[each["code"] for each in message["findings"]] for message in batch.json()["messages"]]
    assert codes == [["recipient_zero_lost", "recipient_new", "text_weekday"], ["recipient_new", "text_weekday"]]
    await site.close()


async def test_a_fix_is_an_edit_that_repairs(site: Site) -> None:
    site = site.configured(region="JP")
    text, right = wrong_weekday()
    found = {finding["code"]: finding for finding in await lint(site, to=TO, text=text)}
    start, end = found["text_weekday"]["span"]
    new = found["recipient_new"]
    assert text[:start] + found["text_weekday"]["fix"] + text[end:] == right
    assert await lint(site, to=found["recipient_zero_lost"]["fix"], text=right) == [new]
    await site.close()


async def test_what_has_to_be_confirmed_holds_and_what_blocks_is_not_staged(site: Site) -> None:
    site = site.configured(region="JP")
    staged = await site.stage("090-1234-5678", "{{name}}様、ご予約を承りました。")
    assert (staged["state"], [each["severity"] for each in staged["findings"]]) == ("held", ["note", "confirm"])
    assert [(each["code"], each["needs"]) for each in staged["holds"]] == [("text_placeholder", "confirm")]
    for to, code in (
        ("110", "recipient_short"),
        ("0800-123-4567", "recipient_service"),
        ("03-3123-4567", "recipient_fixed"),
    ):
        refused = await site.http.post("/v1/messages", json={"to": to, "text": "Hello"})
        assert refused.status_code == 422
        assert code in [each["code"] for each in refused.json()["findings"] if each["severity"] == "block"]
    await site.close()


async def codes_again(site: Site, message: Message) -> list[str]:
    return [each.code for each in (await site.desk.look_again(message)).findings]


async def test_a_text_that_was_held_over_midnight_is_seen_through_at_release(site: Site) -> None:
    """「明日」 was written for yesterday's morrow."""
    site = site.configured(region="JP")
    staged = await site.stage("090-1234-5678", "明日10時に伺います。")
    message = await site.store.run(messages.find, staged["id"])
    assert await codes_again(site, message) == ["recipient_new"]
    older = replace(message, staged_at=(message.staged_at or 0.0) - 86400)
    assert await codes_again(site, older) == ["recipient_new", "text_day_moved"]
    await site.close()


async def test_a_schedule_is_examined_for_its_own_day(site: Site) -> None:
    site = site.configured(region="JP")
    send_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    staged = await site.stage("090-1234-5678", "明日10時に伺います。", send_at=send_at)
    assert [each["code"] for each in staged["findings"]] == ["recipient_new", "text_relative_day"]
    message = await site.store.run(messages.find, staged["id"])
    assert await codes_again(site, message) == ["recipient_new", "text_relative_day"]
    await site.close()


def test_lint_on_the_command_line_needs_no_daemon() -> None:
    """The shape is a contract: DESIGN.md section 5."""
    command = [sys.executable, "-m", "modemd", "lint", "--json", "--lang", "en", "--socket", "/nowhere/api.sock"]
    ran = subprocess.run([*command, "--to", "+447700900001", wrong_weekday()[0]], capture_output=True, check=True)
    view = json.loads(ran.stdout)
    (finding,) = view["findings"]
    assert set(finding) == {"code", "severity", "subject", "message", "span", "fix"}
    assert (finding["code"], finding["severity"], finding["subject"]) == ("text_weekday", "confirm", "text")
    assert "either the date or the day of the week is wrong" in finding["message"]
    assert view["encoding"] == "ucs2"
