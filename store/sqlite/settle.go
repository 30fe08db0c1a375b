// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"encoding/json"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
	"github.com/leadsync/leadsync/store/sqlite/internal/tally"
)

var (
	// settleLeads writes what leads are after their claims, much of it as they are counted. Null values
	// leave a column unchanged. OR FAIL spares SQLite a journal to undo the statement alone, which it would keep for
	// a function such as max.
	settleLeads = multirow.Statement{Before: `
		UPDATE OR FAIL lead SET stage = tally.stage, state = tally.state, retry_at = v.column3,
		next_state = '', next_at = 0, waited = iif(v.column4 IS NULL, waited, 0), outcome = coalesce(v.column4, outcome),
		code = tally.code, action = tally.action, cause = tally.cause,
		terms = coalesce(v.column5, terms), attempts = iif(attempts > v.column6, attempts - v.column6, 0),
		intents = v.column7, since = coalesce(v.column8, since),
		held_since = iif(held_since = 0, v.column9, held_since), tally = tally.id
		FROM (VALUES `, After: `) AS v CROSS JOIN tally ON tally.id = v.column2 WHERE lead.id = v.column1`, Columns: 9}
	insertSteps = multirow.Statement{Before: `
		INSERT OR FAIL INTO history (lead, at, change, stage, state, generation, action, code, outcome)
		SELECT v.column1, ?1, v.column3, stage, state, v.column4, iif(v.column5 = '', '', action),
			iif(v.column5 = '', '', code), v.column5
		FROM (VALUES `, After: `) AS v CROSS JOIN tally ON tally.id = v.column2`, Columns: 5}
)

// Settle implements leadsync.Store.
func (s *Store) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	var stale []leadtype.LeadID
	err := s.tx(ctx, "settle", func(tx *multirow.Tx) error {
		if _, err := held(ctx, tx, lease); err != nil {
			return err
		}
		w, err := s.newSettleWriter(ctx, tx, lease.Connection, settlements)
		if err != nil {
			return err
		}
		var records []leadtype.RecordMemory
		for _, settlement := range settlements {
			done, err := w.settle(ctx, settlement)
			if err != nil {
				return err
			}
			if !done {
				stale = append(stale, settlement.LeadID)
				continue
			}
			records = append(records, settlement.Records...)
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		return remember(ctx, tx, lease.Connection, records)
	})
	if err != nil {
		return nil, err
	}
	return stale, nil
}

// A settleWriter settles leads, many with each statement.
type settleWriter struct {
	connection          string
	now                 int64
	claims              map[claimKey]claimRow
	tallies             *tally.Tallies
	leads, steps, terms multirow.Writer
	outcomes            *outcomeWriter
}

// A claimKey is one claim of a lead.
type claimKey struct {
	lead       leadtype.LeadID
	generation int64
}

// A claimRow is what settling reads of a lead in flight.
type claimRow struct {
	leadKey
	next   store.State
	nextAt int64
	tally  int64
	before outcomeText
}

// newSettleWriter reads the leads that are in flight.
func (s *Store) newSettleWriter(ctx context.Context, tx *multirow.Tx, connection string,
	settlements []store.Settlement) (*settleWriter, error) {
	rows := func(text multirow.Statement, shared ...any) multirow.Writer {
		return multirow.Writer{Tx: tx, Statement: text, Shared: shared}
	}
	now := stored.Micros(s.now())
	w := &settleWriter{connection: connection, now: now, tallies: tally.New(tx),
		claims: make(map[claimKey]claimRow, len(settlements)), leads: rows(settleLeads), steps: rows(insertSteps, now),
		terms: rows(insertTerms, connection), outcomes: newOutcomeWriter(tx, connection)}
	ids := make([]leadtype.LeadID, len(settlements))
	for i, settlement := range settlements {
		ids[i] = settlement.LeadID
	}
	keys, err := query.Keys(ids, s.unfolded)
	if err != nil {
		return nil, err
	}
	return w, w.read(ctx, tx, keys)
}

