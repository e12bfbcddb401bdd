"""The schema, as steps that are appended and never edited."""

import contextlib

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("modemd")


@migrations()
def m001_start(db: Database) -> None:
    """Times are seconds since 1970, UTC."""
    _follow(db, _START)


def _follow(db: Database, script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)


_START = """
create table message (
  id integer primary key autoincrement,
  batch_id integer,
  state text not null check (state in ('draft', 'held', 'staged', 'queued', 'submitting', 'submitted',
    'delivered', 'undelivered', 'cancelled', 'expired', 'failed', 'uncertain')),
  recipient text not null,
  text text not null,
  encoding text not null check (encoding in ('gsm7', 'ucs2')),
  author text not null,
  created_at real not null,
  staged_at real,
  fuse real,
  send_at real,
  release_at real,
  validity real not null,
  valid_until real,
  not_before real not null default 0,
  ended_at real,
  modem text,
  error text
) strict;
create index message_draft on message (id) where state = 'draft';
create index message_burning on message (release_at, id) where state = 'staged' and send_at is null;
create index message_scheduled on message (release_at, id) where state = 'staged' and send_at is not null;
create index message_queued on message (id) where state = 'queued';
create index message_queued_until on message (valid_until) where state = 'queued';
create index message_submitting on message (id) where state = 'submitting';
create index message_held on message (id) where state = 'held';
create index message_uncertain on message (id) where state = 'uncertain';
create index message_ended on message (ended_at, id) where ended_at is not null;
create index message_recipient on message (recipient, id);
create index message_batch on message (batch_id) where batch_id is not null;
create index message_author on message (author, staged_at) where staged_at is not null;
create table part (
  message_id integer not null references message (id),
  sequence integer not null,
  state text not null check (state in ('queued', 'submitting', 'submitted', 'delivered', 'undelivered',
    'cancelled', 'expired', 'failed', 'uncertain')),
  attempts integer not null default 0,
  modem text,
  sim text,
  tp_mr integer,
  tp_mr_known integer not null default 0,
  left_at real,
  submitted_at real,
  ended_at real,
  tp_st integer,
  error text,
  primary key (message_id, sequence)
) strict, without rowid;
create index part_in_flight on part (message_id) where state = 'submitting';
create index part_report on part (sim, tp_mr, left_at) where tp_mr is not null;
create index part_left on part (sim, left_at) where left_at is not null;
create table event (
  id integer primary key autoincrement,
  at real not null,
  kind text not null,
  message_id integer,
  old text,
  new text,
  subject text,
  who text,
  code text,
  data text
) strict;
create index event_message on event (message_id, id) where message_id is not null;
create table inbound (
  id integer primary key autoincrement,
  sender text not null,
  alphanumeric integer not null,
  text text,
  smsc_time real,
  received_at real not null,
  modem text not null,
  parts integer not null,
  missing text not null,
  concat text,
  is_read integer not null default 0,
  error text
) strict;
create index inbound_sender on inbound (sender, id);
create index inbound_open on inbound (concat) where concat is not null;
create table inbound_pdu (
  id integer primary key autoincrement,
  inbound_id integer references inbound (id),
  sim text not null,
  modem text not null,
  received_at real not null,
  pdu text not null,
  sequence integer not null default 1,
  unique (sim, pdu)
) strict;
create index inbound_pdu_of on inbound_pdu (inbound_id);
create table report (
  id integer primary key autoincrement,
  sim text not null,
  received_at real not null,
  tp_mr integer not null,
  recipient text not null,
  tp_st integer not null,
  pdu text not null,
  message_id integer,
  sequence integer,
  unique (sim, pdu)
) strict;
create index report_unmatched on report (sim, tp_mr) where message_id is null;
create table conversation (
  number text primary key,
  last_at real not null,
  last_text text not null,
  last_is_inbound integer not null,
  unread integer not null,
  alphanumeric integer not null
) strict, without rowid;
create index conversation_last on conversation (last_at);
create table idempotency (
  key text not null,
  author text not null,
  request text not null,
  answer text not null,
  at real not null,
  primary key (key, author)
) strict, without rowid;
create index idempotency_at on idempotency (at);
create table batch (id integer primary key autoincrement, at real not null) strict;
create table line (
  id integer primary key check (id = 1),
  stopped integer not null,
  who text,
  at real
) strict;
insert into line (id, stopped) values (1, 0);
create table pin_try (
  sim text not null,
  pin_digest text not null,
  at real not null,
  outcome text not null,
  primary key (sim, pin_digest)
) strict, without rowid;
"""


