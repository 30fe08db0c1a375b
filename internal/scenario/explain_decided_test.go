// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// tellingOptions are the options that answers of a telling have.
var tellingOptions = map[string]string{"demo": "Demo", "price": "Pricing"}

// configureMore draws qualifiers and a section for a custom object.
func (w *telling) configureMore() {
	for _, object := range []string{"Lead", "Contact"} {
		w.org.DefineField(object, sftest.Field{Name: "Interest__c", Type: "picklist", Restricted: true,
			Options: []string{"Demo", "Pricing"}})
	}
	if w.bool() {
		w.unmapped = one(w, mapping.HoldUnmapped, mapping.DropUnmapped, mapping.DropUnmapped)
		w.cfg.Qualifiers = []leadsync.Qualifier{{Name: "Interest", Options: tellingOptions, Unmapped: w.unmapped,
			Fields: map[salesforce.Object]string{"Lead": "Interest__c", "Contact": "Interest__c"}},
			{Name: "Remark", Type: mapping.QualifierNote}}
	}
	if w.bool() {
		m := w.cfg.Mapper.(*leadsync.Mapping)
		m.Sections = append(m.Sections, visits())
		w.visits = true
	}
}

// captureMore draws answers and notes.
func (w *telling) captureMore() {
	for i, lead := range w.order {
		lead.Notes = one(w, "", fmt.Sprint("remark ", i))
		lead.Answers = map[string][]string{}
		if answer := one(w, "", "demo", "PRICE", "spam"); answer != "" && len(w.cfg.Qualifiers) > 0 {
			lead.Answers["Interest"] = []string{answer}
		}
		if len(w.cfg.Qualifiers) > 0 && w.random.IntN(3) == 0 {
			lead.Answers["Remark"] = []string{fmt.Sprint("call back, says ", lead.ID)}
		}
	}
}

// A decision is what zoe chose for a lead that was held, and what she passed by for a new record.
type chosen struct {
	record salesforce.ID
	passed []salesforce.ID
	kind   string // of a new record
}

// syncDurably captures the leads, syncs them, decides about some of those that are held, and
// syncs these once more.
func (w *telling) syncDurably(t *testing.T) {
	t.Helper()
	w.cfg.Store = memory.New(nil)
	syncer := scenario.SyncerOf(t, w.org, &w.cfg)
	captureAndDrain(t, syncer, w.order...)
	w.between, w.askedBefore = w.rows(), w.log()
	w.org.ResetLog()
	for _, entry := range scenario.StoredIn(t, syncer) {
		if !leadtype.AwaitsChoice(entry.Last) || w.random.IntN(4) == 0 {
			continue
		}
		c := chosen{record: leadtype.NewRecord, passed: leadtype.Passed(entry.Last), kind: "a record"}
		if leadtype.AwaitsAccount(entry.Last) {
			c.kind = "an Account"
		}
		if candidates := leadtype.Candidates(entry.Last); len(candidates) > 0 && w.bool() {
			c = chosen{record: one(w, candidates...).ID}
		}
		require.NoError(t, syncer.By("zoe").Choose(t.Context(), entry.Lead.ID, c.record))
		w.chosen[entry.Lead.ID] = c
	}
	w.deleteChosen(scenario.StoredIn(t, syncer))
	w.insertOthers()
	require.NoError(t, syncer.Drain(t.Context()))
	for _, entry := range scenario.StoredIn(t, syncer) {
		w.told[entry.Lead.ID] = leadtype.Explain(entry.Last)
	}
}

// deleteChosen deletes a record that zoe chose, and that no lead has yet.
func (w *telling) deleteChosen(entries []leadsync.Entry) {
	for _, id := range slices.Sorted(maps.Keys(w.chosen)) {
		record := w.chosen[id].record
		row := w.between[string(record)]
		taken := slices.ContainsFunc(entries, func(e leadsync.Entry) bool {
			return e.Stage != leadsync.PreSync && e.Last.ID == record
		})
		if row == nil || row["object"] == "Account" || taken {
			continue
		}
		w.gone[string(record)] = row
		delete(w.between, string(record))
		w.org.Delete(row["object"].(string), string(record))
		return
	}
}

