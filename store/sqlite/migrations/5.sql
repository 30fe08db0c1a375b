-- What filters look leads up by, beside the columns of the lead.

-- The terms of each lead: t and a word of it (see store.SearchWords); of its last outcome, R and the id of a record, of 18 characters;
-- W and a kind of warning; X and the cause of one.
CREATE TABLE search (
	connection TEXT NOT NULL,
	term       TEXT NOT NULL,
	sequence   INTEGER NOT NULL, -- the lead's
	PRIMARY KEY (connection, term, sequence),
	FOREIGN KEY (connection, sequence) REFERENCES lead (connection, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX search_lead ON search (connection, sequence, term);

CREATE INDEX lead_since ON lead (connection, since, sequence);
