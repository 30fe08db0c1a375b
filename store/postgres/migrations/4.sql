-- The warnings of each event are counted with each change, as those of a connection are.

-- The leads of an event that have a kind of warning or a cause of one, counted: the sum of the rows.
CREATE TABLE leadsync.event_warned (
	connection bigint NOT NULL,
	event      text COLLATE "C" NOT NULL,
	term       text COLLATE "C" NOT NULL, -- as in table search
	leads      bigint NOT NULL            -- more, or fewer
);

CREATE INDEX event_warned_event ON leadsync.event_warned (connection, event);

INSERT INTO leadsync.event_warned SELECT connection, event, term, count(*)
	FROM leadsync.search JOIN leadsync.lead USING (connection, sequence)
	WHERE term >= 'W' AND term < 'Y' GROUP BY connection, event, term;

CREATE OR REPLACE FUNCTION leadsync.count_warnings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO leadsync.warned SELECT connection, term, count(*) FROM added
			WHERE term >= 'W' AND term < 'Y' GROUP BY connection, term;
		IF FOUND THEN
			INSERT INTO leadsync.event_warned SELECT connection, event, term, count(*)
				FROM added JOIN leadsync.lead USING (connection, sequence)
				WHERE term >= 'W' AND term < 'Y' GROUP BY connection, event, term;
		END IF;
	ELSE
		INSERT INTO leadsync.warned SELECT connection, term, -count(*) FROM removed
			WHERE term >= 'W' AND term < 'Y' GROUP BY connection, term;
		IF FOUND THEN
			INSERT INTO leadsync.event_warned SELECT connection, event, term, -count(*)
				FROM removed JOIN leadsync.lead USING (connection, sequence)
				WHERE term >= 'W' AND term < 'Y' GROUP BY connection, event, term;
		END IF;
	END IF;
	RETURN NULL;
END $$;

-- A lead that was captured with another event takes its warnings along. One that is removed has none
-- any more: they go first.
CREATE FUNCTION leadsync.move_warnings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO leadsync.event_warned SELECT connection, of.event, term, of.more
		FROM leadsync.search, (VALUES (OLD.event, -1), (NEW.event, 1)) AS of (event, more)
		WHERE connection = NEW.connection AND sequence = NEW.sequence AND term >= 'W' AND term < 'Y';
	RETURN NULL;
END $$;

CREATE TRIGGER lead_moved AFTER UPDATE OF event ON leadsync.lead
	FOR EACH ROW WHEN (OLD.event <> NEW.event) EXECUTE FUNCTION leadsync.move_warnings();

INSERT INTO leadsync.migration (version) VALUES (4);
