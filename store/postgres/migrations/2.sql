-- What is counted is kept with each change. Each statement that changes leads adds to the tables,
-- so that no two transactions wait for each other to count; who has a connection's row locked
-- folds what was added now and then.

-- The leads that are alike, counted: the sum of the rows.
CREATE TABLE leadsync.tally (
	connection bigint NOT NULL,
	event      text COLLATE "C" NOT NULL,
	stage      text COLLATE "C" NOT NULL,
	state      text COLLATE "C" NOT NULL,
	action     text COLLATE "C" NOT NULL,
	code       text COLLATE "C" NOT NULL,
	cause      text COLLATE "C" NOT NULL,
	leads      bigint NOT NULL -- more, or fewer
);

CREATE INDEX tally_connection ON leadsync.tally (connection);

INSERT INTO leadsync.tally SELECT connection, event, stage, state, action, code, cause, count(*) FROM leadsync.lead
	GROUP BY connection, event, stage, state, action, code, cause;

-- The leads of each kind of warning and of each cause of one, counted: the sum of the rows.
CREATE TABLE leadsync.warned (
	connection bigint NOT NULL,
	term       text COLLATE "C" NOT NULL, -- as in table search
	leads      bigint NOT NULL            -- more, or fewer
);

CREATE INDEX warned_connection ON leadsync.warned (connection);

INSERT INTO leadsync.warned SELECT connection, term, count(*) FROM leadsync.search
	WHERE term >= 'W' AND term < 'Y' GROUP BY connection, term;

-- The one of the leads that are alike that has been so for longest.
CREATE INDEX lead_alike ON leadsync.lead
	(connection, event, stage, state, action, code, cause, since, sequence);
-- The leads that have changed after a version.
CREATE INDEX lead_version ON leadsync.lead (connection, version);

CREATE FUNCTION leadsync.count_leads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO leadsync.tally SELECT connection, event, stage, state, action, code, cause, count(*) FROM added
			GROUP BY connection, event, stage, state, action, code, cause;
	ELSIF TG_OP = 'DELETE' THEN
		INSERT INTO leadsync.tally SELECT connection, event, stage, state, action, code, cause, -count(*) FROM removed
			GROUP BY connection, event, stage, state, action, code, cause;
	ELSE
		INSERT INTO leadsync.tally SELECT connection, event, stage, state, action, code, cause, sum(more) FROM (
				SELECT connection, event, stage, state, action, code, cause, 1 AS more FROM added
				UNION ALL SELECT connection, event, stage, state, action, code, cause, -1 FROM removed) AS either
			GROUP BY connection, event, stage, state, action, code, cause HAVING sum(more) <> 0;
	END IF;
	RETURN NULL;
END $$;

CREATE TRIGGER lead_added AFTER INSERT ON leadsync.lead REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION leadsync.count_leads();
CREATE TRIGGER lead_changed AFTER UPDATE ON leadsync.lead REFERENCING OLD TABLE AS removed NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION leadsync.count_leads();
CREATE TRIGGER lead_removed AFTER DELETE ON leadsync.lead REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION leadsync.count_leads();

CREATE FUNCTION leadsync.count_warnings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO leadsync.warned SELECT connection, term, count(*) FROM added
			WHERE term >= 'W' AND term < 'Y' GROUP BY connection, term;
	ELSE
		INSERT INTO leadsync.warned SELECT connection, term, -count(*) FROM removed
			WHERE term >= 'W' AND term < 'Y' GROUP BY connection, term;
	END IF;
	RETURN NULL;
END $$;

CREATE TRIGGER term_added AFTER INSERT ON leadsync.search REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION leadsync.count_warnings();
CREATE TRIGGER term_removed AFTER DELETE ON leadsync.search REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION leadsync.count_warnings();

INSERT INTO leadsync.migration (version) VALUES (2);
