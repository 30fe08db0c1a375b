// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"strings"

	"github.com/leadsync/leadsync/store"
)

// foldedAfter is after how many versions of a connection what was counted is folded. Until then
// each change has added some rows, all of which each count reads.
const foldedAfter = 16

// fold makes one row of those that count leads that are alike, and leaves those that are one already.
// The connection's row is locked, so nobody else does; what others add meanwhile stays.
func (t *transaction) fold(b *batch) {
	for table, columns := range map[string]string{
		"tally":  "event, stage, state, action, code, cause",
		"warned": "term", "event_warned": "event, term",
	} {
		b.exec(`WITH several AS (SELECT unnest(array_agg(ctid)) AS place FROM leadsync.`+table+` WHERE connection = $1
				GROUP BY `+columns+` HAVING count(*) > 1),
			folded AS (DELETE FROM leadsync.`+table+` WHERE ctid = ANY (ARRAY(SELECT place FROM several)) RETURNING *)
			INSERT INTO leadsync.`+table+` (connection, `+columns+`, leads)
			SELECT $1::int8, `+columns+`, sum(leads) FROM folded GROUP BY `+columns+` HAVING sum(leads) <> 0`, t.id)
	}
}

// counted reports whether table tally has all that a filter says of leads, but Filter.Version.
func counted(f store.Filter) bool {
	return f.Leads == nil && f.Warnings == nil && f.WarningCauses == nil && f.Text == "" && f.Record == "" &&
		f.From.IsZero() && f.Until.IsZero() && !f.Unanswered
}

// tallied returns a query for the leads of a filter by event, stage, state, action, code and cause.
// Where the tally says all, it reads no leads, and with a version those that have changed since.
func tallied(connection string, f store.Filter) (string, []any) {
	const columns = `event, stage, state, action, code, cause`
	if !counted(f) {
		w := conditions(connection, f)
		return `SELECT ` + columns + `, count(*) AS leads FROM leadsync.lead WHERE ` + w.text + ` GROUP BY ` + columns, w.args
	}
	version := f.Version
	f.Version = 0
	w := conditions(connection, f)
	from := `leadsync.tally WHERE ` + w.text
	if version != 0 {
		changed := w.text + ` AND version > ` + w.arg(version)
		from = `(SELECT ` + columns + `, leads FROM leadsync.tally WHERE ` + w.text + `
			UNION ALL SELECT ` + columns + `, -1 FROM leadsync.lead WHERE ` + changed + `) AS either`
	}
	return `SELECT ` + columns + `, sum(leads)::int8 AS leads FROM ` + from + ` GROUP BY ` + columns +
		` HAVING sum(leads) > 0`, w.args
}

// counting returns the query of a count: one statement, so that it is consistent. Of leads that are
// alike it reads the one that has been so for longest.
func counting(connection string, f store.Filter) (string, []any) {
	leads, args := tallied(connection, f)
	oldest := &where{args: args}
	oldest.text = `lead.connection = ` + connectionID + ` AND lead.event = tallied.event AND lead.stage = tallied.stage
		AND lead.state = tallied.state AND lead.action = tallied.action AND lead.code = tallied.code
		AND lead.cause = tallied.cause`
	if counted(f) && f.Version != 0 {
		oldest.and(`lead.version <= ` + oldest.arg(f.Version))
	} else if !counted(f) {
		// The same conditions once more, by the same parameters.
		oldest.and(strings.TrimPrefix(conditions(connection, f).text, `connection = `+connectionID+` AND `))
	}
	return `WITH tallied AS MATERIALIZED (` + leads + `),
		alike AS (SELECT tallied.*, oldest.since, oldest.sequence FROM tallied LEFT JOIN LATERAL (
			SELECT since, sequence FROM leadsync.lead WHERE ` + oldest.text + ` ORDER BY since LIMIT 1) AS oldest ON true),
		ranked AS (SELECT stage, state, action, code, cause, since, sequence,
				(sum(leads) OVER (PARTITION BY stage, state, action, code, cause))::int8 AS leads,
				row_number() OVER (PARTITION BY stage, state, action, code, cause ORDER BY since) AS nth FROM alike)
		SELECT coalesce((SELECT version FROM leadsync.connection WHERE name = $1), 0), coalesce(ranked.stage, ''),
			coalesce(ranked.state, ''), coalesce(ranked.action, ''), coalesce(ranked.code, ''), coalesce(ranked.cause, ''),
			coalesce(ranked.leads, 0), coalesce(ranked.since, 0), coalesce(lead.lead_id, ''), coalesce(lead.outcome, '')
		FROM (VALUES (1)) AS one LEFT JOIN ranked ON nth = 1
		LEFT JOIN leadsync.lead ON lead.connection = ` + connectionID + ` AND lead.sequence = ranked.sequence`, oldest.args
}

// countingAllWarnings returns the query of a count of the warnings of a connection or of an event of it,
// or of what has not changed there since a version. It reads the first lead of each cause, which may be
// of another event: it says the same of it.
func countingAllWarnings(connection string, f store.Filter) (string, []any) {
	w := &where{args: []any{escape(connection)}}
	counted, ofEvent, unchanged := `leadsync.warned WHERE connection = `+connectionID, ``, ``
	if f.Event != "" {
		ofEvent = ` AND event = ` + w.arg(escape(f.Event))
		counted = `leadsync.event_warned WHERE connection = ` + connectionID + ofEvent
	}
	from := counted
	if f.Version != 0 {
		version := w.arg(f.Version)
		from = `(SELECT term, leads FROM ` + counted + `
			UNION ALL SELECT term, -1 FROM leadsync.lead JOIN leadsync.search USING (connection, sequence)
			WHERE connection = ` + connectionID + ofEvent + ` AND version > ` + version + `
				AND term >= 'W' AND term < 'Y') AS either`
		unchanged = ` AND NOT EXISTS (SELECT 1 FROM leadsync.lead WHERE connection = search.connection
			AND lead.sequence = search.sequence AND version > ` + version + `)`
	}
	return `WITH counted AS MATERIALIZED (
			SELECT term, sum(leads)::int8 AS leads FROM ` + from + ` GROUP BY term HAVING sum(leads) > 0)
		SELECT term, leads, CASE WHEN term >= 'X' THEN coalesce((SELECT outcome FROM leadsync.lead
			WHERE connection = ` + connectionID + ` AND sequence = (SELECT sequence FROM leadsync.search
				WHERE search.connection = ` + connectionID + ` AND search.term = counted.term` + unchanged + `
				ORDER BY search.sequence LIMIT 1)), '') ELSE '' END AS outcome
		FROM counted`, w.args
}
