"""The two corpora: texts with the situation in which they are sent, a JSON object a line.

`ordinary.jsonl` holds what businesses write; `mistakes.jsonl` what must be found, with its code and, where there
is one, the text, recipient or time as it is `fixed`. All of it was written for this purpose: the people and houses
are nobody's. `at` is where the site stands ("jp" where nothing is said); what is left out of a situation is not known.
"""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from modemd.checks.table import examine, examine_list
from modemd.model.candidate import Candidate, Knowledge, Site
from modemd.model.directory import Directory, Person
from modemd.model.finding import Finding

HERE = Path(__file__).parent
_TIMES = ("now", "send_at", "meant_for", "last_undo")
_BASES = {
    "jp": ("2026-11-24T10:00:00+09:00", "+819012345678", Site(region="JP", zone=ZoneInfo("Asia/Tokyo"))),
    "uk": ("2026-11-24T10:00:00+00:00", "+447700900001", Site(region="GB", zone=ZoneInfo("Europe/London"))),
    "us": ("2026-11-24T10:00:00-05:00", "+12125550123", Site(region="US", zone=ZoneInfo("America/New_York"))),
}


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def candidate(case: dict[str, Any]) -> Candidate:
    """The case as the checks get it."""
    now, to, site = _BASES[case.get("at", "jp")]
    given = {"now": now, "to": to} | case
    settings: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in case.get("site", {}).items()
    }
    times: dict[str, Any] = {key: datetime.fromisoformat(given[key]) for key in _TIMES if key in given}
    plain = {
        key: given[key] for key in ("category", "clock_set", "by_hand", "sends_last_minute", "reason") if key in given
    }
    return Candidate(
        to=given["to"],
        text=given["text"] * given.get("times", 1),
        site=replace(site, **settings),
        known=_knowledge(given),
        **times,
        **plain,
    )


def _person(id: int, case: dict[str, Any]) -> Person:
    lists = {key: tuple(case.get(key, ())) for key in ("numbers", "identifiers")}
    return Person(id, case.get("name", ""), case.get("reading", ""), written=case.get("written", 0), **lists)


def _knowledge(case: dict[str, Any]) -> Knowledge:
    plain: dict[str, Any] = {key: case[key] for key in ("written_before", "last_failures", "opted_out") if key in case}
    if "last_heard" in case:
        plain["last_heard"] = datetime.fromisoformat(case["last_heard"])
    if "repeated" in case:
        plain["last_same"] = datetime.fromisoformat(case["repeated"])
    person = _person(case.get("contact", 0), case) if "name" in case else None
    others = [_person(id, other) for id, other in enumerate(case.get("others", ()), 1000)]
    directory = Directory.of([*others, *([person] if person else [])]) if others else None
    return Knowledge(person, directory, **plain)


def rows(case: dict[str, Any]) -> list[Candidate]:
    """A list of recipients, each a candidate."""
    names, contacts = case.get("names", []), case.get("contacts", [])
    numbers = case.get("list") or [f"+8190{12340000 + row}" for row in range(case["many"])]
    return [
        candidate(
            case
            | {"to": to}
            | ({"name": names[row]} if names else {})
            | ({"contact": contacts[row]} if contacts else {})
        )
        for row, to in enumerate(numbers)
    ]


def found(case: dict[str, Any]) -> list[Finding]:
    if "list" in case or "many" in case:
        return examine_list(rows(case))
    return examine(candidate(case))


def repaired(case: dict[str, Any], finding: Finding) -> dict[str, Any]:
    """The case after the key of its fix was pressed."""
    assert finding.fix is not None
    if finding.subject == "recipient":
        return case | {"to": finding.fix}
    if finding.subject == "time":
        return case | {"send_at": finding.fix}
    assert finding.span is not None
    start, end = finding.span
    return case | {"text": case["text"][:start] + finding.fix + case["text"][end:]}
