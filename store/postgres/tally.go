// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"slices"

	"github.com/leadsync/leadsync/store"
)

// What was counted is folded after so many versions of a connection, and by a change of so many leads, which costs
// much more. Until then each change has added some rows, all of which each count reads.
const (
	foldedAfter = 16
	foldedLeads = 100
)

// fold makes one row of those that count leads that are alike, and leaves those that are one already.
// The connection's row is locked, so nobody else does; what others add meanwhile stays.
func (t *transaction) fold(b *batch) {
	for table, columns := range map[string]string{
		"tally":  "kind, " + counts,
		"warned": "term", "event_warned": "event, term",
	} {
		b.exec(`WITH several AS (SELECT unnest(array_agg(ctid)) AS place FROM leadsync.`+table+` WHERE connection = $1
				GROUP BY `+columns+` HAVING count(*) > 1),
			folded AS (DELETE FROM leadsync.`+table+` WHERE ctid = ANY (ARRAY(SELECT place FROM several)) RETURNING *)
			INSERT INTO leadsync.`+table+` (connection, `+columns+`, leads)
			SELECT $1::int8, `+columns+`, sum(leads) FROM folded GROUP BY `+columns+` HAVING sum(leads) <> 0`, t.id)
	}
}

// countWarnings counts the warnings among the terms that the outcomes of leads have, in place of those that are gone:
// for the connection, and for the event of each lead.
func countWarnings(b *batch, connection int64, gone, terms termList) {
	more := append(slices.Repeat([]int64{-1}, len(gone.terms)), slices.Repeat([]int64{1}, len(terms.terms))...)
	if len(more) == 0 {
		return
	}
	b.exec(given(`$2::int8[], $3::text[], $4::int8[]`, `sequence, terms, more`)+`, listed AS MATERIALIZED (
			SELECT connection, sequence, term COLLATE "C" AS term, more FROM given, unnest(terms::text[]) AS term
			WHERE term COLLATE "C" >= 'W' AND term COLLATE "C" < 'Y'),
		of_all AS (INSERT INTO leadsync.warned (connection, term, leads)
			SELECT connection, term, sum(more) FROM listed GROUP BY connection, term HAVING sum(more) <> 0)
		INSERT INTO leadsync.event_warned (connection, event, term, leads)
		SELECT connection, event, term, sum(more) FROM listed CROSS JOIN LATERAL (SELECT event FROM leadsync.lead
			WHERE lead.connection = listed.connection AND lead.sequence = listed.sequence LIMIT 1) AS one
		GROUP BY connection, event, term HAVING sum(more) <> 0`, connection,
		slices.Concat(gone.sequences, terms.sequences), slices.Concat(gone.terms, terms.terms), more)
}

// counted reports whether table tally has all that a filter says of leads, but Filter.Version.
func counted(f store.Filter) bool {
	return f.Leads == nil && f.Warnings == nil && f.WarningCauses == nil && f.Text == "" && f.Record == "" &&
		f.From.IsZero() && f.Until.IsZero() && !f.Unanswered
}

// tallied returns a query for the leads of a filter by their kind, with the columns by which table tally counts.
// Where the tally says all, it reads no leads, and with a version those that have changed since; else the query has
// the time and the sequence of the one that has been so for longest.
func tallied(connection string, f store.Filter) (string, []any) {
	const columns = `connection, kind, ` + counts
	w := connected(connection)
	switch {
	case searched(f):
		w = conditions(connection, f)
		return `SELECT ` + columns + `, count(*) AS leads, min(ARRAY[since, sequence]) AS oldest FROM leadsync.lead
			WHERE ` + w.text + ` GROUP BY ` + columns, w.args
	case timed(f):
		return `SELECT ` + columns + `, one.leads, oldest FROM (` + w.kinds(f) + `) AS alike CROSS JOIN LATERAL (
				SELECT count(*) AS leads, min(ARRAY[since, sequence]) AS oldest
				FROM (` + ofKinds(`since, sequence`, w.alike(f), ``) + `) AS each) AS one
			WHERE one.leads > 0`, w.args
	case f.Version == 0:
		return w.kinds(f), w.args
	}
	w.groups(f)
	return `SELECT ` + columns + `, sum(leads)::int8 AS leads FROM (
			SELECT ` + columns + `, leads FROM leadsync.tally WHERE ` + w.text + `
			UNION ALL SELECT ` + columns + `, -1 FROM (` + w.changed(f.Version) + `) AS changed WHERE ` + w.text + `) AS either
		GROUP BY ` + columns + ` HAVING sum(leads) > 0`, w.args
}

