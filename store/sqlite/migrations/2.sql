-- What reconciliation counts by, and ids of history that are never given twice.

ALTER TABLE lead ADD COLUMN action TEXT NOT NULL DEFAULT '';    -- of the last outcome
ALTER TABLE lead ADD COLUMN cause TEXT NOT NULL DEFAULT '';     -- of the last outcome: its key
ALTER TABLE lead ADD COLUMN since INTEGER NOT NULL DEFAULT 0;   -- in its stage, or captured or pushed anew

DROP INDEX lead_filter;
ALTER TABLE history RENAME TO history1;
DROP INDEX history_lead;

CREATE TABLE history (
	id         INTEGER PRIMARY KEY AUTOINCREMENT, -- the connections' version
	lead       INTEGER NOT NULL REFERENCES lead (id),
	at         INTEGER NOT NULL,
	change     TEXT NOT NULL, -- a leadsync.StepKind
	stage      TEXT NOT NULL,
	state      TEXT NOT NULL,
	generation INTEGER NOT NULL,
	action     TEXT NOT NULL DEFAULT '',
	code       TEXT NOT NULL DEFAULT '',
	outcome    TEXT NOT NULL DEFAULT ''
) STRICT;

INSERT INTO history SELECT * FROM history1;
DROP TABLE history1;
CREATE INDEX history_lead ON history (lead);

UPDATE lead SET action = iif(json_valid(outcome), coalesce(json_extract(outcome, '$.action'), ''), ''),
	since = coalesce((SELECT max(at) FROM history WHERE lead = lead.id AND change <> 'unclaimed'), 0);
CREATE INDEX lead_filter ON lead (connection, sequence, stage, state, code, event, action, cause, since); -- all that a filter or a count asks for

-- The last sequence of leads that were forgotten, so that it is not given again.
CREATE TABLE forgotten (
	connection TEXT PRIMARY KEY,
	sequence   INTEGER NOT NULL
) STRICT;
