package leadsync

import (
	"cmp"
	"context"
)

// recallPage is how many leads are read at once to recall their creates.
const recallPage = 500

// A lister is the part of a Store that lists leads.
type lister interface {
	List(ctx context.Context, connection string, filter Filter) ([]Entry, error)
}

// A prober is the part of a Strategy that names probes.
type prober interface {
	Probes(lead *Lead) []Probe
}

// A recaller restores the pending creates of a connection from the Store: a
// process that takes a connection over recalls those of its predecessor.
type recaller struct {
	store      lister
	connection string
	strategies map[string]prober
	standard   string // the strategy of leads that name none
	pending    *pending
}

// recall reads the creates without an answer that the Store holds.
func (r *recaller) recall(ctx context.Context) error {
	filter := Filter{Unanswered: true, Limit: recallPage}
	for {
		entries, err := r.store.List(ctx, r.connection, filter)
		if err != nil {
			return err
		}
		for i := range entries {
			r.pending.recall(r.keysOf(&entries[i]), entries[i].Intents)
		}
		if len(entries) < recallPage {
			return nil
		}
		filter.After = entries[len(entries)-1].Sequence
	}
}

// keysOf returns a plan with nothing but the keys of a lead's person and company
// that are known without asking Salesforce.
func (r *recaller) keysOf(e *Entry) *LeadPlan {
	lead := withKnownIDs(&item{lead: e.Lead, last: e.Last})
	plan := &LeadPlan{LeadID: lead.ID, Keys: IdentityKeys{[]string{ownKey(lead)}, companyKeys(lead)}}
	strategy := r.strategies[cmp.Or(lead.Strategy, r.standard)]
	if strategy == nil {
		return plan
	}
	for _, p := range strategy.Probes(lead) {
		if key := identityKey(&p); key != "" {
			plan.Keys.Person = append(plan.Keys.Person, key)
		}
	}
	return plan
}
