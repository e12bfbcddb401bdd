"""What a site says about itself, its hours, its severities and what it calls risky."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from modemd.checks.risk import RiskPolicy
from modemd.config import load
from modemd.config_checks import ChecksConfig
from modemd.model.candidate import HOURS, Hours
from modemd.model.errors import ConfigError

WHOLE = """
[staging]
region = "JP"
[site]
sender = "Sample"
numbers = ["+81312345678"]
hosts = ["Shop.example"]
short_numbers = ["55555"]
zone = "Asia/Tokyo"
most_by_hand = 5
price = "3.3 JPY"
[hours]
service = "7-24"
promotional = "10-18 business days"
[risk]
known_fuse = "20s"
risky_fuse = "3m"
bulk = 50
link = 0
[checks]
recipient_new = "confirm"
text_link_shortener = "off"
[links]
allow = ["shop.example"]
"""


def read(folder: Path, text: str) -> ChecksConfig:
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    return load(file).checks


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    site = found.site
    assert (site.sender, site.numbers, site.hosts, site.short_numbers, site.zone, site.most_by_hand) == (
        *("Sample", ("+81312345678",), ("shop.example",)),
        *(frozenset({"55555"}), ZoneInfo("Asia/Tokyo"), 5),
    )
    assert site.hours == {"service": Hours(7, 24), "promotional": Hours(10, 18, business_days=True)}
    assert site.severities == {"recipient_new": "confirm", "text_link_shortener": "off"}
    assert found.risk == RiskPolicy(known_fuse=20.0, risky_fuse=180.0, bulk=50, link=0)
    assert found.price is not None
    assert found.price.of(2) == "6.6 JPY"
    assert (found.risk_rule, found.links) == ("least", ("shop.example",))


@pytest.mark.parametrize(
    ("text", "rule", "known"),
    [
        ("", "usual", 10.0),
        ('[staging]\nfuse = "2s"', "told", 2.0),
        ('[policy]\nprofile = "open"', "told", 10.0),
        ('[policy]\nprofile = "strict"', "least", 10.0),
        ('[staging]\nfuse = "2s"\n[risk]', "least", 2.0),
    ],
)
def test_the_risk_sets_the_fuse_where_no_site_has_named_one(tmp_path: Path, text: str, rule: str, known: float) -> None:
    found = read(tmp_path, text)
    assert (found.risk_rule, found.risk.known_fuse) == (rule, known)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", {"promotional": HOURS["promotional"]}),
        ('[staging]\nregion = "GB"', HOURS),
        ('[site]\nzone = "Europe/London"', HOURS),
        ('[policy]\nprofile = "strict"', HOURS),
        ('[staging]\nregion = "GB"\n[hours]\nservice = "any"', {"promotional": HOURS["promotional"]}),
        ('[hours]\npromotional = "any"', {"service": HOURS["service"]}),
    ],
)
def test_notices_keep_hours_where_the_site_says_where_it_is(tmp_path: Path, text: str, hours: dict[str, Hours]) -> None:
    assert read(tmp_path, text).site.hours == hours


@pytest.mark.parametrize(
    ("text", "place", "cure"),
    [
        ('[site]\nnumbers = ["0312345678"]', "[site] numbers", "country code"),
        ('[site]\nhosts = ["https://shop.example/"]', "[site] hosts", "names of hosts"),
        ('[site]\nshort_numbers = ["+815"]', "[site] short_numbers", "digits alone"),
        ('[site]\nzone = "Tokyo"', "[site] zone", "Asia/Tokyo"),
        ('[site]\nprice = "cheap"', "[site] price", "3.3 JPY"),
        ('[site]\nsendr = "x"', "[site] sendr", "Did you mean sender"),
        ('[hours]\nservice = "21-8"', "[hours] service", "8-21"),
        ('[hours]\nservice = "8-21 holidays"', "[hours] service", "business days"),
        ('[checks]\nrecipient_new = "loud"', "[checks] recipient_new", '"off"'),
        ('[checks]\nrecipient_opted_out = "note"', "[checks] recipient_opted_out", "cannot be changed"),
        ('[checks]\nrecipient_nwe = "off"', "[checks] recipient_nwe", "recipient_new"),
        ('[risk]\nrisky_fuse = "1s"', "[risk] risky_fuse", "grow"),
        ("[risk]\nmony = 3", "[risk] mony", "money"),
        ('[policy]\nprofile = "open"\n[risk]', "risk", "open"),
        ("[links]", "[links] allow", "names of hosts"),
    ],
)
def test_a_mistake(tmp_path: Path, text: str, place: str, cure: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    said = str(caught.value)
    assert f"config.toml: {place}" in said, said
    assert cure in said, said
