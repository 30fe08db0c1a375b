-- What a store remembers beside its leads.

-- Each connection, with the org that it is bound to.
CREATE TABLE connection (
	name TEXT PRIMARY KEY,
	org  TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
