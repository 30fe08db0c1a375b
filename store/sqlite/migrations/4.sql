-- What a store remembers beside its leads.

-- Each connection, with the org that it is bound to.
CREATE TABLE connection (
	name TEXT PRIMARY KEY,
	org  TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
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
	SELECT lead.connection, json_extract(history.outcome, '$.id'), lead.lead_id
	FROM history JOIN lead ON lead.id = history.lead
	WHERE history.action = 'created' AND length(json_extract(history.outcome, '$.id')) = 18 ORDER BY history.id;
INSERT OR IGNORE INTO record (connection, id, lead_id)
	SELECT connection, json_extract(outcome, '$.id'), iif(action = 'created', lead_id, '') FROM lead
	WHERE outcome <> '' AND length(json_extract(outcome, '$.id')) = 18 ORDER BY action <> 'created', sequence;
INSERT OR IGNORE INTO record (connection, id)
	SELECT DISTINCT connection, json_extract(outcome, '$.accountId') FROM lead
	WHERE outcome <> '' AND length(json_extract(outcome, '$.accountId')) = 18;
