package leadsync_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// TestPlanAppliedIsDoneAndRevertedIsAsBefore holds for random leads and org
// states: applying a plan leaves nothing to plan; reverting restores every
// mapped field that nobody has changed since, deletes what was created when
// asked, and lists the rest.
func TestPlanAppliedIsDoneAndRevertedIsAsBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		clock := newClock()
		org := sftest.NewOrg(nil, sftest.WithNow(clock.now))
		defer org.Close()
		cfg := &leadsync.Config{Now: clock.now, Strategy: rapid.SampledFrom([]leadsync.Strategy{
			leadsync.LeadsAndContacts, leadsync.LeadsOnly, leadsync.AccountsAndContacts}).Draw(r, "strategy")}
		addVisits(org)
		if rapid.Bool().Draw(r, "custom objects") {
			cfg.Mapper = randomSections(r, org)
		}
		if rapid.Bool().Draw(r, "campaign") {
			cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: expo(org), Status: "Met"}}
		}
		populate(r, org, cfg)
		client := clientOf(t, org)
		syncer, err := leadsync.New(client, cfg)
		require.NoError(r, err)
		leads := rapid.SliceOfN(rapid.Custom(randomLead), 1, 6).Draw(r, "leads")
		for i, lead := range leads {
			lead.ID = leadsync.LeadID(fmt.Sprintf("L%d", i))
		}
		before := snapshot(org)

		plan, err := syncer.Plan(t.Context(), leads...)
		require.NoError(r, err)
		outcomes, failed := syncer.Apply(t.Context(), plan)
		done := snapshot(org)
		again, err := syncer.Plan(t.Context(), leads...)
		require.NoError(r, err)
		if failed == nil { // else a lead without a company, say, may find its person by now
			require.Empty(r, again.Changes, "applied once, nothing is left to plan")
		}

		clock.advance(2 * time.Minute)
		spoilt := spoil(r, org, before, done)
		now := snapshot(org)
		opts := leadsync.RevertOptions{Delete: rapid.Bool().Draw(r, "delete")}
		report, err := syncer.Revert(t.Context(), kept(r, outcomes), opts)
		require.NoError(r, err)
		checkReverted(r, reverted{before, done, now, snapshot(org), spoilt, opts, report})

		org.ResetLog()
		second, err := syncer.Revert(t.Context(), outcomes, opts)
		require.NoError(r, err)
		require.Zero(r, writesOf(org), "a second revert changes nothing")
		require.Equal(r, len(report.Left), len(second.Left))
	})
}

// randomSections maps to a custom object and to Opportunity too, some of which are
// there, and to references by a key.
func randomSections(r *rapid.T, org *sftest.Org) *leadsync.Mapping {
	region := leadsync.Rule{Source: "custom.region", Field: "Region__c", By: "Region__c.Code__c"}
	org.DefineField("Lead", sftest.Field{Name: "Region__c", Type: "reference", ReferenceTo: []string{"Region__c"}})
	regions := []any{nil, org.Insert("Region__c", map[string]any{"Code__c": "EU"}), org.Insert("Region__c", map[string]any{"Code__c": "US"}), org.Insert("Region__c", nil)}
	section := visits(leadsync.Rule{Source: "jobTitle", Field: "Booth__c"}, region)
	section.Lookups = append(section.Lookups, leadsync.Lookup{Field: "Opportunity__c", To: "Opportunity"})
	section.Rules[0].Write = leadsync.Append
	if rapid.Bool().Draw(r, "by badge") {
		section.Rules = append(section.Rules, leadsync.Rule{Source: "custom.badge", Field: "VisitKey__c"})
	}
	m := mappedTo(section, deals()).Mapper.(*leadsync.Mapping)
	m.Sections[0].Rules = append(m.Sections[0].Rules, region)
	stranger := insertContact(org, "Stranger", "stranger@elsewhere.example")
	for _, key := range []string{"L0", "L1", "b1"} {
		if rapid.Bool().Draw(r, "visit") {
			org.Insert("Visit__c", map[string]any{"VisitKey__c": key, "Contact__c": stranger, "Notes__c": "theirs", "Region__c": rapid.SampledFrom(regions).Draw(r, "region")})
		}
	}
	if rapid.Bool().Draw(r, "deal") {
		org.Insert("Opportunity", map[string]any{"DealKey__c": "Company 1", "Name": "Theirs", "StageName": "Won", "CloseDate": "2026-01-01"})
	}
	return m
}

