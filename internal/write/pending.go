// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"
	"sync"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
)

// A Pending tracks the creates whose response was lost, keyed by person, company
// or activity. A journalled intent belongs to one lead; this keeps another lead of
// the same person, and a Sync without a Store, from creating a record that may still
// appear. It also has the open creates themselves, of at most maxKept leads. Its zero
// value is ready, and it is safe for concurrent use.
type Pending struct {
	mu   sync.Mutex
	sent map[string]sentCreate
	open openCreates
}

// A sentCreate is when a create was sent, and the unique key that it carried, if
// any: it may be sent again with that key, but not with another.
type sentCreate struct {
	at  time.Time
	key string
}

// Last returns the latest create among own and those of a part of the lead, or of a part of
// another lead that equals it, nil for none. One that carried the unique key does not count: sent again, it makes no
// second record.
func (p *Pending) Last(own *leadtype.Intent, lead *leadtype.LeadPlan, kind leadtype.PartKind, part,
	unique string) *leadtype.Intent {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sent) == 0 {
		return own
	}
	for _, key := range match.PartKeys(lead, kind, part) {
		sent, ok := p.sent[key]
		if ok && (sent.key == "" || sent.key != unique) && (own == nil || sent.at.After(own.SentAt)) {
			own = &leadtype.Intent{SentAt: sent.at}
		}
	}
	return own
}

// note adds the creates that are pending once an item is settled, and removes those
// that its outcome answers.
func (p *Pending) note(lead *leadtype.LeadPlan, it *match.Item) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if lead.Err == nil { // otherwise the outcome's parts are those of an earlier sync
		p.remove(lead, it.Outcome.Parts)
	}
	p.add(lead, it.Intents)
	p.open.set(lead.LeadID, it.Journal())
}

// recall adds the creates that a lead's sync left without a response in another
// process.
func (p *Pending) recall(lead *leadtype.LeadPlan, intents []leadtype.Intent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(lead, intents)
	p.open.set(lead.LeadID, intents)
}

// Of returns the open creates of a lead, and its updates without a response.
func (p *Pending) Of(lead leadtype.LeadID) []leadtype.Intent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.open.of.get(lead).intents)
}

// forget drops the open creates of a lead.
func (p *Pending) forget(lead leadtype.LeadID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open.set(lead, nil)
}

// Namesakes returns the open creates of the leads whose person has this match.NameKey,
// and neither an e-mail address nor a key, by lead.
func (p *Pending) Namesakes(name string) map[leadtype.LeadID][]leadtype.Intent {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := make(map[leadtype.LeadID][]leadtype.Intent)
	for lead := range p.open.named[name] {
		found[lead] = slices.Clone(p.open.of.get(lead).intents)
	}
	return found
}

// noteSent adds to what is remembered of a record the updates without a response, of
// whichever lead.
func (p *Pending) noteSent(record *leadtype.RecordMemory) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for lead := range p.open.on[record.ID] {
		intents := p.open.of.get(lead).intents
		for i := range intents {
			record.NoteSent(&intents[i])
		}
	}
}

func (p *Pending) add(lead *leadtype.LeadPlan, intents []leadtype.Intent) {
	if p.sent == nil && len(intents) > 0 {
		p.sent = make(map[string]sentCreate)
	}
	for _, intent := range intents {
		if intent.Update {
			continue
		}
		of := *lead
		if intent.Company != nil { // the lead may have another one since
			of.Keys.Company = intent.Company
		}
		for _, key := range match.PartKeys(&of, intent.Kind, intent.Key) {
			if intent.SentAt.After(p.sent[key].at) {
				p.sent[key] = sentCreate{intent.SentAt, intent.Key}
			}
		}
	}
}

// remove drops the creates of the persons and accounts that the parts found or
// wrote. Finding the person's account does not settle a pending account create.
func (p *Pending) remove(lead *leadtype.LeadPlan, parts []leadtype.Part) {
	if len(p.sent) == 0 {
		return
	}
	for _, part := range parts {
		if part.Kind == leadtype.PartTask || part.ID == "" || part.Err != nil {
			continue
		}
		for _, key := range match.PartKeys(lead, part.Kind, "") {
			delete(p.sent, key)
		}
	}
}

// prune drops what was sent by oldest: it proves nothing any more.
func (p *Pending) prune(oldest time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, sent := range p.sent {
		if !sent.at.After(oldest) {
			delete(p.sent, key)
		}
	}
}
