// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"context"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

// A Key is what leads are counted by.
type Key struct {
	Connection, Event, Strategy string
	Stage                       leadtype.Stage
	State                       store.State
	Action, Code, Cause         string
}

// Tallies count the leads that statements write with another tally; Recount counts those that were
// written with the one that they had. They belong to statements between which nothing is recounted.
type Tallies struct {
	tx   *multirow.Tx
	ids  map[Key]int64
	keys map[int64]Key
	more map[int64]int
}

// New returns Tallies of a transaction.
func New(tx *multirow.Tx) *Tallies {
	return &Tallies{tx, make(map[Key]int64), make(map[int64]Key), make(map[int64]int)}
}

// Of returns the row that counts leads of a key, which it makes where there is none.
func (t *Tallies) Of(ctx context.Context, key Key) (int64, error) {
	if id, known := t.ids[key]; known {
		return id, nil
	}
	var id int64
	err := t.tx.QueryRow(ctx, `INSERT INTO tally (connection, event, strategy, stage, state, action, code, cause,
			leads) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO UPDATE SET leads = leads RETURNING id`,
		key.Connection, key.Event, key.Strategy, string(key.Stage), string(key.State), key.Action, key.Code, key.Cause).
		Scan(&id)
	t.ids[key], t.keys[id] = id, key
	return id, err
}

// Key returns what a row counts.
func (t *Tallies) Key(ctx context.Context, id int64) (Key, error) {
	if key, known := t.keys[id]; known {
		return key, nil
	}
	var key Key
	err := t.tx.QueryRow(ctx, `SELECT connection, event, strategy, stage, state, action, code, cause
		FROM tally WHERE id = ?`, id).Scan(&key.Connection, &key.Event, &key.Strategy, &key.Stage, &key.State,
		&key.Action, &key.Code, &key.Cause)
	t.ids[key], t.keys[id] = id, key
	return key, err
}

// Add counts a lead that is new.
func (t *Tallies) Add(id int64) { t.more[id]++ }

// Move counts leads by another row.
func (t *Tallies) Move(from, to int64, leads int) {
	t.more[from] -= leads
	t.more[to] += leads
}

// Write writes the counts.
func (t *Tallies) Write(ctx context.Context) error {
	for id, more := range t.more {
		if _, err := t.tx.Exec(ctx, `UPDATE tally SET leads = leads + ? WHERE id = ?`, more, id); err != nil {
			return err
		}
	}
	if _, err := t.tx.Exec(ctx, DropEmpty); err != nil {
		return err
	}
	clear(t.ids)
	clear(t.keys)
	clear(t.more)
	return nil
}

// Recount counts leads by what they are now: those that were changed, by a query for their row ids.
func Recount(ctx context.Context, tx *multirow.Tx, ids string, args ...any) error {
	for _, statement := range []string{
		`INSERT INTO tally (connection, event, strategy, stage, state, action, code, cause, leads)
			SELECT DISTINCT connection, event, strategy, stage, state, action, code, cause, 0 FROM lead
			WHERE id IN (` + ids + `) ON CONFLICT DO NOTHING`,
		Uncounted(ids),
		`UPDATE lead SET tally = (SELECT id FROM tally WHERE tally.connection = lead.connection
			AND tally.event = lead.event AND tally.strategy = lead.strategy AND tally.stage = lead.stage
			AND tally.state = lead.state AND tally.action = lead.action AND tally.code = lead.code
			AND tally.cause = lead.cause) WHERE id IN (` + ids + `)`,
		`UPDATE tally SET leads = leads + n FROM (SELECT tally AS own, count(*) AS n FROM lead
			WHERE id IN (` + ids + `) GROUP BY tally) WHERE id = own`,
	} {
		if _, err := tx.Exec(ctx, statement, args...); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, DropEmpty)
	return err
}

// Uncounted takes leads out of the count.
func Uncounted(ids string) string {
	return `UPDATE tally SET leads = leads - n FROM (SELECT tally AS own, count(*) AS n FROM lead
		WHERE id IN (` + ids + `) GROUP BY tally) WHERE id = own`
}

// DropEmpty removes what counts no leads.
const DropEmpty = `DELETE FROM tally WHERE leads = 0`
