// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A captureQueue groups the leads and activities of concurrent callers into one
// commit: the caller that gets the writer slot writes for all that wait.
type captureQueue struct {
	writer  chan struct{} // the slot: holds a value while a caller writes
	mu      sync.Mutex
	waiting []*captureCall
}

// A captureCall is one call of Capture, or of AddActivities.
type captureCall struct {
	connection string
	leads      []store.Captured
	data       []string
	report     store.CaptureReport
	// add is what AddActivities does in the transaction; it captures no leads.
	add  func(ctx context.Context, tx *sql.Tx) error
	err  error
	done chan struct{}
}

// Capture implements leadsync.Store.
func (s *Store) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	p := &captureCall{connection: connection, leads: leads, data: make([]string, len(leads))}
	for i, captured := range leads {
		lead := *captured.Lead
		lead.Strategy = "" // a separate column, which a re-capture does not change
		data, err := json.Marshal(&lead)
		if err != nil {
			return store.CaptureReport{}, fmt.Errorf("sqlite: capture: %w", err)
		}
		p.data[i] = string(data)
	}
	if err := s.commit(ctx, p); err != nil {
		return store.CaptureReport{}, err
	}
	return p.report, nil
}

// commit waits until p is committed, together with the calls of others.
func (s *Store) commit(ctx context.Context, p *captureCall) error {
	if err := ctx.Err(); err != nil {
		return wrap(ctx, "capture", err)
	}
	p.done = make(chan struct{})
	q := &s.captures
	q.mu.Lock()
	q.waiting = append(q.waiting, p)
	q.mu.Unlock()
	select {
	case q.writer <- struct{}{}:
		// Cancelling this caller's context must not fail the calls of others.
		s.captureAll(context.WithoutCancel(ctx))
		<-q.writer
	case <-p.done:
	case <-ctx.Done():
		if q.withdraw(p) {
			return wrap(ctx, "capture", ctx.Err())
		}
	}
	<-p.done
	return p.err
}

// withdraw removes p from the queue. It reports false when p is being written.
func (q *captureQueue) withdraw(p *captureCall) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, p)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// take empties the queue and returns its calls, to be written.
func (q *captureQueue) take() []*captureCall {
	q.mu.Lock()
	defer q.mu.Unlock()
	group := q.waiting
	q.waiting = nil
	return group
}

// captureAll writes the waiting calls in one transaction. If that fails, each call
// is retried in its own transaction, so that only the faulty ones fail. If the
// transaction did not begin, for example because another program locked the file,
// all fail without a retry.
func (s *Store) captureAll(ctx context.Context) {
	var group []*captureCall
	err := s.tx(ctx, "capture", func(tx *sql.Tx) error {
		group = s.captures.take()
		return s.capture(ctx, tx, group)
	})
	begun := err == nil || group != nil
	if !begun {
		group = s.captures.take()
	}
	for _, p := range group {
		p.err = err
		if err != nil && begun && len(group) > 1 {
			p.err = s.tx(ctx, "capture", func(tx *sql.Tx) error { return s.capture(ctx, tx, []*captureCall{p}) })
		}
		close(p.done)
	}
}

// capture writes a group of captures.
func (s *Store) capture(ctx context.Context, tx *sql.Tx, group []*captureCall) error {
	w, err := newCaptureWriter(ctx, tx, micros(s.now()))
	if err != nil {
		return err
	}
	for _, p := range group {
		if p.add != nil {
			if err := p.add(ctx, tx); err != nil {
				return err
			}
		}
		p.report = store.CaptureReport{Strategies: make(map[string][]string)}
		for i, captured := range p.leads {
			if err := w.write(ctx, p, captured, p.data[i]); err != nil {
				return err
			}
		}
	}
	known := make(map[[2]string][]string) // by connection and event
	for _, p := range group {
		if err := p.reportStrategies(ctx, tx, known); err != nil {
			return err
		}
	}
	return nil
}

