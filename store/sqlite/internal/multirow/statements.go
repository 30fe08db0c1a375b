// SPDX-License-Identifier: Apache-2.0

package multirow

import (
	"context"
	"database/sql"
	"sync"
)

// most is how many statements are kept prepared: some are of any number of rows.
const most = 64

// Statements are those of the writer that are used often, prepared once, by their text. The zero
// Statements are ready for use.
type Statements struct {
	mu       sync.Mutex
	prepared map[string]*sql.Stmt // nil where a transaction has asked for it

	last   *sql.Tx              // the transaction that asked last
	lastly map[string]*sql.Stmt // what was prepared in it
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
	s.last, s.lastly = nil, nil
	var texts []string
	for text, statement := range s.prepared {
		if statement == nil {
			texts = append(texts, text)
		}
	}
	return texts
}

// In returns a statement for a transaction, with which it is closed. It is prepared once in it, and
// the next transactions have it prepared.
func (s *Statements) In(ctx context.Context, tx *sql.Tx, text string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if statement := s.prepared[text]; statement != nil {
		return tx.StmtContext(ctx, statement), nil
	}
	if s.prepared == nil {
		s.prepared = make(map[string]*sql.Stmt)
	}
	if len(s.prepared) < most {
		s.prepared[text] = nil
	}
	if s.last != tx {
		s.last, s.lastly = tx, make(map[string]*sql.Stmt)
	}
	if statement := s.lastly[text]; statement != nil {
		return statement, nil
	}
	statement, err := tx.PrepareContext(ctx, text)
	if err == nil {
		s.lastly[text] = statement
	}
	return statement, err
}

// Chunk is how many texts one statement looks for.
const Chunk = 100

// InChunks calls do with texts, as many at a time as a statement looks for.
func InChunks[T ~string](texts []T, do func(chunk []any) error) error {
	chunk := make([]any, 0, min(len(texts), Chunk))
	for i, text := range texts {
		chunk = append(chunk, string(text))
		if len(chunk) < cap(chunk) && i < len(texts)-1 {
			continue
		}
		if err := do(chunk); err != nil {
			return err
		}
		chunk = chunk[:0]
	}
	return nil
}
