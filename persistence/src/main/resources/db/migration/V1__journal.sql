-- The journal. Columns of pekko-persistence-jdbc, plus two of ours:
--   slice  0..1023, JournalSlices.of(persistence_id); a reader takes a range of them
--   xid    the writing transaction; rows below pg_snapshot_xmin() can no longer appear
-- Every index is paid by every event, so there are two: one to recover an entity, one to read
-- everything in the order of (xid, ordering). The slice stands in the second one so that a reader
-- skips the rows of others without a visit to the table.
-- A sequence value is only compared within one transaction, so sessions may take them in blocks.
CREATE SEQUENCE event_journal_ordering_seq AS bigint CACHE 64;

CREATE TABLE event_journal (
  ordering           bigint NOT NULL DEFAULT nextval('event_journal_ordering_seq'),
  xid                xid8 NOT NULL DEFAULT pg_current_xact_id(),
  sequence_number    bigint NOT NULL,
  write_timestamp    bigint NOT NULL,
  event_ser_id       integer NOT NULL,
  meta_ser_id        integer,
  slice              smallint NOT NULL,
  deleted            boolean NOT NULL DEFAULT false,
  persistence_id     varchar(255) COLLATE "C" NOT NULL,
  writer             varchar(255) COLLATE "C" NOT NULL,
  adapter_manifest   varchar(255) COLLATE "C" NOT NULL DEFAULT '',
  event_ser_manifest varchar(255) COLLATE "C" NOT NULL,
  event_payload      bytea NOT NULL,
  meta_ser_manifest  varchar(255) COLLATE "C",
  meta_payload       bytea,
  CONSTRAINT event_journal_pk PRIMARY KEY (persistence_id, sequence_number)
);

ALTER SEQUENCE event_journal_ordering_seq OWNED BY event_journal.ordering;

CREATE INDEX event_journal_xid_ordering_idx ON event_journal (xid, ordering, slice);

CREATE TABLE snapshot (
  persistence_id        varchar(255) COLLATE "C" NOT NULL,
  sequence_number       bigint NOT NULL,
  created               bigint NOT NULL,
  snapshot_ser_id       integer NOT NULL,
  snapshot_ser_manifest varchar(255) NOT NULL,
  snapshot_payload      bytea NOT NULL,
  meta_ser_id           integer,
  meta_ser_manifest     varchar(255),
  meta_payload          bytea,
  CONSTRAINT snapshot_pk PRIMARY KEY (persistence_id, sequence_number)
);
