-- Times are microseconds since 1970 in UTC; 0 is none.

CREATE TABLE lead (
	id         INTEGER PRIMARY KEY,
	connection TEXT NOT NULL,
	lead_id    TEXT NOT NULL,
	sequence   INTEGER NOT NULL,
	event      TEXT NOT NULL,
	strategy   TEXT NOT NULL,
	stage      TEXT NOT NULL,
	state      TEXT NOT NULL,
	next_state TEXT NOT NULL DEFAULT '', -- of a lead captured in flight: its state afterwards
	retry_at   INTEGER NOT NULL DEFAULT 0,
	attempts   INTEGER NOT NULL DEFAULT 0,
	generation INTEGER NOT NULL DEFAULT 0,
	code       TEXT NOT NULL DEFAULT '', -- of the last outcome
	data       TEXT NOT NULL,            -- the lead, without its strategy
	intents    TEXT NOT NULL DEFAULT '',
	outcome    TEXT NOT NULL DEFAULT '', -- the last one
	UNIQUE (connection, lead_id),
	UNIQUE (connection, sequence)
) STRICT;

CREATE INDEX lead_queued ON lead (connection, sequence, retry_at) WHERE state = 'queued';
CREATE INDEX lead_due ON lead (connection, retry_at) WHERE state = 'queued';
CREATE INDEX lead_in_flight ON lead (connection) WHERE state = 'in-flight';
CREATE INDEX lead_filter ON lead (connection, sequence, stage, state, code, event); -- all that a filter asks for
CREATE INDEX lead_event ON lead (connection, event, strategy);

CREATE TABLE lease (
	connection TEXT PRIMARY KEY,
	owner      TEXT NOT NULL, -- empty when it was given back
	epoch      INTEGER NOT NULL,
	until      INTEGER NOT NULL
) STRICT;

-- What became of each lead, never changed. Its outcomes lack Salesforce's own
-- messages, which may quote the lead.
CREATE TABLE history (
	id         INTEGER PRIMARY KEY,
	lead       INTEGER NOT NULL REFERENCES lead (id),
	at         INTEGER NOT NULL,
	change     TEXT NOT NULL, -- captured, replaced, settled, pushed or unclaimed
	stage      TEXT NOT NULL,
	state      TEXT NOT NULL,
	generation INTEGER NOT NULL,
	action     TEXT NOT NULL DEFAULT '',
	code       TEXT NOT NULL DEFAULT '',
	outcome    TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX history_lead ON history (lead);
