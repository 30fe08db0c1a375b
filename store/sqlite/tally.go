// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A tallyKey is what leads are counted by.
type tallyKey struct {
	connection, event, strategy string
	stage                       leadtype.Stage
	state                       store.State
	action, code, cause         string
}

// tallies count the leads that statements write with another tally; recount counts those that were
// written with the one that they had. They belong to statements between which nothing is recounted.
type tallies struct {
	tx   *sql.Tx
	ids  map[tallyKey]int64
	keys map[int64]tallyKey
	more map[int64]int
}

func newTallies(tx *sql.Tx) *tallies {
	return &tallies{tx, make(map[tallyKey]int64), make(map[int64]tallyKey), make(map[int64]int)}
}

// of returns the row that counts leads of a key, which it makes where there is none.
func (t *tallies) of(ctx context.Context, key tallyKey) (int64, error) {
	if id, known := t.ids[key]; known {
		return id, nil
	}
	var id int64
	err := t.tx.QueryRowContext(ctx, `INSERT INTO tally (connection, event, strategy, stage, state, action, code, cause,
			leads) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO UPDATE SET leads = leads RETURNING id`,
		key.connection, key.event, key.strategy, string(key.stage), string(key.state), key.action, key.code, key.cause).
		Scan(&id)
	t.ids[key], t.keys[id] = id, key
	return id, err
}

// key returns what a row counts.
func (t *tallies) key(ctx context.Context, id int64) (tallyKey, error) {
	if key, known := t.keys[id]; known {
		return key, nil
	}
	var key tallyKey
	err := t.tx.QueryRowContext(ctx, `SELECT connection, event, strategy, stage, state, action, code, cause
		FROM tally WHERE id = ?`, id).Scan(&key.connection, &key.event, &key.strategy, &key.stage, &key.state,
		&key.action, &key.code, &key.cause)
	t.ids[key], t.keys[id] = id, key
	return key, err
}

// move counts leads by another row.
func (t *tallies) move(from, to int64, leads int) {
	t.more[from] -= leads
	t.more[to] += leads
}

// write writes the counts.
func (t *tallies) write(ctx context.Context) error {
	for id, more := range t.more {
		if _, err := t.tx.ExecContext(ctx, `UPDATE tally SET leads = leads + ? WHERE id = ?`, more, id); err != nil {
			return err
		}
	}
	if _, err := t.tx.ExecContext(ctx, dropEmpty); err != nil {
		return err
	}
	clear(t.ids)
	clear(t.keys)
	clear(t.more)
	return nil
}

// recount counts leads by what they are now: those that were changed, by a query for their row ids.
func recount(ctx context.Context, tx *sql.Tx, ids string, args ...any) error {
	for _, statement := range []string{
		`INSERT INTO tally (connection, event, strategy, stage, state, action, code, cause, leads)
			SELECT DISTINCT connection, event, strategy, stage, state, action, code, cause, 0 FROM lead
			WHERE id IN (` + ids + `) ON CONFLICT DO NOTHING`,
		uncounted(ids),
		`UPDATE lead SET tally = (SELECT id FROM tally WHERE tally.connection = lead.connection
			AND tally.event = lead.event AND tally.strategy = lead.strategy AND tally.stage = lead.stage
			AND tally.state = lead.state AND tally.action = lead.action AND tally.code = lead.code
			AND tally.cause = lead.cause) WHERE id IN (` + ids + `)`,
		`UPDATE tally SET leads = leads + n FROM (SELECT tally AS own, count(*) AS n FROM lead
			WHERE id IN (` + ids + `) GROUP BY tally) WHERE id = own`,
	} {
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, dropEmpty)
	return err
}

// uncounted takes leads out of the count.
func uncounted(ids string) string {
	return `UPDATE tally SET leads = leads - n FROM (SELECT tally AS own, count(*) AS n FROM lead
		WHERE id IN (` + ids + `) GROUP BY tally) WHERE id = own`
}

// dropEmpty removes what counts no leads.
const dropEmpty = `DELETE FROM tally WHERE leads = 0`
