-- Connections whose mode is automatic, and frozen leads, which are to be released then.
CREATE INDEX profile_automatic ON leadsync.profile (connection) WHERE mode = 'automatic';
CREATE INDEX lead_frozen ON leadsync.lead (connection, sequence) WHERE state = 'frozen';

INSERT INTO leadsync.migration (version) VALUES (5);
