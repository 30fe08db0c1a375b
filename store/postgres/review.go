// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// Count implements leadsync.Store.
func (s *Store) Count(ctx context.Context, connection string, filter store.Filter) (store.Counts, error) {
	w := conditions(connection, filter)
	var counts store.Counts
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error {
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
	}, counting(w.text), w.args...)
	if err != nil {
		return store.Counts{}, wrap(ctx, "count", err)
	}
	return counts, nil
}

// counting returns the query of a count: one statement, so that it is consistent. It reads an
// index, and the row of one lead per group.
func counting(where string) string {
	return `WITH alike AS (
			SELECT stage, state, action, code, cause, count(*) AS leads, min(since) AS since FROM leadsync.lead
			WHERE ` + where + ` GROUP BY stage, state, action, code, cause)
		SELECT coalesce((SELECT version FROM leadsync.connection WHERE name = $1), 0), coalesce(alike.stage, ''),
			coalesce(alike.state, ''), coalesce(alike.action, ''), coalesce(alike.code, ''), coalesce(alike.cause, ''),
			coalesce(alike.leads, 0), coalesce(alike.since, 0), coalesce(oldest.lead_id, ''), coalesce(oldest.outcome, '')
		FROM (VALUES (1)) AS one LEFT JOIN alike ON true LEFT JOIN LATERAL (
			SELECT lead_id, outcome FROM leadsync.lead WHERE ` + where + ` AND lead.stage = alike.stage
				AND lead.state = alike.state AND lead.action = alike.action AND lead.code = alike.code
				AND lead.cause = alike.cause AND lead.since = alike.since LIMIT 1) AS oldest ON true`
}

// CountWarnings implements leadsync.Store.
func (s *Store) CountWarnings(ctx context.Context, connection string,
	filter store.Filter) ([]store.WarningCount, error) {
	var kinds []store.WarningCount
	var causes []store.WarningCauseCount
	text, args := countingWarnings(connection, filter)
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error {
		term, outcome, leads, err := scanWarning(rows)
		if err != nil {
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
	}, text, args...)
	if err != nil {
		return nil, wrap(ctx, "count the warnings", err)
	}
	slices.SortFunc(kinds, func(a, b store.WarningCount) int { return cmp.Compare(a.Kind, b.Kind) })
	slices.SortFunc(causes, func(a, b store.WarningCauseCount) int { return cmp.Compare(a.Cause, b.Cause) })
	for _, cause := range causes {
		i := slices.IndexFunc(kinds, func(c store.WarningCount) bool { return c.Kind == cause.Cause.WarningKind() })
		kinds[i].Causes = append(kinds[i].Causes, cause)
	}
	return kinds, nil
}

func scanWarning(rows pgx.Rows) (term, outcome string, leads int, err error) {
	err = rows.Scan(text(&term), &leads, &outcome)
	return term, outcome, leads, err
}

// countingWarnings returns the query of a count of warnings. It reads the terms of warnings,
// an index of leads where the filter asks for it, and the row of one lead for each cause.
func countingWarnings(connection string, filter store.Filter) (string, []any) {
	filter.After, filter.Limit, filter.Newest = 0, 0, false
	w := conditions(connection, filter)
	within := ``
	if !reflect.DeepEqual(filter, store.Filter{}) {
		within = ` AND sequence IN (SELECT sequence FROM leadsync.lead WHERE ` + w.text + `)`
	}
	return `WITH counted AS (
			SELECT term, count(*) AS leads, min(sequence) AS first FROM leadsync.search
			WHERE connection = ` + connectionID + ` AND term >= 'W' AND term < 'Y'` + within + ` GROUP BY term)
		SELECT term, leads, CASE WHEN term >= 'X' THEN coalesce((SELECT outcome FROM leadsync.lead
			WHERE connection = ` + connectionID + ` AND sequence = first), '') ELSE '' END FROM counted`, w.args
}

// CountEvents implements leadsync.Store.
func (s *Store) CountEvents(ctx context.Context, connection string, filter store.Filter) ([]store.EventCount, error) {
	w := conditions(connection, filter)
	stages := make(map[string]map[leadtype.Stage]int)
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error {
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
	}, `SELECT event, stage, count(*) FROM leadsync.lead WHERE `+w.text+` GROUP BY event, stage`, w.args...)
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
