"""Every mistake names file, table, key and cure."""

from datetime import time
from pathlib import Path

import pytest

from drivers.words import Worded
from modemd.checks.risk import RiskPolicy
from modemd.config import Config, ModemConfig, load
from modemd.config_checks import ChecksConfig
from modemd.config_people import PeopleConfig, Retention, SmsConfig, TokenConfig
from modemd.model.approval import Rule
from modemd.model.candidate import Site
from modemd.model.durations import parse_duration
from modemd.model.errors import ConfigError, Invalid
from modemd.people import People

WHOLE = """
[daemon]
state_dir = "/srv/modemd"
socket = "/srv/modemd/api.sock"
listen = "127.0.0.1:8470"
token_file = "/etc/modemd/token"
[staging]
fuse = "30s"
validity = "2h"
region = "JP"
[policy]
profile = "strict"
max_parts = 4
[[modem]]
name = "north"
port = "/dev/modem/by-path/1-1"
pin_file = "/etc/modemd/north.pin"
result_timeout = "90s"
calls = "ring"
[[modem]]
name = "south"
port = "auto"
imei = "490154203237518"
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    return file


def test_every_key_of_the_contract(tmp_path: Path) -> None:
    assert load(write(tmp_path, WHOLE)) == Config(
        state_dir=Path("/srv/modemd"),
        socket=Path("/srv/modemd/api.sock"),
        listen=("127.0.0.1", 8470),
        token_file=Path("/etc/modemd/token"),
        fuse=30.0,
        validity=7200.0,
        region="JP",
        max_parts=4,
        profile="strict",
        modems=(
            ModemConfig("north", "/dev/modem/by-path/1-1", None, Path("/etc/modemd/north.pin"), 90.0, calls="ring"),
            ModemConfig("south", "auto", "490154203237518"),
        ),
        checks=ChecksConfig(Site(), RiskPolicy(known_fuse=30.0), "least"),
    )


def test_opt_out(tmp_path: Path) -> None:
    file = write(tmp_path, '[opt_out]\nconfirm = "終了しました。"\nstop = ["BASTA"]\napplies_to = ["promotional"]')
    found = load(file).opt_out
    assert (found.confirm, found.encoding, found.parts) == ("終了しました。", "ucs2", 1)
    assert (found.stop, found.start, found.applies_to) == (("BASTA",), (), ("promotional",))
    assert load(write(tmp_path, "[opt_out]\napplies_to = []")).opt_out.applies_to == ()


def test_nothing_is_needed(tmp_path: Path) -> None:
    assert load(write(tmp_path, "")) == Config(checks=ChecksConfig(risk_rule="usual"))
    assert load(write(tmp_path, '[staging]\nfuse = "0s"')).fuse == 0.0


@pytest.mark.parametrize(
    ("text", "place", "cure"),
    [
        ("qqqq = 1", " qqqq", "Known here: daemon, staging, policy, opt_out, modem"),
        ("[deamon]", " deamon", "Did you mean daemon?"),
        ('[opt_out]\nstop = "STOP"', "[opt_out] stop", "a list of words in quotes"),
        ('[opt_out]\napplies_to = ["all"]', "[opt_out] applies_to", 'out of "service", "promotional"'),
        (f'[opt_out]\nconfirm = "{"x" * 40000}"', "[opt_out] confirm", "longer than a message can be"),
        ("daemon = 3", " daemon", "should be a table"),
        ('[daemon]\nsokket = "/a"', "[daemon] sokket", "Did you mean socket?"),
        ("[daemon]\nwhat = 1", "[daemon] what", "Known here: socket, listen, token_file, search, state_dir"),
        ("[daemon]\nsocket = 5", "[daemon] socket", "a path in quotes"),
        ("[daemon]\nsocket = true", "[daemon] socket", "a path in quotes"),
        ('[daemon]\nsocket = "api.sock"', "[daemon] socket", "absolute path"),
        ('[daemon]\nstate_dir = "~/state"', "[daemon] state_dir", "absolute path"),
        (f'[daemon]\nsocket = "/{"x" * 107}"', "[daemon] socket", "too long: at most 107"),
        (f'[daemon]\nsocket = "/{"あ" * 40}"', "[daemon] socket", "too long: at most 107"),
        ('[daemon]\nlisten = "127.0.0.1:8470"', "[daemon] listen", "needs a token: set token_file"),
        ('[daemon]\nlisten = "8470"\ntoken_file = "/t"', "[daemon] listen", '"127.0.0.1:8470"'),
        ('[daemon]\nlisten = "host:http"\ntoken_file = "/t"', "[daemon] listen", '"127.0.0.1:8470"'),
        ('[daemon]\nlisten = "host:70000"\ntoken_file = "/t"', "[daemon] listen", '"127.0.0.1:8470"'),
        ("[daemon]\nlisten = 8470", "[daemon] listen", '"127.0.0.1:8470"'),
        ('[staging]\nfuse = "ten"', "[staging] fuse", '"10s"'),
        ("[staging]\nfuse = 10", "[staging] fuse", '"10s"'),
        ('[staging]\nfuse = "-1s"', "[staging] fuse", '"10s"'),
        ('[staging]\nvalidity = "0s"', "[staging] validity", "should be more than 0"),
        ('[staging]\nregion = "Japan"', "[staging] region", '"JP"'),
        ("[staging]\nregion = 81", "[staging] region", '"JP"'),
        ('[policy]\nprofile = "lax"', "[policy] profile", '"open", "standard" or "strict"'),
        ("[policy]\nmax_parts = 0", "[policy] max_parts", "from 1 to 255"),
        ('[policy]\nmax_parts = "10"', "[policy] max_parts", "from 1 to 255"),
        ("[policy]\nmax_parts = 10.5", "[policy] max_parts", "from 1 to 255"),
        ('modem = "north"', " modem", "[[modem]]"),
        ('[modem]\nname = "north"', " modem", "[[modem]]"),
        ("modem = [1]", "[[modem]] no. 1 name", "is missing"),
        ('[[modem]]\nport = "/dev/a"', "[[modem]] no. 1 name", "is missing"),
        ('[[modem]]\nname = "a"', "[[modem]] no. 1 port", "is missing"),
        ('[[modem]]\nname = "a"\nport = "ttyUSB0"', "[[modem]] no. 1 port", "absolute path"),
        ('[[modem]]\nname = "a,b"\nport = "/dev/a"', "[[modem]] no. 1 name", "no comma"),
        (f'[[modem]]\nname = "{"a" * 17}"\nport = "/dev/a"', "[[modem]] no. 1 name", "16 characters"),
        ('[[modem]]\nname = "a"\nport = "auto"', "[[modem]] no. 1 imei", "is missing"),
        ('[[modem]]\nname = "a"\nport = "auto"\nimei = "12"', "[[modem]] no. 1 imei", "15 digits"),
        ('[[modem]]\nname = "a"\nport = "/dev/a"\npin = 1234', "[[modem]] no. 1 pin", "Did you mean pin_file?"),
        ('[[modem]]\nname = "a"\nport = "/dev/a"\ncalls = "take"', "no. 1 calls", '"hang_up" or "ring"'),
        ('[[modem]]\nname = "a"\nport = "/dev/a"\nresult_timeout = "0s"', "no. 1 result_timeout", "more than 0"),
        (
            '[[modem]]\nname = "a"\nport = "/dev/a"\n[[modem]]\nname = "a"\nport = "/dev/b"',
            "[[modem]] no. 2 name",
            "given twice",
        ),
        (
            '[[modem]]\nname = "a"\nport = "/dev/a"\n[[modem]]\nname = "b"\nport = "/dev/a"',
            "[[modem]] no. 2 port",
            "given twice",
        ),
        (
            '[[modem]]\nname = "a"\nport = "auto"\nimei = "490154203237518"\n'
            '[[modem]]\nname = "b"\nport = "auto"\nimei = "490154203237518"',
            "[[modem]] no. 2 imei",
            "given twice",
        ),
    ],
)
def test_a_mistake(tmp_path: Path, text: str, place: str, cure: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    said = str(caught.value)
    assert said.startswith(f"{file}: ")
    assert place in said
    assert cure in said
    assert "\n" not in said


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no configuration at .*--config"):
        load(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)
    with pytest.raises(ConfigError, match=r"is not TOML: .*at end of document"):
        load(write(tmp_path, "[daemon"))
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "config.toml")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("300ms", 0.3), ("2m", 120), ("1h", 3600), ("1d", 86400), ("0s", 0), ("1.5s", 1.5), (" 5s ", 5)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["ten", "", "10", "s", "-1s", "10 s", "1e3s", "９s", "400d", "10s5", "inf", "1" * 40])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(Invalid, match="is no duration: write 10s, 300ms, 2m or 1h") as caught:
        parse_duration(text)
    assert isinstance(caught.value, Worded)


# -- people ------------------------------------------------------------------------------------------------

PEOPLE = """
[roles]
read = ["@staff"]
write = ["@office", "anna"]
approve = ["@leads"]
[[token]]
name = "booking"
file = "/etc/modemd/booking.token"
groups = ["machines"]
roles = ["write"]
[[approval]]
name = "lists"
who = ["@office"]
when = { recipients = 20, category = ["promotional"], hours = "18:00-08:00" }
by = ["@leads", "carl"]
need = 2
expires = "4h"
[[approval]]
name = "money"
when = { findings = ["text_amount", "text_link_foreign"] }
[[approval]]
name = "trainees"
who = ["dora"]
by = ["anna", "carl"]
need = "all"
when = { always = true }
[approval_sms]
numbers = { carl = "+819012345678" }
expires = "10m"
language = "ja"
[retention]
texts = "90d"
numbers = "1y"
"""


def test_every_key_about_people(tmp_path: Path) -> None:
    people = load(write(tmp_path, PEOPLE)).people
    assert people == PeopleConfig(
        roles={"read": ("@staff",), "write": ("@office", "anna"), "approve": ("@leads",), "admin": (), "numbers": ()},
        tokens=(
            TokenConfig("booking", Path("/etc/modemd/booking.token"), frozenset({"write"}), frozenset({"machines"})),
        ),
        approval=(
            Rule(
                *("lists", ("@office",), ("@leads", "carl"), 2, 14400.0),
                recipients=20,
                category=("promotional",),
                hours=(time(18), time(8)),
            ),
            Rule("money", findings=("text_amount", "text_link_foreign")),
            Rule("trainees", ("dora",), ("anna", "carl"), "all"),
        ),
        approval_sms=SmsConfig({"carl": "+819012345678"}, 600.0, "ja"),
        retention=Retention(90 * 86400.0, 365 * 86400.0),
    )
    assert people.named() == {"@staff", "@office", "anna", "@leads", "carl", "dora"}


def rule(lines: str) -> str:
    return f'[[approval]]\nname = "r"\n{lines}'


@pytest.mark.parametrize(
    ("text", "place", "cure"),
    [
        ("[roles]\nread = ['anna']", "[roles] write", "is missing: nobody could send"),
        ("[roles]\nwrite = 'anna'", "[roles] write", "a list of users and @groups"),
        ("[roles]\nwrite = ['@']", "[roles] write", "a list of users and @groups"),
        ("[roles]\nwrite = ['anna']\nadmn = []", "[roles] admn", "Did you mean admin?"),
        ("[[token]]\nfile = '/a'", "[[token]] no. 1 name", "a short name"),
        ("[[token]]\nname = 'a:b'\nfile = '/a'", "[[token]] no. 1 name", "without a colon"),
        ("[[token]]\nname = 'a'", "[[token]] no. 1 file", "is missing"),
        ("[[token]]\nname = 'a'\nfile = '/a'\nroles = ['root']", "[[token]] no. 1 roles", 'a list out of "read"'),
        ("[[token]]\nname = 'a'\nfile = '/a'\n" * 2, " token", '"a" is given twice'),
        ("token = 3", " token", "headed [[token]]"),
        (rule("when = { always = true }\n") * 2, " approval", '"r" is given twice'),
        ("[[approval]]\nwhen = { always = true }", "[[approval]] no. 1 name", "a short name"),
        (rule(""), "[[approval]] no. 1 when", "should say when"),
        (rule("when = {}"), "[[approval]] no. 1 when", "should say when"),
        (rule("when = { always = false }"), "[[approval]] no. 1 when", "should say when"),
        (rule("when = { always = 1 }"), "[[approval]] no. 1 when always", "true or false"),
        (rule("when = { always = true, recipients = 3 }"), "[[approval]] no. 1 when", "always stands alone"),
        (rule("when = { recipients = 0 }"), "[[approval]] no. 1 when recipients", "a number from 1 on"),
        (rule("when = { hours = '18-8' }"), "[[approval]] no. 1 when hours", "two times of day"),
        (rule("when = { hours = '18:00' }"), "[[approval]] no. 1 when hours", "two times of day"),
        (rule("when = { hours = '18:00-18:00' }"), "[[approval]] no. 1 when hours", "two times of day"),
        (rule("when = { category = ['spam'] }"), "[[approval]] no. 1 when category", 'a list out of "service"'),
        (
            rule("when = { findings = ['recipient_nwe'] }"),
            "[[approval]] no. 1 when findings",
            "Near to it: recipient_new,",
        ),
        (rule("when = { recipient = 3 }"), "[[approval]] no. 1 when recipient", "Did you mean recipients?"),
        (rule("when = { always = true }\nneed = 0"), "[[approval]] no. 1 need", 'should be "any", "all" or a number'),
        (rule("when = { always = true }\nneed = true"), "[[approval]] no. 1 need", 'should be "any", "all"'),
        (rule("when = { always = true }\nneed = 'some'"), "[[approval]] no. 1 need", 'should be "any", "all"'),
        (rule("when = { always = true }\nneed = 'all'"), "[[approval]] no. 1 by", 'need = "all" asks for everybody'),
        (rule("when = { always = true }\nby = ['a']\nneed = 2"), "[[approval]] no. 1 by", "names too few"),
        (rule("when = { always = true }\nby = ['a']\nwho = ['a']"), "[[approval]] no. 1 by", "names too few"),
        (rule("when = { always = true }\nexpires = '0s'"), "[[approval]] no. 1 expires", "more than 0"),
        (rule("when = { always = true }") + '\n[policy]\nprofile = "open"', " approval", "holds nothing"),
        ("[approval_sms]", "[approval_sms] numbers", "a table of logins"),
        ("[approval_sms]\nnumbers = { a = '090' }", "[approval_sms] numbers", "a table of logins"),
        (
            "[approval_sms]\nnumbers = { a = '+819012345678', b = '+819012345678' }",
            "[approval_sms] numbers",
            "is given twice",
        ),
        (
            "[approval_sms]\nnumbers = { a = '+819012345678' }\nlanguage = 'fr'",
            "[approval_sms] language",
            '"en" or "ja"',
        ),
        ("[retention]\ntexts = '6d'", "[retention] texts", "a week or more"),
        ("[retention]\nnumbers = 'never'", "[retention] numbers", "a week or more"),
        ('[policy]\nafter_hold = "0s"', "[policy] after_hold", "more than 0"),
    ],
)
def test_a_mistake_about_people_names_its_place_and_the_cure(tmp_path: Path, text: str, place: str, cure: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: {place}".replace(":  ", ": "))
    assert cure in str(caught.value)


def test_a_token_table_is_token_enough_to_listen(tmp_path: Path) -> None:
    tokens = "[[token]]\nname = 'a'\nfile = '/a'\n"
    assert load(write(tmp_path, '[daemon]\nlisten = "127.0.0.1:8470"\n' + tokens)).listen == ("127.0.0.1", 8470)


def test_names_that_nobody_has_are_found_at_the_start(tmp_path: Path) -> None:
    known = People(load(write(tmp_path, '[roles]\nwrite = ["root", "@root", "token"]')).people)
    known.check()
    for wrong in ("nobody-by-this-name", "@no-such-group", "token:none"):
        with pytest.raises(ConfigError, match="there is no such"):
            People(load(write(tmp_path, f'[roles]\nwrite = ["{wrong}"]')).people).check()
