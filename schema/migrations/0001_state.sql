-- The state of triggerd. Times in tables are milliseconds since 1970 in UTC; the views at the end
-- show them as ISO 8601. Hashes are 64-bit values stored as signed integers. No secret is ever
-- stored here.

CREATE TABLE instance (
  -- One row: what makes this database itself. Event ids are derived from it.
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1), -- always 1
  id TEXT NOT NULL,                    -- random, made with the database
  epoch INTEGER NOT NULL,              -- rises with each restore from a backup; 1: never restored
  made_at INTEGER NOT NULL             -- when the database was made
) STRICT;

CREATE TABLE settings (
  -- Single values the daemon notes for itself and for `triggerd status`.
  name TEXT NOT NULL PRIMARY KEY,      -- for example `stopped`
  value TEXT NOT NULL                  -- its value as text
) STRICT, WITHOUT ROWID;

CREATE TABLE triggers (
  -- What is remembered of each trigger of the configuration over restarts and reloads.
  id TEXT NOT NULL PRIMARY KEY,        -- the trigger's id in triggers.yaml
  operation TEXT NOT NULL,             -- full name of the polled operation
  source_hash TEXT NOT NULL,           -- of operation, parameters and fan-out: what a stream means
  watch_hash TEXT NOT NULL,            -- of watch, ignore, remember: what counts as a change
  paused INTEGER NOT NULL,             -- 1 while an operator has paused it
  paused_reason TEXT NOT NULL,         -- what the operator said; empty: nothing
  baseline_done INTEGER,               -- when its first stream had its baseline
  added_at INTEGER NOT NULL,           -- when it was first met
  removed_at INTEGER                   -- since when it is no longer in the configuration
) STRICT, WITHOUT ROWID;