// changed is the query for the leads that have changed since a version, which it looks up one by one.
func (w *where) changed(version int64) string {
	return `SELECT one.* FROM (SELECT DISTINCT connection, sequence FROM leadsync.history
			WHERE connection = ` + connectionID + ` AND id > ` + w.arg(version) + `) AS changed
		CROSS JOIN LATERAL (SELECT connection, sequence, kind, terms, ` + counts + ` FROM leadsync.lead
			WHERE lead.connection = changed.connection AND lead.sequence = changed.sequence LIMIT 1) AS one`
}

// versionOf is the query for the version of a connection: that of its last step.
const versionOf = `SELECT id FROM leadsync.history WHERE connection = ` + connectionID + ` ORDER BY id DESC LIMIT 1`

// counting returns the query of a count: one statement, so that it is consistent. Of leads that are
// alike it reads the one that has been so for longest.
func counting(connection string, f store.Filter) (string, []any) {
	leads, args := tallied(connection, f)
	w := &where{args: args}
	oldest := `oldest`
	if counted(f) {
		const columns, first = `ARRAY[since, sequence]`, ` ORDER BY since, sequence LIMIT 1`
		of := w.alike(f)
		oldest = `CASE WHEN alike.state = 'in-flight' THEN (` + inFlight(columns, of, first) + `)
			ELSE (` + notInFlight(columns, of, first) + `) END`
	}
	return `WITH alike AS MATERIALIZED (` + leads + `),
		grouped AS (SELECT stage, state, action, code, cause, sum(leads)::int8 AS leads, min(first) AS first
			FROM (SELECT alike.*, ` + oldest + ` AS first FROM alike) AS aged GROUP BY stage, state, action, code, cause)
		SELECT coalesce((` + versionOf + `), 0), coalesce(grouped.stage, ''),
			coalesce(grouped.state, ''), coalesce(grouped.action, ''), coalesce(grouped.code, ''),
			coalesce(grouped.cause, ''), coalesce(leads, 0), coalesce(first[1], 0), coalesce(lead.lead_id, ''),
			coalesce(lead.outcome, '')
		FROM (VALUES (1)) AS one LEFT JOIN grouped ON true
		LEFT JOIN leadsync.lead ON lead.connection = ` + connectionID + ` AND lead.sequence = first[2]`, w.args
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
		from = `(SELECT term, leads FROM ` + counted + `
			UNION ALL SELECT term, -1 FROM (` + w.changed(f.Version) + `) AS changed, unnest(terms::text[]) AS term
			WHERE term COLLATE "C" >= 'W' AND term COLLATE "C" < 'Y'` + ofEvent + `) AS either`
		unchanged = ` AND coalesce((SELECT false FROM leadsync.history WHERE history.connection = search.connection
			AND history.sequence = search.sequence AND history.id > ` + w.arg(f.Version) + ` LIMIT 1), true)`
	}
	return `WITH counted AS MATERIALIZED (
			SELECT term, sum(leads)::int8 AS leads FROM ` + from + ` GROUP BY term HAVING sum(leads) > 0)
		SELECT term, leads, CASE WHEN term >= 'X' THEN coalesce((SELECT outcome FROM leadsync.lead
			WHERE connection = ` + connectionID + ` AND sequence = (SELECT sequence FROM leadsync.search
				WHERE search.connection = ` + connectionID + ` AND search.term = counted.term` + unchanged + `
				ORDER BY search.sequence LIMIT 1)), '') ELSE '' END AS outcome
		FROM counted`, w.args
}
