-- What a store remembers beside its leads.

-- Leads that wait for enrichment are claimed without it when retry_at has passed.
ALTER TABLE lead ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0; -- retry_at after next_state
ALTER TABLE lead ADD COLUMN waited INTEGER NOT NULL DEFAULT 0;  -- 1: it was claimed without enrichment
CREATE INDEX lead_waiting ON lead (connection, retry_at) WHERE state = 'waiting' AND retry_at > 0;
