"""How long the fuse burns, and what a person does to confirm: from what a message risks."""

from datetime import UTC, datetime

import pytest

from drivers.words import Sentence
from modemd.checks.risk import Risk, RiskPolicy, acts, assess, fuse_for
from modemd.checks.row import ACTS
from modemd.checks.table import ROWS
from modemd.model.candidate import Candidate, Knowledge
from modemd.model.directory import Person
from modemd.model.finding import Finding

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
OLD = Knowledge(Person(1, "田村 健"), written_before=True)


def finding(code: str) -> Finding:
    row = ROWS[code]
    return Finding(code, row.severity, row.subject, Sentence(row.sentence))


def risk(text: str = "See you at 3.", *codes: str, known: Knowledge = OLD, recipients: int = 1) -> Risk:
    return assess(Candidate("+447700900001", text, NOW, known=known), [finding(code) for code in codes], recipients)


def test_a_known_contact_and_a_plain_text_burn_ten_seconds() -> None:
    assert risk() == Risk(0, 10.0, False, Sentence("nothing unusual"))
    assert risk("See you at 3.", "recipient_twin_usual", "text_doubled").fuse == 10.0
    assert risk("See you at 3.", "text_weekday").fuse == 10.0


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (risk(known=Knowledge(written_before=False)), "new number"),
        (risk("合計12,800円です。"), "money"),
        (risk("Please pay £45."), "money"),
        (risk("予約は https://example.com/a から"), "a link"),
        (risk(recipients=21), "21 recipients"),
        (risk("See you at 3.", "text_weekday", "text_clock"), "2 to confirm"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_of_these_alone_burns_two_minutes(found: Risk, reason: str) -> None:
    """Seen red: with any of the weights one point lower."""
    assert (found.fuse, found.waits, str(found.reason)) == (120.0, False, reason)


def test_risks_add_up_to_a_longest_fuse_and_are_said_in_one_line() -> None:
    found = risk("£45: https://example.com/a", "time_late", known=Knowledge(written_before=False))
    assert str(found.reason) == "new number, money, a link, haste or a long silence"
    assert (found.score, found.fuse) == (105, 420.0)
    assert risk("£45: https://example.com/a", *(code for code in ROWS)).fuse == 600.0


def test_bulk_waits_for_a_person() -> None:
    assert risk(recipients=100).waits is False
    assert risk(recipients=101).waits is True
    assert str(risk(recipients=101).reason) == "101 recipients: waits for a person"


def test_more_findings_never_shorten_a_fuse() -> None:
    codes = list(ROWS)
    fuses = [risk("See you at 3.", *codes[:count]).fuse for count in range(len(codes))]
    assert fuses == sorted(fuses)


def test_a_person_lengthens_and_never_shortens() -> None:
    risky = risk("Please pay £45.")
    assert [fuse_for(risky, asked) for asked in (None, 0.0, 119.0, 120.0, 900.0)] == [120.0, 120.0, 120.0, 120.0, 900.0]


def test_a_site_has_its_own_policy() -> None:
    policy = RiskPolicy(known_fuse=5.0, risky_fuse=60.0, many=2, bulk=3, link=0)
    candidate = Candidate("+447700900001", "https://example.com/a", NOW, known=OLD)
    assert assess(candidate, [], policy=policy).fuse == 5.0
    assert assess(candidate, [], 3, policy).fuse == 60.0
    assert assess(candidate, [], 4, policy).waits


def test_the_confirming_act_grows_with_the_risk() -> None:
    """Seen red: with the step left out."""
    candidate = Candidate("+447700900001", "Hello", NOW, known=OLD)
    found = [finding("text_weekday"), finding("recipient_twin"), finding("text_name"), finding("recipient_new")]

    def at(score: int, candidate: Candidate = candidate) -> list[str]:
        return list(acts(candidate, found, Risk(score, 10.0, False, Sentence(""))).values())

    assert at(0) == ["key", "last_four", "family_name"]
    assert at(60) == ["last_four", "family_name", "family_name"]
    assert at(120) == ["family_name"] * 3
    assert at(9999) == ["family_name"] * 3
    assert at(120, Candidate("+447700900001", "Hello", NOW)) == ["last_four"] * 3  # a name that nobody knows


def test_no_act_is_enter_and_every_confirm_has_one() -> None:
    assert ACTS == ("key", "last_four", "family_name")
    assert all(row.act in ACTS for row in ROWS.values())
