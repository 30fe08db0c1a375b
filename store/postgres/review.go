// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// Count implements leadsync.Store.
func (s *Store) Count(ctx context.Context, connection string, filter store.Filter) (store.Counts, error) {
	query, args := counting(connection, filter)
	var counts store.Counts
	err := s.readBy(ctx, plansOf(filter), func(rows pgx.Rows) error {
		var c store.Count
		var since int64
		var outcome string
		err := rows.Scan(&counts.Version, text(&c.Stage), text(&c.State), text(&c.Action), text(&c.Code), text(&c.Cause),
			&c.Leads, &since, text(&c.Oldest), &outcome)
		if err != nil || c.Leads == 0 { // no lead: the row only carries the version
			return err
		}
		c.Since = stored.FromMicros(since)
		if c.Sample, err = stored.DecodeOutcome(outcome); err != nil {
			c.Sample = nil // the others are counted all the same
		}
		counts.Groups = append(counts.Groups, c)
		return nil
	}, query, args...)
	if err != nil {
		return store.Counts{}, wrap(ctx, "count", err)
	}
	return counts, nil
}

// plansOf returns what the server is told of plans for a count: what is counted with each change is looked up by keys.
func plansOf(filter store.Filter) string {
	if counted(filter) && filter.Version == 0 {
		return planOnce
	}
	return byIndexes
}

// CountWarnings implements leadsync.Store.
func (s *Store) CountWarnings(ctx context.Context, connection string,
	filter store.Filter) ([]store.WarningCount, error) {
	if filter.Version != 0 && allWarnings(filter) {
		// Mostly nothing has changed since the version. Without it, the server plans the statement only once.
		now := filter
		now.Version = 0
		warnings, version, err := s.countWarnings(ctx, connection, now)
		if err != nil || version <= filter.Version {
			return warnings, err
		}
	}
	warnings, _, err := s.countWarnings(ctx, connection, filter)
	return warnings, err
}

// countWarnings also returns the connection's version.
func (s *Store) countWarnings(ctx context.Context, connection string,
	filter store.Filter) (kinds []store.WarningCount, version int64, err error) {
	var causes []store.WarningCauseCount
	counting, args := countingWarnings(connection, filter)
	err = s.readBy(ctx, plansOf(filter), func(rows pgx.Rows) error {
		var term, outcome string
		var leads int
		err := rows.Scan(&version, text(&term), &leads, &outcome)
		if err != nil || leads == 0 { // no warning: the row only carries the version
			return err
		}
		if kind, ok := strings.CutPrefix(term, stored.TermKind); ok {
			kinds = append(kinds, store.WarningCount{Kind: leadtype.WarningKind(kind), Leads: leads})
			return nil
		}
		cause := leadtype.CauseKey(strings.TrimPrefix(term, stored.TermCause))
		last, err := stored.DecodeOutcome(outcome)
		if err != nil {
			last = nil // the others are counted all the same
		}
		causes = append(causes, store.WarningCauseCount{Cause: cause, Leads: leads, Sample: store.SampleWarning(last, cause)})
		return nil
	}, `SELECT coalesce((`+versionOf+`), 0), coalesce(term, ''),
			coalesce(leads, 0), coalesce(outcome, '')
		FROM (VALUES (1)) AS one LEFT JOIN (`+counting+`) AS counts ON true`, args...)
	if err != nil {
		return nil, 0, wrap(ctx, "count the warnings", err)
	}
	slices.SortFunc(kinds, func(a, b store.WarningCount) int { return cmp.Compare(a.Kind, b.Kind) })
	slices.SortFunc(causes, func(a, b store.WarningCauseCount) int { return cmp.Compare(a.Cause, b.Cause) })
	for _, cause := range causes {
		i := slices.IndexFunc(kinds, func(c store.WarningCount) bool { return c.Kind == cause.Cause.WarningKind() })
		kinds[i].Causes = append(kinds[i].Causes, cause)
	}
	return kinds, version, nil
}

// countingWarnings returns the query of a count of warnings. Where the filter asks for some leads, it
// reads the terms of warnings, an index of leads, and the row of one lead for each cause.
func countingWarnings(connection string, filter store.Filter) (string, []any) {
	if allWarnings(filter) {
		return countingAllWarnings(connection, filter)
	}
	w := conditions(connection, filter)
	within := ` AND sequence IN (SELECT sequence FROM leadsync.lead WHERE ` + w.text + `)`
	return `WITH counted AS (
			SELECT term, count(*) AS leads, min(sequence) AS first FROM leadsync.search
			WHERE connection = ` + connectionID + ` AND term >= 'W' AND term < 'Y'` + within + ` GROUP BY term)
		SELECT term, leads, CASE WHEN term >= 'X' THEN coalesce((SELECT outcome FROM leadsync.lead
			WHERE connection = ` + connectionID + ` AND sequence = first), '') ELSE '' END AS outcome FROM counted`, w.args
}

// allWarnings reports whether a filter asks for the warnings of a connection or of an event, which are counted with
// each change.
func allWarnings(f store.Filter) bool {
	return counted(f) && f.Stages == nil && f.States == nil && f.Codes == nil && f.Causes == nil
}

// CountEvents implements leadsync.Store.
func (s *Store) CountEvents(ctx context.Context, connection string, filter store.Filter) ([]store.EventCount, error) {
	leads, args := tallied(connection, filter)
	stages := make(map[string]map[leadtype.Stage]int)
	err := s.readBy(ctx, plansOf(filter), func(rows pgx.Rows) error {
		var event string
		var stage leadtype.Stage
		var leads int
		if err := rows.Scan(text(&event), text(&stage), &leads); err != nil {
			return err
		}
		if stages[event] == nil {
			stages[event] = make(map[leadtype.Stage]int)
		}
		stages[event][stage] = leads
		return nil
	}, `WITH tallied AS (`+leads+`) SELECT event, stage, sum(leads)::int8 FROM tallied GROUP BY event, stage`, args...)
	if err != nil {
		return nil, wrap(ctx, "count events", err)
	}
	var counts []store.EventCount
	for event, of := range stages {
		counts = append(counts, store.EventCount{Event: event, Stages: of})
	}
	slices.SortFunc(counts, func(a, b store.EventCount) int { return cmp.Compare(a.Event, b.Event) })
	return counts, nil
}
