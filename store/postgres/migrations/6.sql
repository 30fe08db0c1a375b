-- Each change of a lead writes fewer indexes, and what is journalled of a lead writes none. This rewrites the
-- table of leads, of which nobody reads or writes any meanwhile.

DROP TRIGGER lead_added ON leadsync.lead;
DROP TRIGGER lead_changed ON leadsync.lead;
DROP TRIGGER lead_removed ON leadsync.lead;
DROP TRIGGER lead_moved ON leadsync.lead;
DROP INDEX leadsync.lead_event, leadsync.lead_since, leadsync.lead_filter, leadsync.lead_alike, leadsync.lead_version,
	leadsync.lead_queued, leadsync.lead_due, leadsync.lead_in_flight, leadsync.lead_unanswered, leadsync.lead_held,
	leadsync.history_at;

-- The lead's rows of table search: arrays, as texts. They are removed by their key.
ALTER TABLE leadsync.lead
	ADD COLUMN words text COLLATE "C" NOT NULL DEFAULT '{}', -- of the lead
	ADD COLUMN terms text COLLATE "C" NOT NULL DEFAULT '{}'; -- of its last outcome

UPDATE leadsync.lead SET words = coalesce(listed.words::text, '{}'), terms = coalesce(listed.terms::text, '{}')
	FROM (SELECT connection, sequence, array_agg(term) FILTER (WHERE term >= 't') AS words,
			array_agg(term) FILTER (WHERE term < 't') AS terms
		FROM leadsync.search GROUP BY connection, sequence) AS listed
	WHERE lead.connection = listed.connection AND lead.sequence = listed.sequence;

DROP INDEX leadsync.search_lead;

-- Leads that are alike have one kind, a hash of all that table tally counts by. Another kind may have the same: who
-- looks for leads by their kind looks at these columns, too.
-- What a journal changes is in no index, while a lead is in flight: the server then leaves all indexes as they are,
-- where the page has room for the lead once more.
ALTER TABLE leadsync.lead
	DROP COLUMN version,
	ADD COLUMN kind bigint NOT NULL GENERATED ALWAYS AS (
		hashtextextended(event, hashtextextended(strategy, hashtextextended(stage, hashtextextended(state,
			hashtextextended(action, hashtextextended(code, hashtextextended(cause, connection)))))))) STORED,
	ADD COLUMN unanswered boolean NOT NULL GENERATED ALWAYS AS (state <> 'in-flight' AND intents <> '') STORED,
	ADD COLUMN held bigint NOT NULL GENERATED ALWAYS AS (CASE WHEN state = 'in-flight' THEN 0 ELSE held_since END) STORED,
	SET (fillfactor = 70);

CREATE INDEX lead_kind ON leadsync.lead (kind, sequence);
CREATE INDEX lead_since ON leadsync.lead (kind, since, sequence);
-- Most leads are queued without a time.
CREATE INDEX lead_queued ON leadsync.lead (connection, sequence) WHERE state = 'queued' AND retry_at <= 0;
CREATE INDEX lead_later ON leadsync.lead (connection, sequence, retry_at) WHERE state = 'queued' AND retry_at > 0;
CREATE INDEX lead_due ON leadsync.lead (connection, retry_at) WHERE state = 'queued' AND retry_at > 0;
-- All leads in flight of a connection are asked for together. A single one is looked up by its id, as any other.
CREATE INDEX lead_in_flight ON leadsync.lead (connection) WHERE state = 'in-flight';
CREATE INDEX lead_unanswered ON leadsync.lead (connection, sequence) WHERE unanswered;
CREATE INDEX lead_held ON leadsync.lead (connection, held) WHERE held > 0;

-- The steps of a connection have ids in their order: the last one of all is the connection's version, for
-- store.Filter. The column version of table connection counts its changes.
CREATE INDEX history_order ON leadsync.history (connection, id, sequence);

-- The leads that are alike, counted: the sum of the rows.
TRUNCATE leadsync.tally;
DROP INDEX leadsync.tally_connection;
ALTER TABLE leadsync.tally
	ADD COLUMN kind     bigint NOT NULL, -- the leads'
	ADD COLUMN strategy text COLLATE "C" NOT NULL;

CREATE INDEX tally_event ON leadsync.tally (connection, event);

INSERT INTO leadsync.tally (connection, kind, event, strategy, stage, state, action, code, cause, leads)
	SELECT connection, kind, event, strategy, stage, state, action, code, cause, count(*)
	FROM leadsync.lead GROUP BY connection, kind, event, strategy, stage, state, action, code, cause;

CREATE OR REPLACE FUNCTION leadsync.count_leads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO leadsync.tally (connection, kind, event, strategy, stage, state, action, code, cause, leads)
			SELECT connection, kind, event, strategy, stage, state, action, code, cause, count(*) FROM added GROUP BY connection, kind, event, strategy, stage, state, action, code, cause;
	ELSIF TG_OP = 'DELETE' THEN
		INSERT INTO leadsync.tally (connection, kind, event, strategy, stage, state, action, code, cause, leads)
			SELECT connection, kind, event, strategy, stage, state, action, code, cause, -count(*) FROM removed GROUP BY connection, kind, event, strategy, stage, state, action, code, cause;
	ELSE
		INSERT INTO leadsync.tally (connection, kind, event, strategy, stage, state, action, code, cause, leads)
			SELECT connection, kind, event, strategy, stage, state, action, code, cause, sum(more) FROM (SELECT connection, kind, event, strategy, stage, state, action, code, cause, 1 AS more FROM added UNION ALL
				SELECT connection, kind, event, strategy, stage, state, action, code, cause, -1 FROM removed) AS either
			GROUP BY connection, kind, event, strategy, stage, state, action, code, cause HAVING sum(more) <> 0;
	END IF;
	RETURN NULL;
END $$;

CREATE TRIGGER lead_added AFTER INSERT ON leadsync.lead REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION leadsync.count_leads();
CREATE TRIGGER lead_changed AFTER UPDATE ON leadsync.lead REFERENCING OLD TABLE AS removed NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION leadsync.count_leads();
CREATE TRIGGER lead_removed AFTER DELETE ON leadsync.lead REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION leadsync.count_leads();

-- A lead that was captured with another event takes its warnings along. One that is removed has none
-- any more: they go first.
CREATE OR REPLACE FUNCTION leadsync.move_warnings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO leadsync.event_warned SELECT NEW.connection, of.event, term, of.more
		FROM unnest(NEW.terms::text[]) AS term, (VALUES (OLD.event, -1), (NEW.event, 1)) AS of (event, more)
		WHERE term COLLATE "C" >= 'W' AND term COLLATE "C" < 'Y';
	RETURN NULL;
END $$;

CREATE TRIGGER lead_moved AFTER UPDATE OF event ON leadsync.lead
	FOR EACH ROW WHEN (OLD.event <> NEW.event) EXECUTE FUNCTION leadsync.move_warnings();

ANALYZE leadsync.lead;

INSERT INTO leadsync.migration (version) VALUES (6);