// claimsOf finds those of some leads that are in flight, by query.Keys.
const claimsOf = `SELECT ` + query.ID + `, generation, id, sequence, next_state, next_at, tally, outcome, terms
	FROM lead WHERE connection = ? AND lead_id IN (SELECT value FROM json_each(?)) AND state = 'in-flight'`

// read reads those of some leads that are in flight.
func (w *settleWriter) read(ctx context.Context, tx *multirow.Tx, keys string) error {
	rows, err := tx.Query(ctx, claimsOf, w.connection, keys)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key claimKey
		var row claimRow
		if err := rows.Scan(&key.lead, &key.generation, &row.id, &row.sequence, &row.next, &row.nextAt, &row.tally,
			unpacked{&row.before.whole}, &row.before.terms); err != nil {
			return err
		}
		w.claims[key] = row
	}
	return rows.Err()
}

// settle settles one lead. It reports false when the claim is stale.
func (w *settleWriter) settle(ctx context.Context, settlement store.Settlement) (bool, error) {
	claim := claimKey{settlement.LeadID, settlement.Generation}
	row, there := w.claims[claim]
	if !there {
		return false, nil
	}
	delete(w.claims, claim) // another settlement of the claim is stale
	to, err := stored.NewTarget(settlement)
	if err != nil {
		return false, err
	}
	since := any(nil)
	if row.next != "" {
		to.Stage, to.State, to.RetryAt = leadtype.PreSync, row.next, row.nextAt
	} else if to.Stage != leadtype.PreSync {
		since = w.now
	}
	encoded, err := encodedOf(to.Outcome)
	if err != nil {
		return false, err
	}
	counted, event, err := w.count(ctx, row.tally, &to)
	row.event = event
	if err != nil {
		return false, err
	}
	free, held := 0, int64(0)
	if settlement.Free {
		free = 1
	}
	if to.Given && settlement.Outcome.Expires() {
		held = w.now
	}
	err = w.leads.Add(ctx, row.id, counted, to.RetryAt, encoded.outcome, encoded.terms, free, packed.Pack(to.Intents),
		since, held)
	if err != nil {
		return false, err
	}
	if to.Given {
		if err := w.note(ctx, &row, settlement.Outcome, &to, encoded.terms.String); err != nil {
			return false, err
		}
	}
	return true, w.steps.Add(ctx, row.id, counted, string(to.Change), settlement.Generation, encoded.step)
}

// count counts a lead by what it is after its claim. It returns its event too.
func (w *settleWriter) count(ctx context.Context, from int64, to *stored.Target) (counted int64, event string,
	err error) {
	key, err := w.tallies.Key(ctx, from)
	if err != nil {
		return 0, "", err
	}
	key.Stage, key.State = to.Stage, to.State
	if to.Given {
		key.Action, key.Code, key.Cause = to.Action, to.Code, to.Cause
	}
	counted, err = w.tallies.Of(ctx, key)
	w.tallies.Move(from, counted, 1)
	return counted, key.Event, err
}

// note notes what the outcome holds that is the last one of a lead now.
func (w *settleWriter) note(ctx context.Context, row *claimRow, outcome *leadtype.Outcome, to *stored.Target,
	terms string) error {
	if row.before.terms != noTerms && json.Unmarshal([]byte(row.before.terms), new([]string)) != nil {
		// They are made again from the row.
		if err := w.leads.Flush(ctx); err != nil {
			return err
		}
	}
	if row.before.whole != "" || row.before.terms != noTerms {
		return w.outcomes.note(ctx, row.leadKey, outcome, row.before, terms)
	}
	w.outcomes.search.count(w.connection, row.event, to.Terms, 1)
	for _, term := range to.Terms {
		if err := w.terms.Add(ctx, term, row.sequence); err != nil {
			return err
		}
	}
	return w.outcomes.addImages(ctx, row.id, outcome)
}

// flush writes what is left.
func (w *settleWriter) flush(ctx context.Context) error {
	for _, rows := range []*multirow.Writer{&w.leads, &w.steps, &w.terms} {
		if err := rows.Flush(ctx); err != nil {
			return err
		}
	}
	if err := w.outcomes.finish(ctx); err != nil {
		return err
	}
	return w.tallies.Write(ctx)
}
