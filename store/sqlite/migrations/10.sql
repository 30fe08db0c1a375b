-- Connections whose mode is automatic, and those with frozen leads, which are to be released then.
CREATE INDEX connection_automatic ON connection (name) WHERE mode = 'automatic';
CREATE INDEX tally_frozen ON tally (connection) WHERE state = 'frozen';
