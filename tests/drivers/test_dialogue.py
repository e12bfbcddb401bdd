"""One command in flight, and everything that may come between its line and its result."""

import re
from dataclasses import astuple
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.at import commands
from drivers.at.commands import Command
from drivers.at.dialogue import Dialogue, Event, LateSubmit, Prompt, Reply, Stray
from drivers.at.urcs import Booted, MessageStored, Noise, RegistrationChanged, ReportRouted

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.at"))
PDU = "0011000C914477090000100000AA05E8329BFD06"
REPORT = "0006070C9144770900001062012102000000620121021000"
DELIVER = "07917407090099F9040C9144779000000100006201210200000001C8"


def ask(command: Command, answer: bytes, dialogue: Dialogue | None = None) -> list[Event]:
    dialogue = dialogue or Dialogue()
    dialogue.begin(command)
    return list(dialogue.feed(answer))


def submit(dialogue: Dialogue, answer: bytes) -> list[Event]:
    assert ask(commands.submit(18), b"\r\n> ", dialogue) == [Prompt()]
    dialogue.body(PDU)
    return list(dialogue.feed(answer))


# -- transcripts -------------------------------------------------------------------------------------


def command_of(line: str) -> Command:
    known = [value for value in vars(commands).values() if isinstance(value, Command)]
    known += [*commands.ICCIDS, *commands.REGISTRATION.values()]
    if match := re.fullmatch(r"AT\+CMGS=(\d+)", line):
        return commands.submit(int(match[1]))
    return next(command for command in known if command.line == line)


def described(event: Event) -> str:
    if isinstance(event, Reply):
        return " ".join(["Reply", *event.information, "|", event.final])
    return " ".join([type(event).__name__, *map(str, astuple(event))])


def replay(transcript: str, size: int | None) -> tuple[list[str], list[str]]:
    """What happened, and what the transcript says should have."""
    dialogue, said = Dialogue(), b""
    heard: list[str] = []
    wanted: list[str] = []

    def flush() -> None:
        nonlocal said
        step = size or max(1, len(said))
        heard.extend(described(e) for i in range(0, len(said), step) for e in dialogue.feed(said[i : i + step]))
        said = b""

    for row in transcript.splitlines():
        mark, _, rest = row.partition(" ")
        if mark == "<":
            said += rest.encode().decode("unicode_escape").encode("latin-1")
            continue
        if mark == "=":
            wanted.append(rest)
            continue
        flush()
        match mark:
            case ">":
                assert dialogue.begin(command_of(rest)) == rest.encode() + b"\r"
            case "^Z":
                assert dialogue.body(rest) == rest.encode() + b"\x1a"
            case "ESC":
                assert dialogue.escape() == b"\x1b"
            case "...":
                dialogue.give_up()
            case _:
                assert mark == "#"
    flush()
    return heard, wanted


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("size", [1, 2, 7, None])
def test_dialogues_in_the_manner_of_real_modems(path: Path, size: int | None) -> None:
    heard, wanted = replay(path.read_text("ascii"), size)
    assert heard == wanted


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_transcript_says_whose_manner_it_is(path: Path) -> None:
    assert re.match(r"# In the manner of an? .+ \(.+\).*: .+\.$", path.read_text("ascii").partition("\n")[0])


# One long stretch of traffic under one command: everything that does not need a second begin.
LONG = (
    b'\r\n^RSSI:17\r\nAT+CMGL=4\r\r\n+CMGL: 1,1,,28\r\n\r\n+CMTI: "SM",7\r\n'
    + DELIVER.encode()
    + b'\r\n\xff\xfe\n+CMGL: 2,0,"Smith, John",28\n\r\n+CDS: 24\r\n'
    + REPORT.encode()
    + b"\r\n"
    + DELIVER.encode()
    + b'\n+CUSD: 1,"Menu\r\n> 1 Balance\r\n> 2 More",15\r\n\r\nOK\r\n\r\n+CMGS: 9\r\n\r\nOK\r\n+CREG: 5\r\nRDY\r\n'
)


@given(st.lists(st.integers(0, len(LONG)), max_size=60))
def test_traffic_cut_anywhere_tells_the_same(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(LONG)]
    dialogue = Dialogue()
    dialogue.begin(commands.LIST_MESSAGES)
    heard = [event for a, b in pairwise(ends) for event in dialogue.feed(LONG[a:b])]
    assert heard == [
        Noise("^RSSI:17"),
        MessageStored("SM", 7),
        ReportRouted(REPORT),
        Noise('+CUSD: 1,"Menu'),
        Reply(("+CMGL: 1,1,,28", DELIVER, '+CMGL: 2,0,"Smith, John",28', DELIVER), "OK"),
        LateSubmit(9),
        Stray("OK"),
        RegistrationChanged("CREG", 5),
        Booted(),
    ]


# -- URCs inside replies -----------------------------------------------------------------------------


