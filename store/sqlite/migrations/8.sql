-- What is counted is kept with each change, and leads are looked up by what they are counted by.

-- The leads that are alike, counted. There is no row without leads.
CREATE TABLE tally (
	id         INTEGER PRIMARY KEY,
	connection TEXT NOT NULL,
	event      TEXT NOT NULL,
	strategy   TEXT NOT NULL,
	stage      TEXT NOT NULL,
	state      TEXT NOT NULL,
	action     TEXT NOT NULL,
	code       TEXT NOT NULL,
	cause      TEXT NOT NULL,
	leads      INTEGER NOT NULL,
	UNIQUE (connection, event, strategy, stage, state, action, code, cause)
) STRICT;

CREATE INDEX tally_in_flight ON tally (connection) WHERE state = 'in-flight';
CREATE INDEX tally_empty ON tally (id) WHERE leads = 0; -- within a transaction

INSERT INTO tally (connection, event, strategy, stage, state, action, code, cause, leads)
	SELECT connection, event, strategy, stage, state, action, code, cause, count(*) FROM lead
	GROUP BY connection, event, strategy, stage, state, action, code, cause;

DROP INDEX lead_filter;
DROP INDEX lead_event;
DROP INDEX lead_since;
DROP INDEX lead_in_flight;

-- The row that counts the lead. Rows of leads have ids in the order of their sequences, so an
-- index by tally has the leads of each in order.
ALTER TABLE lead ADD COLUMN tally INTEGER NOT NULL DEFAULT 0;
UPDATE lead SET tally = (SELECT id FROM tally WHERE tally.connection = lead.connection AND tally.event = lead.event
	AND tally.strategy = lead.strategy AND tally.stage = lead.stage AND tally.state = lead.state
	AND tally.action = lead.action AND tally.code = lead.code AND tally.cause = lead.cause);
CREATE INDEX lead_tally ON lead (tally);
CREATE INDEX lead_since ON lead (tally, since);

-- The leads of each kind of warning and of each cause of one, counted.
CREATE TABLE warned (
	connection TEXT NOT NULL,
	term       TEXT NOT NULL, -- as in table search
	leads      INTEGER NOT NULL,
	PRIMARY KEY (connection, term)
) STRICT, WITHOUT ROWID;

INSERT INTO warned (connection, term, leads)
	SELECT connection, term, count(*) FROM search WHERE term >= 'W' AND term < 'Y' GROUP BY connection, term;

-- The words of each lead, by the id of its row: each with the connection before it, in
-- hexadecimal, and an underscore between. Table search has the terms of the last outcomes.
CREATE VIRTUAL TABLE word USING fts5 (words, detail = none, columnsize = 0, tokenize = "ascii tokenchars '_'");
INSERT INTO word (word, rank) VALUES ('secure-delete', 1); -- nothing is left of what was removed
INSERT INTO word (rowid, words)
	SELECT id, coalesce((SELECT group_concat(lower(hex(connection)) || '_' || substr(value, 2), ' ')
		FROM json_each(iif(json_valid(words), words, '[]'))), '') FROM lead ORDER BY id;
DELETE FROM search WHERE term >= 't';
ALTER TABLE lead DROP COLUMN words;
-- Each word of each lead, in the order of the words.
CREATE VIRTUAL TABLE word_lead USING fts5vocab (word, instance);