CREATE TABLE detect_rules (
  -- Watch lists by the rule under which fingerprints were made, so that an edit stays silent.
  trigger TEXT NOT NULL,               -- the trigger's id
  rule INTEGER NOT NULL,               -- hash of what counts as a record's state
  watch TEXT NOT NULL,                 -- JSON list of pointers; []: everything
  PRIMARY KEY (trigger, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE steps_definitions (
  -- Lists of steps as they were configured; a run keeps the list that was valid at its event.
  hash TEXT NOT NULL PRIMARY KEY,      -- names the list
  definition TEXT NOT NULL,            -- JSON; secrets stand in it by reference only
  first_used INTEGER NOT NULL          -- when it was first configured
) STRICT, WITHOUT ROWID;

CREATE TABLE budgets (
  -- Each account's use of its rate limits, and whether it is suspended.
  account TEXT NOT NULL PRIMARY KEY,   -- the account's name
  day_start INTEGER NOT NULL,          -- start of the UTC day that day_used counts
  day_used INTEGER NOT NULL,           -- requests of that day
  day_remaining INTEGER,               -- as the app last said
  blocked_until INTEGER NOT NULL,      -- no request before it
  blocked_reason TEXT NOT NULL,        -- why
  window_start INTEGER NOT NULL,       -- start of the last burst window
  window_used INTEGER NOT NULL,        -- requests in it
  suspended TEXT NOT NULL,             -- why no request is made at all; empty: usable
  suspended_at INTEGER                 -- since when
) STRICT, WITHOUT ROWID;

CREATE TABLE streams (
  -- A trigger x an account x a fan-out item: the unit with its own schedule and cursor.
  id INTEGER PRIMARY KEY,              -- number of the stream, never used again
  trigger TEXT NOT NULL,               -- the trigger's id
  account TEXT NOT NULL,               -- the account's name
  item TEXT NOT NULL,                  -- fan-out values, canonical JSON; {} without fan-out
  state TEXT NOT NULL,                 -- baseline, backfill or active
  generation INTEGER NOT NULL,         -- rises with each reset; pages of an older one are dropped
  parent INTEGER,                      -- stream whose record made this one
  parent_key TEXT NOT NULL,            -- key of that record
  fire_first INTEGER NOT NULL,         -- 1: the first walk makes events instead of a baseline
  cycle INTEGER NOT NULL,              -- number of the current or last walk
  walk_kind TEXT NOT NULL,             -- sweep or incremental; empty: no walk in progress
  walk_cursor TEXT NOT NULL,           -- where the walk goes on, JSON
  walk_started INTEGER,                -- when the walk began
  walk_newest INTEGER,                 -- newest stamp met in the walk
  walk_pages INTEGER NOT NULL,         -- pages committed in the walk
  walk_disturbed INTEGER NOT NULL,     -- 1: resumed, cut or with odd records; shows no removals
  watermark INTEGER,                   -- newest stamp of the last complete walk: the cursor
  overlap INTEGER NOT NULL,            -- milliseconds read again below the watermark
  t0 INTEGER,                          -- server time of the first answer of the baseline
  window_end INTEGER,                  -- end of the window of time that was last read
  last_walk INTEGER,                   -- server time of the last complete walk
  last_sweep INTEGER,                  -- last complete walk over everything
  sweep_pages INTEGER NOT NULL,        -- pages of that walk
  page_size_seen INTEGER NOT NULL,     -- records on the largest page
  content_hash INTEGER NOT NULL,       -- of the last one-page walk; 0: none
  etag TEXT NOT NULL,                  -- validator of the last one-page walk
  last_modified TEXT NOT NULL,         -- the other validator
  suspicious INTEGER NOT NULL,         -- sweeps in a row that lacked most records
  last_poll INTEGER,                   -- last poll, whatever came of it
  last_success INTEGER,                -- last poll that succeeded
  next_poll INTEGER,                   -- the promised next poll
  failures INTEGER NOT NULL,           -- failed polls in a row
  health TEXT NOT NULL,                -- new, ok, degraded, failing, late or gone
  last_error TEXT NOT NULL,            -- why the last poll failed; empty: it did not
  polls INTEGER NOT NULL,              -- polls so far
  pages INTEGER NOT NULL,              -- pages read so far
  records INTEGER NOT NULL,            -- records read so far
  created INTEGER NOT NULL,            -- detections of kind new so far
  changed INTEGER NOT NULL,            -- detections of kind changed so far
  removed INTEGER NOT NULL,            -- detections of kind removed so far
  events INTEGER NOT NULL,             -- events so far
  delivered INTEGER NOT NULL DEFAULT 0, -- runs done so far
  events_mean REAL NOT NULL DEFAULT 0, -- events a walk, recent walks weigh most; floods left out
  added_at INTEGER NOT NULL,           -- when the stream was first met
  ended_at INTEGER,                    -- since when nothing asks for it; its cursor waits
  UNIQUE (trigger, account, item)
) STRICT;
CREATE INDEX streams_ended ON streams (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE seen (
  -- What is known of each record of a stream. Removed and forgotten records keep a row for a while,
  -- so that their numbering goes on.
  stream_id INTEGER NOT NULL REFERENCES streams (id), -- the stream
  key TEXT NOT NULL,                   -- the record's id as text
  raw_hash INTEGER NOT NULL,           -- of its bytes as last received
  fingerprint INTEGER NOT NULL,        -- of what counts as its state
  rule INTEGER NOT NULL,               -- the rule under which the fingerprint was made
  n INTEGER NOT NULL,                  -- number of its last detection; 0: known from the baseline
  updated_at INTEGER,                  -- the app's stamp of its last change
  created_at INTEGER,                  -- the app's stamp of its creation
  happens_at INTEGER,                  -- when it happens (appointments and the like)
  first_seen INTEGER NOT NULL,         -- when a poll first met it
  missing INTEGER NOT NULL,            -- complete sweeps in a row that lacked it; below 0: they do not count yet, since the app knows it
  gone INTEGER,                        -- when it was found removed; 0: forgotten by a reset
  remembered TEXT NOT NULL,            -- what is kept of its last version, JSON
  PRIMARY KEY (stream_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_gone ON seen (gone, stream_id, key) WHERE gone IS NOT NULL;

CREATE TABLE detections (
  -- The n-th distinct successive state seen of a record, and what the filter said to it.
  stream_id INTEGER NOT NULL REFERENCES streams (id), -- the stream
  key TEXT NOT NULL,                   -- the record's id as text
  n INTEGER NOT NULL,                  -- rises by one with each detection of the record
  kind TEXT NOT NULL,                  -- new, changed or removed
  fingerprint INTEGER NOT NULL,        -- of the state
  detected_at INTEGER NOT NULL,        -- when its page was committed
  verdict TEXT NOT NULL,               -- fired, kind off, no transition, filtered, filter error
  reason TEXT NOT NULL,                -- more about the verdict; empty: nothing
  event INTEGER,                       -- its row in `events`, when it made one
  PRIMARY KEY (stream_id, key, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX detections_plain ON detections (detected_at) WHERE event IS NULL;

CREATE TABLE events (
  -- Detections that passed the filter, and those whose filter failed.
  id INTEGER PRIMARY KEY,              -- rises with each event
  event_id TEXT NOT NULL UNIQUE,       -- the stable public id, evt_...
  stream_id INTEGER NOT NULL REFERENCES streams (id), -- the stream
  key TEXT NOT NULL,                   -- the record's id as text
  n INTEGER NOT NULL,                  -- number of the detection
  kind TEXT NOT NULL,                  -- new, changed or removed
  detected_at INTEGER NOT NULL,        -- when its page was committed
  object TEXT                          -- what jq and actions see, JSON; absent once it expired
) STRICT;

CREATE TABLE runs (
  -- One event's way through the trigger's steps. Unfinished ones are the outbox.
  id INTEGER PRIMARY KEY REFERENCES events (id), -- the event's row
  stream_id INTEGER NOT NULL,          -- the event's stream
  key TEXT NOT NULL,                   -- the event's record
  state TEXT NOT NULL,                 -- open (its walk is not over), waiting, held, done, dead
  reason TEXT NOT NULL,                -- why it is held, dead or dropped; empty: nothing
  steps_hash TEXT NOT NULL,            -- the list of steps it walks, see steps_definitions
  ordered INTEGER NOT NULL,            -- 1: runs of one record go one after the other
  next_at INTEGER,                     -- when it may go on; absent: it waits for an earlier run
  finished_at INTEGER,                 -- when it was done or dead
  bodies INTEGER NOT NULL DEFAULT 1    -- 1 while the bodies of event and steps are kept
) STRICT;
CREATE INDEX runs_due ON runs (next_at) WHERE state = 'waiting';
CREATE INDEX runs_unfinished ON runs (stream_id, key, ordered) WHERE finished_at IS NULL;
CREATE INDEX runs_open ON runs (stream_id) WHERE state = 'open';
CREATE INDEX runs_held ON runs (stream_id) WHERE state = 'held';
CREATE INDEX runs_dead ON runs (finished_at) WHERE state = 'dead';
CREATE INDEX runs_done ON runs (bodies, finished_at) WHERE state = 'done';

CREATE TABLE steps (
  -- One action of a run; a step with `each` has one row per value.
  run INTEGER NOT NULL REFERENCES runs (id), -- the run
  position INTEGER NOT NULL,           -- in the trigger's list, from 0
  each_index INTEGER NOT NULL,         -- 0 without `each`
  step_id TEXT NOT NULL,               -- the step's id in the configuration
  state TEXT NOT NULL,                 -- waiting, sending, succeeded, skipped or dead
  key TEXT NOT NULL,                   -- idempotency key of all its attempts
  attempts INTEGER NOT NULL,           -- number of its last attempt; 0: none yet
  each_value TEXT NOT NULL,            -- its value of `each`, JSON; empty without
  request TEXT NOT NULL,               -- what is sent, rendered once, JSON; empty: not yet
  answer TEXT NOT NULL,                -- what came back, JSON
  error TEXT NOT NULL,                 -- why it failed or was skipped; redacted
  first_attempt INTEGER,               -- when it was first tried
  PRIMARY KEY (run, position, each_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
  -- Every try of a step, written before it is sent.
  run INTEGER NOT NULL REFERENCES runs (id), -- the run
  key TEXT NOT NULL,                   -- idempotency key of the step
  number INTEGER NOT NULL,             -- 1 is never a repeat
  step_id TEXT NOT NULL,               -- the step's id in the configuration
  started_at INTEGER NOT NULL,         -- when it was written
  ended_at INTEGER,                    -- when its end was known
  outcome TEXT NOT NULL,               -- succeeded, retry, dead, interrupted; empty: not known yet
  status INTEGER NOT NULL,             -- HTTP status or exit code; 0: none
  reason TEXT NOT NULL,                -- one redacted line
  PRIMARY KEY (run, key, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE odd_records (
  -- Records that could not be used, the latest few of each stream.
  stream_id INTEGER NOT NULL REFERENCES streams (id), -- the stream
  key TEXT NOT NULL,                   -- the record's id, where it has one
  reason TEXT NOT NULL,                -- what is wrong with it
  raw TEXT NOT NULL,                   -- its text as last received, cut
  times INTEGER NOT NULL,              -- how often it was met
  first_seen INTEGER NOT NULL,         -- when it was first met
  last_seen INTEGER NOT NULL,          -- when it was last met
  PRIMARY KEY (stream_id, key, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE walk_gaps (
  -- Records that walks could not read although they may exist.
  id INTEGER PRIMARY KEY,              -- number of the gap
  stream_id INTEGER NOT NULL REFERENCES streams (id), -- the stream
  reason TEXT NOT NULL,                -- which limit or guard ended the walk
  gap_from INTEGER,                    -- oldest stamp that may be affected
  gap_to INTEGER,                      -- newest stamp that may be affected
  times INTEGER NOT NULL,              -- walks in a row that ended for this reason
  first_at INTEGER NOT NULL,           -- first of them
  last_at INTEGER NOT NULL             -- last of them
) STRICT;
CREATE INDEX walk_gaps_stream ON walk_gaps (stream_id);

CREATE TABLE id_links (
  -- Pairs of ids of the same thing in two apps.
  name TEXT NOT NULL,                  -- the link's name in the configuration
  left_id TEXT NOT NULL,               -- id in the first app
  right_id TEXT NOT NULL,              -- id in the second app
  made_at INTEGER NOT NULL,            -- when the pair was noted
  PRIMARY KEY (name, left_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX id_links_right ON id_links (name, right_id);

CREATE VIEW status AS
  -- One line per stream that is in use. lag_seconds: by how much its next poll is overdue; held:
  -- events that wait for an operator.
  SELECT s.trigger, s.account, s.item, s.state, s.health,
         strftime('%Y-%m-%dT%H:%M:%fZ', s.last_poll / 1000.0, 'unixepoch') AS last_poll,
         strftime('%Y-%m-%dT%H:%M:%fZ', s.last_success / 1000.0, 'unixepoch') AS last_success,
         strftime('%Y-%m-%dT%H:%M:%fZ', s.next_poll / 1000.0, 'unixepoch') AS next_poll,
         CASE WHEN s.next_poll IS NOT NULL AND coalesce(t.paused, 0) = 0
              THEN max(0, CAST(strftime('%s', 'now') AS INTEGER) - s.next_poll / 1000) END
           AS lag_seconds,
         s.polls, s.records, s.created AS new, s.changed, s.removed, s.events, s.failures,
         nullif(s.last_error, '') AS last_error, coalesce(t.paused, 0) AS paused,
         (SELECT count(*) FROM runs r WHERE r.state = 'held' AND r.stream_id = s.id) AS held
  FROM streams s LEFT JOIN triggers t ON t.id = s.trigger
  WHERE s.ended_at IS NULL
  ORDER BY s.trigger, s.account, s.item;

CREATE VIEW recent_events AS
  -- Events, the newest first. state and reason are those of the event's run.
  SELECT e.id AS rowid, e.event_id, s.trigger, s.account, s.item, e.kind, e.key, e.n,
         strftime('%Y-%m-%dT%H:%M:%fZ', e.detected_at / 1000.0, 'unixepoch') AS detected_at,
         r.state, nullif(r.reason, '') AS reason
  FROM events e CROSS JOIN runs r ON r.id = e.id CROSS JOIN streams s ON s.id = e.stream_id
  ORDER BY e.id DESC;

CREATE VIEW pending_runs AS
  -- Runs that are not over and not held, the most urgent first. step is the one that comes next;
  -- next_try is empty for a run that waits for an earlier run of its record or for its walk's end.
  SELECT e.event_id, s.trigger, s.account, s.item, e.kind, e.key, e.n, r.state,
         (SELECT p.step_id FROM steps p WHERE p.run = r.id AND p.state IN ('waiting', 'sending')
          ORDER BY p.position, p.each_index LIMIT 1) AS step,
         (SELECT coalesce(max(a.number), 0) FROM attempts a WHERE a.run = r.id) AS attempts,
         (SELECT nullif(p.error, '') FROM steps p
          WHERE p.run = r.id AND p.state IN ('waiting', 'sending')
          ORDER BY p.position, p.each_index LIMIT 1) AS error,
         strftime('%Y-%m-%dT%H:%M:%fZ', r.next_at / 1000.0, 'unixepoch') AS next_try,
         strftime('%Y-%m-%dT%H:%M:%fZ', e.detected_at / 1000.0, 'unixepoch') AS detected_at
  FROM runs r JOIN events e ON e.id = r.id JOIN streams s ON s.id = e.stream_id
  WHERE r.finished_at IS NULL AND r.state IN ('open', 'waiting')
  ORDER BY r.next_at IS NULL, r.next_at, r.id;

CREATE VIEW dead_letters AS
  -- Steps that were given up, the newest first. Retry them with `triggerd dead retry EVENT`.
  SELECT e.event_id, s.trigger, s.account, s.item, e.kind, e.key, e.n, p.step_id AS step,
         p.attempts, nullif(p.error, '') AS error,
         strftime('%Y-%m-%dT%H:%M:%fZ', r.finished_at / 1000.0, 'unixepoch') AS died_at
  FROM runs r CROSS JOIN events e ON e.id = r.id CROSS JOIN streams s ON s.id = e.stream_id
       CROSS JOIN steps p ON p.run = r.id AND p.state = 'dead'
  WHERE r.state = 'dead'
  ORDER BY r.finished_at DESC, r.id DESC, p.position, p.each_index;

CREATE VIEW held AS
  -- Events that wait for `triggerd held release` or `drop`, the oldest first.
  SELECT e.event_id, s.trigger, s.account, s.item, e.kind, e.key, e.n,
         CASE WHEN d.reason <> '' THEN r.reason || ': ' || d.reason ELSE r.reason END AS reason,
         strftime('%Y-%m-%dT%H:%M:%fZ', e.detected_at / 1000.0, 'unixepoch') AS detected_at
  FROM runs r JOIN events e ON e.id = r.id JOIN streams s ON s.id = e.stream_id
       LEFT JOIN detections d ON d.stream_id = e.stream_id AND d.key = e.key AND d.n = e.n
  WHERE r.state = 'held'
  ORDER BY e.id;

CREATE VIEW budget AS
  -- Each account's use of its limits, and whether it may send at all.
  SELECT account,
         strftime('%Y-%m-%dT%H:%M:%fZ', day_start / 1000.0, 'unixepoch') AS day_start,
         day_used, day_remaining,
         CASE WHEN blocked_until > 0 THEN
           strftime('%Y-%m-%dT%H:%M:%fZ', blocked_until / 1000.0, 'unixepoch') END AS blocked_until,
         nullif(blocked_reason, '') AS blocked_reason,
         strftime('%Y-%m-%dT%H:%M:%fZ', window_start / 1000.0, 'unixepoch') AS window_start,
         window_used, nullif(suspended, '') AS suspended,
         strftime('%Y-%m-%dT%H:%M:%fZ', suspended_at / 1000.0, 'unixepoch') AS suspended_at
  FROM budgets
  ORDER BY account;

CREATE VIEW why AS
  -- Every verdict on every record. A record that was known from the start and never changed has one
  -- line with n = 0 and the verdict baseline. run is the state of the event's run.
  SELECT s.trigger, s.account, s.item, d.key, d.n, d.kind, d.verdict,
         nullif(d.reason, '') AS reason,
         strftime('%Y-%m-%dT%H:%M:%fZ', d.detected_at / 1000.0, 'unixepoch') AS at,
         e.event_id, r.state AS run
  FROM detections d JOIN streams s ON s.id = d.stream_id
       LEFT JOIN events e ON e.id = d.event LEFT JOIN runs r ON r.id = d.event
  UNION ALL
  SELECT s.trigger, s.account, s.item, k.key, 0, NULL, 'baseline', NULL,
         strftime('%Y-%m-%dT%H:%M:%fZ', k.first_seen / 1000.0, 'unixepoch'), NULL, NULL
  FROM seen k JOIN streams s ON s.id = k.stream_id
  WHERE k.n = 0;

CREATE VIEW gaps AS
  -- What walks could not read although it may exist, the latest first.
  SELECT s.trigger, s.account, s.item, g.reason,
         strftime('%Y-%m-%dT%H:%M:%fZ', g.gap_from / 1000.0, 'unixepoch') AS since,
         strftime('%Y-%m-%dT%H:%M:%fZ', g.gap_to / 1000.0, 'unixepoch') AS until,
         g.times,
         strftime('%Y-%m-%dT%H:%M:%fZ', g.first_at / 1000.0, 'unixepoch') AS first_at,
         strftime('%Y-%m-%dT%H:%M:%fZ', g.last_at / 1000.0, 'unixepoch') AS last_at
  FROM walk_gaps g JOIN streams s ON s.id = g.stream_id
  ORDER BY g.last_at DESC, g.id DESC;

CREATE VIEW cursors AS
  -- Where each stream in use stands.
  SELECT trigger, account, item, state, generation,
         strftime('%Y-%m-%dT%H:%M:%fZ', watermark / 1000.0, 'unixepoch') AS watermark,
         overlap / 1000.0 AS overlap_seconds,
         strftime('%Y-%m-%dT%H:%M:%fZ', window_end / 1000.0, 'unixepoch') AS window_end,
         strftime('%Y-%m-%dT%H:%M:%fZ', last_walk / 1000.0, 'unixepoch') AS last_walk,
         strftime('%Y-%m-%dT%H:%M:%fZ', last_sweep / 1000.0, 'unixepoch') AS last_sweep,
         nullif(walk_kind, '') AS walk,
         CASE WHEN walk_kind <> '' THEN
           strftime('%Y-%m-%dT%H:%M:%fZ', walk_started / 1000.0, 'unixepoch') END AS walk_started,
         walk_pages
  FROM streams
  WHERE ended_at IS NULL
  ORDER BY trigger, account, item;

CREATE VIEW links AS
  -- Pairs of ids of the same thing in two apps.
  SELECT name, left_id, right_id,
         strftime('%Y-%m-%dT%H:%M:%fZ', made_at / 1000.0, 'unixepoch') AS made_at
  FROM id_links
  ORDER BY name, left_id;
