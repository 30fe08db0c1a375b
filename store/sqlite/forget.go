// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
	"github.com/leadsync/leadsync/store/sqlite/internal/tally"
)

// Forget implements leadsync.Store. It overwrites the freed bytes of the file with
// zeros, and also the copies of rows that SQLite left where it moved them from. It ends
// with a checkpoint that empties the log, which contains the lead too. If only these
// steps fail, the lead is deleted, but Forget has to be called again to clear the file.
// The first Forget of a process reads the whole file, which takes some seconds for each
// GiB; later ones read what has changed since.
func (s *Store) Forget(ctx context.Context, connection string, lead leadtype.LeadID, by string,
	options ...store.ForgetOption) error {
	if err := s.remove(ctx, connection, lead, by, slices.Contains(options, store.Suppress)); err != nil {
		return err
	}
	return wrap(ctx, "forget", s.erase(ctx, true))
}

// remove deletes a lead's rows.
func (s *Store) remove(ctx context.Context, connection string, lead leadtype.LeadID, by string,
	suppressed bool) error {
	return s.tx(ctx, "forget", func(tx *multirow.Tx) error {
		f := &forgetting{tx: tx, connection: connection, lead: lead, now: s.now().UnixMicro()}
		err := f.find(ctx)
		if err != nil {
			return err
		}
		if f.id != 0 {
			err = f.remove(ctx)
		}
		if err == nil && suppressed {
			err = f.suppress(ctx)
		}
		if err != nil || f.id == 0 && !suppressed {
			return err
		}
		return s.decide(ctx, tx, connection, store.Step{Kind: store.StepForgotten, By: by})
	})
}

// A forgetting is a lead that is being forgotten in a transaction.
type forgetting struct {
	tx         *multirow.Tx
	connection string
	lead       leadtype.LeadID
	now        int64

	id      int64 // of its row, 0 without one
	email   string
	records string // that are the lead's, as JSON
}

// find reads what is needed of the lead. What cannot be read of it is removed all the same.
func (f *forgetting) find(ctx context.Context) error {
	var until int64
	var data string
	err := f.tx.QueryRowContext(ctx, `SELECT id, data, iif(state = 'in-flight',
		(SELECT until FROM lease WHERE connection = ?1), 0) FROM lead WHERE `+query.Named,
		f.connection, string(f.lead), f.lead.Folded()).Scan(&f.id, unpacked{&data}, &until)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case f.now < until:
		return store.ErrInFlight
	}
	var lead leadtype.Lead
	if stored.DecodeLead(data, &lead) == nil {
		f.email = lead.Email
	}
	return f.findRecords(ctx)
}

// findRecords finds the records of the lead in its outcomes, and those that it created.
func (f *forgetting) findRecords(ctx context.Context) error {
	records, err := column[salesforce.ID](ctx, f.tx, `SELECT id FROM record WHERE connection = ? AND lead_id = ?`,
		f.connection, string(f.lead))
	if err != nil {
		return err
	}
	outcomes, err := column[string](ctx, f.tx, `SELECT outcome FROM lead WHERE id = ?1 UNION ALL
		SELECT outcome FROM history WHERE lead = ?1 AND outcome <> ''`, f.id)
	if err != nil {
		return err
	}
	for _, text := range outcomes {
		if outcome, err := stored.DecodeOutcome(packed.Unpack(text)); err == nil && outcome != nil {
			records = append(records, outcome.Records()...)
		}
	}
	var journal string
	err = f.tx.QueryRowContext(ctx, `SELECT intents FROM lead WHERE id = ?`, f.id).Scan(unpacked{&journal})
	if err != nil {
		return err
	}
	var intents []leadtype.Intent
	if stored.Decode(journal, &intents) == nil {
		records = append(records, leadtype.UpdatedBy(intents)...)
	}
	slices.Sort(records)
	list, err := json.Marshal(slices.Compact(records))
	f.records = string(list)
	return err
}

