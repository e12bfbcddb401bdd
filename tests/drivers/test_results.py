"""Final result codes: every code has a name, a meaning and a sentence."""

import pytest

from drivers.at.results import CME, CMS, OURS, Kind, by_code, code_of, error_of, meaning
from drivers.errors import CmeError, CmsError, CommandError

ROWS = [*CMS.values(), *CME.values(), *OURS.values()]


def test_every_row_has_a_name_and_a_sentence() -> None:
    for row in ROWS:
        assert row.name
        assert row.sentence.endswith(".")
        assert row.sentence[0].isupper() or row.sentence.startswith("modemd")


@pytest.mark.parametrize("code", sorted(CMS))
def test_a_cms_code_and_back(code: int) -> None:
    error = error_of(f"+CMS ERROR: {code}")
    assert isinstance(error, CmsError)
    assert code_of(error) == f"cms_{code}"
    assert by_code(f"cms_{code}") is meaning(error) is CMS[code]


@pytest.mark.parametrize("code", sorted(CME))
def test_a_cme_code_and_back(code: int) -> None:
    error = error_of(f"+CME ERROR: {code}")
    assert isinstance(error, CmeError)
    assert code_of(error) == f"cme_{code}"
    assert by_code(f"cme_{code}") is meaning(error) is CME[code]


@pytest.mark.parametrize("code", OURS)
def test_our_own_codes(code: str) -> None:
    assert by_code(code) is OURS[code]


@pytest.mark.parametrize(
    ("final", "code"),
    [
        ("ERROR", "error"),
        ("COMMAND NOT SUPPORT", "error"),
        ("+CMS ERROR:38", "cms_38"),
        ("+CMS ERROR: 038", "cms_38"),
        ("+CMS ERROR: Unknown error", "cms_500"),
        ("+CME ERROR: SIM not inserted", "cme_10"),
        ("+CME ERROR: incorrect password", "cme_16"),
        ("+CMS ERROR: no network service", "cms_331"),
        ("+CMS ERROR: bananas", "error"),
        ("+CMS ERROR", "error"),
        ("CME ERROR: 10", "cme_10"),
    ],
)
def test_results_in_any_words(final: str, code: str) -> None:
    """Defect 21 of the library: worded errors were not errors."""
    error = error_of(final)
    assert code_of(error) == code
    assert by_code(code).sentence
    assert str(error)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("cms_1", Kind.PERMANENT),
        ("cms_22", Kind.TRANSIENT),
        ("cms_38", Kind.TRANSIENT),
        ("cms_42", Kind.TRANSIENT),
        ("cms_50", Kind.SIM),
        ("cms_69", Kind.SIM),
        ("cms_96", Kind.PERMANENT),
        ("cms_197", Kind.UNKNOWN),
        ("cms_310", Kind.SIM),
        ("cms_322", Kind.MODEM),
        ("cms_331", Kind.MODEM),
        ("cms_332", Kind.UNKNOWN),
        ("cms_500", Kind.TRANSIENT),
        ("cme_10", Kind.SIM),
        ("cme_16", Kind.SIM),
        ("cme_31", Kind.UNKNOWN),
        ("cme_48", Kind.SIM),
        ("no_answer", Kind.UNKNOWN),
        ("port_lost", Kind.UNKNOWN),
        ("unconfirmed", Kind.UNKNOWN),
        ("no_prompt", Kind.MODEM),
    ],
)
def test_what_a_code_is_about(code: str, kind: Kind) -> None:
    assert by_code(code).kind is kind


@pytest.mark.parametrize("code", [512, 513, 514, 515, 516, 517, 518, 519, 520, 521, 532, 538, 549, 554, 604, 9999])
def test_codes_of_single_makers_have_a_meaning(code: int) -> None:
    """Defect 8 of the library: one of these was retried without end, body and all."""
    row = meaning(CmsError(code))
    assert row.name
    assert row.sentence


def test_a_timer_that_expired_may_have_come_after_the_message_left() -> None:
    assert by_code("cms_521").kind is Kind.UNKNOWN


@pytest.mark.parametrize("code", ["", "cms", "cms_", "cms_x", "cme_²", "nonsense"])
def test_a_code_that_nobody_knows_is_an_error_without_a_reason(code: str) -> None:
    assert by_code(code) is OURS["error"]


def test_the_words_of_an_error_without_a_code() -> None:
    assert str(CommandError()) == "ERROR"
    assert str(CommandError(None, "ERROR")) == "ERROR"
    assert str(CmsError(38)) == "+CMS ERROR: 38"
    assert str(CmeError(None, "{odd} words")) == "+CME ERROR: {odd} words"