// kept are outcomes that a host wrote to its database and read again.
func kept(r require.TestingT, outcomes []*leadsync.Outcome) []*leadsync.Outcome {
	data, err := json.Marshal(outcomes)
	require.NoError(r, err)
	var read []*leadsync.Outcome
	require.NoError(r, json.Unmarshal(data, &read))
	return read
}

func randomText() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"", "", "x", "Y", "Zürich", " 山田 ", "a\nb", "O'Brien \\ x", "1,234", "77"})
}

func randomLead(r *rapid.T) *leadsync.Lead {
	text := func(name string) string { return randomText().Draw(r, name) }
	who := rapid.IntRange(0, 5).Draw(r, "who")
	lead := &leadsync.Lead{
		FirstName: text("first"), LastName: fmt.Sprintf("Person %d", who), JobTitle: text("title"),
		Phone: text("phone"), City: text("city"), Notes: text("notes"), Industry: text("industry"),
		CompanySize: rapid.SampledFrom([]string{"", "7", "1,234", "51-200"}).Draw(r, "size"), EventName: text("event"), CompanyPhone: text("companyPhone"),
	}
	if rapid.Bool().Draw(r, "has email") {
		lead.Email = fmt.Sprintf("p%d@c%d.example", who, who%3)
	}
	if rapid.IntRange(0, 4).Draw(r, "has company") > 0 {
		lead.Company = fmt.Sprintf("Company %d", who%3)
	}
	lead.Custom = map[string]any{
		"region": rapid.SampledFrom([]string{"", "EU", "us"}).Draw(r, "region"),
		"badge":  rapid.SampledFrom([]string{"", "b1", "B1", "b2"}).Draw(r, "badge"),
	}
	if rapid.Bool().Draw(r, "active") {
		lead.Activities = []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: text("call")}}
	}
	return lead
}

// populate fills the org with some of the people and companies that leads may
// be.
func populate(r *rapid.T, org *sftest.Org, cfg *leadsync.Config) {
	texts := map[string][]string{
		"Account": {"Phone", "Industry", "Website"},
		"Contact": {"FirstName", "Title", "Phone", "MailingCity", "Description"},
		"Lead":    {"FirstName", "Title", "Phone", "City", "Description", "Industry"},
	}
	row := func(object string, fields map[string]any) string {
		for _, name := range rapid.SliceOf(rapid.SampledFrom(texts[object])).Draw(r, object) {
			fields[name] = rapid.SampledFrom([]string{"x", "y", "a\nb", "77"}).Draw(r, name)
		}
		return org.Insert(object, fields)
	}
	for company := range 3 {
		if rapid.Bool().Draw(r, "account") {
			row("Account", map[string]any{"Name": fmt.Sprintf("Company %d", company), "NumberOfEmployees": 5})
		}
	}
	for who := range 6 {
		email := fmt.Sprintf("p%d@c%d.example", who, who%3)
		var id, field string
		switch rapid.IntRange(0, 2).Draw(r, "known as") {
		case 1:
			id, field = row("Contact", map[string]any{"LastName": "Byron", "Email": email}), "ContactId"
		case 2:
			id, field = row("Lead", map[string]any{"LastName": "Byron", "Email": email, "Company": "Elsewhere"}), "LeadId"
		}
		if id != "" && len(cfg.Campaigns) > 0 && rapid.Bool().Draw(r, "member") {
			org.Insert("CampaignMember", map[string]any{"CampaignId": string(cfg.Campaigns[0].CampaignID), field: id, "Status": "Sent"})
		}
	}
}

// mapped are the fields that a sync writes on an object's records that are
// there.
func mapped(object string) []string {
	if object == "CampaignMember" {
		return []string{"Status"}
	}
	if object == "Visit__c" || object == "Opportunity" {
		return []string{"Notes__c", "Booth__c", "Region__c", "Lead__c", "Contact__c", "Account__c", "Opportunity__c", "Name", "StageName", "CloseDate", "AccountId"}
	}
	return leadsync.DefaultMapping().Fields(salesforce.Object(object))
}

