// SPDX-License-Identifier: Apache-2.0

package scenario_test

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
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// TestPlanAppliedIsDoneAndRevertedIsAsBefore holds for random leads, mappings and org
// states: applying a plan leaves nothing to plan; reverting restores every
// mapped field that is unchanged since, deletes what was created when
// asked, and lists the rest.
func TestPlanAppliedIsDoneAndRevertedIsAsBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		clock := newClock()
		org := sftest.NewOrg(nil, sftest.WithNow(clock.now))
		defer org.Close()
		cfg := &leadsync.Config{Now: clock.now, Strategy: rapid.SampledFrom([]leadsync.Strategy{
			leadsync.LeadsAndContacts, leadsync.LeadsOnly, leadsync.AccountsAndContacts}).Draw(r, "strategy")}
		scenario.AddVisits(org)
		mapping := randomRows(r, leadsync.DefaultMapping())
		if rapid.Bool().Draw(r, "custom objects") {
			addSections(r, org, mapping)
		}
		cfg.Mapper = mapping
		addAnswers(r, org, cfg)
		if rapid.Bool().Draw(r, "campaign") {
			cfg.Campaigns = randomLinks(r, org)
		}
		populate(r, org, cfg)
		client := scenario.ClientOf(t, org)
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
		if failed == nil { // else a lead without a company, say, may find its person now
			require.Empty(r, again.Changes, "applied once, nothing is left to plan")
		}

		clock.advance(2 * time.Minute)
		edited := edit(r, org, before, done)
		now := snapshot(org)
		opts := revert.Options{Delete: rapid.Bool().Draw(r, "delete")}
		report, err := syncer.Revert(t.Context(), kept(r, outcomes), opts)
		require.NoError(r, err)
		checkReverted(r, reverted{before, done, now, snapshot(org), edited, opts, report})

		org.ResetLog()
		second, err := syncer.Revert(t.Context(), outcomes, opts)
		require.NoError(r, err)
		require.Zero(r, scenario.WritesOf(org), "a second revert changes nothing")
		require.Equal(r, len(report.Left), len(second.Left))
	})
}

// randomRows draws write rules, transforms and defaults for the rows of a mapping,
// and leaves some out. What a new record needs stays, and all that tells its person from
// another one.
func randomRows(r *rapid.T, m *leadsync.Mapping) *leadsync.Mapping {
	for i := range m.Sections {
		var rules []leadsync.Rule
		for _, rule := range m.Sections[i].Rules {
			needed := slices.Contains([]string{"FirstName", "LastName", "Company", "Name", "Email", "OwnerId"}, rule.Field)
			switch kind := rapid.IntRange(0, 7).Draw(r, rule.Field); {
			case kind == 0 && !needed:
				continue
			case kind == 1 && !needed:
				rule.Write = rapid.SampledFrom([]mapping.WriteRule{mapping.Overwrite, mapping.WriteIfBlank, mapping.Clear,
					mapping.Never}).Draw(r, "write")
			case kind == 2:
				rule.CreateOnly = !rule.CreateOnly && rule.Field != "OwnerId"
			case kind == 3 && rule.Field == "Name": // by which the account is found
				rule.Transforms = []string{"upper"}
			case kind == 3 && rule.Transforms == nil && rule.Field != "Email" && rule.Field != "FirstName":
				rule.Transforms = rapid.SampledFrom([][]string{{"upper"}, {"title", "trim"}, {"split:n", "first"},
					{"split:s", "join"}}).Draw(r, "transforms")
			case kind == 4 && !needed && rule.Field != "NumberOfEmployees":
				rule.Default = "by default"
			case kind == 5 && rule.Field == "Title":
				rule.Source, rule.Constant = "", "constant"
			}
			rules = append(rules, rule)
		}
		m.Sections[i].Rules = rules
	}
	return m
}

// addAnswers sends answers to fields and tasks.
func addAnswers(r *rapid.T, org *sftest.Org, cfg *leadsync.Config) {
	for _, object := range []string{"Lead", "Contact"} {
		org.DefineField(object, sftest.Field{Name: "Topics__c", Type: "multipicklist", Restricted: true,
			Options: []string{"p", "d"}, Labels: map[string]string{"p": "Pricing"}})
		org.DefineField(object, sftest.Field{Name: "Budget__c", Type: "currency", Precision: 9, Scale: 2})
	}
	cfg.Qualifiers = []leadsync.Qualifier{
		{Name: "topics", Multiple: true, Unmapped: mapping.DropUnmapped,
			Fields: map[salesforce.Object]string{"Lead": "Topics__c", "Contact": "Topics__c"}},
		{Name: "budget", Type: mapping.QualifierNumber,
			Fields: map[salesforce.Object]string{"Lead": "Budget__c", "Contact": "Budget__c"}},
		{Name: "remark", Type: mapping.QualifierNote, Archived: rapid.Bool().Draw(r, "no remarks")},
	}
}

