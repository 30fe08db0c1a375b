package leadsync

import (
	"cmp"
	"context"
	"sync"
	"time"
)

// An unanswered remembers the creates that got no answer, by what tells the
// person, the company or the activity. A journalled intent is one lead's; this
// keeps another lead of the same person, and a Sync without a Store, from creating
// what may still come. Whoever takes over a connection recalls what its
// predecessor left in the Store. It is safe for concurrent use.
type unanswered struct {
	mu   sync.Mutex
	sent map[string]unansweredCreate
}

// An unansweredCreate is when a create was sent, and the unique key that it
// carried, if any: it may be sent again with that key, but not with another.
type unansweredCreate struct {
	at  time.Time
	key string
}

// note takes in what a lead's result leaves open, and drops what it settled.
func (u *unanswered) note(lead *LeadPlan, res *result) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if lead.Err == nil { // otherwise the outcome's parts are those of an earlier sync
		u.settle(lead, res.outcome.Parts)
	}
	u.remember(lead, res.intents)
}

// recallPage is how many leads are read at once to recall their creates.
const recallPage = 500

// recall takes in the creates without an answer that the Store knows of.
func (s *Syncer) recall(ctx context.Context) error {
	filter := Filter{Unanswered: true, Limit: recallPage}
	for {
		entries, err := s.cfg.Store.List(ctx, s.cfg.Connection, filter)
		if err != nil {
			return err
		}
		for i := range entries {
			s.unanswered.recall(s.keysOf(&entries[i]), entries[i].Intents)
		}
		if len(entries) < recallPage {
			return nil
		}
		filter.After = entries[len(entries)-1].Sequence
	}
}

// keysOf is a plan that holds no more than what tells a lead's person and company,
// as far as they are known without Salesforce.
func (s *Syncer) keysOf(e *Entry) *LeadPlan {
	lead := withKnownIDs(&item{lead: e.Lead, last: e.Last})
	plan := &LeadPlan{LeadID: lead.ID, Keys: IdentityKeys{[]string{ownKey(lead)}, companyKeys(lead)}}
	strategy := s.strategies[cmp.Or(lead.Strategy, s.cfg.Strategy.Name())]
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

// recall takes in what a lead's sync left open in another process.
func (u *unanswered) recall(lead *LeadPlan, intents []Intent) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.remember(lead, intents)
}

func (u *unanswered) remember(lead *LeadPlan, intents []Intent) {
	for _, intent := range intents {
		of := *lead
		if intent.Company != nil { // the lead may have another by now
			of.Keys.Company = intent.Company
		}
		for _, key := range partKeys(&of, intent.Kind, intent.Key) {
			u.add(key, unansweredCreate{intent.SentAt, intent.Key})
		}
	}
}

// settle drops what the parts answer: the person or the account is there. The
// account that a person found happens to be in answers nothing.
func (u *unanswered) settle(lead *LeadPlan, parts []Part) {
	for _, part := range parts {
		if part.Kind == PartTask || part.ID == "" || part.Err != nil {
			continue
		}
		for _, key := range partKeys(lead, part.Kind, "") {
			delete(u.sent, key)
		}
	}
}

func (u *unanswered) add(told string, create unansweredCreate) {
	if u.sent == nil {
		u.sent = make(map[string]unansweredCreate)
	}
	if create.at.After(u.sent[told].at) {
		u.sent[told] = create
	}
}

// prune drops what was sent by oldest: it proves nothing any more.
func (u *unanswered) prune(oldest time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for told, sent := range u.sent {
		if !sent.at.After(oldest) {
			delete(u.sent, told)
		}
	}
}

// last returns the latest create among own and those remembered by what tells
// them, nil for none. One that carried the key does not count: sent again, it
// makes no second record.
func (u *unanswered) last(own *Intent, tells []string, key string) *Intent {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, told := range tells {
		sent, ok := u.sent[told]
		if ok && (sent.key == "" || sent.key != key) && (own == nil || sent.at.After(own.SentAt)) {
			own = &Intent{SentAt: sent.at}
		}
	}
	return own
}