@pytest.mark.parametrize("urc", ['+CMTI: "SM",1', '+CMTI: "ME",22', "^RSSI:17", "RING", "+CREG: 1", "RDY"])
@pytest.mark.parametrize("where", [0, 1, 2])
def test_a_urc_inside_a_reply_is_still_a_urc(urc: str, where: int) -> None:
    """Defect 1 of the library: it became part of the answer, and the message was never read."""
    lines = ["+CSQ: 21,99", "OK"]
    lines.insert(where, urc)
    heard = ask(commands.SIGNAL, "".join(f"\r\n{line}\r\n" for line in lines).encode())
    assert Reply(("+CSQ: 21,99",), "OK") in heard
    assert len(heard) == 2


@pytest.mark.parametrize("family", ["CREG", "CGREG", "CEREG"])
def test_registration_is_told_apart_by_its_fields(family: str) -> None:
    """Defect 42 of the library knew +CREG alone; answer and URC have the same name."""
    answer = f'\r\n+{family}: 2\r\n\r\n+{family}: 1,6\r\n\r\n+{family}: 5,"00A1","01A2B3C4",7\r\n\r\nOK\r\n'
    assert ask(commands.REGISTRATION[family], answer.encode()) == [
        RegistrationChanged(family, 2),
        RegistrationChanged(family, 5),
        Reply((f"+{family}: 1,6",), "OK"),
    ]


@pytest.mark.parametrize("line", ["+CREG: 002,0011", "+CREG: 0, 1 ", "+CREG:2,1,0001,0010", '+CREG: 2,1,"5E25'])
def test_registration_answers_in_odd_dress(line: str) -> None:
    heard = ask(commands.REGISTRATION["CREG"], f"\r\n{line}\r\nOK\r\n".encode())
    assert heard == [Reply((line.strip(),), "OK")]


def test_other_lines_of_a_reply_without_a_prefix_are_not_its_information() -> None:
    heard = ask(commands.MODEL, b"\xff\xfe\r\n+QNWINFO: No Service\r\nEC25\r\n\r\nOK\r\n")
    assert heard == [Reply(("EC25",), "OK")]


# -- results -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "final",
    [
        "ERROR",
        "+CMS ERROR: 500",
        "+CMS ERROR:500",
        "+CMS ERROR: Unknown error",
        "+CME ERROR: SIM not inserted",
        "+CME ERROR: ",
        "CME ERROR: 29",
        "COMMAND NOT SUPPORT",
    ],
)
def test_errors_in_any_words_are_final(final: str) -> None:
    """Defect 21 of the library: a worded error was waited out and called silence."""
    assert ask(commands.SIGNAL, f"\r\n{final}\r\n".encode()) == [Reply((), final.strip())]


@pytest.mark.parametrize("line", ["OK BOSS", "OKAY", "ERRORS: 0", "NOT OK", "+CMS"])
def test_a_line_that_begins_like_a_result_is_none(line: str) -> None:
    """Defect 22 of the library: a line `OK BOSS` ended the answer early."""
    assert ask(commands.SIGNAL, f"\r\n{line}\r\n".encode()) == []


@pytest.mark.parametrize(
    "line", ["+CMGS: 12", "+CMGS:12", '+CMGS: 12,"24/01/01,10:00:00+04"', "+CMGS:  12", "+CMGS: 12,"]
)
def test_the_result_of_a_submit_in_any_dress(line: str) -> None:
    """Defect 20 of the library: it failed on each but the first, after the message had left."""
    dialogue = Dialogue()
    assert submit(dialogue, f"\r\n{line}\r\n\r\nOK\r\n".encode()) == [Reply((line,), "OK")]


def test_ok_without_a_number_is_a_reply_all_the_same() -> None:
    assert submit(Dialogue(), b"\r\nOK\r\n") == [Reply((), "OK")]


def test_line_feeds_alone() -> None:
    assert ask(commands.SIGNAL, b"\n+CSQ: 21,99\n\nOK\n") == [Reply(("+CSQ: 21,99",), "OK")]


# -- late answers ------------------------------------------------------------------------------------


