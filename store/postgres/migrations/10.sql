-- A process of before schema 9 keeps no folded id where that is the id itself. It must not write any lead so any
-- more, which nobody would find by its id, and capture a second time. What one has written so is found again from now
-- on. Only ids that do not begin with a letter or a digit may fold to nothing.
UPDATE leadsync.lead SET folded = lead_id
	WHERE connection IN (SELECT id FROM leadsync.connection) AND folded = '' AND lead_id ~ '^[[:alnum:]]'
		AND NOT EXISTS (SELECT 1 FROM leadsync.lead AS other
			WHERE other.connection = lead.connection AND other.folded = lead.lead_id);
-- Not valid: what is there is not looked at, which would take a while.
ALTER TABLE leadsync.lead ADD CONSTRAINT lead_is_folded CHECK (folded <> '' OR lead_id !~ '^[[:alnum:]]') NOT VALID;

INSERT INTO leadsync.migration (version) VALUES (10);
