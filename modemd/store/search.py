"""Words to search by, kept in step with what they stand for: messages, what was received, contacts.

Whoever writes a text calls `index_message` or `index_inbound` in the same transaction; an empty text takes
it out.
"""

from sqlite_utils import Database

from modemd.model.folding import index_words, number_words

_TEXTS = {
    "message": "select id, recipient, text from message where id <= ? order by id desc limit ?",
    "inbound": "select id, sender, coalesce(text, '') from inbound where id <= ? order by id desc limit ?",
}


def index_message(db: Database, message_id: int, recipient: str, text: str) -> None:
    put(db, "message", message_id, recipient, text)


def index_new(db: Database, message_id: int, recipient: str, text: str) -> None:
    """As `index_message`, of one that was not there: nothing has to be looked for first."""
    db.execute("insert into message_words (rowid, words) values (?, ?)", (message_id, _words(recipient, text)))


def index_inbound(db: Database, inbound_id: int, sender: str, text: str) -> None:
    put(db, "inbound", inbound_id, sender, text)


def put(db: Database, kind: str, id: int, number: str, text: str) -> None:
    """`kind`: message or inbound. An empty number or text takes its words out."""
    db.execute(
        f"insert or replace into {kind}_words (rowid, words) values (?, ?)",  # noqa: S608
        (id, _words(number, text)),
    )


def _words(number: str, text: str) -> str:
    return f"{index_words(text)} {number_words(number)}"


def is_complete(db: Database) -> bool:
    """Whether what was there before the index is in it by now."""
    return db.execute("select 1 from search_backlog limit 1").fetchone() is None


def catch_up(db: Database, most: int) -> bool:
    """Index up to `most` rows that were there before, the newest first; False when there is nothing left to do."""
    row = db.execute("select kind, upto from search_backlog order by kind desc limit 1").fetchone()
    if row is None:
        return False
    kind, upto = row
    rows = db.execute(_TEXTS[kind], (upto, most)).fetchall()
    for id, number, text in rows:
        put(db, kind, id, number, text)
    if len(rows) < most:
        db.execute("delete from search_backlog where kind = ?", (kind,))
    else:
        db.execute("update search_backlog set upto = ? where kind = ?", (rows[-1][0] - 1, kind))
    return True
