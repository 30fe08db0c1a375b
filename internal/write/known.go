// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"
	"sync"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Known remembers the record of each lead that Sync took last, of at most 10,000 leads,
// which of its parts are settled, and the Tasks of its activities: Sync keeps no lead in a
// Store, a lead without an e-mail address and a key could not be found again, and the
// activities of a corrected one would be logged again on its other record. Its zero value is ready, and it is safe for
// concurrent use.
type Known struct {
	mu    sync.Mutex
	leads bounded[leadtype.LeadID, leadtype.Outcome]
}

// Recall gives the items that have no earlier outcome the one that is remembered.
func (k *Known) Recall(items []*match.Item) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, it := range items {
		if it.Last != nil {
			continue
		}
		if known, ok := k.leads.lookup(it.Lead.ID); ok {
			last := known
			it.Last = &last
		}
	}
}

// TurnKeys returns match.Matcher.TurnKeys for the records that are remembered.
func (k *Known) TurnKeys(items []*match.Item) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var keys []string
	for _, it := range items {
		if out, ok := k.leads.lookup(it.Lead.ID); ok && it.Last == nil {
			keys = append(keys, match.RecordKey(out.ID))
		}
	}
	return keys
}

// Note remembers the records of settled items.
func (k *Known) Note(outcomes []*leadtype.Outcome) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, out := range outcomes {
		if out.ID != "" && !isUnsureDuplicate(out) {
			known := essence(out)
			if before, ok := k.leads.lookup(out.LeadID); ok {
				keepTasks(&known, before.Parts)
			}
			k.leads.put(out.LeadID, known)
		}
	}
}

// isUnsureDuplicate reports whether the record of a lead is the one that a duplicate rule
// named, and was not compared with the lead yet.
func isUnsureDuplicate(out *leadtype.Outcome) bool {
	return out.Stage != leadtype.Cleared && out.Trace.Bond != nil && out.Trace.Bond.Person == leadtype.OriginDuplicate
}

// Forget removes what is remembered of a lead.
func (k *Known) Forget(lead leadtype.LeadID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.leads.remove(lead)
}

// keepTasks keeps the Tasks, among the parts known before, of activities that the last sync of a
// lead did not have.
func keepTasks(known *leadtype.Outcome, before []leadtype.Part) {
	logged := make(map[string]bool)
	for i := range known.Parts {
		if p := &known.Parts[i]; p.Kind == leadtype.PartTask {
			logged[p.Key] = true
		}
	}
	for _, p := range before {
		if p.Kind == leadtype.PartTask && !logged[p.Key] {
			known.Parts = append(known.Parts, p)
		}
	}
}

// essence returns what of an outcome identifies the record of its lead, which parts are
// settled, with what was said of them, and what tells where its Tasks are: their ids, and the
// records that the lead has left.
func essence(out *leadtype.Outcome) leadtype.Outcome {
	known := leadtype.Outcome{LeadID: out.LeadID, EventID: out.EventID, Stage: leadtype.Cleared,
		Object: out.Object, ID: out.ID, AccountID: out.AccountID, Trace: out.Trace, Owed: out.Owed,
		Warnings: out.Warnings, Left: out.Left, At: out.At}
	known.Trace.Probes, known.Trace.FoldedInto = nil, ""
	for i := range out.Parts {
		if p := &out.Parts[i]; p.ID != "" && p.Err == nil && (p.Digest != "" || p.Kind == leadtype.PartTask) {
			if known.Parts == nil {
				known.Parts = make([]leadtype.Part, 0, len(out.Parts)-i)
			}
			known.Parts = append(known.Parts,
				leadtype.Part{Kind: p.Kind, Object: p.Object, Key: p.Key, ID: p.ID, Digest: p.Digest})
		}
	}
	return known
}

// Unidentified reports whether nothing but the process identifies the record of a lead
// that was synced: no probe had a value.
func Unidentified(out *leadtype.Outcome) bool {
	return out.Stage == leadtype.Cleared && !slices.ContainsFunc(out.Trace.Probes, func(p leadtype.ProbeTrace) bool {
		return p.Skipped == "" && p.Object != salesforce.ObjectAccount
	})
}

// NotIdentifiable is the warning of an Unidentified outcome.
func NotIdentifiable(object salesforce.Object) leadtype.Warning {
	return leadtype.Warning{Kind: leadtype.NotIdentifiable, Object: object,
		Reason: "the lead has nothing by which its strategy could find its record in another process, such as an e-mail " +
			"address, an id or a key: synced there with other data, it gets a second one; add key fields to the org, or " +
			"capture leads in a Store"}
}
