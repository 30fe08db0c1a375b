-- What store.Connections keeps.
ALTER TABLE connection ADD COLUMN link TEXT NOT NULL DEFAULT ''; -- JSON
ALTER TABLE connection ADD COLUMN mode TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN token BLOB; -- sealed, NULL without one
ALTER TABLE connection ADD COLUMN token_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN token_used_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN token_locked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN token_locked_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN incident BLOB;

CREATE TABLE settings (
	id         INTEGER PRIMARY KEY,
	connection TEXT NOT NULL,
	revision   INTEGER NOT NULL,
	settings   BLOB NOT NULL,
	at         INTEGER NOT NULL,
	by_whom    TEXT NOT NULL,
	UNIQUE (connection, revision)
) STRICT;

CREATE TABLE org_schema (
	connection TEXT PRIMARY KEY,
	schema     BLOB NOT NULL
) STRICT;

CREATE TABLE once (
	key   TEXT PRIMARY KEY,
	data  BLOB NOT NULL,
	until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE call_hour (
	connection TEXT NOT NULL,
	hour       INTEGER NOT NULL, -- its beginning
	calls      INTEGER NOT NULL,
	PRIMARY KEY (connection, hour)
) STRICT, WITHOUT ROWID;
