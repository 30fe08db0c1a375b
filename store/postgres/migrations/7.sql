-- From this schema on, the outcome of a step of the history that is the last one of its lead is a
-- reference to that: see stored.LastOutcome.

INSERT INTO leadsync.migration (version) VALUES (7);
