"""What staging would say of a message: the same for the API and, without a daemon, for the command line."""

from collections.abc import Sequence

from drivers.errors import PduError
from drivers.parts import LIMITS, MAX_PARTS, cut
from drivers.pdu import Encoding
from modemd.api import schema, views
from modemd.checks.table import examine
from modemd.model.candidate import Candidate
from modemd.model.finding import Finding


def lint_view(
    candidate: Candidate,
    language: str,
    *,
    addressed: bool,
    known: Sequence[Finding] = (),
    family_name: str | None = None,
) -> schema.LintView:
    """`addressed`: the text has a recipient already, and that is looked at too. `known`: what the store says of it."""
    found = [each for each in (*known, *examine(candidate)) if addressed or each.subject != "recipient"]
    try:
        made = cut(candidate.text)
        encoding, parts, units, room = made.encoding, len(made.parts), made.units, made.room
        forcing = [character for _, character in made.forcing]
    except PduError:
        encoding, parts, units, room, forcing = Encoding.UCS2, MAX_PARTS + 1, 0, 0, []
    return schema.LintView(
        findings=[views.finding(each, language) for each in found],
        encoding=encoding,
        parts=parts,
        units=units,
        per_part=LIMITS[encoding][parts > 1],
        room=room,
        forcing=forcing,
        to=candidate.number if addressed else None,
        read_back=views.read_back(found, candidate.number or "", family_name),
    )
