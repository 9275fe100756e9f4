-- Flows between two apps: writes that are asked about before they are repeated, pairs of ids, and
-- our own writes, which are known again when a poll shows them.

-- SQLite sets it between the last column and its comment, hence one of another kind.
ALTER TABLE steps ADD COLUMN unsure INTEGER /* since when it is not known whether an attempt was carried out; absent: it is known */;

-- A pair is found from either side, so neither side may stand in two pairs of a name.
DROP INDEX id_links_right;
CREATE UNIQUE INDEX id_links_right ON id_links (name, right_id);

CREATE TABLE own_writes (
  -- What steps wrote to a record of late, so that a poll which shows it is known as an echo.
  world TEXT NOT NULL,                 -- connector and location or company, as in account_identities
  key TEXT NOT NULL,                   -- the record's id as text
  operation TEXT NOT NULL,             -- the write's full name, which says whose record it is
  effect TEXT NOT NULL,                -- created, changed or deleted: what the writes did to the record
  fields TEXT NOT NULL,                -- JSON: field -> when it was written, and the values it may show since
  written_at INTEGER NOT NULL,         -- when the last of the writes succeeded
  PRIMARY KEY (world, key, operation)
) STRICT, WITHOUT ROWID;
CREATE INDEX own_writes_old ON own_writes (written_at);

CREATE TABLE loop_counts (
  -- Events that followed a write of ours to the same record, counted for a while.
  stream_id INTEGER NOT NULL REFERENCES streams (id), -- the stream
  key TEXT NOT NULL,                   -- the record's id as text
  times INTEGER NOT NULL,              -- how many since then
  since INTEGER NOT NULL,              -- when the count began
  PRIMARY KEY (stream_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX loop_counts_old ON loop_counts (since);