// randomLinks are links to two campaigns: of every event, and of those who have
// been scanned twice.
func randomLinks(r *rapid.T, org *sftest.Org) []leadsync.CampaignLink {
	org.DefineField("CampaignMember", sftest.Field{Name: "Topic__c"})
	links := []leadsync.CampaignLink{{CampaignID: scenario.Expo(org),
		Status: rapid.SampledFrom([]string{"", "Sent", "Met"}).Draw(r, "status")}}
	if rapid.Bool().Draw(r, "status by answer") {
		links[0].StatusBy = &mapping.StatusBy{Qualifier: "remark", Statuses: map[string]string{"keen": "Met"}}
	}
	if rapid.Bool().Draw(r, "member fields") {
		links[0].Fields = []leadsync.Rule{{Source: "jobTitle", Field: "Topic__c",
			Write: rapid.SampledFrom([]mapping.WriteRule{"", mapping.WriteIfBlank, mapping.Clear}).Draw(r, "write")}}
	}
	if rapid.Bool().Draw(r, "two campaigns") {
		second := salesforce.ID(org.Insert("Campaign", map[string]any{"Name": "Dinner", "IsActive": true}))
		links = append(links, leadsync.CampaignLink{CampaignID: second, MinScans: 2})
	}
	return links
}

// addSections maps to a custom object and to Opportunity too, some of which are
// there, and to references by a key.
func addSections(r *rapid.T, org *sftest.Org, m *leadsync.Mapping) {
	region := leadsync.Rule{Source: "custom.region", Field: "Region__c", By: "Region__c.Code__c"}
	org.DefineField("Lead", sftest.Field{Name: "Region__c", Type: "reference", ReferenceTo: []string{"Region__c"}})
	regions := []any{nil, org.Insert("Region__c", map[string]any{"Code__c": "EU"}),
		org.Insert("Region__c", map[string]any{"Code__c": "US"}), org.Insert("Region__c", nil)}
	section := visits(leadsync.Rule{Source: "jobTitle", Field: "Booth__c"}, region)
	section.Lookups = append(section.Lookups, mapping.Lookup{Field: "Opportunity__c", To: "Opportunity"})
	section.Rules[0].Write = rapid.SampledFrom([]mapping.WriteRule{mapping.Append, mapping.Clear, mapping.WriteIfBlank}).
		Draw(r, "visit's write")
	if rapid.Bool().Draw(r, "by badge") {
		section.Rules = append(section.Rules, leadsync.Rule{Source: "custom.badge", Field: "VisitKey__c"})
	}
	m.Sections = append(m.Sections, section, deals())
	m.Sections[0].Rules = append(m.Sections[0].Rules, region)
	stranger := scenario.InsertContact(org, "Stranger", "stranger@elsewhere.example")
	for _, key := range []string{"L0", "L1", "b1"} {
		if rapid.Bool().Draw(r, "visit") {
			org.Insert("Visit__c", map[string]any{"VisitKey__c": key, "Contact__c": stranger, "Notes__c": "theirs",
				"Region__c": rapid.SampledFrom(regions).Draw(r, "region")})
		}
	}
	if rapid.Bool().Draw(r, "deal") {
		org.Insert("Opportunity",
			map[string]any{"DealKey__c": "Company 1", "Name": "Theirs", "StageName": "Won", "CloseDate": "2026-01-01"})
	}
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
		CompanySize: rapid.SampledFrom([]string{"", "7", "1,234", "51-200"}).Draw(r, "size"), EventName: text("event"),
		CompanyPhone: text("companyPhone"),
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
	lead.Scans = rapid.IntRange(0, 2).Draw(r, "scans")
	lead.CapturedBy = rapid.SampledFrom([]string{"", "rep@host.example", "ghost@host.example"}).Draw(r, "rep")
	lead.Answers = map[string][]string{
		"topics": rapid.SliceOf(rapid.SampledFrom([]string{"pricing", "d", "gone", ""})).Draw(r, "topics"),
		"budget": rapid.SampledFrom([][]string{nil, {"12.345"}, {"1e3"}}).Draw(r, "budget"),
		"remark": rapid.SampledFrom([][]string{nil, {"keen"}, {"cold", "keen"}}).Draw(r, "remark"),
	}
	for i := range rapid.IntRange(0, 2).Draw(r, "activities") {
		kind := rapid.SampledFrom([]leadsync.ActivityKind{leadsync.ActivityCall, leadsync.ActivityNote}).Draw(r, "kind")
		lead.Activities = append(lead.Activities, leadsync.Activity{ID: fmt.Sprint("A", i), Kind: kind, Notes: text("call")})
	}
	return lead
}

