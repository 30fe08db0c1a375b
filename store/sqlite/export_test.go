// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"slices"
	"strings"
	"sync"

	"modernc.org/sqlite"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
)

// Access to internals for tests.

const (
	SchemaVersion = schemaVersion
	FilledAtOnce  = filledAtOnce

	DueConnections = dueConnections
	Claimable      = claimable
	Due            = due
)

// Exec runs a statement on the writer.
func (s *Store) Exec(ctx context.Context, statement string) error {
	_, err := s.write.ExecContext(ctx, statement)
	return err
}

// Strings returns the last column of a query.
func (s *Store) Strings(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var values []string
	for rows.Next() {
		var value string
		row := make([]any, len(columns))
		for i := range row {
			row[i] = new(any)
		}
		row[len(row)-1] = &value
		if err := rows.Scan(row...); err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, rows.Err()
}

// HoldWriter keeps every other writer waiting until release.
func (s *Store) HoldWriter(ctx context.Context) (release func() error, err error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return tx.Rollback, nil
}

// HoldReader keeps a reader on the current snapshot until release.
func (s *Store) HoldReader(ctx context.Context) (release func() error, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id FROM lead UNION ALL SELECT id FROM history")
	if err != nil {
		return nil, err
	}
	rows.Next()
	return rows.Close, nil
}

// Waiting returns how many captures wait for the writer.
func (s *Store) Waiting() int {
	s.captures.mu.Lock()
	defer s.captures.mu.Unlock()
	return len(s.captures.waiting)
}

func Older(a, b string) bool { return older(a, b) }

// Plan returns how SQLite finds the leads of a filter, in each of the ways that page has.
func (s *Store) Plan(ctx context.Context, filter store.Filter) ([]string, error) {
	text, args, err := query.Whole("", filter)
	if err != nil {
		return nil, err
	}
	g, err := query.GroupsOf("", filter)
	if err != nil || !g.Given || !query.Counted(filter) || filter.Limit <= 0 {
		return s.Strings(ctx, "EXPLAIN QUERY PLAN "+text, args...)
	}
	text, args = query.NearPage(g, filter, filter.After, 1000)
	near, err := s.Strings(ctx, "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		return nil, err
	}
	text, args = query.FarPage(g, filter)
	far, err := s.Strings(ctx, "EXPLAIN QUERY PLAN "+text, args...)
	return append(near, far...), err
}

// SearchPlan returns how SQLite finds the leads of a search, in each of the ways that there are.
func (s *Store) SearchPlan(ctx context.Context, filter store.Filter) ([]string, error) {
	search, err := query.SearchFor("", filter)
	if err != nil {
		return nil, err
	}
	queries := append(search.Probes(10), search.NextTerms(10)...)
	queries = append(queries, search.Next([]string{"a", "b"}, 7, 10), search.Among("[]"), query.LastOf(filter, "[]"),
		query.First("", filter))
	if search.Grouped() {
		queries = append(queries, search.Head(), search.Crowd(7, 10), search.Window(7))
	} else {
		queries = append(queries, search.End(10), search.Walk(7))
	}
	var plan []string
	for _, q := range queries {
		steps, err := s.Strings(ctx, "EXPLAIN QUERY PLAN "+q.Text, q.Args...)
		if err != nil {
			return nil, err
		}
		plan = append(plan, strings.Join(steps, "; "))
	}
	return plan, nil
}

// Walked and FewLeads are the bounds that Narrow sets.
const (
	Walked   = 200
	FewLeads = 240
)

// Narrow has searches do a fiftieth of what they do.
func (s *Store) Narrow() {
	s.bounds = query.Bounds{Walked: Walked, Indexed: 1000, Crowded: 80, Pages: 7, FewLeads: FewLeads, FewRows: 14}
}

// CountPlan returns how SQLite counts the leads of a filter.
func (s *Store) CountPlan(ctx context.Context, filter store.Filter) ([]string, error) {
	text, args, err := query.Counting("", filter)
	if err != nil {
		return nil, err
	}
	return s.Strings(ctx, "EXPLAIN QUERY PLAN "+text, args...)
}

// CountEventsPlan returns how SQLite counts the leads of a filter by event.
func (s *Store) CountEventsPlan(ctx context.Context, filter store.Filter) ([]string, error) {
	text, args, err := query.CountingEvents("", filter)
	if err != nil {
		return nil, err
	}
	return s.Strings(ctx, "EXPLAIN QUERY PLAN "+text, args...)
}

// CountWarningsPlan returns how SQLite counts the warnings of the leads of a filter.
func (s *Store) CountWarningsPlan(ctx context.Context, filter store.Filter) ([]string, error) {
	text, args, err := query.CountingWarnings("", filter)
	if err != nil {
		return nil, err
	}
	return s.Strings(ctx, "EXPLAIN QUERY PLAN "+text, args...)
}

// LockFD returns the descriptor of the lock file.
func (s *Store) LockFD() int { return int(s.files.lock.Fd()) }

// WriteCaptures writes the waiting calls, as a caller does that got the writer slot
// after its own call was written.
func (s *Store) WriteCaptures(ctx context.Context) {
	s.captures.writer <- struct{}{}
	s.captureAll(ctx)
	<-s.captures.writer
}

// RemoveOnly is Forget without clearing the pages: what it did when it relied on
// secure_delete.
func (s *Store) RemoveOnly(ctx context.Context, connection string, lead leadtype.LeadID) error {
	if err := s.remove(ctx, connection, lead, "", false); err != nil {
		return err
	}
	return s.emptyLog(ctx, true)
}

// Changed returns how many pages the next Forget looks at, -1 for all.
func (s *Store) Changed() int {
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	if s.changes.pages.all {
		return -1
	}
	return len(slices.Collect(s.changes.pages.numbers()))
}

// DuringCommit runs do within the next commit, after what is checked before it.
func (s *Store) DuringCommit(ctx context.Context, do func()) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	once := sync.OnceFunc(do)
	return conn.Raw(func(driver any) error {
		driver.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
			once()
			return 0
		})
		return nil
	})
}

// Damage writes text into a column of a lead's row, and into the history's where that
// has outcomes.
func (s *Store) Damage(ctx context.Context, connection string, lead leadtype.LeadID, column, text string) error {
	statements := []string{`UPDATE lead SET ` + column + ` = ?4 WHERE ` + query.Named}
	if column == "outcome" {
		statements = append(statements, `UPDATE history SET outcome = ?4 WHERE outcome <> '' AND lead =
			(SELECT id FROM lead WHERE `+query.Named+`)`)
	}
	for _, statement := range statements {
		if _, err := s.write.ExecContext(ctx, statement, connection, string(lead), lead.Folded(), text); err != nil {
			return err
		}
	}
	return nil
}

// ForgetAlone is Forget without a look at what other leads hold.
func (s *Store) ForgetAlone(ctx context.Context, connection string, lead leadtype.LeadID) error {
	err := s.tx(ctx, "forget", func(tx *multirow.Tx) error {
		f := &forgetting{tx: tx, connection: connection, lead: lead, now: s.now().UnixMicro()}
		if err := f.find(ctx); err != nil {
			return err
		}
		f.records = "[]"
		return f.remove(ctx)
	})
	if err != nil {
		return err
	}
	return s.erase(ctx, true)
}
