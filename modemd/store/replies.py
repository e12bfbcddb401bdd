"""What an answer asks of the desk: no more messages, or messages again. In the transaction that has received it."""

import re

from sqlite_utils import Database

from drivers.words import Sentence
from modemd.model.folding import number_words
from modemd.model.opt_out import Asked, Rules, asked
from modemd.model.recipient import read_recipient
from modemd.store import opt_outs, outbox
from modemd.store.opt_outs import ASKED, BACK, OUT
from modemd.store.outbox import New

AUTHOR = "opt-out"  # of what is answered without a person
_ONE_A_DAY = 86400.0  # seconds: two machines must not answer each other for ever


def heard(db: Database, inbound_id: int, at: float) -> None:
    """A message has come in, or more of it. One that asks for nothing changes nothing."""
    sender, alphanumeric, text, modem = db.execute(
        "select sender, alphanumeric, text, modem from inbound where id = ?", (inbound_id,)
    ).fetchone()
    rules = opt_outs.rules(db)
    wanted = None if alphanumeric or not text else asked(text, rules)
    number = _number_of(db, sender, rules.region) if wanted else None
    if number is None:
        return
    known = opt_outs.find(db, number)
    match wanted:
        case Asked.STOP:
            if opt_outs.put(db, number, OUT, at, inbound_id=inbound_id):
                _confirm(db, number, rules, modem, at)
        case Asked.NEAR:
            opt_outs.put(db, number, ASKED, at, inbound_id=inbound_id)
        case Asked.START if known is not None and known.state != BACK:
            opt_outs.lift(db, number, at, inbound_id=inbound_id)


def _number_of(db: Database, sender: str, region: str | None) -> str | None:
    """The sender in E.164. Networks leave the country code out: without a region it is whom we wrote to."""
    reading = read_recipient(sender, region)
    if not isinstance(reading, Sentence):
        return reading
    digits = re.sub(r"[^0-9]", "", sender)
    rows = db.execute(
        "select recipient from message_words join message on id = message_words.rowid where message_words match ?"
        " order by message_words.rowid desc limit 1",
        (f'"{digits}"',),
    ).fetchall()
    return next((number for (number,) in rows if digits in number_words(number).split()), None)


def _confirm(db: Database, number: str, rules: Rules, modem: str, at: float) -> None:
    """Once, where the site has written what to say; by the SIM that was written to."""
    known = opt_outs.find(db, number)
    told = known.confirmed_at if known else None
    if rules.confirm is None or (told is not None and at - told < _ONE_A_DAY):
        return
    new = New(
        recipient=number,
        text=rules.confirm,
        encoding=rules.encoding,
        parts=rules.parts,
        author=AUTHOR,
        validity=rules.validity,
        fuse=rules.fuse,
        release_at=at + rules.fuse,
        modem=modem,
    )
    (message_id,) = outbox.add(db, [new], at)
    opt_outs.confirmed(db, number, message_id, at)
