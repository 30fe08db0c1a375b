// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// Forget implements leadsync.Store. No row holds anything of the lead afterwards, and no
// index entry of a row. What the server itself keeps of deleted rows, and for how long, is in
// the documentation of the package.
func (s *Store) Forget(ctx context.Context, connection string, lead leadtype.LeadID, by string,
	options ...store.ForgetOption) error {
	what, suppressed := lockLease|lockConnection, slices.Contains(options, store.Suppress)
	if suppressed {
		what |= makeConnection
	}
	return s.tx(ctx, "forget", connection, what, func(ctx context.Context, t *transaction) error {
		f := &forgetting{transaction: t, lead: lead}
		err := f.find(ctx)
		if err == nil && f.sequence != 0 {
			t.folds = true // the event and the causes of the lead are counted no more
			err = f.remove(ctx)
		}
		if err == nil && suppressed {
			err = f.suppress(ctx)
		}
		if err != nil || f.sequence == 0 && !suppressed {
			return err
		}
		b := t.batch()
		t.decide(b, store.Step{Kind: store.StepForgotten, By: by})
		return t.send(ctx, b)
	})
}

// A forgetting is a lead that is being forgotten in a transaction.
type forgetting struct {
	*transaction
	lead     leadtype.LeadID
	sequence int64 // 0 when there is no such lead
	email    string
	terms    termList        // those of table search
	records  []salesforce.ID // that are the lead's
}

// inFlight returns ErrInFlight for a lead that is in flight under a lease that lasts.
func (t *transaction) inFlight(state store.State) error {
	if state == store.StateInFlight && t.now < t.lease.until {
		return store.ErrInFlight
	}
	return nil
}

// find reads what is needed of the lead. What cannot be read of it is removed all the same.
func (f *forgetting) find(ctx context.Context) error {
	var lead leadtype.Lead
	err := f.query(ctx, func(rows pgx.Rows) error {
		var data string
		var state store.State
		var words, terms string
		if err := rows.Scan(&f.sequence, &data, text(&state), &words, &terms); err != nil {
			return err
		}
		f.terms.add(f.sequence, words)
		f.terms.add(f.sequence, terms)
		if stored.DecodeLead(data, &lead) == nil {
			f.email = lead.Email
		}
		return f.inFlight(state)
	}, `SELECT sequence, data, state, words, terms FROM leadsync.lead
		WHERE connection = $1 AND folded = $3 AND lead_id = $2 FOR UPDATE`, f.id, escape(f.lead), fold(f.lead))
	if err != nil || f.sequence == 0 {
		return err
	}
	return f.findRecords(ctx)
}

// findRecords finds the records of the lead in its outcomes, and those that it created.
func (f *forgetting) findRecords(ctx context.Context) error {
	b := f.batch()
	b.query(func(rows pgx.Rows) error {
		var id salesforce.ID
		err := rows.Scan(text(&id))
		f.records = append(f.records, id)
		return err
	}, `SELECT id FROM leadsync.record WHERE connection = $1 AND lead_id = $2`, f.id, escape(f.lead))
	b.query(func(rows pgx.Rows) error {
		var whole, journal string
		if err := rows.Scan(&whole, &journal); err != nil {
			return err
		}
		if outcome, err := stored.DecodeOutcome(whole); err == nil && outcome != nil {
			f.records = append(f.records, outcome.Records()...)
		}
		var intents []leadtype.Intent
		if stored.Decode(journal, &intents) == nil {
			f.records = append(f.records, leadtype.UpdatedBy(intents)...)
		}
		return nil
	}, `SELECT outcome, intents FROM leadsync.lead WHERE connection = $1 AND sequence = $2 UNION ALL
		SELECT outcome, '' FROM leadsync.history WHERE connection = $1 AND sequence = $2 AND outcome <> ''`,
		f.id, f.sequence)
	err := f.send(ctx, b)
	slices.Sort(f.records)
	f.records = slices.Compact(f.records)
	return err
}

// remove deletes the lead, and what is its of other rows. The connection keeps the last
// sequence.
func (f *forgetting) remove(ctx context.Context) error {
	if err := f.removeImages(ctx); err != nil {
		return err
	}
	if err := f.removeFromJournals(ctx); err != nil {
		return err
	}
	records := escapeAll(f.records)
	b := f.batch()
	b.exec(`DELETE FROM leadsync.image WHERE connection = $1 AND record = ANY ($2::text[])`, f.id, records)
	b.exec(`DELETE FROM leadsync.record WHERE connection = $1 AND id = ANY ($2::text[]) AND lead_id IN ('', $3)`,
		f.id, records, escape(f.lead))
	b.exec(`UPDATE leadsync.record SET written = '' WHERE connection = $1 AND id = ANY ($2::text[])`, f.id, records)
	f.terms.remove(b, f.id)
	countWarnings(b, f.id, f.terms, termList{}) // before the lead goes, whose event has them
	for _, table := range []string{"history", "image", "lead"} {
		b.exec(`DELETE FROM leadsync.`+table+` WHERE connection = $1 AND sequence = $2`, f.id, f.sequence)
	}
	return f.send(ctx, b)
}