@migrations()
def m003_inbound(db: Database) -> None:
    """Where a PDU lay and whether it is gone from there; calls; sets of parts that nobody waits for any longer.

    The same PDU may be kept twice now: whether it is the same message is `inbox.add`'s to say.
    """
    _follow(db, _INBOUND)


_INBOUND = """
create table inbound_kept (
  id integer primary key autoincrement,
  inbound_id integer references inbound (id),
  sim text not null,
  modem text not null,
  received_at real not null,
  pdu text not null,
  sequence integer not null default 1,
  content text,
  storage text,
  slot integer,
  freed integer not null default 0
) strict;
insert into inbound_kept (id, inbound_id, sim, modem, received_at, pdu, sequence)
  select id, inbound_id, sim, modem, received_at, pdu, sequence from inbound_pdu;
drop table inbound_pdu;
alter table inbound_kept rename to inbound_pdu;
create index inbound_pdu_of on inbound_pdu (inbound_id);
create index inbound_pdu_same on inbound_pdu (pdu);
create index inbound_pdu_lying on inbound_pdu (sim, storage) where freed = 0;
alter table inbound add column kind text not null default 'message' check (kind in ('message', 'call'));
alter table inbound add column overdue_at real;
create index inbound_incomplete on inbound (received_at) where missing != '' and overdue_at is null;
alter table conversation add column last_kind text not null default 'message'
  check (last_kind in ('message', 'call'));
"""


@migrations()
def m004_modems(db: Database) -> None:
    """Which modem and SIM each name stands for, what each SIM has sent, and categories of messages."""
    _follow(db, _MODEMS)


_MODEMS = """
create table bond (
  name text primary key,
  imei text,
  iccid text,
  imsi text,
  park text,
  parked_at real
) strict, without rowid;
create table spent (sim text not null, at real not null) strict;
create index spent_at on spent (sim, at);
alter table message add column category text not null default 'service'
  check (category in ('service', 'promotional', 'emergency'));
alter table message add column resends integer not null default 0;
"""


@migrations()
def m005_contacts(db: Database) -> None:
    """Contacts, groups and imports; who wants no more messages; words to search by.

    What was there before is put into the index by `search.catch_up`, a few rows at a time: a million at once
    would hold up the start for minutes.
    """
    for statement in _CONTACTS.split(";\n"):
        if statement.strip():
            db.execute(statement)


