-- Column lead_id has the id folded, and spelled the id where it is another text: a lead is found by its folded id,
-- whoever asks for it, and there is one index less to write. Of earlier leads with ids that people read alike one
-- has it folded. The others have it as it is; their rows are listed.
CREATE TABLE unfolded (
	lead INTEGER PRIMARY KEY -- its row; there may be none
) STRICT;
INSERT INTO unfolded (lead) SELECT id FROM lead INDEXED BY lead_folded WHERE folded <> '' AND (
	EXISTS (SELECT 1 FROM lead AS other WHERE other.connection = lead.connection AND other.lead_id = lead.folded)
	OR EXISTS (SELECT 1 FROM lead AS other INDEXED BY lead_folded WHERE other.connection = lead.connection
		AND other.folded = lead.folded AND other.folded <> '' AND other.id < lead.id));

CREATE TABLE swapped (lead INTEGER PRIMARY KEY) STRICT;
INSERT INTO swapped (lead) SELECT id FROM lead INDEXED BY lead_folded
	WHERE folded <> '' AND id NOT IN (SELECT lead FROM unfolded);
DROP INDEX lead_folded;
ALTER TABLE lead RENAME COLUMN folded TO spelled;
UPDATE lead SET spelled = '' WHERE id IN (SELECT lead FROM unfolded);
UPDATE lead SET lead_id = spelled, spelled = lead_id WHERE id IN (SELECT lead FROM swapped);
DROP TABLE swapped;
