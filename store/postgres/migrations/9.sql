-- Each lead is found by its folded id, whoever asks for it: one index less to write. This rewrites the table of leads, of
-- which nobody reads or writes any meanwhile.
DROP INDEX leadsync.lead_folded;
ALTER TABLE leadsync.lead
	DROP CONSTRAINT lead_connection_lead_id_key,
	ALTER COLUMN folded DROP DEFAULT, -- the id as people read it
	ALTER COLUMN folded TYPE text COLLATE "C" USING CASE folded WHEN '' THEN lead_id ELSE folded END;
CREATE UNIQUE INDEX lead_folded ON leadsync.lead (connection, folded);

INSERT INTO leadsync.migration (version) VALUES (9);
