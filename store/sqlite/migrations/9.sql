-- The warnings of each event are counted with each change.

-- The leads of an event that have a kind of warning or a cause of one, counted. Triggers do it: rows of
-- search are written in many places, and most are of no warning. There is no row without leads.
CREATE TABLE event_warned (
	connection TEXT NOT NULL,
	event      TEXT NOT NULL,
	term       TEXT NOT NULL, -- as in table search
	leads      INTEGER NOT NULL,
	PRIMARY KEY (connection, event, term)
) STRICT, WITHOUT ROWID;

INSERT INTO event_warned (connection, event, term, leads)
	SELECT connection, event, term, count(*) FROM search JOIN lead USING (connection, sequence)
	WHERE term >= 'W' AND term < 'Y' GROUP BY connection, event, term;

-- A change in how many leads of an event have a term. The statement that changes a lead may be an
-- INSERT OR IGNORE, which would then hold for the ones below: none of them meets a row that is there.
CREATE VIEW event_warning AS SELECT connection, event, term, leads AS more FROM event_warned;
CREATE TRIGGER event_warning_changes INSTEAD OF INSERT ON event_warning BEGIN
	INSERT INTO event_warned SELECT new.connection, new.event, new.term, 0 WHERE NOT EXISTS (
		SELECT 1 FROM event_warned WHERE connection = new.connection AND event = new.event AND term = new.term);
	UPDATE event_warned SET leads = leads + new.more
		WHERE connection = new.connection AND event = new.event AND term = new.term;
	DELETE FROM event_warned
		WHERE connection = new.connection AND event = new.event AND term = new.term AND leads = 0;
END;

CREATE TRIGGER search_added AFTER INSERT ON search WHEN new.term >= 'W' AND new.term < 'Y' BEGIN
	INSERT INTO event_warning SELECT connection, event, new.term, 1 FROM lead
		WHERE connection = new.connection AND sequence = new.sequence;
END;
CREATE TRIGGER search_removed AFTER DELETE ON search WHEN old.term >= 'W' AND old.term < 'Y' BEGIN
	INSERT INTO event_warning SELECT connection, event, old.term, -1 FROM lead
		WHERE connection = old.connection AND sequence = old.sequence;
END;
CREATE TRIGGER lead_of_event AFTER UPDATE OF event ON lead WHEN new.event <> old.event BEGIN
	INSERT INTO event_warning SELECT old.connection, event, value, more
		FROM json_each(iif(json_valid(new.terms), new.terms, '[]')),
			(SELECT old.event AS event, -1 AS more UNION ALL SELECT new.event, 1)
		WHERE value >= 'W' AND value < 'Y';
END;