// remove deletes the lead, and what is its of other rows.
func (f *forgetting) remove(ctx context.Context) error {
	if err := f.removeImages(ctx); err != nil {
		return err
	}
	if err := f.removeSearch(ctx); err != nil {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM record WHERE connection = ?2 AND id IN (SELECT value FROM json_each(?3))
			AND lead_id IN ('', (SELECT ` + query.ID + ` FROM lead WHERE id = ?1))`,
		`UPDATE record SET written = '' WHERE connection = ?2 AND id IN (SELECT value FROM json_each(?3)) AND ?1 = ?1`,
		`DELETE FROM history WHERE lead = ?1`,
		`DELETE FROM image WHERE lead = ?1`,
		`INSERT INTO forgotten (connection, sequence) SELECT connection, sequence FROM lead WHERE id = ?1
			ON CONFLICT (connection) DO UPDATE SET sequence = max(forgotten.sequence, excluded.sequence)`,
		tally.Uncounted(`?1`),
		`DELETE FROM lead WHERE id = ?1`,
		tally.DropEmpty,
	} {
		if _, err := f.tx.ExecContext(ctx, statement, f.id, f.connection, f.records); err != nil {
			return err
		}
	}
	return nil
}

// removeSearch removes the words of the lead, and the terms, by the list that its row has of them.
func (f *forgetting) removeSearch(ctx context.Context) error {
	lead := leadKey{id: f.id}
	var terms string
	err := f.tx.QueryRowContext(ctx, `SELECT sequence, event, terms FROM lead WHERE id = ?`, f.id).
		Scan(&lead.sequence, &lead.event, &terms)
	if err != nil {
		return err
	}
	if err := f.removeWords(ctx); err != nil {
		return err
	}
	search := newSearchWriter(f.tx)
	if _, err := f.tx.ExecContext(ctx, `UPDATE lead SET terms = ? WHERE id = ?`, noTerms, f.id); err != nil {
		return err
	}
	if err := search.replace(ctx, f.connection, lead, terms, noTerms); err != nil {
		return err
	}
	return search.writeCounts(ctx)
}

func (f *forgetting) removeWords(ctx context.Context) error {
	var words string
	err := f.tx.QueryRowContext(ctx, `SELECT words FROM word WHERE rowid = ?`, f.id).Scan(&words)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if _, err := f.tx.ExecContext(ctx, `DELETE FROM word WHERE rowid = ?`, f.id); err != nil {
		return err
	}
	return forgetSeparators(ctx, f.tx, words)
}

// removeImages removes the values of the lead's records from the outcomes of other leads.
func (f *forgetting) removeImages(ctx context.Context) error {
	sharing, err := column[int64](ctx, f.tx, `SELECT DISTINCT lead FROM image
		WHERE connection = ? AND record IN (SELECT value FROM json_each(?)) AND lead <> ?`, f.connection, f.records, f.id)
	if err != nil {
		return err
	}
	for _, id := range sharing {
		if err := f.removeImagesOf(ctx, id); err != nil {
			return err
		}
	}
	if err := f.removeFromJournals(ctx); err != nil {
		return err
	}
	_, err = f.tx.ExecContext(ctx, `DELETE FROM image WHERE connection = ?
		AND record IN (SELECT value FROM json_each(?))`, f.connection, f.records)
	return err
}

func (f *forgetting) removeImagesOf(ctx context.Context, id int64) error {
	var last string
	var until int64
	err := f.tx.QueryRowContext(ctx, `SELECT outcome, iif(state = 'in-flight',
		(SELECT until FROM lease WHERE connection = ?1), 0) FROM lead WHERE id = ?2`, f.connection, id).
		Scan(unpacked{&last}, &until)
	if err != nil {
		return err
	}
	if f.now < until {
		return store.ErrInFlight
	}
	var records []salesforce.ID
	if err := stored.Decode(f.records, &records); err != nil {
		return err
	}
	bare := []byte{} // of an outcome that cannot be read nothing is kept
	if outcome, err := stored.DecodeOutcome(last); err == nil && outcome != nil {
		if bare, err = json.Marshal(outcome.WithoutImages(records...)); err != nil {
			return err
		}
	}
	_, err = f.tx.ExecContext(ctx, `UPDATE lead SET outcome = ? WHERE id = ?`, packed.Pack(string(bare)), id)
	return err
}

// removeFromJournals removes the values of the lead's records from what other leads have
// journalled: those are few.
func (f *forgetting) removeFromJournals(ctx context.Context) error {
	var records []salesforce.ID
	if err := stored.Decode(f.records, &records); err != nil || len(records) == 0 {
		return err
	}
	open, err := column[int64](ctx, f.tx, `SELECT id FROM lead WHERE connection = ? AND intents <> '' AND id <> ?`,
		f.connection, f.id)
	if err != nil {
		return err
	}
	for _, id := range open {
		if err := f.removeFromJournal(ctx, id, records); err != nil {
			return err
		}
	}
	return nil
}

func (f *forgetting) removeFromJournal(ctx context.Context, id int64, records []salesforce.ID) error {
	var journal string
	var until int64
	err := f.tx.QueryRowContext(ctx, `SELECT intents, iif(state = 'in-flight',
		(SELECT until FROM lease WHERE connection = ?1), 0) FROM lead WHERE id = ?2`, f.connection, id).
		Scan(unpacked{&journal}, &until)
	if err != nil {
		return err
	}
	var intents []leadtype.Intent
	if stored.Decode(journal, &intents) != nil {
		return nil // Claim says so
	}
	bare, had := leadtype.WithoutValues(intents, records...)
	if !had {
		return nil
	}
	if f.now < until {
		return store.ErrInFlight
	}
	text, err := stored.EncodeIntents(bare)
	if err != nil {
		return err
	}
	_, err = f.tx.ExecContext(ctx, `UPDATE lead SET intents = ? WHERE id = ?`, packed.Pack(text), id)
	return err
}

// suppress keeps the hashes of the lead's id and address.
func (f *forgetting) suppress(ctx context.Context) error {
	var hashes store.Suppressor
	err := f.tx.QueryRowContext(ctx, `INSERT INTO connection (name, suppressor) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET suppressor = iif(suppressor = x'', excluded.suppressor, suppressor)
		RETURNING suppressor`, f.connection, store.NewSuppressorKey()).Scan(&hashes.Key)
	if err != nil {
		return err
	}
	person := hashes.ID(f.lead)
	for _, hash := range [][]byte{person, hashes.Email(f.email)} {
		if hash == nil {
			continue
		}
		if _, err := f.tx.ExecContext(ctx, `INSERT OR IGNORE INTO suppressed (connection, hash, person) VALUES (?, ?, ?)`,
			f.connection, hash, person); err != nil {
			return err
		}
	}
	return nil
}

// Unsuppress implements leadsync.Store.
func (s *Store) Unsuppress(ctx context.Context, connection string, lead leadtype.LeadID,
	email, by string) (int, error) {
	lifted := 0
	err := s.tx(ctx, "unsuppress", func(tx *multirow.Tx) error {
		hashes, err := suppressorOf(ctx, tx, connection)
		if err != nil || hashes == nil {
			return err
		}
		persons, err := column[[]byte](ctx, tx, `SELECT DISTINCT person FROM suppressed
			WHERE connection = ?1 AND (hash = ?2 AND ?3 OR hash = ?4)`,
			connection, hashes.ID(lead), lead != "", hashes.Email(email))
		if err != nil {
			return err
		}
		for _, person := range persons {
			if _, err := tx.ExecContext(ctx, `DELETE FROM suppressed WHERE connection = ? AND person = ?`,
				connection, person); err != nil {
				return err
			}
		}
		if lifted = len(persons); lifted == 0 {
			return nil
		}
		return s.decide(ctx, tx, connection, store.Step{Kind: store.StepUnsuppressed, By: by})
	})
	return lifted, err
}
