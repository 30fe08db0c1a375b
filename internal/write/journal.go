// SPDX-License-Identifier: Apache-2.0

package write

import (
	"context"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A JournalFunc stores intents before they are sent. An error stops the
// batch before anything is written.
type JournalFunc func(ctx context.Context, intents map[leadtype.LeadID][]leadtype.Intent) error

// intentsOf returns, for each lead of a plan, the creates that must not be sent twice and
// the updates that later syncs have to know of: those about to be sent, and earlier ones
// that still have no response.
// items[i] is the item of plan.Leads[i].
func intentsOf(plan *leadtype.Plan, items []*match.Item, describe describer) map[leadtype.LeadID][]leadtype.Intent {
	all := make(map[leadtype.LeadID][]leadtype.Intent, len(plan.Leads))
	for i, lead := range plan.Leads {
		if lead.Err != nil {
			continue
		}
		var someCreates, someUpdates [fewIntents]leadtype.Intent
		intents := appendIntents(someCreates[:0], plan, lead, items[i], describe)
		updates := appendUpdates(someUpdates[:0], plan, lead, describe)
		if len(intents)+len(updates) > 0 {
			creates, earlier := items[i].Earlier()
			all[lead.LeadID] = slices.Concat(withEarlier(intents, creates), withUpdates(earlier, updates))
		}
	}
	return all
}

// fewIntents is how many creates, and updates, most leads have at most.
const fewIntents = 3

// appendIntents appends the creates of a lead that are about to be sent, and those
// that its plan waits for, or whose record it updates.
func appendIntents(intents []leadtype.Intent, plan *leadtype.Plan, lead *leadtype.LeadPlan, it *match.Item,
	describe describer) []leadtype.Intent {
	nameless := namelessKey(plan, lead, it)
	for i := range lead.Parts {
		part := &lead.Parts[i]
		switch {
		case part.Change != leadtype.Unplanned && isRememberedCreate(&plan.Changes[part.Change]):
			if intent := newMemory(&plan.Changes[part.Change], lead, part, plan.At, plan.At, describe); intent.Written != "" {
				intents = append(intents, intent)
			}
		case part.Change != leadtype.Unplanned && isJournalled(&plan.Changes[part.Change]):
			intent := newIntent(&plan.Changes[part.Change], lead, part, plan.At, plan.At, describe)
			besideEarlier(&intent, it)
			intent.Fields = fingerprint(&plan.Changes[part.Change], nameless)
			intents = append(intents, intent)
		case part.Kind == leadtype.PartPerson && part.ID != "" && part.Change != leadtype.Unplanned:
			if found := it.Intent(part.Kind, ""); found != nil && found.Record != part.ID {
				adopted := *found
				adopted.Record = part.ID
				intents = append(intents, adopted)
			}
		case part.Err != nil && part.Err.Code == leadtype.UncertainWrite:
			if waited := it.Intent(part.Kind, part.Key); waited != nil {
				intents = append(intents, *waited)
			}
		}
	}
	return intents
}

// withEarlier adds to intents the earlier ones that they do not repeat. The journal
// replaces what it held, and until this attempt is settled nothing else knows the
// record that an earlier create may have left.
func withEarlier(intents, earlier []leadtype.Intent) []leadtype.Intent {
	for _, old := range earlier {
		if !slices.ContainsFunc(intents, func(i leadtype.Intent) bool { return i.Kind == old.Kind && i.Key == old.Key }) {
			intents = append(intents, old)
		}
	}
	return intents
}

// newIntent returns the journal entry of a create. Its key distinguishes a lead's
// tasks; a person and an account have the one that they carry, if any.
func newIntent(c *leadtype.Change, lead *leadtype.LeadPlan, part *leadtype.PlannedPart,
	plannedAt, sentAt time.Time, describe describer) leadtype.Intent {
	intent := leadtype.Intent{Kind: part.Kind, Object: part.Object, PlannedAt: plannedAt, SentAt: sentAt}
	switch part.Kind {
	case leadtype.PartTask:
		intent.Key, intent.Content = part.Key, taskContent(c, lead.LeadID)
		return intent
	case leadtype.PartAccount:
		intent.Company = lead.Keys.Company
	}
	if c.UniqueField != "" {
		intent.Key = newText(c, c.UniqueField)
	}
	created := leadtype.RecordMemory{ID: salesforce.ID(lead.LeadID)}
	noteWritten(&created, c, nil, describe)
	intent.Written = created.Written
	if part.Kind == leadtype.PartPerson {
		intent.Person = sentPerson(c)
		if lead.Trace.Bond != nil {
			intent.Who = lead.Trace.Bond.Who
		}
		if part.Object == salesforce.ObjectContact {
			intent.Company = lead.Keys.Company
		}
	}
	return intent
}

// isRememberedCreate reports whether a change creates a record that may be created again without
// harm: it is journalled for what it writes alone, which would pass for others' values otherwise.
func isRememberedCreate(c *leadtype.Change) bool {
	return c.Create && (c.Kind == leadtype.PartMember || c.Kind == leadtype.PartCustom && c.UniqueField != "")
}

// newMemory returns the journal entry of such a create.
func newMemory(c *leadtype.Change, lead *leadtype.LeadPlan, part *leadtype.PlannedPart, plannedAt, sentAt time.Time,
	describe describer) leadtype.Intent {
	created := leadtype.RecordMemory{ID: salesforce.ID(lead.LeadID)}
	noteWritten(&created, c, nil, describe)
	return leadtype.Intent{Kind: part.Kind, Object: part.Object, Key: match.CreateKey(part), Written: created.Written,
		PlannedAt: plannedAt, SentAt: sentAt}
}

// besideEarlier adds to a create with a key what earlier ones with that key, which have no
// response, were to write: any of them may be the one that makes the record.
func besideEarlier(intent *leadtype.Intent, it *match.Item) {
	if earlier := it.Intent(intent.Kind, intent.Key); earlier != nil && intent.Key != "" {
		now, before := leadtype.RecordMemory{Written: intent.Written}, leadtype.RecordMemory{Written: earlier.Written}
		intent.Written = now.Beside(before).Written
	}
}

// sentPerson returns the fields by which a person without a key is found again.
func sentPerson(c *leadtype.Change) leadtype.SentPerson {
	return leadtype.SentPerson{Email: newText(c, "Email"), FirstName: newText(c, "FirstName"),
		LastName: newText(c, "LastName"), Company: newText(c, "Company")}
}

// unsettled returns the earlier create that a part leaves without a response: it is
// still waited for, or its key did not go through this time.
func unsettled(it *match.Item, planned *leadtype.PlannedPart, part *leadtype.Part) *leadtype.Intent {
	switch {
	case planned.Err != nil && planned.Err.Code == leadtype.UncertainWrite:
		return it.Intent(planned.Kind, planned.Key)
	case part.Action == "" && (planned.Kind == leadtype.PartMember || planned.Kind == leadtype.PartCustom):
		return it.Intent(planned.Kind, match.CreateKey(planned))
	case part.Action == "":
		return it.Keyed(planned.Kind)
	}
	return nil
}