var synced = []string{"Lead", "Contact", "Account", "CampaignMember", "Task", "Opportunity", "Visit__c"}

// A state is the rows of the org, by object and id.
type state map[string]map[string]map[string]any

func snapshot(org *sftest.Org) state {
	s := make(state)
	for _, object := range synced {
		s[object] = make(map[string]map[string]any)
		for _, row := range org.Rows(object) {
			s[object][row["Id"].(string)] = maps.Clone(row)
		}
	}
	return s
}

// spoil lets somebody change a field of some records, and returns which, by id.
func spoil(r *rapid.T, org *sftest.Org, before, done state) map[string]string {
	spoilt := make(map[string]string)
	for _, object := range []string{"Lead", "Contact", "Account", "Visit__c"} {
		for _, id := range slices.Sorted(maps.Keys(done[object])) {
			if rapid.IntRange(0, 3).Draw(r, "spoilt") > 0 {
				continue
			}
			field := rapid.SampledFrom([]string{"Phone", "Description", "Industry"}).Draw(r, "field")
			if object == "Contact" && field == "Industry" {
				field = "Title"
			}
			if object == "Visit__c" {
				field = rapid.SampledFrom([]string{"Notes__c", "Booth__c"}).Draw(r, "visit field")
			}
			org.Update(object, id, map[string]any{field: "somebody's"})
			spoilt[id] = field
		}
	}
	return spoilt
}

// reverted is what a revert is checked by.
type reverted struct {
	before, done, now, after state
	spoilt                   map[string]string
	opts                     leadsync.RevertOptions
	report                   *leadsync.RevertReport
}

func checkReverted(r *rapid.T, all reverted) {
	for _, object := range synced {
		for id := range all.done[object] {
			if all.before[object][id] == nil {
				all.checkCreated(r, object, id)
			} else {
				all.checkUpdated(r, object, id)
			}
		}
	}
}

func (all *reverted) checkUpdated(r *rapid.T, object, id string) {
	var lost []string
	for _, field := range mapped(object) {
		want := all.before[object][id][field]
		if all.spoilt[id] == field {
			want = "somebody's"
			if all.before[object][id][field] != all.done[object][id][field] {
				lost = append(lost, field)
			}
		}
		require.Equal(r, want, all.after[object][id][field], "%s.%s", object, field)
	}
	require.Equal(r, lost, listed(all.report.Left, id))
}

func (all *reverted) checkCreated(r *rapid.T, object, id string) {
	stays := all.stays(id)
	named := func(records []leadsync.Reversal) bool {
		return slices.ContainsFunc(records, func(rev leadsync.Reversal) bool { return string(rev.ID) == id })
	}
	switch {
	case !all.opts.Delete:
		require.True(r, named(all.report.Kept))
		require.NotNil(r, all.after[object][id])
	case stays:
		require.True(r, named(all.report.Left))
		require.NotNil(r, all.after[object][id])
	default:
		require.True(r, named(all.report.Deleted))
		require.Nil(r, all.after[object][id])
	}
}

// stays reports whether a record that the run created is not deleted: somebody
// changed it, or something that stays hangs on it. What the run did not create
// hangs on it no more.
func (all *reverted) stays(id string) bool {
	if all.spoilt[id] != "" {
		return true
	}
	for _, object := range []string{"Contact", "Opportunity", "Visit__c"} {
		for child, row := range all.now[object] {
			for _, field := range []string{"AccountId", "Lead__c", "Contact__c", "Account__c", "Opportunity__c"} {
				if row[field] == id && all.before[object][child] == nil && all.stays(child) {
					return true
				}
			}
		}
	}
	return false
}

// listed are the fields of a record that were left alone.
func listed(left []leadsync.Reversal, id string) []string {
	var fields []string
	for _, rev := range left {
		if string(rev.ID) == id {
			fields = append(fields, rev.Err.Fields...)
		}
	}
	return fields
}
