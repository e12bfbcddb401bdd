"""CSV and XLSX → rows of text. Numbers that a spreadsheet took for quantities are given back as their digits."""

import csv
import datetime
import io
import zipfile
from collections.abc import Iterable

from drivers.words import N_
from modemd.model.errors import Invalid

MOST_ROWS, MOST_COLUMNS = 20_000, 200
_MOST_UNPACKED = 200 * 2**20  # octets of a spreadsheet's parts: more is no list of contacts
_OLD_EXCEL = bytes.fromhex("D0CF11E0")


def read_csv(text: str) -> list[list[str]]:
    """Its delimiter is the one that makes the most columns. Raises Invalid."""
    lines = text.split("\n", 1)
    if lines[0].lower().startswith("sep="):  # a note to Excel
        text = lines[1] if len(lines) > 1 else ""
    try:
        return _bounded(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise Invalid(N_("This file cannot be read as CSV: {why}."), why=error) from error


def _delimiter(text: str) -> str:
    head = "\n".join(text.splitlines()[:20])

    def columns(delimiter: str) -> int:
        return max((len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)), default=0)

    return max(",\t;", key=columns)


def read_xlsx(data: bytes) -> list[list[str]]:
    """The first sheet that holds anything. Raises Invalid."""
    from openpyxl import load_workbook  # slow to import, and rarely needed

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > _MOST_UNPACKED:
            raise Invalid(N_("This spreadsheet is too large: save the list alone as CSV."))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                if rows := _bounded([_shown(cell) for cell in row] for row in sheet.iter_rows(values_only=True)):
                    return rows
        finally:
            book.close()
    except Invalid:
        raise
    except Exception as error:  # whatever is in the file: openpyxl draws no line
        raise Invalid(N_("This spreadsheet cannot be read: save it as .xlsx or CSV and try again.")) from error
    return []


def is_xlsx(data: bytes) -> bool:
    """Raises Invalid for the format before it."""
    if data.startswith(_OLD_EXCEL):
        raise Invalid(N_("This is the old .xls format: save it as .xlsx or CSV and try again."))
    return data.startswith(b"PK\x03\x04")


def _shown(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell)
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime.datetime():
            return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
        case _:
            return str(cell)


def _bounded(rows: Iterable[list[str]]) -> list[list[str]]:
    """Without what is empty; a row keeps its place by the empty ones before it."""
    found: list[list[str]] = []
    last = 0
    for row in rows:
        cells = row[:MOST_COLUMNS]
        found.append(cells)
        if any(cell.strip() for cell in cells):
            last = len(found)
        if last > MOST_ROWS + 1:
            raise Invalid(N_("This file has more than {most} rows: divide it."), most=MOST_ROWS)
        if len(found) - last > 1000:  # spreadsheets go on for a million empty rows
            break
    return found[:last]