_CONTACTS = """
create table contact (
  id integer primary key autoincrement,
  name text not null,
  reading text not null,
  language text not null,
  notes text not null,
  tags text not null,
  consents text not null,
  fields text not null,
  sort_key text not null,
  name_key text not null,
  sound_key text not null,
  created_at real not null,
  created_by text not null,
  changed_at real not null,
  changed_by text not null,
  revision integer not null
) strict;
create index contact_sort on contact (sort_key, id);
create index contact_name on contact (name_key) where name_key != '';
create index contact_sound on contact (sound_key) where sound_key != '';
create table contact_slip (
  key text not null,
  contact_id integer not null references contact (id) on delete cascade,
  primary key (key, contact_id)
) strict, without rowid;
create index contact_slip_of on contact_slip (contact_id);
create table contact_number (
  contact_id integer not null references contact (id) on delete cascade,
  number text not null,
  place integer not null,
  primary key (contact_id, number)
) strict, without rowid;
create index contact_number_of on contact_number (number);
create table contact_group (id integer primary key autoincrement, name text not null unique) strict;
create table contact_member (
  group_id integer not null references contact_group (id) on delete cascade,
  contact_id integer not null references contact (id) on delete cascade,
  primary key (group_id, contact_id)
) strict, without rowid;
create index contact_member_of on contact_member (contact_id);
create table contact_doubt (
  contact_id integer not null references contact (id) on delete cascade,
  written text not null,
  proposed text not null,
  primary key (contact_id, written)
) strict, without rowid;
create table contact_batch (
  id integer primary key autoincrement,
  kind text not null check (kind in ('import', 'merge', 'delete')),
  at real not null,
  who text not null,
  source text not null,
  undone_at real,
  undone_by text
) strict;
create table contact_edit (
  id integer primary key autoincrement,
  contact_id integer not null,
  at real not null,
  who text not null,
  kind text not null check (kind in ('added', 'changed', 'deleted')),
  before text,
  batch_id integer references contact_batch (id),
  undoes integer references contact_batch (id)
) strict;
create index contact_edit_of on contact_edit (contact_id, id);
create index contact_edit_batch on contact_edit (batch_id, id) where batch_id is not null;
create table contact_choice (
  message_id integer primary key,
  typed text not null,
  contact_id integer not null references contact (id) on delete cascade
) strict;
create table contact_demoted (
  contact_id integer not null references contact (id) on delete cascade,
  typed text not null,
  at real not null,
  primary key (contact_id, typed)
) strict, without rowid;
create table hygiene_dismissed (
  kind text not null,
  key text not null,
  at real not null,
  who text not null,
  primary key (kind, key)
) strict, without rowid;
create table opt_out (
  number text primary key,
  state text not null check (state in ('out', 'asked', 'back')),
  at real not null,
  how text not null check (how in ('message', 'person')),
  who text,
  note text,
  inbound_id integer,
  confirmed_at real,
  confirmation integer
) strict, without rowid;
create table opt_out_history (
  id integer primary key autoincrement,
  number text not null,
  at real not null,
  what text not null check (what in ('out', 'asked', 'back')),
  how text not null check (how in ('message', 'person')),
  who text,
  note text,
  inbound_id integer
) strict;
create index opt_out_history_of on opt_out_history (number, id);
create table opt_out_rules (id integer primary key check (id = 1), rules text not null) strict;
create index message_to on message (recipient, staged_at, id, state) where staged_at is not null;
create virtual table message_words using fts5(words, tokenize = "TOKENIZER");
create virtual table inbound_words using fts5(words, tokenize = "TOKENIZER");
create virtual table contact_words using fts5(names, numbers, rest, tokenize = "TOKENIZER");
create table search_backlog (kind text primary key, upto integer not null) strict, without rowid;
insert into search_backlog (kind, upto) select 'message', max(id) from message having max(id) is not null;
insert into search_backlog (kind, upto) select 'inbound', max(id) from inbound having max(id) is not null;
""".replace("TOKENIZER", "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'")


@migrations()
def m006_holds(db: Database) -> None:
    """Why a message is held, by named reasons; who has a hand in it, and the salt of its digests."""
    for statement in _HOLDS.split(";\n"):
        if statement.strip():
            db.execute(statement)


