-- What a stop interrupted is found at once, however many events wait.
CREATE INDEX attempts_open ON attempts (run) WHERE outcome = '';
CREATE INDEX steps_sending ON steps (run) WHERE state = 'sending';
