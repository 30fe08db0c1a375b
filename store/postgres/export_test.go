// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
)

// Access to internals for tests.

const SchemaVersion = schemaVersion

// SetClock replaces the database's clock. It is called before the store is used.
func (s *Store) SetClock(now func() time.Time) { s.clock = now }

// Damage writes text into a column of a lead's row, and into the history's where that has
// outcomes. U+0000, which a column cannot hold, becomes another control character.
func (s *Store) Damage(ctx context.Context, connection string, lead leadtype.LeadID, column, text string) error {
	text = strings.ReplaceAll(text, "\x00", "\x01")
	return s.tx(ctx, "damage", connection, lockConnection, func(ctx context.Context, t *transaction) error {
		err := t.exec(ctx, `UPDATE leadsync.lead SET `+column+` = $3 WHERE connection = $1 AND lead_id = $2`,
			t.id, escape(lead), text)
		if err != nil || column != "outcome" {
			return err
		}
		return t.exec(ctx, `UPDATE leadsync.history SET outcome = $3 WHERE connection = $1 AND outcome <> ''
			AND sequence = (SELECT sequence FROM leadsync.lead WHERE connection = $1 AND lead_id = $2)`,
			t.id, escape(lead), text)
	})
}

// Strings returns the only column of a query, whose statement names the default schema.
func (s *Store) Strings(ctx context.Context, statement string, args ...any) ([]string, error) {
	rows, err := s.pool.Query(ctx, s.sql(statement), args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Rewrite has the store change each of its statements, for tests of tests.
func (s *Store) Rewrite(rewrite func(statement string) string) { s.rewrite = rewrite }

// Prefix returns the schema's quoted name with the dot after it.
func (s *Store) Prefix() string { return s.schema }

func Escape(text string) string { return escape(text) }

func Unescape(text string) (string, error) { return unescape(text) }

// InUse returns how many connections have a queue of captures.
func (s *Store) InUse() int {
	s.captures.mu.Lock()
	defer s.captures.mu.Unlock()
	return len(s.captures.of)
}

// Waiting returns how many captures of a connection wait for one that is being written.
func (s *Store) Waiting(connection string) int {
	s.captures.mu.Lock()
	defer s.captures.mu.Unlock()
	if q := s.captures.of[connection]; q != nil {
		return len(q.waiting)
	}
	return 0
}

// The bounds of a search.
const (
	Walked  = walked
	FewRows = fewRows
)
