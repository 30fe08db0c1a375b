-- The server plans a statement by what it knows of a table, and keeps the plan. While a table is
-- new it takes a connection's rows for few, and would read them all for each lead that is looked
-- up, until it examines the table for the first time, a minute later. So it examines some rows here.

INSERT INTO leadsync.lead (connection, sequence, lead_id, folded, event, strategy, stage, state, retry_at, since, version, data)
	SELECT 0, n, 'L' || n, 'l' || n, 'event ' || n % 5, 's', CASE WHEN n % 10 = 0 THEN 'failed' WHEN n % 10 < 6 THEN 'cleared'
			ELSE 'pre-sync' END, CASE n % 10 WHEN 6 THEN 'queued' WHEN 7 THEN 'waiting' WHEN 8 THEN 'in-flight'
			WHEN 9 THEN 'frozen' ELSE '' END, n % 2, n, n, '{}'
	FROM generate_series(1, 200) AS n WHERE NOT EXISTS (SELECT 1 FROM leadsync.lead);
INSERT INTO leadsync.history (connection, sequence, at, change, stage, state, generation)
	SELECT 0, n, n, 'captured', 'pre-sync', 'queued', 0 FROM generate_series(1, 200) AS n
	WHERE NOT EXISTS (SELECT 1 FROM leadsync.history);
INSERT INTO leadsync.search (connection, term, sequence)
	SELECT 0, kind || n, n FROM generate_series(1, 200) AS n, unnest(ARRAY['t', 'ta', 'R', 'W']) AS kind
	WHERE NOT EXISTS (SELECT 1 FROM leadsync.search);
INSERT INTO leadsync.image (connection, record, sequence)
	SELECT 0, 'r' || n, n FROM generate_series(1, 200) AS n WHERE NOT EXISTS (SELECT 1 FROM leadsync.image);
INSERT INTO leadsync.record (connection, id)
	SELECT 0, 'r' || n FROM generate_series(1, 200) AS n WHERE NOT EXISTS (SELECT 1 FROM leadsync.record);
INSERT INTO leadsync.suppressed (connection, hash, person)
	SELECT 0, decode(md5(n::text), 'hex'), '' FROM generate_series(1, 200) AS n
	WHERE NOT EXISTS (SELECT 1 FROM leadsync.suppressed);

ANALYZE leadsync.lead, leadsync.history, leadsync.search, leadsync.image, leadsync.record, leadsync.suppressed;

DELETE FROM leadsync.lead WHERE connection = 0;
DELETE FROM leadsync.history WHERE connection = 0;
DELETE FROM leadsync.search WHERE connection = 0;
DELETE FROM leadsync.image WHERE connection = 0;
DELETE FROM leadsync.record WHERE connection = 0;
DELETE FROM leadsync.suppressed WHERE connection = 0;
DELETE FROM leadsync.tally WHERE connection = 0;
DELETE FROM leadsync.warned WHERE connection = 0;

INSERT INTO leadsync.migration (version) VALUES (3);
