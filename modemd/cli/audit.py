"""modemd audit: what was decided, by whom; whether it is whole; a copy of it."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from sqlite_utils import Database

from drivers.words import N_, Sentence
from modemd.api.audit import BREAKS
from modemd.api.client import GatewayClient
from modemd.cli.common import day_and_clock, end, print_json, say, talks, words
from modemd.model.chain import Break, Checkpoint, Row, Verifier, of_line, read_checkpoint
from modemd.model.display import safe
from modemd.store import audit


@click.group("audit")
def audit_command() -> None:
    """Who decided what: append only, each row chained to the one before it."""


@audit_command.command("list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@talks
async def list_rows(client: GatewayClient, limit: int, lang: str, as_json: bool) -> None:
    """The newest decisions."""
    page = await client.audit(limit=limit)
    if as_json:
        print_json(page)
        return
    for row in page.rows:
        click.echo(
            f"{row.id:>6}  {day_and_clock(row.at)}  {safe(row.who):12} {safe(row.origin):12} {row.words}"
            f"  {safe(row.subject or '')}  {safe(row.data)}"
        )


@audit_command.command("verify")
@click.option("--checkpoint", metavar="ID:HASH", help="One that was printed before, and kept elsewhere.")
@click.option("--file", type=click.Path(path_type=Path, exists=True), help="An export (JSON Lines) instead.")
@click.option("--database", type=click.Path(path_type=Path, exists=True), help="A database instead, daemon or none.")
@talks
async def verify(
    client: GatewayClient,
    checkpoint: str | None,
    file: Path | None,
    database: Path | None,
    lang: str,
    as_json: bool,
) -> None:
    """Whether the audit is as it was written. Exit status 1: it is not, and the first row that is not is named."""
    if file is None and database is None:
        view = await client.verify_audit(checkpoint)
        if as_json:
            print_json(view)
        sentence, head = view.sentence, view.checkpoint
    else:
        with _rows(file, database) as rows:
            found, at = _verify(rows, checkpoint, lang)
        sentence = say(Sentence(BREAKS[found.why], {"row": found.row}), lang) if found else None
        head = str(at)
        if as_json:
            print_json({"whole": found is None, "checkpoint": head, "row": found.row if found else None})
    if sentence is not None:
        end(sentence)
    if not as_json:
        click.echo(words(lang, N_("The audit is whole. Keep this checkpoint elsewhere: {head}"), head=head))


@contextlib.contextmanager
def _rows(file: Path | None, database: Path | None) -> Iterator[Iterable[Row]]:
    if file is not None:
        with file.open(encoding="utf-8") as lines:
            yield (of_line(line) for line in lines if line.strip())
    else:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            yield _pages(Database(connection, recursive_triggers=False))


def _pages(db: Database) -> Iterator[Row]:
    last = 0
    while rows := audit.since(db, last, 2000):
        yield from rows
        last = rows[-1].id


def _verify(rows: Iterable[Row], checkpoint: str | None, lang: str) -> tuple[Break | None, Checkpoint]:
    try:
        verifier = Verifier([read_checkpoint(checkpoint)] if checkpoint else [])
        return verifier.feed(rows) or verifier.end(), verifier.head
    except (ValueError, TypeError, KeyError, sqlite3.Error) as error:
        end(Sentence(N_("This cannot be read as an audit: {why}"), {"why": str(error)[:200]}), lang)


@audit_command.command("export")
@click.option("--csv", "as_csv", is_flag=True, help="CSV for a spreadsheet; JSON Lines can be verified.")
@talks
async def export(client: GatewayClient, as_csv: bool, lang: str, as_json: bool) -> None:
    """All of it, oldest first, on standard output. That it was taken is written down."""
    async for piece in client.export_audit("csv" if as_csv else "jsonl"):
        click.echo(piece, nl=False)
