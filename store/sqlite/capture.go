// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
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
	now := s.now()
	for i, captured := range leads {
		lead := store.Dated(captured.Lead, now)
		var err error
		if p.data[i], err = stored.EncodeLead(lead); err != nil {
			return store.CaptureReport{}, fmt.Errorf("sqlite: capture: %w", err)
		}
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
	w, err := newCaptureWriter(ctx, tx, s.now())
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
			refused, err := w.suppressed(ctx, p.connection, captured.Lead)
			if refused {
				p.report.Suppressed++
				p.report.SuppressedAt = append(p.report.SuppressedAt, i)
			} else if err == nil {
				err = w.write(ctx, p, i)
			}
			if err != nil {
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
	now                                   time.Time
	find, folded, insert, update, history *sql.Stmt
	last                                  map[string]int64 // sequence by connection
	suppressors                           map[string]*store.Suppressor
	tx                                    *sql.Tx
	search                                *searchWriter
}

// newCaptureWriter prepares the statements, which are closed with the transaction.
func newCaptureWriter(ctx context.Context, tx *sql.Tx, now time.Time) (*captureWriter, error) {
	w := &captureWriter{now: now, tx: tx, search: &searchWriter{tx: tx}, last: make(map[string]int64),
		suppressors: make(map[string]*store.Suppressor)}
	for _, s := range []struct {
		into *(*sql.Stmt)
		text string
	}{
		{&w.find, `SELECT id, sequence, words, data, activities, state, retry_at, next_state, next_at, generation, cause
			FROM lead WHERE connection = ? AND lead_id = ?`},
		{&w.folded, `SELECT lead_id FROM lead WHERE connection = ?1 AND lead_id = ?2 UNION ALL
			SELECT lead_id FROM lead WHERE connection = ?1 AND folded = ?2 AND folded <> '' LIMIT 1`},
		{&w.insert, `INSERT INTO lead
			(connection, lead_id, sequence, event, strategy, stage, state, data, since, retry_at, folded, gathers, words)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?7 = 'queued' AND ?10 > 0, ?13
			WHERE NOT EXISTS (SELECT 1 FROM lead WHERE connection = ?1 AND lead_id = ?12)
			AND NOT EXISTS (SELECT 1 FROM lead WHERE connection = ?1 AND folded = ?12 AND folded <> '')`},
		{&w.update, `UPDATE lead SET event = ?1, data = ?2, activities = ?6, attempts = 0, stage = 'pre-sync', waited = 0,
			words = ?8, since = ?5, gathers = ?3 = 'queued' AND ?7 > 0,
			retry_at = iif(state = 'in-flight', 0, ?7), next_at = iif(state = 'in-flight', ?7, 0),
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

// suppressed reports whether a captured lead is to be refused.
func (w *captureWriter) suppressed(ctx context.Context, connection string, lead *leadtype.Lead) (bool, error) {
	hashes, known := w.suppressors[connection]
	if !known {
		var err error
		if hashes, err = suppressorOf(ctx, w.tx, connection); err != nil {
			return false, err
		}
		w.suppressors[connection] = hashes
	}
	if hashes == nil {
		return false, nil
	}
	return suppresses(ctx, w.tx, connection, hashes, lead)
}

// A leadRow is what a capture reads of a lead that the store has.
type leadRow struct {
	leadKey
	stored.Row
	generation int64
	words      string
}

func (w *captureWriter) row(ctx context.Context, connection string, lead leadtype.LeadID) (leadRow, error) {
	var r leadRow
	var next store.State
	var dueAt, nextAt int64
	err := w.find.QueryRowContext(ctx, connection, string(lead)).Scan(&r.id, &r.sequence, &r.words, &r.Data,
		&r.Activities, &r.State, &dueAt, &next, &nextAt, &r.generation, &r.Cause)
	r.InFlight = r.State == store.StateInFlight
	if r.InFlight {
		r.State, dueAt = next, nextAt
	}
	r.DueAt = stored.FromMicros(dueAt)
	return r, err
}

// write captures one lead of a call.
func (w *captureWriter) write(ctx context.Context, p *captureCall, i int) error {
	captured, data := p.leads[i], p.data[i]
	row, err := w.row(ctx, p.connection, captured.Lead.ID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if row.id, err = w.add(ctx, p.connection, captured, data); err != nil {
			return err
		}
		if row.id == 0 {
			return w.refuseAlike(ctx, p, i)
		}
		p.report.New++
		return w.note(ctx, &row, store.StepCaptured, captured.State)
	case err != nil:
		return err
	case row.Same(data, captured.State):
		p.report.Same++
		return nil
	}
	return w.merge(ctx, p, i, &row)
}

// refuseAlike refuses a new lead whose id is that of another one when both are folded.
func (w *captureWriter) refuseAlike(ctx context.Context, p *captureCall, i int) error {
	var other leadtype.LeadID
	if err := w.folded.QueryRowContext(ctx, p.connection, p.leads[i].Lead.ID.Folded()).Scan(&other); err != nil {
		return err
	}
	if p.report.Alike == nil {
		p.report.Alike = make(map[int]leadtype.LeadID)
	}
	p.report.Alike[i] = other
	return nil
}

// merge captures a lead that the store has with other data.
func (w *captureWriter) merge(ctx context.Context, p *captureCall, i int, row *leadRow) error {
	to, err := row.Capture(p.leads[i], w.now)
	if err == nil && to.Changed {
		err = w.replace(ctx, p.connection, row, &to)
	}
	to.Count(&p.report, i)
	return err
}

func (w *captureWriter) replace(ctx context.Context, connection string, row *leadRow, to *stored.Recapture) error {
	words, err := encodeTerms(stored.Words(to.Lead))
	if err != nil {
		return err
	}
	_, err = w.update.ExecContext(ctx, to.Lead.EventID, to.Data, string(to.State), row.id, stored.Micros(w.now),
		to.Activities, stored.Micros(to.DueAt), words)
	if err != nil {
		return err
	}
	if err := w.search.replace(ctx, connection, row.sequence, row.words, words); err != nil {
		return err
	}
	return w.note(ctx, row, store.StepReplaced, to.State)
}

// note enters a capture into the lead's history.
func (w *captureWriter) note(ctx context.Context, row *leadRow, change store.StepKind, state store.State) error {
	_, err := w.history.ExecContext(ctx, row.id, stored.Micros(w.now), string(change), string(leadtype.PreSync),
		string(state), row.generation, "", "", "", "")
	return err
}

// add inserts a new lead and returns its row: 0 when there is one whose id is alike.
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
	lead := captured.Lead
	words, err := encodeTerms(stored.Words(lead))
	if err != nil {
		return 0, err
	}
	result, err := w.insert.ExecContext(ctx, connection, string(lead.ID), w.last[connection]+1, lead.EventID,
		lead.Strategy, string(leadtype.PreSync), string(captured.State), data, stored.Micros(w.now),
		stored.Micros(captured.Due()), stored.FoldedID(lead.ID), lead.ID.Folded(), words)
	if err != nil {
		return 0, err
	}
	if rows, err := result.RowsAffected(); err != nil || rows == 0 {
		return 0, err
	}
	w.last[connection]++
	if err := w.search.replace(ctx, connection, w.last[connection], noTerms, words); err != nil {
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
