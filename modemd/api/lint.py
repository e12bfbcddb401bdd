"""What staging would say of a message: the same for the API and, without a daemon, for the command line."""

from drivers.errors import PduError
from drivers.parts import LIMITS, MAX_PARTS, cut
from drivers.pdu import Encoding
from modemd.api import schema, views
from modemd.config_checks import Price
from modemd.i18n import say
from modemd.model.candidate import Candidate
from modemd.staging.examiner import Examiner, Look


def lint_view(
    examiner: Examiner, look: Look, language: str, *, addressed: bool, fuse: float, price: Price | None = None
) -> schema.LintView:
    """`addressed`: the text has a recipient already, and that is looked at too. `fuse`: seconds, as it would burn."""
    candidate: Candidate = look.candidate
    found = [each for each in look.findings if addressed or each.subject != "recipient"]
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
        read_back=views.read_back(examiner.read_back(look, {finding.code for finding in found})),
        risk=schema.RiskView(look.risk.score, fuse, say(look.risk.reason, language), look.risk.waits),
        cost=price.of(parts) if price is not None else None,
    )
