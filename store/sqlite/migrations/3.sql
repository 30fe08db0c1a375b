-- Activities that came after the lead, which no capture replaces.
ALTER TABLE lead ADD COLUMN activities TEXT NOT NULL DEFAULT '';

-- Leads with creates that got no answer.
CREATE INDEX lead_unanswered ON lead (connection, sequence) WHERE intents <> '';