// populate fills the org with some of the people and companies that leads may
// be.
func populate(r *rapid.T, org *sftest.Org, cfg *leadsync.Config) {
	texts := map[string][]string{
		"Account": {"Phone", "Industry", "Website"},
		"Contact": {"FirstName", "Title", "Phone", "MailingCity", "Description", "LeadSource"},
		"Lead":    {"FirstName", "Title", "Phone", "City", "Description", "Industry"},
	}
	row := func(object string, fields map[string]any) string {
		for _, name := range rapid.SliceOf(rapid.SampledFrom(texts[object])).Draw(r, object) {
			fields[name] = rapid.SampledFrom([]string{"x", "y", "a\nb", "77"}).Draw(r, name)
		}
		return org.Insert(object, fields)
	}
	org.Insert("User", map[string]any{"LastName": "Rep", "Username": "rep@host.example", "Email": "rep@host.example",
		"Alias": "rep", "IsActive": true})
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
			org.Insert("CampaignMember",
				map[string]any{"CampaignId": string(cfg.Campaigns[0].CampaignID), field: id, "Status": "Sent"})
		}
	}
}

// mapped are the fields that a sync writes on an object's records that are
// there.
func mapped(object string) []string {
	if object == "CampaignMember" {
		return []string{"Status", "Topic__c"}
	}
	if object == "Visit__c" || object == "Opportunity" {
		return []string{"Notes__c", "Booth__c", "Region__c", "Lead__c", "Contact__c", "Account__c", "Opportunity__c", "Name",
			"StageName", "CloseDate", "AccountId"}
	}
	return append(leadsync.DefaultMapping().Fields(salesforce.Object(object)), "Region__c", "Topics__c", "Budget__c")
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

// edit changes a field, as a user would, of some records, and returns which, by id.
func edit(r *rapid.T, org *sftest.Org, before, done state) map[string]string {
	edited := make(map[string]string)
	for _, object := range []string{"Lead", "Contact", "Account", "Visit__c"} {
		for _, id := range slices.Sorted(maps.Keys(done[object])) {
			if rapid.IntRange(0, 3).Draw(r, "edited") > 0 {
				continue
			}
			field := rapid.SampledFrom([]string{"Phone", "Description", "Industry"}).Draw(r, "field")
			if object == "Contact" && field == "Industry" {
				field = "Title"
			}
			if object == "Visit__c" {
				field = rapid.SampledFrom([]string{"Notes__c", "Booth__c"}).Draw(r, "visit field")
			}
			org.Update(object, id, map[string]any{field: "a user's"})
			edited[id] = field
		}
	}
	return edited
}

// reverted is what a revert is checked by.
type reverted struct {
	before, done, now, after state
	edited                   map[string]string
	opts                     revert.Options
	report                   *revert.Report
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

func (e *reverted) checkUpdated(r *rapid.T, object, id string) {
	var lost []string
	for _, field := range mapped(object) {
		want := e.before[object][id][field]
		if e.edited[id] == field {
			want = "a user's"
			if e.before[object][id][field] != e.done[object][id][field] {
				lost = append(lost, field)
			}
		}
		require.Equal(r, want, e.after[object][id][field], "%s.%s", object, field)
	}
	require.Equal(r, lost, listed(e.report.Left, id))
}

func (e *reverted) checkCreated(r *rapid.T, object, id string) {
	stays := e.stays(id)
	named := func(records []revert.Reversal) bool {
		return slices.ContainsFunc(records, func(rev revert.Reversal) bool { return string(rev.ID) == id })
	}
	switch {
	case !e.opts.Delete:
		require.True(r, named(e.report.Kept))
		require.NotNil(r, e.after[object][id])
	case stays:
		require.True(r, named(e.report.Left))
		require.NotNil(r, e.after[object][id])
	default:
		require.True(r, named(e.report.Deleted))
		require.Nil(r, e.after[object][id])
	}
}

// stays reports whether a record that the run created is not deleted: a user changed
// it, or something that refers to it is kept. What the run did not create no longer
// does.
func (e *reverted) stays(id string) bool {
	if e.edited[id] != "" {
		return true
	}
	for _, object := range []string{"Contact", "Opportunity", "Visit__c"} {
		for child, row := range e.now[object] {
			for _, field := range []string{"AccountId", "Lead__c", "Contact__c", "Account__c", "Opportunity__c"} {
				if row[field] == id && e.before[object][child] == nil && e.stays(child) {
					return true
				}
			}
		}
	}
	return false
}

// listed are the fields of a record that were left alone.
func listed(left []revert.Reversal, id string) []string {
	var fields []string
	for _, rev := range left {
		if string(rev.ID) == id {
			fields = append(fields, rev.Err.Fields...)
		}
	}
	return fields
}
