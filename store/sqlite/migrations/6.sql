-- Who decided what.
ALTER TABLE history ADD COLUMN by_whom TEXT NOT NULL DEFAULT '';

-- What was decided of a connection itself, such as that a lead is forgotten. It has nothing of
-- a lead.
CREATE TABLE decision (
	id         INTEGER PRIMARY KEY,
	connection TEXT NOT NULL,
	at         INTEGER NOT NULL,
	change     TEXT NOT NULL, -- a store.StepKind
	mode       TEXT NOT NULL DEFAULT '',
	by_whom    TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX decision_connection ON decision (connection, id);
