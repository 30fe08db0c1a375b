// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// An Item is one lead on its way through the stages.
type Item struct {
	Lead *leadtype.Lead
	// Given is the lead as it was captured, where Lead lacks texts that stand for no value.
	// Nil means that it is Lead.
	Given *leadtype.Lead
	// captured is the lead as it was captured, nil before it is cleaned.
	captured *leadtype.Lead
	// turnKeys are the lead's TurnKeys, from its OwnKey on. Nil before its turn.
	turnKeys []string
	// probes are what the strategy has looked for by probed, nil for nothing yet.
	probes []leadtype.Probe
	probed *leadtype.Lead
	// NoEmail and NoCompany say that the lead's address, or its company, stands for none and
	// was taken out of Lead; the address of Given too.
	NoEmail, NoCompany bool
	Last               *leadtype.Outcome // of an earlier sync, nil at first
	Ask                leadtype.Ask      // what a person asked for when the lead was pushed
	// Intents are the pending creates, whose response was lost: until the item is
	// settled those of earlier attempts, then those that are pending still.
	Intents []leadtype.Intent
	// Updates are the updates without a response of earlier attempts, once the item is
	// settled with those of this one. There is none when the lead is cleared.
	Updates []leadtype.Intent
	Left    []leadtype.Intent // those for a company that the lead no longer has
	// Landed are the records that Updates have written, or may have, with their before-images:
	// no outcome has them.
	Landed []leadtype.Part
	// Sent is what an earlier look of the same sync has journalled, and the org has carried out:
	// the Store has not been told yet.
	Sent []leadtype.Intent

	Outcome *leadtype.Outcome // of this sync, nil until the item is settled
	Again   bool              // a second look now would get further
	Wrote   bool              // the org answered a write of this sync
	// Records is what this sync teaches of the records of the person and the company.
	Records []leadtype.RecordMemory
}

// NewItem returns the item of a stored lead, with its journal.
func NewItem(lead *leadtype.Lead, journal []leadtype.Intent, last *leadtype.Outcome) *Item {
	t := &Item{Lead: lead, Last: last}
	if last != nil && last.Ask != nil {
		t.Ask = *last.Ask
	}
	t.recall(journal)
	return t
}

// recall takes what a journal has of the lead.
func (t *Item) recall(journal []leadtype.Intent) {
	for _, intent := range journal {
		if intent.Update {
			t.Updates = append(t.Updates, intent)
		} else {
			t.Intents = append(t.Intents, intent)
		}
	}
}

// Owes reports whether something is left to do for a record of an object that is settled:
// values are owed to the lead, or a person has asked for fields.
func (t *Item) Owes(object salesforce.Object) bool {
	return len(t.Ask.Of(object)) > 0 || t.owed(object)
}

// owed reports whether values of an object are owed to the lead.
func (t *Item) owed(object salesforce.Object) bool {
	return t.Last != nil && slices.ContainsFunc(t.Last.Owed,
		func(o leadtype.OwedValue) bool { return o.Object.Equal(object) })
}

// Journal returns what a journal keeps of a settled lead.
func (t *Item) Journal() []leadtype.Intent { return slices.Concat(t.Intents, t.Updates) }

// MayHaveEmail reports whether an update of the lead's without a response was to write an
// address to a record.
func (t *Item) MayHaveEmail(record salesforce.ID, address string) bool {
	hold, _ := t.sentTo(record).Holds(&emailField, address)
	return hold == leadtype.HoldOurs
}

var emailField = salesforce.Field{Name: "Email", Type: salesforce.TypeEmail}

// sentTo returns what updates without a response were to write to a record.
func (t *Item) sentTo(record salesforce.ID) *leadtype.RecordMemory {
	memory := &leadtype.RecordMemory{ID: record.ID18()}
	for i := range t.Updates {
		memory.NoteSent(&t.Updates[i])
	}
	return memory
}

// confirmSent notes of the records that were read which values of updates without a
// response they have: those are what was written last. The others may come late, so that
// they are remembered too.
func (t *Item) confirmSent(index *Index, describe func(salesforce.Object) *salesforce.Describe) {
	for i := range t.Updates {
		update := &t.Updates[i]
		record := index.byID[update.Record]
		if record == nil || len(update.Fields) == 0 || describe(record.Object) == nil {
			continue
		}
		sent := t.sentTo(update.Record)
		t.Records = append(t.Records, *sent)
		seen := leadtype.RecordMemory{ID: update.Record}
		for name := range update.Fields {
			field, ok := describe(record.Object).Field(name)
			if !ok {
				continue
			}
			current, _ := record.Value(name)
			if hold, at := sent.Holds(field, current); hold == leadtype.HoldOurs {
				seen.Note(field, current, at)
			}
		}
		if seen.Written != "" {
			t.Records = append(t.Records, seen)
		}
	}
}

// sent reports whether an update without a response was to write a field of the person.
func (t *Item) sent(field string) bool {
	return slices.ContainsFunc(t.Updates, func(i leadtype.Intent) bool {
		return i.Kind == leadtype.PartPerson && i.Fields[field] != ""
	})
}

// Earlier returns the creates and the updates of which the Store has not been told what became:
// those of earlier syncs, and those of an earlier look of this one.
func (t *Item) Earlier() (creates, updates []leadtype.Intent) {
	creates, updates = slices.Clone(t.Intents), slices.Clone(t.Updates)
	for _, sent := range t.Sent {
		if sent.Update {
			updates = append(updates, sent)
		} else {
			creates = append(creates, sent)
		}
	}
	return creates, updates
}

