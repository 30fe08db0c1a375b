-- What a store remembers beside its leads.

-- Each connection, with the org that it is bound to.
CREATE TABLE connection (
	name       TEXT PRIMARY KEY,
	org        TEXT NOT NULL DEFAULT '',
	suppressor BLOB NOT NULL DEFAULT x'' -- the key of the hashes in suppressed
) STRICT, WITHOUT ROWID;

-- The keyed hashes of leads that were forgotten and are not to be captured again.
CREATE TABLE suppressed (
	connection TEXT NOT NULL,
	hash       BLOB NOT NULL, -- of the id or the address
	person     BLOB NOT NULL, -- the hash of the id
	PRIMARY KEY (connection, hash, person)
) STRICT, WITHOUT ROWID;

-- The records of which the last outcome of a lead has values, which other leads may have
-- written.
CREATE TABLE image (
	connection TEXT NOT NULL,
	record     TEXT NOT NULL, -- its id of 18 characters
	lead       INTEGER NOT NULL REFERENCES lead (id),
	PRIMARY KEY (connection, record, lead)
) STRICT, WITHOUT ROWID;

CREATE INDEX image_lead ON image (lead);

-- Since when a lead has something in its outcomes that expires, 0: it has nothing.
ALTER TABLE lead ADD COLUMN held_since INTEGER NOT NULL DEFAULT 0;
CREATE INDEX lead_held ON lead (connection, held_since) WHERE held_since > 0;

-- Leads that wait for enrichment are claimed without it when retry_at has passed.
ALTER TABLE lead ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0; -- retry_at after next_state
ALTER TABLE lead ADD COLUMN waited INTEGER NOT NULL DEFAULT 0;  -- 1: it was claimed without enrichment
CREATE INDEX lead_waiting ON lead (connection, retry_at) WHERE state = 'waiting' AND retry_at > 0;

-- What the connection remembers of the records that its leads were synced with.
CREATE TABLE record (
	connection TEXT NOT NULL,
	id         TEXT NOT NULL,            -- the record's, of 18 characters
	lead_id    TEXT NOT NULL DEFAULT '', -- the lead that created it
	written    TEXT NOT NULL DEFAULT '', -- a digest of what was last written, by field
	PRIMARY KEY (connection, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX record_lead ON record (connection, lead_id) WHERE lead_id <> '';

-- Earlier schemas did not remember records. The history says which lead created one, and
-- the last outcomes which records are leads'. What was written is not known.
INSERT OR IGNORE INTO record (connection, id, lead_id)
	SELECT lead.connection, iif(json_valid(history.outcome), json_extract(history.outcome, '$.id'), '') AS record,
		lead.lead_id
	FROM history JOIN lead ON lead.id = history.lead
	WHERE history.action = 'created' AND length(record) = 18 ORDER BY history.id;
INSERT OR IGNORE INTO record (connection, id, lead_id)
	SELECT connection, iif(json_valid(outcome), json_extract(outcome, '$.id'), '') AS record,
		iif(action = 'created', lead_id, '') FROM lead
	WHERE length(record) = 18 ORDER BY action <> 'created', sequence;
INSERT OR IGNORE INTO record (connection, id)
	SELECT DISTINCT connection, iif(json_valid(outcome), json_extract(outcome, '$.accountId'), '') AS record FROM lead
	WHERE length(record) = 18;

-- The plans that were applied, so that none is applied twice.
CREATE TABLE plan (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	connection TEXT NOT NULL,
	plan       TEXT NOT NULL, -- its id
	UNIQUE (connection, plan)
) STRICT;

CREATE INDEX plan_order ON plan (connection, id);

-- The owner that the next lease is kept for.
ALTER TABLE lease ADD COLUMN wanted_by TEXT NOT NULL DEFAULT '';
ALTER TABLE lease ADD COLUMN wanted_until INTEGER NOT NULL DEFAULT 0;

-- Ids as people read them: case and the like left out. Empty where the id is so already.
ALTER TABLE lead ADD COLUMN folded TEXT NOT NULL DEFAULT '';
CREATE INDEX lead_folded ON lead (connection, folded) WHERE folded <> '';

-- What Run and Drain hand on to the next call; see leadsync.Store.RunState.
ALTER TABLE connection ADD COLUMN run_state BLOB NOT NULL DEFAULT x'';

-- 1: retry_at is when the lead was to be due by its capture, which leadsync.Store.Hasten
-- brings forward.
ALTER TABLE lead ADD COLUMN gathers INTEGER NOT NULL DEFAULT 0;
CREATE INDEX lead_gathers ON lead (connection) WHERE gathers = 1;
