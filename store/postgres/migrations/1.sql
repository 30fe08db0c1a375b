-- Times are microseconds since 1970 in UTC; 0 is none. Texts that are no JSON are kept with
-- the escapes of text.go, and compared byte by byte. There are no foreign keys, whose checks
-- would cost a look-up a row: who changes rows of a connection holds its row or its lease's.

DO $$ BEGIN
	IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE '"' || nspname || '"' = 'leadsync') -- given in quotes
	THEN CREATE SCHEMA leadsync; END IF;
END $$;

CREATE TABLE leadsync.migration (
	version integer PRIMARY KEY,
	at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Each connection, with the org that it is bound to. Its row is locked by who gives leads a
-- sequence or a version, so that both become visible in order.
CREATE TABLE leadsync.connection (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name       text COLLATE "C" NOT NULL UNIQUE,
	org        text COLLATE "C" NOT NULL DEFAULT '',
	suppressor bytea NOT NULL DEFAULT '',  -- the key of the hashes in suppressed
	sequence   bigint NOT NULL DEFAULT 0,  -- the last one, of a forgotten lead too
	version    bigint NOT NULL DEFAULT 0   -- the last one
);

-- The lease of each connection, locked by who works under it.
CREATE TABLE leadsync.lease (
	connection   bigint PRIMARY KEY,
	owner        text COLLATE "C" NOT NULL DEFAULT '', -- empty when it was given back
	epoch        bigint NOT NULL DEFAULT 0,
	until        bigint NOT NULL DEFAULT 0,
	wanted_by    text COLLATE "C" NOT NULL DEFAULT '', -- the owner that the next lease is kept for
	wanted_until bigint NOT NULL DEFAULT 0,
	run_state    bytea NOT NULL DEFAULT ''  -- what Run and Drain hand on to the next call
);

CREATE TABLE leadsync.lead (
	connection bigint NOT NULL,
	sequence   bigint NOT NULL,
	lead_id    text COLLATE "C" NOT NULL,
	folded     text COLLATE "C" NOT NULL DEFAULT '', -- the id as people read it, where it is another
	event      text COLLATE "C" NOT NULL,
	strategy   text COLLATE "C" NOT NULL,
	stage      text COLLATE "C" NOT NULL,
	state      text COLLATE "C" NOT NULL,
	retry_at   bigint NOT NULL DEFAULT 0,
	gathers    boolean NOT NULL DEFAULT false,           -- retry_at is when it was to be due by its capture
	next_state text COLLATE "C" NOT NULL DEFAULT '', -- of a lead captured in flight: its state afterwards
	next_at    bigint NOT NULL DEFAULT 0,                -- retry_at after next_state
	waited     boolean NOT NULL DEFAULT false,           -- it was claimed without enrichment
	attempts   bigint NOT NULL DEFAULT 0,
	generation bigint NOT NULL DEFAULT 0,
	since      bigint NOT NULL,                          -- in its stage, or captured or pushed anew
	version    bigint NOT NULL,                          -- the connection's at its last change
	action     text COLLATE "C" NOT NULL DEFAULT '', -- of the last outcome, as are code and cause
	code       text COLLATE "C" NOT NULL DEFAULT '',
	cause      text COLLATE "C" NOT NULL DEFAULT '',
	held_since bigint NOT NULL DEFAULT 0,                -- since when its outcomes have what expires
	data       text NOT NULL,                            -- the lead, without its strategy
	activities text NOT NULL DEFAULT '',                 -- that came after the lead
	intents    text NOT NULL DEFAULT '',
	outcome    text NOT NULL DEFAULT '',                 -- the last one
	PRIMARY KEY (connection, sequence),
	UNIQUE (connection, lead_id)
);

CREATE INDEX lead_queued ON leadsync.lead (connection, sequence, retry_at) WHERE state = 'queued';
CREATE INDEX lead_due ON leadsync.lead (connection, retry_at) WHERE state = 'queued';
CREATE INDEX lead_waiting ON leadsync.lead (connection, retry_at) WHERE state = 'waiting' AND retry_at > 0;
-- By id, by which they are settled: the server takes it for a look-up of any lead in flight.
CREATE INDEX lead_in_flight ON leadsync.lead (connection, lead_id) WHERE state = 'in-flight';
CREATE INDEX lead_gathers ON leadsync.lead (connection) WHERE gathers;
CREATE INDEX lead_folded ON leadsync.lead (connection, folded) WHERE folded <> '';
CREATE INDEX lead_unanswered ON leadsync.lead (connection, sequence) WHERE intents <> '';
CREATE INDEX lead_held ON leadsync.lead (connection, held_since) WHERE held_since > 0;
CREATE INDEX lead_event ON leadsync.lead (connection, event, strategy);
CREATE INDEX lead_since ON leadsync.lead (connection, since, sequence);
-- All that a filter or a count asks for.
CREATE INDEX lead_filter ON leadsync.lead
	(connection, sequence, stage, state, code, event, action, cause, since, version);

-- What became of each lead. Its outcomes lack Salesforce's own messages, which may quote
-- the lead.
CREATE TABLE leadsync.history (
	id         bigint GENERATED ALWAYS AS IDENTITY,
	connection bigint NOT NULL,
	sequence   bigint NOT NULL, -- the lead's
	at         bigint NOT NULL,
	change     text COLLATE "C" NOT NULL, -- a store.StepKind
	stage      text COLLATE "C" NOT NULL,
	state      text COLLATE "C" NOT NULL,
	generation bigint NOT NULL,
	by_whom    text COLLATE "C" NOT NULL DEFAULT '', -- who decided it
	outcome    text NOT NULL DEFAULT '',
	PRIMARY KEY (connection, sequence, id)
);

CREATE INDEX history_at ON leadsync.history (connection, at, id);

-- What was decided of a connection itself, such as that a lead is forgotten. It has nothing of
-- a lead.
CREATE TABLE leadsync.decision (
	id         bigint GENERATED ALWAYS AS IDENTITY,
	connection bigint NOT NULL,
	at         bigint NOT NULL,
	change     text COLLATE "C" NOT NULL, -- a store.StepKind
	mode       text COLLATE "C" NOT NULL DEFAULT '',
	by_whom    text COLLATE "C" NOT NULL DEFAULT '',
	PRIMARY KEY (connection, id)
);

-- The terms by which filters find leads: t and a word of the lead; of its last outcome, R and
-- the id of a record, W and a kind of warning, X and the cause of one.
CREATE TABLE leadsync.search (
	connection bigint NOT NULL,
	term       text COLLATE "C" NOT NULL,
	sequence   bigint NOT NULL, -- the lead's
	PRIMARY KEY (connection, term, sequence)
);

CREATE INDEX search_lead ON leadsync.search (connection, sequence);

-- The records of which the last outcome of a lead has values, which other leads may have
-- written.
CREATE TABLE leadsync.image (
	connection bigint NOT NULL,
	record     text COLLATE "C" NOT NULL, -- its id of 18 characters
	sequence   bigint NOT NULL,               -- the lead's
	PRIMARY KEY (connection, record, sequence)
);

CREATE INDEX image_lead ON leadsync.image (connection, sequence);

-- What the connection remembers of the records that its leads were synced with.
CREATE TABLE leadsync.record (
	connection bigint NOT NULL,
	id         text COLLATE "C" NOT NULL,            -- the record's, of 18 characters
	lead_id    text COLLATE "C" NOT NULL DEFAULT '', -- the lead that created it
	written    text COLLATE "C" NOT NULL DEFAULT '', -- a digest of what was last written, by field
	PRIMARY KEY (connection, id)
);

CREATE INDEX record_lead ON leadsync.record (connection, lead_id) WHERE lead_id <> '';

-- The keyed hashes of leads that were forgotten and are not to be captured again.
CREATE TABLE leadsync.suppressed (
	connection bigint NOT NULL,
	hash       bytea NOT NULL, -- of the id or the address
	person     bytea NOT NULL, -- the hash of the id
	PRIMARY KEY (connection, hash, person)
);

-- The plans that were applied, so that none is applied twice.
CREATE TABLE leadsync.plan (
	id         bigint GENERATED ALWAYS AS IDENTITY,
	connection bigint NOT NULL,
	plan       text COLLATE "C" NOT NULL, -- its id
	PRIMARY KEY (connection, plan)
);

CREATE INDEX plan_order ON leadsync.plan (connection, id);

-- What store.Connections keeps of a connection. It is not in the connection's row, which
-- captures lock.
CREATE TABLE leadsync.profile (
	connection         bigint PRIMARY KEY,
	link               text NOT NULL DEFAULT '', -- JSON
	mode               text COLLATE "C" NOT NULL DEFAULT '',
	token              bytea, -- sealed, NULL without one
	token_version      bigint NOT NULL DEFAULT 0,
	token_used_at      bigint NOT NULL DEFAULT 0,
	token_locked_by    text COLLATE "C" NOT NULL DEFAULT '',
	token_locked_until bigint NOT NULL DEFAULT 0,
	incident           bytea
);

CREATE TABLE leadsync.settings (
	connection bigint NOT NULL,
	revision   bigint NOT NULL,
	settings   bytea NOT NULL,
	at         bigint NOT NULL,
	by_whom    text COLLATE "C" NOT NULL,
	PRIMARY KEY (connection, revision)
);

CREATE TABLE leadsync.org_schema (
	connection bigint PRIMARY KEY,
	schema     bytea NOT NULL
);

CREATE TABLE leadsync.once (
	key   text COLLATE "C" PRIMARY KEY,
	data  bytea NOT NULL,
	until bigint NOT NULL
);

CREATE TABLE leadsync.call_hour (
	connection bigint NOT NULL,
	hour       bigint NOT NULL, -- its beginning
	calls      bigint NOT NULL,
	PRIMARY KEY (connection, hour)
);

INSERT INTO leadsync.migration (version) VALUES (1);