// removeImages removes the values of the lead's records from the outcomes of other leads.
func (f *forgetting) removeImages(ctx context.Context) error {
	var sharing []int64
	var bare []string
	err := f.query(ctx, func(rows pgx.Rows) error {
		var sequence int64
		var state store.State
		var last string
		if err := rows.Scan(&sequence, text(&state), &last); err != nil {
			return err
		}
		if err := f.inFlight(state); err != nil {
			return err
		}
		last, err := withoutImages(last, f.records)
		sharing, bare = append(sharing, sequence), append(bare, last)
		return err
	}, `SELECT sequence, state, outcome FROM leadsync.lead WHERE connection = $1 AND sequence <> $3 AND sequence IN (
			SELECT sequence FROM leadsync.image WHERE connection = $1 AND record = ANY ($2::text[]))
		ORDER BY sequence FOR UPDATE`, f.id, escapeAll(f.records), f.sequence)
	if err != nil || len(sharing) == 0 {
		return err
	}
	return f.exec(ctx, given(`$2::int8[], $3::text[]`, `sequence, outcome`)+
		`UPDATE leadsync.lead SET outcome = v.outcome FROM given AS v
		WHERE lead.connection = v.connection AND lead.sequence = v.sequence`, f.id, sharing, bare)
}

// removeFromJournals removes the values of the lead's records from what other leads have
// journalled: those are few.
func (f *forgetting) removeFromJournals(ctx context.Context) error {
	if len(f.records) == 0 {
		return nil
	}
	var holding []int64
	var bare []string
	err := f.query(ctx, func(rows pgx.Rows) error {
		var sequence int64
		var state store.State
		var journal string
		if err := rows.Scan(&sequence, text(&state), &journal); err != nil {
			return err
		}
		var intents []leadtype.Intent
		if stored.Decode(journal, &intents) != nil {
			return nil // Claim says so
		}
		without, had := leadtype.WithoutValues(intents, f.records...)
		if !had {
			return nil
		}
		encoded, err := stored.EncodeIntents(without)
		holding, bare = append(holding, sequence), append(bare, encoded)
		return cmp.Or(err, f.inFlight(state))
	}, `SELECT sequence, state, intents FROM leadsync.lead
		WHERE connection = $1 AND sequence <> $2 AND sequence IN (`+journalled+`)
		ORDER BY sequence FOR UPDATE`, f.id, f.sequence)
	if err != nil || len(holding) == 0 {
		return err
	}
	return f.exec(ctx, given(`$2::int8[], $3::text[]`, `sequence, intents`)+
		`UPDATE leadsync.lead SET intents = v.intents FROM given AS v
		WHERE lead.connection = v.connection AND lead.sequence = v.sequence`, f.id, holding, bare)
}

// withoutImages returns an outcome, as it is stored, without the values of some records. Of
// one that cannot be read nothing is kept.
func withoutImages(last string, records []salesforce.ID) (string, error) {
	outcome, err := stored.DecodeOutcome(last)
	if err != nil || outcome == nil {
		return "", nil //nolint:nilerr // see above
	}
	bare, err := json.Marshal(outcome.WithoutImages(records...))
	return string(bare), err
}

// suppress keeps the hashes of the lead's id and address.
func (f *forgetting) suppress(ctx context.Context) error {
	hashes := store.Suppressor{Key: f.suppressor}
	if len(hashes.Key) == 0 {
		hashes.Key = store.NewSuppressorKey()
		if err := f.exec(ctx, `UPDATE leadsync.connection SET suppressor = $2 WHERE id = $1`, f.id, hashes.Key); err != nil {
			return err
		}
	}
	person := hashes.ID(f.lead)
	kept := [][]byte{person}
	if hash := hashes.Email(f.email); hash != nil {
		kept = append(kept, hash)
	}
	return f.exec(ctx, `INSERT INTO leadsync.suppressed (connection, hash, person)
		SELECT $1::int8, unnest($2::bytea[]), $3::bytea ON CONFLICT DO NOTHING`, f.id, kept, person)
}

// Unsuppress implements leadsync.Store.
func (s *Store) Unsuppress(ctx context.Context, connection string, lead leadtype.LeadID,
	email, by string) (int, error) {
	lifted := 0
	err := s.tx(ctx, "unsuppress", connection, lockConnection, func(ctx context.Context, t *transaction) error {
		lifted = 0
		if len(t.suppressor) == 0 {
			return nil
		}
		hashes := store.Suppressor{Key: t.suppressor}
		var given [][]byte
		if lead != "" {
			given = append(given, hashes.ID(lead))
		}
		if hash := hashes.Email(email); hash != nil {
			given = append(given, hash)
		}
		err := t.query(ctx, func(rows pgx.Rows) error { return rows.Scan(&lifted) }, `WITH gone AS (
				DELETE FROM leadsync.suppressed WHERE connection = $1 AND person IN (
					SELECT person FROM leadsync.suppressed WHERE connection = $1 AND hash = ANY ($2::bytea[]))
				RETURNING person)
			SELECT count(DISTINCT person) FROM gone`, t.id, given)
		if err != nil || lifted == 0 {
			return err
		}
		b := t.batch()
		t.decide(b, store.Step{Kind: store.StepUnsuppressed, By: by})
		return t.send(ctx, b)
	})
	return lifted, err
}