// reportStrategies fills in the strategies of the leads of each event of the
// capture.
func (p *captureCall) reportStrategies(ctx context.Context, tx *sql.Tx, known map[[2]string][]string) (err error) {
	for _, captured := range p.leads {
		event := captured.Lead.EventID
		key := [2]string{p.connection, event}
		if known[key] == nil {
			if known[key], err = strategies(ctx, tx, p.connection, event); err != nil {
				return err
			}
		}
		p.report.Strategies[event] = slices.Clone(known[key])
	}
	return nil
}

// A captureWriter holds the statements and state shared by one transaction.
type captureWriter struct {
	now                           int64
	find, insert, update, history *sql.Stmt
	last                          map[string]int64 // sequence by connection
	tx                            *sql.Tx
}

// newCaptureWriter prepares the statements, which are closed with the transaction.
func newCaptureWriter(ctx context.Context, tx *sql.Tx, now int64) (*captureWriter, error) {
	w := &captureWriter{now: now, tx: tx, last: make(map[string]int64)}
	for _, s := range []struct {
		into *(*sql.Stmt)
		text string
	}{
		{&w.find, `SELECT id, data, state, generation FROM lead WHERE connection = ? AND lead_id = ?`},
		{&w.insert, `INSERT INTO lead (connection, lead_id, sequence, event, strategy, stage, state, data, since) VALUES ` +
			`(?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&w.update, `UPDATE lead SET event = ?1, data = ?2, attempts = 0, stage = 'pre-sync', retry_at = 0, since = ?5,
			state = iif(state = 'in-flight', state, ?3), next_state = iif(state = 'in-flight', ?3, '') WHERE id = ?4`},
		{&w.history, insertHistory},
	} {
		var err error
		if *s.into, err = tx.PrepareContext(ctx, s.text); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// write captures one lead.
func (w *captureWriter) write(ctx context.Context, p *captureCall, captured store.Captured, data string) error {
	var id, generation int64
	var stored string
	var state store.State
	err := w.find.QueryRowContext(ctx, p.connection, string(captured.Lead.ID)).Scan(&id, &stored, &state, &generation)
	change := store.StepReplaced
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if id, err = w.add(ctx, p.connection, captured, data); err != nil {
			return err
		}
		p.report.New++
		change = store.StepCaptured
	case err != nil:
		return err
	case stored == data && (state != store.StateWaiting || captured.State == store.StateWaiting):
		p.report.Same++
		return nil
	default:
		if _, err := w.update.ExecContext(ctx, captured.Lead.EventID, data, string(captured.State), id, w.now); err != nil {
			return err
		}
		p.report.Replaced++
	}
	_, err = w.history.ExecContext(ctx, id, w.now, string(change), string(leadtype.PreSync), string(captured.State),
		generation, "", "", "")
	return err
}

// add inserts a new lead and returns its row.
func (w *captureWriter) add(ctx context.Context, connection string, captured store.Captured,
	data string) (int64, error) {
	if _, ok := w.last[connection]; !ok {
		var last int64
		err := w.tx.QueryRowContext(ctx, `SELECT max(
			coalesce((SELECT max(sequence) FROM lead WHERE connection = ?1), 0),
			coalesce((SELECT sequence FROM forgotten WHERE connection = ?1), 0))`, connection).Scan(&last)
		if err != nil {
			return 0, err
		}
		w.last[connection] = last
	}
	w.last[connection]++
	lead := captured.Lead
	result, err := w.insert.ExecContext(ctx, connection, string(lead.ID), w.last[connection], lead.EventID, lead.Strategy,
		string(leadtype.PreSync), string(captured.State), data, w.now)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// strategies returns the strategies of an event's leads. Each is found by one seek in
// the index, however many leads there are.
func strategies(ctx context.Context, tx *sql.Tx, connection, event string) ([]string, error) {
	return column[string](ctx, tx, `WITH RECURSIVE found (strategy) AS (
			SELECT min(strategy) FROM lead WHERE connection = ?1 AND event = ?2
			UNION ALL
			SELECT (SELECT min(strategy) FROM lead WHERE connection = ?1 AND event = ?2 AND strategy > found.strategy)
			FROM found WHERE found.strategy IS NOT NULL)
		SELECT strategy FROM found WHERE strategy IS NOT NULL`, connection, event)
}