def test_an_answer_that_comes_too_late_belongs_to_nobody() -> None:
    """Defects 3 and 7 of the library: a late answer killed the reader or answered the next command."""
    dialogue = Dialogue()
    dialogue.begin(commands.SIGNAL)
    dialogue.give_up()
    assert list(dialogue.feed(b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n")) == [Stray("OK")]
    assert ask(commands.REGISTRATION["CREG"], b"\r\n+CREG: 0,1\r\nOK\r\n", dialogue) == [Reply(("+CREG: 0,1",), "OK")]


def test_a_late_submit_is_kept_for_its_message() -> None:
    dialogue = Dialogue()
    submit(dialogue, b"")
    dialogue.give_up()
    dialogue.begin(commands.ATTENTION)
    assert list(dialogue.feed(b"\r\n+CMGS: 77\r\n\r\nOK\r\n")) == [LateSubmit(77), Reply((), "OK")]


def test_a_late_ok_does_not_end_the_prompt() -> None:
    dialogue = Dialogue()
    assert ask(commands.submit(18), b"\r\n> ", dialogue) == [Prompt()]
    assert list(dialogue.feed(b"\r\n+CMGS: 77\r\n\r\nOK\r\n")) == [LateSubmit(77), Stray("OK")]
    dialogue.body(PDU)
    assert list(dialogue.feed(b"\r\n+CMGS: 78\r\n\r\nOK\r\n")) == [Reply(("+CMGS: 78",), "OK")]


def test_a_late_submit_does_not_answer_the_next_one() -> None:
    """Defect 7 of the library, at its worst: the wrong message marked as sent."""
    dialogue = Dialogue()
    heard = ask(commands.submit(18), b"\r\n+CMGS: 77\r\n\r\nOK\r\n\r\n> ", dialogue)
    assert heard == [LateSubmit(77), Stray("OK"), Prompt()]
    dialogue.body(PDU)
    assert list(dialogue.feed(b"\r\n+CMGS: 78\r\nOK\r\n")) == [Reply(("+CMGS: 78",), "OK")]


# -- prompt and body ---------------------------------------------------------------------------------


def test_the_body_is_refused_before_the_prompt() -> None:
    """Defects 4 and 5 of the library: a body without a prompt, a command inside a body."""
    dialogue = Dialogue()
    with pytest.raises(RuntimeError):
        dialogue.body(PDU)
    dialogue.begin(commands.submit(18))
    with pytest.raises(RuntimeError):
        dialogue.body(PDU)
    with pytest.raises(RuntimeError):
        dialogue.begin(commands.ATTENTION)
    assert list(dialogue.feed(b"\r\n> ")) == [Prompt()]
    with pytest.raises(RuntimeError):
        dialogue.begin(commands.ATTENTION)
    assert dialogue.body(PDU) == PDU.encode() + b"\x1a"


def test_a_ussd_text_is_no_prompt() -> None:
    """Defect 23 of the library: the body went out half a second before the real prompt."""
    assert ask(commands.submit(18), b'\r\n+CUSD: 0,"Press 1 > info"\r\n') == [Noise('+CUSD: 0,"Press 1 > info"')]
    assert ask(commands.submit(18), b'\r\n+CUSD: 0,"Menu\r\n> 1 info",15\r\n\r\n> ')[1:] == [Prompt()]


def test_a_result_while_the_prompt_is_open_ends_it() -> None:
    dialogue = Dialogue()
    assert ask(commands.submit(18), b"\r\n> \r\n+CMS ERROR: 500\r\n", dialogue) == [
        Prompt(),
        Reply((), "+CMS ERROR: 500"),
    ]
    with pytest.raises(RuntimeError):
        dialogue.body(PDU)


def test_the_body_echoed_is_no_answer() -> None:
    heard = submit(Dialogue(), PDU.encode() + b"\x1a\r\n+CMGS: 5\r\n\r\nOK\r\n")
    assert heard == [Reply(("+CMGS: 5",), "OK")]


# -- restarts ----------------------------------------------------------------------------------------


def test_an_echo_after_silence_tells_of_a_restart() -> None:
    """Defect 48 of the library: a modem that reset itself was noticed by nobody."""
    dialogue = Dialogue()
    assert ask(commands.ECHO_OFF, b"ATE0\r\r\nOK\r\n", dialogue) == [Reply((), "OK")]
    assert ask(commands.ATTENTION, b"\r\nOK\r\n", dialogue) == [Reply((), "OK")]
    assert ask(commands.ATTENTION, b"AT\r\r\nOK\r\n", dialogue) == [Booted(), Reply((), "OK")]
    assert ask(commands.ATTENTION, b"AT\r\r\nOK\r\n", dialogue) == [Reply((), "OK")]


def test_a_submit_is_not_disturbed_by_its_echo_but_the_next_command_tells() -> None:
    dialogue = Dialogue()
    ask(commands.ATTENTION, b"\r\nOK\r\n", dialogue)
    assert ask(commands.submit(18), b"AT+CMGS=18\r\r\n> ", dialogue) == [Prompt()]
    dialogue.body(PDU)
    assert list(dialogue.feed(PDU.encode() + b"\x1a\r\n+CMGS: 5\r\nOK\r\n")) == [Reply(("+CMGS: 5",), "OK")]
    assert ask(commands.ATTENTION, b"AT\r\r\nOK\r\n", dialogue) == [Booted(), Reply((), "OK")]


def test_a_modem_that_echoes_whatever_it_is_told_has_not_restarted() -> None:
    dialogue = Dialogue()
    for _ in range(3):
        assert ask(commands.ATTENTION, b"AT\r\r\nOK\r\n", dialogue) == [Reply((), "OK")]
