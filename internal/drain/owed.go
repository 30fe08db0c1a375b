// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"errors"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A SchemaFunc returns a digest of all that decides whether values fit, as far as it is known
// of the org and the mapping, and what says of values that are owed whether that has
// changed. The digest is empty before the org was read.
type SchemaFunc func() (digest string, changed func(owed []leadtype.OwedValue) bool)

// An owedSearch looks through the cleared leads for owed values that may fit since the schema
// of the org or the mapping has changed. It is part of what is handed on, so that each
// change is searched for once, by whichever process.
type owedSearch struct {
	Schema string    `json:"schema,omitempty"` // the one that is, or was, searched for
	Before string    `json:"before,omitempty"` // the one before it
	At     time.Time `json:"at,omitzero"`      // when the search began
	Open   bool      `json:"open,omitempty"`   // there are leads after the sequence After
	After  int64     `json:"after,omitempty"`
}

// searchAgain is how long a schema is not searched for again that was just replaced: two
// processes may have different mappings, for some time or for good, and each finds that what
// the other has left out may fit.
const searchAgain = 24 * time.Hour

// begin begins a search for another schema, and reports whether one is open.
func (s *owedSearch) begin(schema string, now time.Time) bool {
	if schema != "" && schema != s.Schema && (schema != s.Before || now.Sub(s.At) >= searchAgain) {
		*s = owedSearch{Schema: schema, Before: s.Schema, At: now, Open: true}
	}
	return s.Open
}

// owing are the kinds of warnings of values that are owed.
var owing = []leadtype.WarningKind{leadtype.Owed, leadtype.Unfit, leadtype.Missing, leadtype.Locked}

// searchOwed takes a page of the search for owed values that may fit now, and queues their
// leads. It is called when nothing else is due, so that a page is synced before the next is
// looked at, and new captures do not wait for more than one. It reports whether there is
// anything to do at once.
func (d *Drainer) searchOwed(ctx context.Context) (more bool, err error) {
	if d.Schema == nil {
		return false, nil
	}
	schema, changed := d.Schema()
	if known := d.handover.Owed; !known.begin(schema, d.Now()) {
		return false, nil
	}
	if !d.hasLease() {
		if err := d.enter(ctx); err != nil { // which reads how far others are
			d.release(ctx)
			if errors.Is(err, store.ErrLeaseHeld) {
				err = nil // its holder searches
			}
			return false, err
		}
	}
	search := &d.handover.Owed
	if !search.begin(schema, d.Now()) {
		return false, nil
	}
	page, err := d.Store.List(ctx, d.Connection, store.Filter{Stages: []leadtype.Stage{leadtype.Cleared}, Warnings: owing,
		After: search.After, Limit: d.BatchSize})
	if err != nil {
		return false, err
	}
	leads := make([]leadtype.LeadID, 0, len(page))
	for i := range page {
		if last := page[i].Last; last != nil && last.Action != leadtype.Dismissed && changed(last.Owed) {
			leads = append(leads, page[i].Lead.ID)
		}
	}
	if len(leads) > 0 {
		if _, err := d.Store.Push(ctx, d.Connection, store.Filter{Leads: leads,
			Stages: []leadtype.Stage{leadtype.Cleared}}, ""); err != nil {
			return false, err
		}
		d.Logger.InfoContext(ctx, "leadsync: the schema or the mapping has changed, owed values are tried",
			"leads", len(leads))
	}
	search.After, search.Open = 0, len(page) == d.BatchSize
	if search.Open {
		search.After = page[len(page)-1].Sequence
	}
	d.keep(ctx)
	return search.Open || len(leads) > 0, nil
}
