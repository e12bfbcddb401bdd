"""What staging would say of a message: the same for the API and, without a daemon, for the command line."""

from drivers.errors import PduError
from drivers.parts import LIMITS, MAX_PARTS, cut
from drivers.pdu import Encoding
from drivers.words import Sentence
from modemd.api import schema, views
from modemd.checks.table import examine
from modemd.model.finding import Candidate
from modemd.model.recipient import read_recipient


def lint_view(
    candidate: Candidate, language: str, *, addressed: bool, family_name: str | None = None
) -> schema.LintView:
    """`addressed`: the text has a recipient already, and that is looked at too."""
    found = [each for each in examine(candidate) if addressed or each.subject != "recipient"]
    try:
        made = cut(candidate.text)
        encoding, parts, units, room = made.encoding, len(made.parts), made.units, made.room
        forcing = [character for _, character in made.forcing]
    except PduError:
        encoding, parts, units, room, forcing = Encoding.UCS2, MAX_PARTS + 1, 0, 0, []
    reading = read_recipient(candidate.to, candidate.region) if addressed else None
    return schema.LintView(
        findings=[views.finding(each, language) for each in found],
        encoding=encoding,
        parts=parts,
        units=units,
        per_part=LIMITS[encoding][parts > 1],
        room=room,
        forcing=forcing,
        to=None if isinstance(reading, Sentence) else reading,
        read_back=views.read_back(found, reading if isinstance(reading, str) else "", family_name),
    )
