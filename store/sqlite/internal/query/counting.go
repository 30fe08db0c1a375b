// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/store"
)

// picked is a table of the leads of a filter, counted by their rows of table tally, each with one
// of those that have the earliest since. Where the tally says all, it reads no lead but that one,
// and with a version those that have changed since. Else it reads the leads that the filter finds:
// the bare columns next to a min are those of the row with the minimum
// (https://sqlite.org/lang_select.html#bareagg).
func picked(connection string, f store.Filter) (string, []any, error) {
	if !Counted(f) {
		s, err := selectionOf(connection, f)
		return `picked AS MATERIALIZED (SELECT tally AS own, count(*) AS leads, min(since) AS since, id AS oldest FROM lead
			WHERE ` + s.text + ` GROUP BY tally)`, s.args, err
	}
	g, err := GroupsOf(connection, f)
	less, unchanged, args := ``, ``, []any(nil)
	if f.Version != 0 {
		less = ` - coalesce((SELECT n FROM less WHERE less.own = tally.id), 0)`
		unchanged = ` AND lead.id NOT IN (SELECT id FROM changed)`
		args = []any{f.Version}
	}
	oldest := `(SELECT %s FROM lead WHERE lead.tally = tally.id` + unchanged + ` ORDER BY lead.since LIMIT 1)`
	return changedSince(f) + lessOf(f) + `picked AS MATERIALIZED (SELECT * FROM (SELECT tally.id AS own,
			leads` + less + ` AS leads, ` + fmt.Sprintf(oldest, `lead.since`) + ` AS since,
			` + fmt.Sprintf(oldest, `lead.id`) + ` AS oldest
		FROM tally WHERE ` + g.Text + `) WHERE leads > 0)`, append(args, g.Args...), err
}

// changedSince is a table of the leads that have changed since the version of a filter.
func changedSince(f store.Filter) string {
	if f.Version == 0 {
		return ``
	}
	return `changed AS MATERIALIZED (SELECT DISTINCT lead AS id FROM history NOT INDEXED WHERE id > ?), `
}

// lessOf is a table of how many of the leads of a row of the tally have changed since.
func lessOf(f store.Filter) string {
	if f.Version == 0 {
		return ``
	}
	return `less AS MATERIALIZED (SELECT lead.tally AS own, count(*) AS n FROM changed CROSS JOIN lead
		ON lead.id = changed.id GROUP BY lead.tally), `
}

// Counting returns the query of a count: one statement, so that it is consistent.
func Counting(connection string, f store.Filter) (string, []any, error) {
	leads, args, err := picked(connection, f)
	return `WITH ` + leads + `, alike AS (
			SELECT stage, state, action, code, cause, sum(picked.leads) AS leads, min(since) AS since, oldest
			FROM picked JOIN tally ON tally.id = own GROUP BY stage, state, action, code, cause)
		SELECT v.id, coalesce(alike.stage, ''), coalesce(alike.state, ''), coalesce(alike.action, ''),
			coalesce(alike.code, ''), coalesce(alike.cause, ''), coalesce(alike.leads, 0), coalesce(alike.since, 0),
			coalesce(` + ID + `, ''), coalesce(lead.outcome, '')
		FROM (SELECT coalesce(max(id), 0) AS id FROM history) AS v LEFT JOIN alike ON true
		LEFT JOIN lead ON lead.id = alike.oldest`, args, err
}

// CountingEvents returns the query of a count by event.
func CountingEvents(connection string, f store.Filter) (string, []any, error) {
	leads, args, err := picked(connection, f)
	return `WITH ` + leads + ` SELECT event, stage, sum(picked.leads) FROM picked JOIN tally ON tally.id = own
		GROUP BY event, stage ORDER BY event`, args, err
}

// CountingWarnings returns the query of a count of warnings. It reads the row of one lead for each
// cause, and of the others no more than the filter finds, or of an event or a version alone those that
// have changed since.
func CountingWarnings(connection string, f store.Filter) (string, []any, error) {
	if Counted(f) && f.Stages == nil && f.States == nil && f.Codes == nil && f.Causes == nil {
		text, args := countingAllWarnings(connection, f)
		return text, args, nil
	}
	s, err := selectionOf(connection, f)
	return `WITH counted AS (
			SELECT term, count(*) AS leads, min(sequence) AS first FROM search
			WHERE connection = ? AND term >= 'W' AND term < 'Y' AND sequence IN (SELECT sequence FROM lead WHERE ` + s.text + `)
			GROUP BY term)` + warningsCounted, slices.Concat([]any{connection}, s.args, []any{connection}), err
}

// warningsCounted reads what was counted.
const warningsCounted = ` SELECT term, leads, iif(term >= 'X',
	coalesce((SELECT outcome FROM lead WHERE connection = ? AND sequence = first), ''), '') FROM counted ORDER BY term`

// countingAllWarnings is countingWarnings of a connection or of an event of it, or of what has not
// changed there. The lead that is read for a cause may be of another event: it says the same of it.
func countingAllWarnings(connection string, f store.Filter) (string, []any) {
	from, ofEvent, counted := `warned WHERE connection = ?`, ``, []any{connection}
	if f.Event != "" {
		from, ofEvent = `event_warned AS warned WHERE connection = ? AND event = ?`, ` AND event = ?`
		counted = append(counted, f.Event)
	}
	if f.Version == 0 {
		return `WITH counted AS (SELECT term, leads, (SELECT min(sequence) FROM search
				WHERE search.connection = warned.connection AND search.term = warned.term) AS first
			FROM ` + from + `)` + warningsCounted, append(slices.Clone(counted), connection)
	}
	return `WITH ` + changedSince(f) + `less AS MATERIALIZED (SELECT lead.sequence, value AS term
			FROM changed CROSS JOIN lead ON lead.id = changed.id, json_each(iif(json_valid(terms), terms, '[]'))
			WHERE connection = ?` + ofEvent + ` AND value >= 'W' AND value < 'Y'),
		counted AS (SELECT * FROM (SELECT term, leads - (SELECT count(*) FROM less WHERE less.term = warned.term) AS leads,
				(SELECT sequence FROM search WHERE search.connection = warned.connection AND search.term = warned.term
					AND sequence NOT IN (SELECT sequence FROM less) ORDER BY sequence LIMIT 1) AS first
			FROM ` + from + `) WHERE leads > 0)` + warningsCounted,
		slices.Concat([]any{f.Version}, counted, counted, []any{connection})
}
