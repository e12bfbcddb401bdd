"""Cells that a spreadsheet would take for formulas: covered by an apostrophe on the way out, uncovered on the way in.

A name such as =HYPERLINK(…) would be run by whoever opens the list.
"""

# Full-width signs are formulas to Japanese spreadsheets; a tab or line end before them is skipped by some.
_SIGNS = tuple("=+-@＝＋－＠\t\r\n")


def covered(cell: str) -> str:
    return f"'{cell}" if cell.lstrip("'").startswith(_SIGNS) else cell


def uncovered(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_SIGNS) else cell
