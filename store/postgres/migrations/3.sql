-- What has expired is looked for whenever something is kept.
CREATE INDEX once_until ON leadsync.once (until);

INSERT INTO leadsync.migration (version) VALUES (3);
