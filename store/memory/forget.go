// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// Forget implements store.Store.
func (s *Store) Forget(ctx context.Context, connection string, lead leadtype.LeadID, by string,
	options ...store.ForgetOption) error {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	email, row := "", c.row(lead)
	if row != nil {
		var data leadtype.Lead
		if stored.DecodeLead(row.data, &data) == nil { // what cannot be read is removed all the same
			email = data.Email
		}
		if err := c.forget(row, s.now()); err != nil {
			return err
		}
	}
	suppressed := slices.Contains(options, store.Suppress)
	if suppressed {
		c.suppress(lead, email)
	}
	if row != nil || suppressed {
		c.steps = append(c.steps, store.Step{At: s.now(), Kind: store.StepForgotten, By: by})
	}
	return nil
}

// forget removes a row, and what is its of other rows.
func (c *conn) forget(row *leadRow, now time.Time) error {
	records := c.recordsOf(row)
	var sharing []*leadRow
	for _, other := range c.rows {
		if other == row || other.holds(records) {
			sharing = append(sharing, other)
		}
	}
	for _, other := range sharing {
		if other.state == store.StateInFlight && now.Before(c.lease.Until) {
			return store.ErrInFlight
		}
	}
	for _, other := range sharing {
		if err := other.dropImages(records); err != nil {
			return err
		}
	}
	for _, id := range records {
		if record, ok := c.records[id]; ok && record.Lead != "" && record.Lead != row.id {
			c.records[id] = leadtype.RecordMemory{ID: record.ID, Lead: record.Lead} // which another lead created
			continue
		}
		delete(c.records, id)
	}
	c.count(row, -1)
	delete(c.byID, row.id.Folded())
	c.rows = slices.DeleteFunc(c.rows, func(r *leadRow) bool { return r == row })
	return nil
}

// recordsOf returns the records in the row's outcomes, and those that the lead created.
func (c *conn) recordsOf(row *leadRow) []salesforce.ID {
	var records []salesforce.ID
	for id, record := range c.records {
		if record.Lead == row.id {
			records = append(records, id)
		}
	}
	outcomes := []string{row.outcome}
	for _, step := range row.steps {
		outcomes = append(outcomes, step.outcome)
	}
	for _, data := range outcomes {
		if outcome, err := stored.DecodeOutcome(data); err == nil && outcome != nil {
			records = append(records, outcome.Records()...)
		}
	}
	return append(records, leadtype.UpdatedBy(row.intents)...)
}

// holds reports whether the row's last outcome, or its journal, has values of one of the
// records.
func (r *leadRow) holds(records []salesforce.ID) bool {
	if _, had := leadtype.WithoutValues(r.intents, records...); had && len(records) > 0 {
		return true
	}
	named := slices.ContainsFunc(records, func(id salesforce.ID) bool {
		return strings.Contains(r.outcome, string(id[:min(len(id), 15)])) // the ids in an outcome have 15 characters or 18
	})
	if !named {
		return false // as most rows, without decoding them
	}
	outcome, err := stored.DecodeOutcome(r.outcome)
	return err == nil && outcome != nil &&
		slices.ContainsFunc(outcome.Images(), func(id salesforce.ID) bool { return slices.Contains(records, id) })
}

func (r *leadRow) dropImages(records []salesforce.ID) error {
	if len(records) > 0 {
		r.intents, _ = leadtype.WithoutValues(r.intents, records...)
	}
	outcome, err := stored.DecodeOutcome(r.outcome)
	if err != nil || outcome == nil {
		return nil // the row that is forgotten
	}
	without, err := encodeOutcome(outcome.WithoutImages(records...))
	r.outcome = without.whole
	return err
}

// suppress keeps the hashes of a lead.
func (c *conn) suppress(lead leadtype.LeadID, email string) {
	if c.suppressor.Key == nil {
		c.suppressor.Key, c.suppressed = store.NewSuppressorKey(), make(map[string]map[string]bool)
	}
	person := string(c.suppressor.ID(lead))
	for _, hash := range []string{person, string(c.suppressor.Email(email))} {
		if hash == "" {
			continue
		}
		if c.suppressed[hash] == nil {
			c.suppressed[hash] = make(map[string]bool)
		}
		c.suppressed[hash][person] = true
	}
}

// suppresses reports whether a captured lead is to be refused.
func (c *conn) suppresses(lead *leadtype.Lead) bool {
	return len(c.suppressed) > 0 && slices.ContainsFunc(c.suppressor.Of(lead), func(hash []byte) bool {
		return len(c.suppressed[string(hash)]) > 0
	})
}

// Unsuppress implements store.Store.
func (s *Store) Unsuppress(ctx context.Context, connection string, lead leadtype.LeadID,
	email, by string) (int, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	persons := make(map[string]bool)
	if lead != "" {
		maps.Copy(persons, c.suppressed[string(c.suppressor.ID(lead))])
	}
	if hash := c.suppressor.Email(email); hash != nil {
		maps.Copy(persons, c.suppressed[string(hash)])
	}
	for hash, of := range c.suppressed {
		maps.DeleteFunc(of, func(person string, _ bool) bool { return persons[person] })
		if len(of) == 0 {
			delete(c.suppressed, hash)
		}
	}
	if len(persons) > 0 {
		c.steps = append(c.steps, store.Step{At: s.now(), Kind: store.StepUnsuppressed, By: by})
	}
	return len(persons), nil
}

// Expire implements store.Store.
func (s *Store) Expire(ctx context.Context, connection string, before time.Time, limit int) (int, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	var due []*leadRow
	for _, row := range c.rows {
		if !row.heldSince.IsZero() && row.heldSince.Before(before) && row.state != store.StateInFlight {
			due = append(due, row)
		}
	}
	slices.SortStableFunc(due, func(a, b *leadRow) int { return a.heldSince.Compare(b.heldSince) })
	due = due[:min(len(due), max(limit, 0))]
	for _, row := range due {
		if err := row.expire(before); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// expire expires what is old of the row, and notes since when the rest is kept.
func (r *leadRow) expire(before time.Time) (err error) {
	r.heldSince = time.Time{}
	var last time.Time
	for i := range r.steps {
		step := &r.steps[i]
		if step.outcome == "" {
			continue
		}
		last = step.At
		if step.outcome, err = r.expireOne(step.outcome, last, before); err != nil {
			return err
		}
	}
	r.outcome, err = r.expireOne(r.outcome, last, before)
	var since time.Time
	r.intents, since = leadtype.ExpireIntents(r.intents, before)
	if !since.IsZero() && (r.heldSince.IsZero() || since.Before(r.heldSince)) {
		r.heldSince = since
	}
	return err
}

// expireOne returns an outcome as it is kept, without what expires when it is old.
func (r *leadRow) expireOne(data string, at, before time.Time) (string, error) {
	outcome, err := stored.DecodeOutcome(data)
	switch {
	case err != nil || outcome == nil || !outcome.Expires():
		return data, nil // what cannot be read stays as it is
	case !at.Before(before):
		r.heldSince = cmp.Or(r.heldSince, at)
		return data, nil
	}
	expired, err := encodeOutcome(outcome.Expired())
	return expired.whole, err
}
