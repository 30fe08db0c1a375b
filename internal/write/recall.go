// SPDX-License-Identifier: Apache-2.0

package write

import (
	"context"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// recallPage is how many leads are read at once to recall their creates.
const recallPage = 500

// A lister is the part of a Store that lists leads.
type lister interface {
	List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error)
}

// A Recaller restores the pending creates of a connection from the Store: a
// process that takes a connection over recalls those of its predecessor.
type Recaller struct {
	Store      lister
	Connection string
	Probes     func(lead *leadtype.Lead) []leadtype.Probe // of the lead's strategy, nil when it is not known
	Clean      func(lead *leadtype.Lead) *leadtype.Lead   // as mapping.Set.Clean
	Pending    *Pending
}

// Recall reads the creates without a response that the Store holds.
func (r *Recaller) Recall(ctx context.Context) error {
	filter := store.Filter{Unanswered: true, Limit: recallPage}
	for {
		entries, err := r.Store.List(ctx, r.Connection, filter)
		if err != nil {
			return err
		}
		for i := range entries {
			if len(entries[i].Intents) > 0 { // else they cannot be read
				bare, _ := leadtype.WithoutValues(entries[i].Intents) // Claim has the values
				r.Pending.recall(r.keysOf(&entries[i]), bare)
			}
		}
		if len(entries) < recallPage {
			return nil
		}
		filter.After = entries[len(entries)-1].Sequence
	}
}

// keysOf returns a plan with nothing but the keys of a lead's person and company
// that are known without asking Salesforce.
func (r *Recaller) keysOf(e *store.Entry) *leadtype.LeadPlan {
	lead, _ := (&match.Item{Lead: r.Clean(e.Lead), Last: e.Last}).KnownLead()
	plan := &leadtype.LeadPlan{LeadID: lead.ID,
		Keys: leadtype.IdentityKeys{Person: []string{match.OwnKey(lead)}, Company: match.CompanyKeys(lead)}}
	for _, p := range r.Probes(lead) {
		if key := match.IdentityKey(&p); key != "" {
			plan.Keys.Person = append(plan.Keys.Person, key)
		}
	}
	return plan
}
