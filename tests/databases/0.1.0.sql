-- What modemd 0.1.0 leaves behind: a few rows of every table.
PRAGMA application_id = 1836016741;
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'modemd','m001_start','2026-11-24 09:00:00.000000+00:00');
CREATE TABLE batch (id integer primary key autoincrement, at real not null) strict;
INSERT INTO "batch" VALUES(1,1700000000.0);
CREATE TABLE conversation (
  number text primary key,
  last_at real not null,
  last_text text not null,
  last_is_inbound integer not null,
  unread integer not null,
  alphanumeric integer not null
) strict, without rowid;
INSERT INTO "conversation" VALUES('+447700900001',1700000000.0,'三時に伺います😀',1,1,0);
INSERT INTO "conversation" VALUES('?',1700000000.0,'',1,1,1);
CREATE TABLE event (
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
INSERT INTO "event" VALUES(1,1700000000.0,'state',2,NULL,'staged',NULL,'ann',NULL,NULL);
INSERT INTO "event" VALUES(2,1700000000.0,'state',3,NULL,'staged',NULL,'ann',NULL,NULL);
INSERT INTO "event" VALUES(3,1700000000.0,'state',4,NULL,'staged',NULL,'ann',NULL,NULL);
INSERT INTO "event" VALUES(4,1700000000.0,'state',4,'staged','queued',NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(5,1700000000.0,'part',4,'queued','submitting','1',NULL,NULL,NULL);
INSERT INTO "event" VALUES(6,1700000000.0,'state',4,'queued','submitting',NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(7,1700000000.0,'part',4,'submitting','submitted','1',NULL,NULL,NULL);
INSERT INTO "event" VALUES(8,1700000000.0,'part',4,'queued','submitting','2',NULL,NULL,NULL);
INSERT INTO "event" VALUES(9,1700000000.0,'part',4,'submitting','submitted','2',NULL,NULL,NULL);
INSERT INTO "event" VALUES(10,1700000000.0,'state',4,'submitting','submitted',NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(11,1700000000.0,'report',4,NULL,NULL,'1',NULL,'tp_st_0',NULL);
INSERT INTO "event" VALUES(12,1700000000.0,'part',4,'submitted','delivered','1',NULL,NULL,NULL);
INSERT INTO "event" VALUES(13,1700000000.0,'report',4,NULL,NULL,'2',NULL,'tp_st_0',NULL);
INSERT INTO "event" VALUES(14,1700000000.0,'part',4,'submitted','delivered','2',NULL,NULL,NULL);
INSERT INTO "event" VALUES(15,1700000000.0,'state',4,'submitted','delivered',NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(16,1700000000.0,'state',5,NULL,'staged',NULL,'ann',NULL,NULL);
INSERT INTO "event" VALUES(17,1700000000.0,'part',5,'queued','cancelled','1','bob',NULL,NULL);
INSERT INTO "event" VALUES(18,1700000000.0,'state',5,'staged','cancelled',NULL,'bob',NULL,NULL);
INSERT INTO "event" VALUES(19,1700000000.0,'state',6,NULL,'staged',NULL,'ann',NULL,NULL);
INSERT INTO "event" VALUES(20,1700000000.0,'state',6,'staged','queued',NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(21,1700000000.0,'part',6,'queued','submitting','1',NULL,NULL,NULL);
INSERT INTO "event" VALUES(22,1700000000.0,'state',6,'queued','submitting',NULL,NULL,NULL,NULL);
INSERT INTO "event" VALUES(23,1700000000.0,'part',6,'submitting','uncertain','1',NULL,'no_answer',NULL);
INSERT INTO "event" VALUES(24,1700000000.0,'state',6,'submitting','uncertain',NULL,NULL,'no_answer',NULL);
INSERT INTO "event" VALUES(25,1700000000.0,'state',7,NULL,'staged',NULL,'ann',NULL,NULL);
INSERT INTO "event" VALUES(26,1700000000.0,'state',8,NULL,'staged',NULL,'ann',NULL,NULL);
INSERT INTO "event" VALUES(27,1700000000.0,'inbox',NULL,NULL,NULL,'+447700900001',NULL,NULL,'1');
INSERT INTO "event" VALUES(28,1700000000.0,'inbox',NULL,NULL,NULL,'+447700900001',NULL,NULL,'1');
INSERT INTO "event" VALUES(29,1700000000.0,'inbox',NULL,NULL,NULL,'?',NULL,'undecodable','2');
INSERT INTO "event" VALUES(30,1700000000.0,'line',NULL,NULL,'stopped',NULL,'ann',NULL,NULL);
INSERT INTO "event" VALUES(31,1700000001.0,'line',NULL,NULL,'running',NULL,'ann',NULL,NULL);
CREATE TABLE idempotency (
  key text not null,
  author text not null,
  request text not null,
  answer text not null,
  at real not null,
  primary key (key, author)
) strict, without rowid;
INSERT INTO "idempotency" VALUES('key-1','ann','request','{}',1700000000.0);
CREATE TABLE inbound (
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
INSERT INTO "inbound" VALUES(1,'+447700900001',0,'三時に伺います😀',1795510800.0,1700000000.0,'north',2,'','8944100000000000001/+447700900001/9/2/0',0,NULL);
INSERT INTO "inbound" VALUES(2,'?',1,NULL,NULL,1700000000.0,'north',1,'',NULL,0,'undecodable');
CREATE TABLE inbound_pdu (
  id integer primary key autoincrement,
  inbound_id integer references inbound (id),
  sim text not null,
  modem text not null,
  received_at real not null,
  pdu text not null,
  sequence integer not null default 1,
  unique (sim, pdu)
) strict;
INSERT INTO "inbound_pdu" VALUES(1,1,'8944100000000000001','north',1700000000.0,'00440C914477000900100008621142900000000C0500030902014E096642306B',1);
INSERT INTO "inbound_pdu" VALUES(2,1,'8944100000000000001','north',1700000000.0,'00440C91447700090010000862114290000000120500030902024F3A3044307E3059D83DDE00',2);
INSERT INTO "inbound_pdu" VALUES(3,2,'8944100000000000001','north',1700000000.0,'DEADBEEF',1);
CREATE TABLE line (
  id integer primary key check (id = 1),
  stopped integer not null,
  who text,
  at real
) strict;
INSERT INTO "line" VALUES(1,0,'ann',1700000001.0);
CREATE TABLE message (
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
INSERT INTO "message" VALUES(1,NULL,'draft','+447700900001','A draft','gsm7','ann',1700000000.0,NULL,NULL,NULL,NULL,3600.0,NULL,0.0,NULL,NULL,NULL);
INSERT INTO "message" VALUES(2,NULL,'staged','+447700900001','Hello','gsm7','ann',1700000000.0,1700000000.0,10.0,NULL,1700000010.0,3600.0,1700003610.0,0.0,NULL,NULL,NULL);
INSERT INTO "message" VALUES(3,NULL,'staged','+447700900001','会議は三時です','ucs2','ann',1700000000.0,1700000000.0,NULL,1700086400.0,1700086400.0,86400.0,1700172800.0,0.0,NULL,NULL,NULL);
INSERT INTO "message" VALUES(4,NULL,'delivered','+447700900001','Delivered in two parts','gsm7','ann',1700000000.0,1700000000.0,0.0,NULL,1700000000.0,3600.0,1700003600.0,0.0,1700000000.0,NULL,NULL);
INSERT INTO "message" VALUES(5,NULL,'cancelled','+447700900002','Hello','gsm7','ann',1700000000.0,1700000000.0,10.0,NULL,1700000010.0,3600.0,1700003610.0,0.0,1700000000.0,NULL,NULL);
INSERT INTO "message" VALUES(6,NULL,'uncertain','+447700900001','Hello','gsm7','ann',1700000000.0,1700000000.0,0.0,NULL,1700000000.0,3600.0,1700003600.0,0.0,NULL,NULL,'no_answer');
INSERT INTO "message" VALUES(7,1,'staged','+447700900001','Hello','gsm7','ann',1700000000.0,1700000000.0,10.0,NULL,1700000010.0,3600.0,1700003610.0,0.0,NULL,NULL,NULL);
INSERT INTO "message" VALUES(8,1,'staged','+447700900002','Hello','gsm7','ann',1700000000.0,1700000000.0,10.0,NULL,1700000010.0,3600.0,1700003610.0,0.0,NULL,NULL,NULL);
CREATE TABLE part (
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
INSERT INTO "part" VALUES(2,1,'queued',0,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "part" VALUES(3,1,'queued',0,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "part" VALUES(4,1,'delivered',1,'north','8944100000000000001',11,1,1700000000.0,1700000000.0,1700000000.0,0,NULL);
INSERT INTO "part" VALUES(4,2,'delivered',1,'north','8944100000000000001',12,1,1700000000.0,1700000000.0,1700000000.0,0,NULL);
INSERT INTO "part" VALUES(5,1,'cancelled',0,NULL,NULL,NULL,0,NULL,NULL,1700000000.0,NULL,NULL);
INSERT INTO "part" VALUES(6,1,'uncertain',1,'north','8944100000000000001',13,0,1700000000.0,NULL,NULL,NULL,'no_answer');
INSERT INTO "part" VALUES(7,1,'queued',0,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "part" VALUES(8,1,'queued',0,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE pin_try (
  sim text not null,
  pin_digest text not null,
  at real not null,
  outcome text not null,
  primary key (sim, pin_digest)
) strict, without rowid;
INSERT INTO "pin_try" VALUES('8944100000000000001','ee0d380cb5637494340f79a9e020825d52cbb79a5fda9c30614da8c72c39490e',1700000000.0,'unknown');
CREATE TABLE report (
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
INSERT INTO "report" VALUES(1,'8944100000000000001',1700000000.0,11,'+447700900001',0,'000000',4,1);
INSERT INTO "report" VALUES(2,'8944100000000000001',1700000000.0,12,'+447700900001',0,'000001',4,2);
INSERT INTO "report" VALUES(3,'8944100000000000001',1700000000.0,200,'+447700900002',0,'000002',NULL,NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX message_draft on message (id) where state = 'draft';
CREATE INDEX message_burning on message (release_at, id) where state = 'staged' and send_at is null;
CREATE INDEX message_scheduled on message (release_at, id) where state = 'staged' and send_at is not null;
CREATE INDEX message_queued on message (id) where state = 'queued';
CREATE INDEX message_queued_until on message (valid_until) where state = 'queued';
CREATE INDEX message_submitting on message (id) where state = 'submitting';
CREATE INDEX message_held on message (id) where state = 'held';
CREATE INDEX message_uncertain on message (id) where state = 'uncertain';
CREATE INDEX message_ended on message (ended_at, id) where ended_at is not null;
CREATE INDEX message_recipient on message (recipient, id);
CREATE INDEX message_batch on message (batch_id) where batch_id is not null;
CREATE INDEX message_author on message (author, staged_at) where staged_at is not null;
CREATE INDEX part_in_flight on part (message_id) where state = 'submitting';
CREATE INDEX part_report on part (sim, tp_mr, left_at) where tp_mr is not null;
CREATE INDEX part_left on part (sim, left_at) where left_at is not null;
CREATE INDEX event_message on event (message_id, id) where message_id is not null;
CREATE INDEX inbound_sender on inbound (sender, id);
CREATE INDEX inbound_open on inbound (concat) where concat is not null;
CREATE INDEX inbound_pdu_of on inbound_pdu (inbound_id);
CREATE INDEX report_unmatched on report (sim, tp_mr) where message_id is null;
CREATE INDEX conversation_last on conversation (last_at);
CREATE INDEX idempotency_at on idempotency (at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('message',8);
INSERT INTO "sqlite_sequence" VALUES('event',31);
INSERT INTO "sqlite_sequence" VALUES('report',3);
INSERT INTO "sqlite_sequence" VALUES('batch',1);
INSERT INTO "sqlite_sequence" VALUES('inbound_pdu',3);
INSERT INTO "sqlite_sequence" VALUES('inbound',2);
COMMIT;
