// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
	"github.com/leadsync/leadsync/store/sqlite/internal/tally"
)

// A captureWriter holds what the captures of one transaction share.
type captureWriter struct {
	now         time.Time
	tx          *multirow.Tx
	unfolded    bool                   // see query.Keys
	known       map[string]*knownLeads // by connection
	suppressors map[string]*store.Suppressor

	tallies       *tally.Tallies
	leads         multirow.Writer
	words         []string        // of the new leads
	replaced      strings.Builder // words that leads had before, with a space after each
	first, lastID int64           // the rows of new leads that flush writes; none: the first is after the last
}

// knownLeads are the leads of a connection, of those that a transaction captures, that the store
// has, or has by now.
type knownLeads struct {
	ids   map[leadtype.LeadID]bool
	alike map[string]leadtype.LeadID // by LeadID.Folded
	last  int64                      // sequence
}

// insertLeads inserts new leads, whose rows SQLite numbers one after the other. OR FAIL spares it a journal to
// undo the statement alone, which it would keep for rows with given numbers.
var insertLeads = multirow.Statement{Before: `
	INSERT OR FAIL INTO lead (connection, lead_id, sequence, event, strategy, stage, state,
	data, since, retry_at, spelled, gathers, tally) SELECT connection, v.column1, v.column2, event, strategy,
	stage, state, v.column3, ?1, v.column4, v.column5, state = 'queued' AND v.column4 > 0, tally.id FROM (VALUES `,
	After: `) AS v CROSS JOIN tally ON tally.id = v.column6`, Columns: 6}

// insertWords inserts the words of new leads, whose rows follow each other. SQLite writes what table
// word has gathered before most statements, so this is one, and the last.
const insertWords = `INSERT INTO word (rowid, words) SELECT ? + key, value FROM json_each(?)`

// captureHistory adds the first steps of new leads.
const captureHistory = `INSERT OR FAIL INTO history (lead, at, change, stage, state, generation)
	SELECT id, since, 'captured', stage, state, 0 FROM lead WHERE id BETWEEN ? AND ?`

// newCaptureWriter looks which of the leads of a group the store has.
func (s *Store) newCaptureWriter(ctx context.Context, tx *multirow.Tx, group []*captureCall) (*captureWriter, error) {
	w := &captureWriter{now: s.now(), tx: tx, unfolded: s.unfolded, known: make(map[string]*knownLeads),
		suppressors: make(map[string]*store.Suppressor), tallies: tally.New(tx),
		leads: multirow.Writer{Tx: tx, Statement: insertLeads}}
	w.leads.Shared = []any{stored.Micros(w.now)}
	err := tx.QueryRow(ctx, `SELECT coalesce(max(id), 0) FROM lead`).Scan(&w.lastID)
	if err != nil {
		return nil, err
	}
	w.first = w.lastID + 1
	ids := make(map[string][]leadtype.LeadID)
	for _, p := range group {
		for _, captured := range p.leads {
			ids[p.connection] = append(ids[p.connection], captured.Lead.ID)
		}
	}
	for connection, ids := range ids {
		if w.known[connection], err = w.look(ctx, connection, ids); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// look returns what the store knows of leads by their ids.
func (w *captureWriter) look(ctx context.Context, connection string, ids []leadtype.LeadID) (*knownLeads, error) {
	known := &knownLeads{ids: make(map[leadtype.LeadID]bool, len(ids)),
		alike: make(map[string]leadtype.LeadID, len(ids))}
	err := w.tx.QueryRow(ctx, lastSequence, connection).Scan(&known.last)
	if err != nil {
		return nil, err
	}
	keys, err := query.Keys(ids, w.unfolded)
	if err != nil {
		return nil, err
	}
	found, err := column[leadtype.LeadID](ctx, w.tx, leadsAlike, connection, keys)
	for _, id := range found {
		known.ids[id], known.alike[id.Folded()] = true, id
	}
	return known, err
}

const (
	lastSequence = `SELECT max(coalesce((SELECT max(sequence) FROM lead WHERE connection = ?1), 0),
		coalesce((SELECT sequence FROM forgotten WHERE connection = ?1), 0))`
	// leadsAlike finds the leads of a connection by query.Keys.
	leadsAlike = `SELECT ` + query.ID + ` FROM lead WHERE connection = ? AND lead_id IN (SELECT value FROM json_each(?))`
)

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

// add adds a new lead, which flush writes.
func (w *captureWriter) add(ctx context.Context, connection string, known *knownLeads, captured store.Captured,
	folded, data string) error {
	lead := captured.Lead
	counted, err := w.tallies.Of(ctx, tally.Key{Connection: connection, Event: lead.EventID, Strategy: lead.Strategy,
		Stage: leadtype.PreSync, State: captured.State})
	if err != nil {
		return err
	}
	w.tallies.Add(counted)
	w.lastID++
	known.last++
	err = w.leads.Add(ctx, folded, known.last, packed.Pack(data), stored.Micros(captured.Due()),
		query.Spelled(lead.ID, folded), counted)
	if err != nil {
		return err
	}
	w.words = append(w.words, query.Words(connection, lead))
	return nil
}

// flush writes the new leads that are not written yet, and their steps.
func (w *captureWriter) flush(ctx context.Context) error {
	if w.first > w.lastID {
		return nil
	}
	if err := w.leads.Flush(ctx); err != nil {
		return err
	}
	if _, err := w.tx.Exec(ctx, captureHistory, w.first, w.lastID); err != nil {
		return err
	}
	if err := w.tallies.Write(ctx); err != nil {
		return err
	}
	list, err := json.Marshal(w.words)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(ctx, insertWords, w.first, string(list))
	w.first, w.words = w.lastID+1, w.words[:0]
	return err
}

// replaceWords replaces the words of a lead.
func (w *captureWriter) replaceWords(ctx context.Context, id int64, words string) error {
	var before string
	err := w.tx.QueryRow(ctx, `SELECT words FROM word WHERE rowid = ? AND words <> ?`, id, words).Scan(&before)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	w.replaced.WriteString(before + " ")
	_, err = w.tx.Exec(ctx, `UPDATE word SET words = ? WHERE rowid = ?`, words, id)
	return err
}

// suppressorOf returns the suppressor of a connection, nil when no lead is suppressed.
func suppressorOf(ctx context.Context, tx *multirow.Tx, connection string) (*store.Suppressor, error) {
	var hashes store.Suppressor
	err := tx.QueryRow(ctx, `SELECT suppressor FROM connection WHERE name = ?1
		AND EXISTS (SELECT 1 FROM suppressed WHERE connection = ?1)`, connection).Scan(&hashes.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &hashes, err
}

// suppresses reports whether a captured lead is suppressed.
func suppresses(ctx context.Context, tx *multirow.Tx, connection string, hashes *store.Suppressor,
	lead *leadtype.Lead) (bool, error) {
	for _, hash := range hashes.Of(lead) {
		var found bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM suppressed WHERE connection = ? AND hash = ?)`,
			connection, hash).Scan(&found)
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}
