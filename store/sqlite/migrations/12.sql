-- Most leads are due at once: they have one index, in order. Those that are due later have two.

DROP INDEX lead_queued;
DROP INDEX lead_due;
CREATE INDEX lead_queued ON lead (connection, sequence) WHERE state = 'queued' AND retry_at <= 0;
CREATE INDEX lead_later ON lead (connection, sequence, retry_at) WHERE state = 'queued' AND retry_at > 0;
CREATE INDEX lead_due ON lead (connection, retry_at) WHERE state = 'queued' AND retry_at > 0;

-- From this schema on, the outcome of a step of the history that is the last one of its lead is a
-- reference to that: see stored.LastOutcome.

-- The warnings of each event are counted where those of each connection are: there is no trigger for each
-- row of search.
DROP TRIGGER search_added;
DROP TRIGGER search_removed;
