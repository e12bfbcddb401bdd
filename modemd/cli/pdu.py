"""modemd pdu decode|encode: JSON Lines for programs, words for people."""

import json
import sys
from collections.abc import Callable
from typing import Any

import click

from drivers.pdu_json import decode_line, encode_line, readable


@click.group("pdu")
def pdu_command() -> None:
    """Read and write PDUs of TS 23.040."""


@pdu_command.command("decode")
@click.option("--text", "as_text", is_flag=True, help="Words for people instead of JSON.")
@click.argument("pdus", nargs=-1, metavar="[HEX]...")
def decode(as_text: bool, pdus: tuple[str, ...]) -> None:
    """Decode PDUs: HEX for people, or JSON Lines {"pdu": ...} on standard input."""
    if pdus:
        _for_people(pdus)
    else:
        _each_line(decode_line, as_text)


def _for_people(pdus: tuple[str, ...]) -> None:
    wrong = False
    for pdu in pdus:
        answer = decode_line(json.dumps({"pdu": pdu}))
        wrong = wrong or "error" in answer
        click.echo("\n".join(readable(answer)))
    sys.exit(1 if wrong else 0)


@pdu_command.command("encode")
@click.option("--text", "as_text", is_flag=True, help="Words for people instead of JSON.")
def encode(as_text: bool) -> None:
    """Encode messages: JSON Lines {"number": ..., "text": ...} on standard input."""
    _each_line(encode_line, as_text)


def _each_line(convert: Callable[[str], dict[str, Any]], as_text: bool) -> None:
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in sys.stdin:
        if line.strip():
            answer = convert(line)
            click.echo("\n".join(readable(answer)) if as_text else json.dumps(answer, ensure_ascii=False))
