// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
	"github.com/leadsync/leadsync/store/sqlite/internal/tally"
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
	add  func(ctx context.Context, tx *multirow.Tx) error
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
	err := s.tx(ctx, "capture", func(tx *multirow.Tx) error {
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
			p.err = s.tx(ctx, "capture", func(tx *multirow.Tx) error { return s.capture(ctx, tx, []*captureCall{p}) })
		}
		close(p.done)
	}
}

// capture writes a group of captures.
func (s *Store) capture(ctx context.Context, tx *multirow.Tx, group []*captureCall) error {
	w, err := s.newCaptureWriter(ctx, tx, group)
	if err != nil {
		return err
	}
	for _, p := range group {
		if p.add != nil {
			if err := w.flush(ctx); err != nil {
				return err
			}
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
	if err := w.flush(ctx); err != nil {
		return err
	}
	if err := forgetSeparators(ctx, tx, w.replaced.String()); err != nil {
		return err
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
func (p *captureCall) reportStrategies(ctx context.Context, tx *multirow.Tx, known map[[2]string][]string) (err error) {
	for _, captured := range p.leads {
		event := captured.Lead.EventID
		if _, reported := p.report.Strategies[event]; reported {
			continue
		}
		key := [2]string{p.connection, event}
		if known[key] == nil {
			if known[key], err = column[string](ctx, tx, strategiesOf, p.connection, event); err != nil {
				return err
			}
		}
		p.report.Strategies[event] = slices.Clone(known[key])
	}
	return nil
}

// strategiesOf finds the strategies of an event's leads.
const strategiesOf = `SELECT DISTINCT strategy FROM tally WHERE connection = ? AND event = ? ORDER BY strategy`

// A leadRow is what a capture reads of a lead that the store has.
type leadRow struct {
	leadKey
	stored.Row
	generation int64
}

const (
	findLead = `SELECT id, sequence, data, activities, state, retry_at, next_state, next_at, generation, cause
		FROM lead WHERE ` + query.Named
	updateCaptured = `UPDATE lead SET event = ?1, data = ?2, activities = ?6, attempts = 0, stage = 'pre-sync',
		waited = 0, since = ?5, gathers = ?3 = 'queued' AND ?7 > 0,
		retry_at = iif(state = 'in-flight', 0, ?7), next_at = iif(state = 'in-flight', ?7, 0),
		state = iif(state = 'in-flight', state, ?3), next_state = iif(state = 'in-flight', ?3, '') WHERE id = ?4`
)

func (w *captureWriter) row(ctx context.Context, connection string, lead leadtype.LeadID) (leadRow, error) {
	var r leadRow
	var next store.State
	var dueAt, nextAt int64
	err := w.tx.QueryRow(ctx, findLead, connection, string(lead), lead.Folded()).Scan(&r.id, &r.sequence,
		unpacked{&r.Data}, &r.Activities, &r.State, &dueAt, &next, &nextAt, &r.generation, &r.Cause)
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
	known := w.known[p.connection]
	if !known.ids[captured.Lead.ID] {
		folded := captured.Lead.ID.Folded()
		if other, alike := known.alike[folded]; alike {
			p.refuseAlike(i, other)
			return nil
		}
		p.report.New++
		known.ids[captured.Lead.ID], known.alike[folded] = true, captured.Lead.ID
		return w.add(ctx, p.connection, known, captured, folded, data)
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	row, err := w.row(ctx, p.connection, captured.Lead.ID)
	if err != nil {
		return err
	}
	if row.Same(data, captured.State) {
		p.report.Same++
		return nil
	}
	return w.merge(ctx, p, i, &row)
}

// refuseAlike refuses a new lead whose id is that of another one when both are folded.
func (p *captureCall) refuseAlike(i int, other leadtype.LeadID) {
	if p.report.Alike == nil {
		p.report.Alike = make(map[int]leadtype.LeadID)
	}
	p.report.Alike[i] = other
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
	_, err := w.tx.Exec(ctx, updateCaptured, to.Lead.EventID, packed.Pack(to.Data), string(to.State), row.id,
		stored.Micros(w.now), to.Activities, stored.Micros(to.DueAt))
	if err != nil {
		return err
	}
	if err := tally.Recount(ctx, w.tx, `SELECT ?`, row.id); err != nil {
		return err
	}
	if err := w.replaceWords(ctx, row.id, query.Words(connection, to.Lead)); err != nil {
		return err
	}
	_, err = w.tx.Exec(ctx, insertHistory, row.id, stored.Micros(w.now), string(store.StepReplaced),
		string(leadtype.PreSync), string(to.State), row.generation, "", "", "", "")
	return err
}
