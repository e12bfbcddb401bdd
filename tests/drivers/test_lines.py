"""Lines and prompts come out the same however the bytes arrive."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.at.lines import LONGEST_LINE, LineReader, Token

TRAFFIC = (
    b'\r\n+CMTI: "SM",3\r\n\r\nOK\r\n\xff\xfe\r\nAT+CSQ\r\r\n+CSQ: 9,99\n\nOK\n\x00\r\n> \r\n'
    b'+CUSD: 1,"1 Balance\r\n> 2 More",15\r\n' + b"x" * (LONGEST_LINE + 1) + b"\r\nRING\r\n>"
)


def read(chunks: Iterable[bytes], *, prompt: bool = False) -> list[str | Token]:
    reader = LineReader()
    reader.prompt_wanted = prompt
    return [token for chunk in chunks for token in reader.feed(chunk)]


@pytest.mark.parametrize("prompt", [False, True])
@given(cuts=st.lists(st.integers(0, len(TRAFFIC)), max_size=40))
def test_lines_do_not_depend_on_how_the_bytes_arrive(prompt: bool, cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(TRAFFIC)]
    chunks = [TRAFFIC[a:b] for a, b in pairwise(ends)]
    assert read(chunks, prompt=prompt) == read([TRAFFIC], prompt=prompt)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\r\n", b"\r\n\r\n"])
def test_any_line_end_ends_a_line(end: bytes) -> None:
    assert read([b"+CSQ: 9,99" + end + b"OK" + end]) == ["+CSQ: 9,99", "OK"]


def test_octets_outside_ascii_cost_their_line_alone() -> None:
    """Defect 2 of the library: one octet that was no UTF-8 ended its reader for good."""
    assert read([b"\r\n\xe9\x80\r\nOK\r\n"]) == ["\\xe9\\x80", "OK"]


def test_the_prompt_counts_at_the_start_of_a_line_alone() -> None:
    """Defect 23 of the library: any `> ` at the end of what had come was taken for the prompt."""
    assert read([b'\r\n+CUSD: 0,"Press 1 > '], prompt=True) == []
    assert read([b'\r\n+CUSD: 0,"Press 1 > info"\r\n\r\n> '], prompt=True)[1:] == [Token.PROMPT]


def test_a_text_that_spans_lines_holds_no_prompt() -> None:
    said = read([b'\r\n+CUSD: 1,"Menu\r\n> 1 Balance\r\n> 2 More",15\r\n\r\n> '], prompt=True)
    assert said.count(Token.PROMPT) == 1
    assert said[-1] is Token.PROMPT


def test_a_text_without_its_end_does_not_hide_the_prompt_for_ever() -> None:
    reader = LineReader()
    reader.prompt_wanted = True
    assert list(reader.feed(b'\r\n+CUSD: 1,"Menu\r\n')) == ['+CUSD: 1,"Menu']
    reader.end_text()
    assert list(reader.feed(b"\r\n> ")) == [Token.PROMPT]


@pytest.mark.parametrize("prompt", [b"\r\n> ", b"\r\n>", b"\n> ", b"> ", b"\r\n\x00> ", b"\r\n>\r\n"])
def test_the_prompts_of_different_makers(prompt: bytes) -> None:
    assert read([prompt], prompt=True) == [Token.PROMPT]


def test_nobody_asked_for_a_prompt() -> None:
    assert read([b"\r\n> \r\nOK\r\n"]) == [">", "OK"]


@pytest.mark.parametrize("size", [1, 1000, 4096, 10_000])
def test_noise_without_a_line_end_neither_fills_the_memory_nor_hides_what_follows(size: int) -> None:
    noise = b"\xff" * 9_000 + b"\r\nOK\r\n"
    assert read(noise[i : i + size] for i in range(0, len(noise), size)) == ["OK"]
