"""What a site makes of the findings, and what no text can do to the checks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modemd.checks.table import CHECKS, ROWS, examine, examine_list
from modemd.model.candidate import Candidate, Category, Knowledge, Site
from modemd.model.directory import Directory, Person

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TEXT = "明日11/26(木)に{{name}}様へhttps://bit.ly/a"


def severities(**site: str) -> dict[str, str]:
    wanted = Site(region="JP", zone=ZoneInfo("Asia/Tokyo"), severities=site)  # type: ignore[arg-type]
    found = examine(Candidate("090-1234-5678", TEXT, NOW, site=wanted))
    return {finding.code: finding.severity for finding in found}


def test_a_site_raises_lowers_and_switches_off() -> None:
    usual = severities()
    assert usual == {"text_placeholder": "confirm", "text_day": "confirm", "text_link_shortener": "note"}
    assert severities(text_placeholder="block", text_day="note", text_link_shortener="off") == {
        "text_placeholder": "block",
        "text_day": "note",
    }
    assert severities(no_such_code="block") == usual


@pytest.mark.parametrize("wanted", ["off", "note", "confirm"])
def test_what_cannot_be_sent_no_site_lets_through(wanted: str) -> None:
    """Seen red: with `fixed` taken from a row."""
    fixed = {row.code for row in CHECKS if row.fixed}
    assert fixed >= {"recipient_unreadable", "recipient_opted_out", "text_empty", "text_too_long", "time_quiet"}
    site = Site(region="JP", zone=ZoneInfo("Asia/Tokyo"), severities=dict.fromkeys(ROWS, wanted))  # type: ignore[arg-type]
    night = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    candidate = Candidate(
        "x", "", night, category="service", site=site, known=Knowledge(opted_out="recipient_opted_out")
    )
    blocked = {finding.code for finding in examine(candidate) if finding.severity == "block"}
    assert blocked == {"recipient_unreadable", "recipient_opted_out", "text_empty"}


def test_a_list_is_judged_by_the_same_policy() -> None:
    for wanted, expected in (("block", ["block"]), ("off", [])):
        site = Site(region="JP", severities={"list_twice": wanted})  # type: ignore[dict-item]
        rows = [Candidate("090-1234-5678", "Hello", NOW, site=site)] * 2
        assert [finding.severity for finding in examine_list(rows)] == expected
    assert examine_list([]) == []


def test_a_place_in_a_list() -> None:
    site = Site(region="JP", most_by_hand=3)
    numbers = ["090-1234-5678", "080-1234-5678", "+81 90 1234 5678", "x", "x"]
    rows = [Candidate(number, "Hello", NOW, by_hand=True, site=site) for number in numbers]
    assert [(finding.code, finding.row) for finding in examine_list(rows)] == [("list_twice", 2), ("list_too_many", 3)]


def test_every_row_has_its_words_and_its_own_code() -> None:
    assert len({row.code for row in CHECKS}) == len(CHECKS)
    for row in ROWS.values():
        assert row.code.startswith(row.subject)
        assert row.sentence.endswith((".", "?", "twice.")) or row.code == "recipient_unreadable"


PIECES = st.sampled_from(
    (
        "11/26(木)", "明日", "2/30", "13月4日", "25:00", "午後27時", "10:75", "田中様", "Dear ", "Hi Bob", "{{a}}",
        "○○", "XX", "TBD", "1,2800円", "¥0,5", "合計 ", "1200", "https://", "https://a.b。", "http:/x.com", " ",
        "xn--zz--.com", "ｈｔｔｐｓ：／／ａ．ｂ", "03-0000-1235", "4242424242424242", "123456789018", "添付します",
        "パスワード:ab12", "「", "」", "(", ")", '"', "をを", "the the", "しまｓ", "、", "\n", "令和99年", "99/99/9999",
        "0000年0月0日", "@", "．", "、Fri 31 Feb", "A-1", "B-22",
    )
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join))
ANN = Person(1, "田中 太郎", "タナカ タロウ", ("+819012345678",), ("A-1",), 3)
KNOWN = Knowledge(
    ANN, Directory.of([ANN, Person(2, "田中 次郎", "", ("+819012345679",), ("B-22",), 9)]), written_before=False
)


@settings(max_examples=400, deadline=None)
@given(
    text=TEXTS,
    to=st.one_of(st.text(max_size=16), st.from_regex(r"\A[+0-9０-９() -]{1,18}\Z")),
    region=st.sampled_from(["JP", "GB", "US", None]),
    category=st.sampled_from(["promotional", "service", "emergency", None]),
    days=st.integers(-3, 500),
)
@example(text="", to="10000000", region="JP", category=None, days=0)
def test_no_text_and_no_number_breaks_a_check(
    text: str, to: str, region: str | None, category: Category | None, days: int
) -> None:
    """Spans lie in the text, and a fix that is pressed changes something."""
    site = Site(
        region=region, zone=ZoneInfo("Asia/Tokyo"), numbers=("+81300001234",), hosts=("a.example",), sender="見本"
    )
    send_at = datetime.fromtimestamp(NOW.timestamp() + days * 86400, UTC)
    candidate = Candidate(to, text, NOW, send_at=send_at, category=category, by_hand=True, site=site, known=KNOWN)
    for finding in examine(candidate):
        assert str(finding.sentence)
        assert finding.subject != "text" or finding.fix is None or finding.span is not None
        if finding.span is not None:
            start, end = finding.span
            assert 0 <= start <= end <= len(text)
            assert finding.fix is None or text[start:end] != finding.fix
        if finding.subject == "recipient":
            assert finding.fix != to