_HOLDS = """
create table hold (
  id integer primary key autoincrement,
  message_id integer not null references message (id),
  code text not null,
  needs text not null check (needs in ('confirm', 'approval', 'edit', 'time')),
  placed_at real not null,
  placed_by text not null,
  cleared_at real,
  cleared_by text,
  void_at real,
  data text not null default '{}',
  until real
) strict;
create index hold_until on hold (until) where until is not null and cleared_at is null and void_at is null;
create index hold_message on hold (message_id) where void_at is null;
create index hold_waiting on hold (message_id)
  where needs = 'approval' and cleared_at is null and void_at is null;
create table vote (
  id integer primary key autoincrement,
  hold_id integer not null references hold (id),
  message_id integer not null references message (id),
  at real not null,
  who text not null,
  name text not null,
  verdict text not null check (verdict in ('approved', 'rejected')),
  digest text not null,
  reason text,
  unique (hold_id, who)
) strict;
create index vote_message on vote (message_id);
create table version (
  message_id integer not null references message (id),
  digest text not null,
  at real not null,
  recipient text not null,
  text text not null,
  send_at real,
  primary key (message_id, digest)
) strict, without rowid;
create table approval_code (
  id integer primary key autoincrement,
  message_id integer references message (id),
  batch_id integer references batch (id),
  digest text not null,
  who text not null,
  number text not null,
  salt text not null,
  code text not null,
  at real not null,
  expires_at real not null,
  used_at real
) strict;
create index approval_code_open on approval_code (number) where used_at is null;
create index message_text_kept on message (ended_at) where ended_at is not null and text <> '';
create index message_number_kept on message (ended_at) where ended_at is not null and substr(recipient, 1, 1) <> '*';
create index inbound_text_kept on inbound (received_at) where text <> '';
create index inbound_number_kept on inbound (received_at) where alphanumeric = 0 and substr(sender, 1, 1) <> '*';
create index inbound_pdu_kept on inbound_pdu (received_at) where substr(pdu, 1, 1) <> 'r';
create index report_kept on report (received_at) where substr(pdu, 1, 1) <> 'r';
create index event_sender_kept on event (at) where kind = 'inbox' and substr(subject, 1, 1) <> '*';
create index hold_sentence_kept on hold (placed_at) where instr(data, '"sentence"') > 0;
create index event_reason_kept on event (at) where kind = 'reject' and data is not null;
create table wrong_code (number text not null, at real not null) strict;
create index wrong_code_of on wrong_code (number, at);
create table cooling (
  message_id integer primary key references message (id),
  until real not null,
  at real not null,
  recipient text not null,
  text text not null
) strict;
create table reader (name text primary key, position integer not null) strict, without rowid;
insert into reader (name, position) select 'replies', coalesce(max(id), 0) from inbound;
insert into reader (name, position) values ('approvals', 0);
create table seen (
  message_id integer not null references message (id),
  who text not null,
  digest text not null,
  at real not null,
  primary key (message_id, who, digest)
) strict, without rowid;
insert into hold (message_id, code, needs, placed_at, placed_by)
  select id, coalesce(error, 'internal'), 'edit', coalesce(staged_at, created_at), 'modemd' from message
  where state = 'held';
alter table message add column writers text not null default '[]';
alter table message add column salt text;
alter table message add column recipients integer not null default 1;
alter table message add column by_hand integer not null default 0;
alter table message add column reason text not null default '';
alter table message add column leave_by real;
update message set recipients = (select count(*) from message as other where other.batch_id = message.batch_id)
  where batch_id is not null;
update message set salt = lower(hex(randomblob(16))) where ended_at is null;
"""


@migrations()
def m007_audit(db: Database) -> None:
    """What was decided, by whom: append only, each row chained to the one before it."""
    for statement in _AUDIT:
        db.execute(statement)


_AUDIT = (
    """create table audit (
  id integer primary key autoincrement,
  at real not null,
  who text not null,
  uid integer,
  origin text not null,
  deed text not null,
  subject text,
  data text not null,
  hash text not null
) strict""",
    "create index audit_configured on audit (id) where deed = 'configured'",
    """create trigger audit_no_update before update on audit begin
  select raise(abort, 'the audit is append only'); end""",
    """create trigger audit_no_delete before delete on audit begin
  select raise(abort, 'the audit is append only'); end""",
    """create trigger audit_in_order before insert on audit
  when new.id <> (select coalesce(max(id), 0) + 1 from audit) begin
  select raise(abort, 'the audit is append only'); end""",
)


@migrations()
def m008_turns(db: Database) -> None:
    """In which order parts have left a SIM, whatever is done to the clock; of older parts the clock alone tells."""
    db.execute("alter table part add column turn integer")
    db.execute("update part set turn = 0 where left_at is not null")
    db.execute("create index part_turn on part (sim, turn, left_at) where turn is not null")


@migrations()
def m009_awaited(db: Database) -> None:
    """What few rows of many are asked for again and again: who waits for a report, or to be read.

    A SIM has 256 references: of a million parts, thousands have had the same one.
    """
    db.execute(
        "create index part_awaited on part (sim, tp_mr, tp_mr_known, left_at) where state in ('submitted', 'uncertain')"
    )
    db.execute("create index report_waiting on report (sim) where message_id is null")  # and in the order of ids
    db.execute("create index conversation_unread on conversation (unread) where unread > 0")


@migrations()
def m010_queue(db: Database) -> None:
    """However much waits: the next message of a modem, and when what backs off may go again, are each one step."""
    db.execute("create index message_queued_for on message (modem, id) where state = 'queued'")
    db.execute("create index message_queued_later on message (not_before) where state = 'queued' and not_before > 0")


def unknown_steps(db: Database) -> list[str]:
    """Steps that the database has behind it and this version does not know: it comes from a newer one."""
    with contextlib.closing(Database(memory=True)) as empty:
        known = {step.name for step in migrations.pending(empty)}
    return [step.name for step in migrations.applied(db) if step.name not in known]
