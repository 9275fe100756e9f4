-- Which world each account showed when its streams were polled, so that another location behind the
-- same name is noticed before its records are compared with those of the first.
CREATE TABLE account_identities (
  -- What each account of the configuration stands for in its app.
  account TEXT NOT NULL PRIMARY KEY,   -- the account's name
  identity TEXT NOT NULL               -- connector and the keys that choose location or company
) STRICT, WITHOUT ROWID;

-- The streams know it themselves.
ALTER TABLE triggers DROP COLUMN baseline_done;
