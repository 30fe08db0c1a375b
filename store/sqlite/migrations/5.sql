-- What filters look leads up by, beside the columns of the lead.

-- The terms of each lead: t and a word of it (see store.SearchWords); of its last outcome, R
-- and the id of a record, of 18 characters; W and a kind of warning; X and the cause of one.
CREATE TABLE search (
	connection TEXT NOT NULL,
	term       TEXT NOT NULL,
	sequence   INTEGER NOT NULL, -- the lead's
	PRIMARY KEY (connection, term, sequence)
) STRICT, WITHOUT ROWID;

-- The same terms as JSON, by which those of a lead are found and removed.
ALTER TABLE lead ADD COLUMN words TEXT NOT NULL DEFAULT '[]';
ALTER TABLE lead ADD COLUMN terms TEXT NOT NULL DEFAULT '[]'; -- of its last outcome

CREATE INDEX lead_since ON lead (connection, since, sequence);
