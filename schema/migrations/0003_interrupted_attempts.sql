-- What a stop interrupted is found at once, however many events wait.
CREATE INDEX attempts_open ON attempts (run) WHERE outcome = '';
CREATE INDEX steps_sending ON steps (run) WHERE state = 'sending';

-- Whether the first poll after a start may trust that nothing has changed.
-- SQLite sets it between the last column and its comment, hence one of another kind.
ALTER TABLE streams ADD COLUMN settled INTEGER NOT NULL DEFAULT 0 /* how its pages were read when a sweep last left nothing missing to be judged; 0: something is left */;
