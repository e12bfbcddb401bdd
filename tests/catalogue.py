"""Gather the sentences of the sources, bring the Japanese catalogue up to them, compile it."""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
PO = ROOT / "modemd/locale/ja/LC_MESSAGES/modemd.po"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def gathered() -> Catalog:
    """Every sentence that the sources mark."""
    template = Catalog()
    for room in ("drivers", "modemd", "tui"):
        for _, _, sentence, _, _ in extract_from_dir(ROOT / room, [("**.py", "python")], keywords=KEYWORDS):
            template.add(sentence)
    return template


def read() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="ja")


def updated() -> Catalog:
    """The catalogue as it is on disk, with what the sources have now: new ones empty, old ones gone."""
    catalogue = read()
    catalogue.update(gathered(), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    return catalogue


def as_po(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalogue, width=100, no_location=True, sort_output=True, omit_header=False)
    # The header's dates would change with every run and say nothing.
    noise = (b"-Date:", b"Generated-By", b"Report-Msgid", b"Last-Translator")
    lines = [line for line in file.getvalue().splitlines(True) if not any(each in line for each in noise)]
    return b"".join(lines)


def as_mo(catalogue: Catalog) -> bytes:
    """The same source makes the same octets: babel would write the time into the header."""
    catalogue.creation_date = catalogue.revision_date = EPOCH
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


if __name__ == "__main__":
    catalogue = updated()
    PO.write_bytes(as_po(catalogue))
    PO.with_suffix(".mo").write_bytes(as_mo(read()))
    empty = [message.id for message in catalogue if message.id and not message.string]
    print(f"{len(catalogue)} sentences, {len(empty)} without a translation")
    for sentence in empty:
        print(f"  {sentence!r}")
