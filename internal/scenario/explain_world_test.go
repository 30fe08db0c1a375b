// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A telling is a random org in which random leads were synced once: what was there before and
// after, and what Explain tells of each lead.
type telling struct {
	random   *rand.Rand
	org      *sftest.Org
	cfg      leadsync.Config
	campaign string
	leads    map[leadsync.LeadID]*leadsync.Lead
	order    []*leadsync.Lead
	// ruled says that a duplicate rule acts, and gone has the rows that were deleted or merged.
	ruled bool
	gone  map[string]map[string]any
	// locked is the field that the connected user may not write.
	locked string
	// before and after have the rows by id, asked the statements of the sync.
	before, after map[string]map[string]any
	asked         string
	told          map[leadsync.LeadID]string
	// unmapped is the policy for answers without an option, visits says that the leads have
	// records of a custom object.
	unmapped mapping.UnmappedPolicy
	visits   bool
	// chosen is what zoe chose. Where the leads were captured, atFirst has the rows before
	// all, between those before she chose, and askedBefore what was asked until then.
	chosen           map[leadsync.LeadID]chosen
	atFirst, between map[string]map[string]any
	askedBefore      string
}

// tellingObjects are those whose rows a sync may read or write.
var tellingObjects = []string{"Lead", "Contact", "Account", "Task", "CampaignMember", "Visit__c"}

// newTelling syncs the leads of a seed.
func newTelling(t *testing.T, seed uint64) *telling {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 13)) //nolint:gosec // it is no secret
	w := &telling{random: random, org: scenario.VisitOrg(t), leads: make(map[leadsync.LeadID]*leadsync.Lead),
		gone: make(map[string]map[string]any), chosen: make(map[leadsync.LeadID]chosen),
		told: make(map[leadsync.LeadID]string)}
	w.configure()
	w.configureMore()
	w.populate()
	w.capture()
	w.captureMore()
	w.before = w.rows()
	w.atFirst = maps.Clone(w.before)
	if w.random.IntN(3) > 0 {
		w.org.ResetLog()
		w.syncDurably(t)
		w.after, w.asked = w.rows(), w.log()
		return w
	}
	syncer := scenario.SyncerOf(t, w.org, &w.cfg)
	w.org.ResetLog()
	outcomes, _ := syncer.Sync(t.Context(), w.order...)
	w.after, w.asked = w.rows(), w.log()
	for i, out := range outcomes {
		require.Equal(t, w.order[i].ID, out.LeadID)
		w.told[out.LeadID] = leadtype.Explain(out)
	}
	return w
}

func (w *telling) bool() bool { return w.random.IntN(2) == 0 }

// one draws one of some.
func one[T any](w *telling, of ...T) T { return of[w.random.IntN(len(of))] }

// configure draws the settings and the schema.
func (w *telling) configure() {
	w.cfg = leadsync.Config{
		Strategy:    one[leadsync.Strategy](w, leadsync.LeadsAndContacts, leadsync.LeadsOnly, leadsync.AccountsAndContacts),
		Ambiguous:   one(w, leadtype.TakeBest, leadtype.TakeBest, leadtype.HoldAmbiguous),
		OtherPerson: one(w, leadtype.HoldOther, leadtype.AttachOther, leadtype.CreateOther),
		Duplicates:  one(w, leadtype.ReuseDuplicate, leadtype.HoldDuplicate, leadtype.ReuseDuplicate),
		Converted:   one(w, leadtype.Follow, leadtype.NewLead, leadtype.HoldConverted),
	}
	m := leadsync.DefaultMapping()
	for i := range m.Sections {
		if s := &m.Sections[i]; s.Object != "Account" {
			w.org.DefineField(string(s.Object), sftest.Field{Name: "Tier__c", Type: "picklist", Restricted: true,
				Options: []string{"Gold", "Tin"}})
			s.Rules = append(s.Rules, mapping.Rule{Source: "custom.tier", Field: "Tier__c",
				Unfit: one(w, mapping.Skip, mapping.Fail),
				Write: one(w, mapping.Overwrite, mapping.WriteIfBlank, mapping.UnlessEdited)})
		}
	}
	w.cfg.Mapper = m
	switch w.random.IntN(6) {
	case 0:
		w.locked = "Lead.Title"
		w.org.ReadOnlyField("Lead", "Title")
	case 1:
		w.locked = "Contact.Phone"
		w.org.ReadOnlyField("Contact", "Phone")
	case 2:
		w.org.AddExternalID("Lead", "Contact", "Account", "Task")
	case 3:
		refusing(w.org, "Lead", "STRING_TOO_LONG", "Title")
	case 4:
		w.org.AddRule(one(w, "Lead", "Contact"), sftest.Rule{Name: "Title", Message: "Title is required", Field: "Title",
			Refuses: func(r map[string]any) bool { return r["Title"] == nil }})
	}
	if w.bool() {
		w.campaign = string(scenario.Expo(w.org))
		w.cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: salesforce.ID(w.campaign), Status: one(w, "", "Met", "Hot")}}
	}
	if w.ruled = w.random.IntN(3) == 0; w.ruled {
		w.org.AddDuplicateRule(one(w, "Lead", "Contact"),
			sftest.DuplicateRule{MatchOn: []string{"LastName"}, Block: w.bool()})
	}
}