// insertOthers inserts records of other people at the address of a lead for which zoe chose a new
// one.
func (w *telling) insertOthers() {
	for _, id := range slices.Sorted(maps.Keys(w.chosen)) {
		lead := w.leads[id]
		if c := w.chosen[id]; c.record != leadtype.NewRecord || c.kind != "a record" || lead.Email == "" || w.bool() {
			continue
		}
		for range 2 {
			other := w.org.Insert("Contact",
				map[string]any{"FirstName": "Zaza", "LastName": "Quux", "Email": lead.Email})
			row := maps.Clone(w.org.Row("Contact", other))
			row["object"] = "Contact"
			w.between[other], w.atFirst[other] = row, row
		}
		return
	}
}

// log returns the statements that the org was asked.
func (w *telling) log() (asked string) {
	for _, request := range w.org.Requests() {
		asked += strings.Join(request.SOQL, "\n") + "\n"
	}
	return asked
}

// of returns the telling as the last sync of a lead found it.
func (w *telling) of(id leadsync.LeadID) *telling {
	if w.between == nil {
		return w
	}
	then := *w
	if _, decided := w.chosen[id]; decided {
		then.before = w.between
	} else {
		then.asked = w.askedBefore
	}
	return &then
}

// wasNew reports whether the syncs of the lead created a record.
func (r *reader) wasNew(id string) bool { return r.atFirst[id] == nil }

// chose checks a sentence that says who chose what.
func (r *reader) chose(by string, record salesforce.ID, kind string) {
	c, made := r.chosen[r.lead.ID]
	r.require(made && by == "zoe" && c.record == record && (kind == "" || kind == c.kind), "%s chose %s", by, c.record)
	r.choice = record
}

// chosenGone checks a warning that what was chosen is gone.
func (r *reader) chosenGone(object, reason string) {
	c := r.chosen[r.lead.ID]
	r.require(r.gone[string(c.record)] != nil, "%s is there", c.record)
	said := object + " " + string(c.record) + ", which a person chose, was deleted"
	r.require(strings.Contains(reason, said), "it says otherwise")
	r.require(r.choice == "", "it counts still")
	r.choice = c.record
}

// visit checks what was done to the lead's record of the custom object.
func (r *reader) visit(row map[string]any) {
	r.require(r.visits && row["VisitKey__c"] == string(r.lead.ID), "it is of another lead")
	r.require(row["Lead__c"] == r.record || row["Contact__c"] == r.record, "it is of another person")
	r.visited = true
}

// isRemark reports whether a Task is for the answer to the qualifier of remarks.
func (r *reader) isRemark(key string) bool {
	return strings.HasPrefix(key, "qualifier.") && len(r.lead.Answers["Remark"]) > 0
}

// remarkTask returns the Task that holds the answer.
func (r *reader) remarkTask() string {
	for id, row := range r.after {
		if row["object"] == "Task" && row["Description"] == "Remark: "+r.lead.Answers["Remark"][0] {
			return id
		}
	}
	return ""
}

// unsaidMore finds what is missing of the answers, of the custom object and of the choice.
func (r *reader) unsaidMore() {
	if c, made := r.chosen[r.lead.ID]; made {
		r.require(r.choice == c.record, "zoe chose %s: nothing says so", c.record)
	}
	if r.stage != "cleared" {
		return
	}
	r.require(!r.visits || r.visited, "its record of the custom object is not told")
	r.require(len(r.lead.Answers["Remark"]) == 0 || r.remarked, "the Task of its remark is not told")
	if answers := r.lead.Answers["Interest"]; len(answers) > 0 && answers[0] == "spam" {
		r.require(r.said[r.object+".Interest__c"] || r.loose, "the answer that was dropped is not told")
	}
}

// mappedAnswer is the option that the lead's answer is mapped to, "" for none.
func (r *reader) mappedAnswer() string {
	if answers := r.lead.Answers["Interest"]; len(answers) > 0 {
		return tellingOptions[strings.ToLower(answers[0])]
	}
	return ""
}

// passedBy checks that a record was passed by for a new one: zoe saw it, or it may be another
// person's.
func (r *reader) passedBy(id string, row map[string]any) {
	c, seen := r.chosen[r.lead.ID], r.saw(id)
	another := row["object"] != "Account" && row["FirstName"] != r.lead.FirstName
	r.require(c.record == leadtype.NewRecord && (seen || another), "she did not pass it by")
}

// saw reports whether zoe passed a record by for a new one.
func (r *reader) saw(id string) bool {
	return slices.Contains(r.chosen[r.lead.ID].passed, salesforce.ID(id))
}
