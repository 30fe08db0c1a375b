-- Leads in flight are few, and soon of another kind: no index has them by it, so that a claim writes fewer.
DROP INDEX leadsync.lead_kind, leadsync.lead_since;
CREATE INDEX lead_kind ON leadsync.lead (kind, sequence) WHERE state <> 'in-flight';
CREATE INDEX lead_since ON leadsync.lead (kind, since, sequence) WHERE state <> 'in-flight';

-- Warnings are counted by who writes the terms of outcomes, so that nothing looks at the words of leads for them.
DROP TRIGGER term_added ON leadsync.search;
DROP TRIGGER term_removed ON leadsync.search;
DROP FUNCTION leadsync.count_warnings();

INSERT INTO leadsync.migration (version) VALUES (8);
