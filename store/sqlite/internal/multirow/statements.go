// SPDX-License-Identifier: Apache-2.0

package multirow

import (
	"context"
	"database/sql"
	"sync"
)

// most is how many statements are kept prepared: some are of any number of rows.
const most = 96

// Statements are those of the writer that are used often, prepared once, by their text. The zero
// Statements are ready for use.
type Statements struct {
	mu       sync.Mutex
	prepared map[string]*sql.Stmt // nil where a transaction has asked for it
}

// Prepare prepares what transactions have asked for. It must not be called in one: it needs the
// writer's connection.
func (s *Statements) Prepare(ctx context.Context, db *sql.DB) error {
	for _, text := range s.wanted() {
		statement, err := db.PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		s.mu.Lock()
		before := s.prepared[text]
		s.prepared[text] = statement // closed with the database
		s.mu.Unlock()
		if before != nil {
			if err := before.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}

// wanted returns the texts of those that are not prepared yet.
func (s *Statements) wanted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for text, statement := range s.prepared {
		if statement == nil {
			texts = append(texts, text)
		}
	}
	return texts
}

// Begin returns a transaction whose statements are prepared once.
func (s *Statements) Begin(tx *sql.Tx) *Tx {
	return &Tx{Tx: tx, statements: s, prepared: make(map[string]*sql.Stmt)}
}

// A Tx is a transaction of the writer. Its methods without Context are for statements that are often
// used: they are prepared once in a transaction, and the next ones have them prepared. Such a statement is
// short: a context that ends rolls the transaction back after it, but does not interrupt it, because the
// driver watches a context for each call and looks at it for each row.
type Tx struct {
	*sql.Tx
	statements *Statements
	prepared   map[string]*sql.Stmt
}

// Exec is ExecContext.
func (t *Tx) Exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	statement, err := t.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	return statement.ExecContext(context.WithoutCancel(ctx), args...)
}

// Query is QueryContext.
func (t *Tx) Query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	statement, err := t.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(context.WithoutCancel(ctx), args...)
}

// QueryRow is QueryRowContext.
func (t *Tx) QueryRow(ctx context.Context, text string, args ...any) *sql.Row {
	statement, err := t.statement(ctx, text)
	if err != nil {
		return t.QueryRowContext(ctx, text, args...) // which says what is wrong
	}
	return statement.QueryRowContext(context.WithoutCancel(ctx), args...)
}

// statement returns a statement that is closed with the transaction.
func (t *Tx) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if statement := t.prepared[text]; statement != nil {
		return statement, nil
	}
	statement, there := t.statements.of(text)
	if there {
		statement = t.StmtContext(ctx, statement)
	} else {
		var err error
		if statement, err = t.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
		t.statements.ask(text)
	}
	t.prepared[text] = statement
	return statement, nil
}

// of returns a statement that is prepared already.
func (s *Statements) of(text string) (statement *sql.Stmt, there bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	statement = s.prepared[text]
	return statement, statement != nil
}

// ask asks for a statement for the next transactions.
func (s *Statements) ask(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prepared == nil {
		s.prepared = make(map[string]*sql.Stmt)
	}
	if _, asked := s.prepared[text]; !asked && len(s.prepared) < most {
		s.prepared[text] = nil
	}
}
