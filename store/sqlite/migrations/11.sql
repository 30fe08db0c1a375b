-- The leads of each row of the tally are found in order, with what a search by time looks at.

DROP INDEX lead_tally;
CREATE INDEX lead_tally ON lead (tally, sequence, since);