// People of a telling: few, so that they meet.
var (
	tellingNames  = [][2]string{{"Ada", "Lovelace"}, {"Grace", "Hopper"}, {"Ada", "Byron"}, {"", "Hopper"}}
	tellingEmails = []string{"ada@engines.example", "grace@navy.example", "info@engines.example",
		"noreply@engines.example", ""}
)

// populate draws what is in the org.
func (w *telling) populate() {
	for range w.random.IntN(6) {
		object := one(w, "Lead", "Contact")
		name := one(w, tellingNames...)
		row := map[string]any{"FirstName": name[0], "LastName": name[1]}
		for _, of := range []struct {
			field  string
			values []string
		}{{"Email", tellingEmails}, {"Title", []string{"", "Countess", "Secretary"}},
			{"Phone", []string{"", "+1 617 555 0100"}}, {"Interest__c", []string{"", "", "Pricing"}}} {
			if v := one(w, of.values...); v != "" {
				row[of.field] = v
			}
		}
		if object == "Lead" {
			row["Company"] = one(w, "Engines Ltd", "Navy")
		}
		w.org.Insert(object, row)
	}
	for _, name := range []string{"Engines Ltd", "Navy"} {
		for range w.random.IntN(3) {
			w.org.Insert("Account", map[string]any{"Name": name})
		}
	}
	w.change()
}

// change deletes, merges or converts a record.
func (w *telling) change() {
	leads := w.org.Rows("Lead")
	if len(leads) == 0 || w.bool() {
		return
	}
	id := leads[0]["Id"].(string)
	defer func() {
		if w.org.Row("Lead", id) == nil || w.org.Row("Lead", id)["IsDeleted"] == true {
			w.gone[id] = leads[0]
			w.gone[id]["object"] = "Lead"
		}
	}()
	switch {
	case w.random.IntN(3) == 0:
		w.org.Convert(id)
	case len(leads) > 1 && w.bool():
		w.org.Merge("Lead", leads[1]["Id"].(string), id)
	case w.bool():
		w.org.Delete("Lead", id)
	}
}

// capture draws the leads.
func (w *telling) capture() {
	var ids []string
	for _, object := range []string{"Lead", "Contact"} {
		for _, row := range w.org.Rows(object) {
			ids = append(ids, row["Id"].(string))
		}
	}
	for i := range 1 + w.random.IntN(4) {
		name := one(w, tellingNames...)
		lead := &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprint("L", i)), FirstName: name[0], LastName: name[1],
			Email: one(w, tellingEmails...), Company: one(w, "Engines Ltd", "Navy", "N/A"), Phone: one(w, "", "+1 617 555 0199"),
			JobTitle:   one(w, "", "Countess", "Analyst", "N/A", strings.Repeat("very ", 40)+"long"),
			CapturedBy: one(w, "", "rep@events.example"), CapturedAt: time.Date(2026, 5, 4, 9, i, 0, 0, time.UTC)}
		if tier := one(w, "", "Gold", "Platinum"); tier != "" {
			lead.Custom = map[string]any{"tier": tier}
		}
		if len(ids) > 0 && w.random.IntN(3) == 0 {
			lead.LeadID = salesforce.ID(one(w, append(ids, "00Q00000000000ZEAQ", "no id")...))
		}
		for k := range w.random.IntN(3) {
			lead.Activities = append(lead.Activities, leadsync.Activity{ID: fmt.Sprintf("A%d-%d", i, k),
				Kind: one(w, leadsync.ActivityNote, leadsync.ActivityCall), By: one(w, "", "rep@events.example"),
				Notes: fmt.Sprintf("note %d of %d", k, i)})
		}
		w.leads[lead.ID] = lead
		w.order = append(w.order, lead)
	}
}

// rows returns the rows of the org by id, and those that are deleted.
func (w *telling) rows() map[string]map[string]any {
	all := make(map[string]map[string]any)
	for _, object := range tellingObjects {
		for _, row := range w.org.Rows(object) {
			row = maps.Clone(row)
			row["object"] = object
			all[row["Id"].(string)] = row
		}
	}
	return all
}

// changed returns the fields that a sync has changed in a row that was there, but for those of
// the system.
func (w *telling) changed(id string) []string {
	var fields []string
	before, after := w.before[id], w.after[id]
	for name := range after {
		ofSystem := []string{"LastModifiedDate", "SystemModstamp", "LastModifiedById", "Name", "LastActivityDate"}
		copied := after["object"] == "CampaignMember" && name != "Status" // of the person
		if !slices.Contains(ofSystem, name) && !copied && fmt.Sprint(before[name]) != fmt.Sprint(after[name]) {
			fields = append(fields, name)
		}
	}
	slices.Sort(fields)
	return fields
}