// Settle enters what became of the lead, and which creates are pending still.
func (t *Item) Settle(out *leadtype.Outcome, pending []leadtype.Intent) {
	t.Outcome, t.Intents, t.Left = out, pending, nil
}

// Next returns the item for a second look at a settled one.
func (t *Item) Next() *Item {
	return &Item{Lead: t.Lead, Given: t.Given, captured: t.captured, NoEmail: t.NoEmail, NoCompany: t.NoCompany,
		Intents: t.Intents, Updates: t.Updates, Sent: t.Sent, Last: t.Outcome, Ask: t.Ask}
}

// clean takes texts that stand for no value out of Lead, once.
func (t *Item) clean(set *mapping.Set) {
	if t.captured != nil {
		return
	}
	t.captured = t.Lead
	if cleaned := set.Clean(t.Lead); cleaned != t.Lead {
		t.Given, t.Lead = t.Lead, cleaned
	}
	given := t.Given
	if given == nil {
		given = t.Lead
	}
	noEmail := identity.PlaceholderAddress(t.Lead.Email, NameOf(given)) // as it is looked up and written
	email := given.Email
	if noEmail {
		email = ""
	}
	noCompany := identity.PlaceholderCompany(given.Company, given.Website, email)
	if !noEmail && !noCompany {
		return
	}
	captured, cleaned := *given, *t.Lead
	captured.Email = email
	if t.Given, t.Lead = &captured, &cleaned; noEmail {
		t.NoEmail, cleaned.Email = true, ""
	}
	if noCompany {
		t.NoCompany, cleaned.Company = true, ""
	}
}

// Intent returns the pending create of a part, nil for none.
func (t *Item) Intent(kind leadtype.PartKind, key string) *leadtype.Intent {
	for i := range t.Intents {
		if t.Intents[i].Kind == kind && t.Intents[i].Key == key {
			return &t.Intents[i]
		}
	}
	return nil
}

// CreateKey is the leadtype.Intent.Key of the create of a membership or of a record of another
// object, of which a lead has one for each campaign and for each object.
func CreateKey(part *leadtype.PlannedPart) string {
	if part.Kind == leadtype.PartCustom {
		return string(value.Folded(part.Object))
	}
	return part.Key
}

// MayHaveMade reports whether a create without a response may have made a membership, or a record
// of another object, of its lead.
func MayHaveMade(create *leadtype.Intent, record *salesforce.Record) bool {
	switch {
	case create.Update || !create.Object.Equal(record.Object):
		return false
	case create.Kind == leadtype.PartMember:
		return salesforce.ID(create.Key).Equal(salesforce.ID(record.Text("CampaignId")))
	}
	return create.Kind == leadtype.PartCustom
}

// Keyed returns a pending create of a person or an account that carried a key.
func (t *Item) Keyed(kind leadtype.PartKind) *leadtype.Intent {
	for i := range t.Intents {
		if t.Intents[i].Kind == kind && kind != leadtype.PartTask && t.Intents[i].Key != "" {
			return &t.Intents[i]
		}
	}
	return nil
}

// Task returns the Task that an earlier sync logged for an activity, "" for none.
func (t *Item) Task(activity string) salesforce.ID {
	if t.Last == nil {
		return ""
	}
	for i := range t.Last.Parts {
		part := &t.Last.Parts[i]
		if part.Kind == leadtype.PartTask && part.Key == activity && part.Err == nil {
			return part.ID
		}
	}
	return ""
}

// sentAs returns what was said of the record that an open create was to make with the key of
// another lead, "" for any other probe.
func (t *Item) sentAs(p *leadtype.ProbeTrace) leadtype.Who {
	sent := t.Keyed(leadtype.PartPerson)
	if p.Key == "" || sent == nil || sent.Key != p.Value {
		return ""
	}
	return sent.Who
}

// Open returns all pending creates, for a lead that was not written.
func (t *Item) Open() []leadtype.Intent { return slices.Concat(t.Intents, t.Left) }

// leaveCompany sets the pending create of an account apart when it belongs to the
// lead's earlier company: its key and its place are not those of the new one.
func (t *Item) leaveCompany() {
	for i, intent := range t.Intents {
		if intent.Kind == leadtype.PartAccount && intent.Company != nil &&
			!shareValue(intent.Company, CompanyKeys(t.Lead)) {
			t.Intents, t.Left = slices.Delete(slices.Clone(t.Intents), i, i+1), append(t.Left, intent)
			return
		}
	}
}

// shareValue reports whether two lists have a value in common.
func shareValue(a, b []string) bool {
	return slices.ContainsFunc(a, func(value string) bool { return slices.Contains(b, value) })
}

// choice returns what a person chose, as long as that is for the data of the lead.
func (t *Item) choice() leadtype.Choice {
	if t.Last == nil || !t.Last.Trace.Bond.ChoiceHolds(t.chooser()) {
		return leadtype.Choice{}
	}
	return t.Last.Trace.Split()
}

// chooser returns the lead as a person saw it when they chose: with the texts that stand for
// no value.
func (t *Item) chooser() *leadtype.Lead {
	if t.captured != nil {
		return t.captured
	}
	return t.Lead
}
