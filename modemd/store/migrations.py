"""The schema, as steps that are appended and never edited."""

import contextlib

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("modemd")


@migrations()
def m001_start(db: Database) -> None:
    """Times are seconds since 1970, UTC."""
    for statement in _START.split(";\n"):
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
def m004_modems(db: Database) -> None:
    """Which modem and SIM each name stands for, what each SIM has sent, and categories of messages."""
    for statement in _MODEMS.split(";\n"):
        if statement.strip():
            db.execute(statement)


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
  needs text not null check (needs in ('confirm', 'approval', 'edit')),
  placed_at real not null,
  placed_by text not null,
  cleared_at real,
  cleared_by text,
  void_at real,
  data text not null default '{}'
) strict;
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


def unknown_steps(db: Database) -> list[str]:
    """Steps that the database has behind it and this version does not know: it comes from a newer one."""
    with contextlib.closing(Database(memory=True)) as empty:
        known = {step.name for step in migrations.pending(empty)}
    return [step.name for step in migrations.applied(db) if step.name not in known]
