-- From this schema on, the outcome of a step of the history that is the last one of its lead is a
-- reference to that: see stored.LastOutcome.

-- Leads in flight are few, and soon of another kind: no index has them by it, so that a claim writes fewer.
DROP INDEX leadsync.lead_kind, leadsync.lead_since;
CREATE INDEX lead_kind ON leadsync.lead (kind, sequence) WHERE state <> 'in-flight';
CREATE INDEX lead_since ON leadsync.lead (kind, since, sequence) WHERE state <> 'in-flight';

INSERT INTO leadsync.migration (version) VALUES (7);
