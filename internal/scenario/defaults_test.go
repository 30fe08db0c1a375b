// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A documented is a row of the tables of docs/data.md (Defaults).
type documented struct {
	what, byDefault string
	keys, names     []string // in JSON and Go, at the same indexes
	others          []string // literals among the other values
	fixed           bool
}

var code = regexp.MustCompile("`([^`]+)`")

// defaultsInDocs are the rows of the tables.
func defaultsInDocs(t *testing.T) []documented {
	t.Helper()
	page, err := os.ReadFile("../../docs/data.md")
	require.NoError(t, err)
	_, tables, ok := strings.Cut(string(page), "\n## Defaults\n")
	require.True(t, ok)
	var rows []documented
	for line := range strings.Lines(tables) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 5 || strings.HasPrefix(line, "| What") || strings.HasPrefix(line, "|---") {
			require.NotRegexp(t, `^\|[^-]`, strings.TrimPrefix(line, "| What"), "five cells")
			continue
		}
		row := documented{what: strings.TrimSpace(cells[0]), byDefault: strings.TrimSpace(cells[1]),
			keys: literals(cells[2]), names: literals(cells[3]), others: literals(cells[4]),
			fixed: strings.TrimSpace(cells[2]) == "fixed"}
		rows = append(rows, row)
	}
	require.Greater(t, len(rows), 35)
	return rows
}

func literals(cell string) []string {
	var found []string
	for _, match := range code.FindAllStringSubmatch(cell, -1) {
		found = append(found, match[1])
	}
	return found
}

// Each default has its setting by its names in JSON and Go, or is fixed, and each setting
// that decides what is written over what is there.
func TestDocsNameEachSettingThatHasADefault(t *testing.T) {
	t.Parallel()
	types := map[string]reflect.Type{
		"Config": reflect.TypeFor[leadsync.Config](), "Mapping": reflect.TypeFor[leadsync.Mapping](),
		"Rule": reflect.TypeFor[leadsync.Rule](), "Qualifier": reflect.TypeFor[leadsync.Qualifier](),
		"CampaignLink": reflect.TypeFor[leadsync.CampaignLink](),
	}
	settings := reflect.TypeFor[leadsync.Settings]()
	named := make(map[string]bool)
	for _, row := range defaultsInDocs(t) {
		require.Equal(t, row.fixed, len(row.names) == 0, row.what)
		for i, name := range row.names {
			of, field, _ := strings.Cut(name, ".")
			require.NotNil(t, types[of], name)
			in, ok := types[of].FieldByName(field)
			require.True(t, ok, name)
			if len(row.keys) == 0 {
				require.Equal(t, "Config", of, row.what)
				continue
			}
			require.Len(t, row.keys, len(row.names), row.what)
			if of == "Config" {
				in, ok = settings.FieldByName(field)
				require.True(t, ok, name)
			}
			_, key, nested := strings.Cut("."+row.keys[i], ".")
			if _, last, ok := strings.Cut(key, "."); ok && nested {
				key = last
			}
			require.Equal(t, jsonName(in), key, name)
			named[name] = true
		}
	}
	// What decides where leads come from and go to, not what is written over what.
	elsewhere := strings.Fields("Config.Version Config.Strategy Config.Mapping Config.Qualifiers Config.Campaigns " +
		"Config.ExternalIDs Config.KeyPrefix Config.WaitForEnrichment Config.EnrichWithin Mapping.Version Rule.Source " +
		"Rule.Constant Rule.Field Rule.By")
	types["Config"] = settings
	for _, of := range []string{"Config", "Mapping", "Rule"} {
		for i := range types[of].NumField() {
			name := of + "." + types[of].Field(i).Name
			if types[of].Field(i).IsExported() && !slices.Contains(elsewhere, name) {
				require.True(t, named[name], "%s is not in the tables", name)
			}
		}
	}
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// The documented defaults are what empty settings mean: all of them together, and with
// LEADSYNC_TEST_FULL one by one, change nothing in a world with a lead for each. Each other
// value does.
func TestDocumentedDefaultsAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	full := sized(0, 1) == 1
	usual := newUsualWorld(t).sync()
	var defaults, others []setting
	for _, row := range defaultsInDocs(t) {
		first, _, _ := strings.Cut(row.byDefault, ";")
		for _, key := range row.keys {
			if key == "mapping.objects" {
				continue // a section is no value
			}
			for _, said := range literals(first) {
				defaults = append(defaults, setting{key, said})
			}
			for _, other := range othersOf(key, row.others) {
				others = append(others, setting{key, other})
			}
		}
	}
	require.Greater(t, len(defaults), 15)
	require.Equal(t, usual, newUsualWorld(t, defaults...).sync())
	for i, s := range others {
		if full || i%8 == 0 {
			require.NotEqual(t, usual, newUsualWorld(t, s).sync(), s)
		}
	}
	for _, s := range defaults {
		if full {
			require.Equal(t, usual, newUsualWorld(t, s).sync(), s)
		}
	}
}

// A setting is a key of the tables and a value.
type setting struct{ key, value string }

// othersOf are the values to try: those of the page, or one of its kind where it names none.
func othersOf(key string, named []string) []string {
	switch key {
	case "rules.default":
		return []string{`"Given"`}
	case "rules.values":
		return []string{`{"boss": "CEO"}`}
	case "rules.own":
		return []string{"write-if-blank", "never"}
	case "rules.write": // the two of checkboxes apart
		return slices.DeleteFunc(named, func(s string) bool { return s == "raise" || s == "lower" })
	case "campaigns.ladder":
		return []string{`["Met", "Responded"]`}
	case "leadSource":
		return []string{`"Web"`}
	case "fallbackOwner":
		return []string{`"` + salesUser + `"`}
	}
	return named
}

// salesUser is the id of a User of each world.
const salesUser = "005000000000777AAA"

// A usualWorld is an org and settings in which each setting with a default makes a difference to
// one of its leads.
type usualWorld struct {
	t        *testing.T
	org      *sftest.Org
	campaign salesforce.ID
	settings map[string]any
}

// newUsualWorld returns a world with some settings.
func newUsualWorld(t *testing.T, settings ...setting) *usualWorld {
	t.Helper()
	w := &usualWorld{t: t, org: sftest.NewOrg(t, sftest.WithPersonAccounts())}
	w.define()
	rows := map[string]map[string]any{}
	row := func(source, field string, more ...any) map[string]any {
		r := map[string]any{"source": source, "field": field}
		for i := 0; i < len(more); i += 2 {
			r[more[i].(string)] = more[i+1]
		}
		rows[field] = r
		return r
	}
	w.settings = map[string]any{
		"mapping": map[string]any{"objects": []any{
			map[string]any{"object": "Lead", "rules": []any{
				row("firstName", "FirstName"), row("lastName", "LastName"), row("email", "Email"),
				row("company", "Company", "write", "unless-edited"), row("jobTitle", "Title", "write", "unless-edited"),
				row("notes", "Description"), row("phone", "Phone"), row("mobilePhone", "MobilePhone"),
				row("companySize", "NumberOfEmployees"), row("custom.locked", "Locked__c"),
				row("custom.gone", "Gone__c"),
				row("custom.weight", "Weight__c"), row("custom.price", "Price__c"),
				row("capturedBy", "OwnerId", "createOnly", true), row("settings.leadSource", "LeadSource"),
				row("custom.role", "Role__c"),
				row("custom.level", "Level__c", "values", map[string]any{"a": "A"}), row("city", "City"),
			}},
			map[string]any{"object": "Contact", "rules": []any{
				map[string]any{"source": "lastName", "field": "LastName"}, map[string]any{"source": "email", "field": "Email"}}},
		}},
		"qualifiers": []any{map[string]any{"name": "interest", "fields": map[string]any{"Lead": "Interest__c"},
			"options": map[string]any{"demo": "Product Demo"}}},
		"campaigns": []any{map[string]any{"campaignId": string(w.campaign), "status": "Responded"}},
	}
	for _, s := range settings {
		w.set(rows, s.key, s.value)
	}
	return w
}

// set puts a value at a key: one of a row at the field whose values show the difference.
func (w *usualWorld) set(rows map[string]map[string]any, key, text string) {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		value = text
	}
	of, name, nested := strings.Cut(key, ".")
	switch {
	case !nested:
		w.settings[of] = value
	case of == "mapping":
		w.settings[of].(map[string]any)[name] = value
	case of == "rules":
		field := map[string]string{"default": "City", "range": "NumberOfEmployees", "transforms": "Title",
			"values": "Role__c", "unmapped": "Level__c", "unfit": "NumberOfEmployees", "tooLong": "Title",
			"locked": "Locked__c", "missing": "Gone__c", "write": "Description", "own": "Phone", "existing": "Title",
			"createOnly": "MobilePhone"}[name]
		require.NotNil(w.t, rows[field], name)
		rows[field][name] = value
	default:
		w.settings[of].([]any)[0].(map[string]any)[name] = value
	}
}

// define prepares the org.
func (w *usualWorld) define() {
	org := w.org
	org.Insert("User", map[string]any{"Id": salesUser, "LastName": "Sales", "Username": "sales@host.example",
		"Email": "sales@host.example", "Alias": "sales", "IsActive": true})
	org.AssignLeadsTo(org.Insert("Group", map[string]any{"Name": "Assigned", "Type": "Queue"}))
	for _, f := range []sftest.Field{{Name: "Locked__c", ReadOnly: true}, {Name: "Role__c"}, {Name: "Level__c"},
		{Name: "Weight__c", Type: "double", Precision: 9, Scale: 3},
		{Name: "Price__c", Type: "currency", Precision: 9, Scale: 2},
		{Name: "Interest__c", Type: "picklist", Options: []string{"Product Demo"}}} {
		org.DefineField("Lead", f)
	}
	org.AddDuplicateRule("Lead", sftest.DuplicateRule{MatchOn: []string{"Phone"}})
	lead := func(last string, more map[string]any) string {
		row := map[string]any{"FirstName": "Ada", "LastName": last, "Email": strings.ToLower(last) + "@acme.example",
			"Company": "Acme"}
		for name, v := range more {
			row[name] = v
		}
		return org.Insert("Lead", row)
	}
	existing := lead("Existing", map[string]any{"Title": "CEO", "Description": "before", "MobilePhone": "1111111"})
	w.campaign = scenario.Expo(org)
	org.Insert("CampaignMember", map[string]any{"CampaignId": string(w.campaign), "LeadId": existing, "Status": "Met"})
	lead("Blanknotes", map[string]any{"Description": "before"})
	lead("Standin", map[string]any{"Company": "[not provided]"})
	lead("Twins", map[string]any{"Title": "Older"})
	lead("Twins", map[string]any{"Title": "Newer"})
	lead("Dupe", map[string]any{"Phone": "617-555-0123", "Email": "other@acme.example"})
	contact, _ := org.Convert(lead("Converted", nil))
	org.Update("Contact", contact, map[string]any{"Email": "elsewhere@acme.example"})
	org.Insert("Contact", map[string]any{"FirstName": "Bo", "LastName": "Weber", "Email": "shared@acme.example"})
}

// leads are those in which the settings make a difference.
func (w *usualWorld) leads() []*leadsync.Lead {
	var leads []*leadsync.Lead
	add := func(last string, change func(*leadsync.Lead)) {
		l := &leadsync.Lead{ID: leadsync.LeadID(last), EventID: "expo", FirstName: "Ada", LastName: last, Company: "Acme",
			Email: strings.ToLower(last) + "@acme.example", CapturedAt: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
		change(l)
		leads = append(leads, l)
	}
	custom := func(name, value string) func(*leadsync.Lead) {
		return func(l *leadsync.Lead) { l.Custom = map[string]any{name: value} }
	}
	add("Existing", func(l *leadsync.Lead) { l.JobTitle, l.Notes, l.MobilePhone = "CTO", "after", "2222222" })
	add("Blanknotes", func(*leadsync.Lead) {})
	add("Standin", func(*leadsync.Lead) {})
	add("Twins", func(l *leadsync.Lead) { l.Phone = "617-555-0111" })
	add("Dupe", func(l *leadsync.Lead) { l.Phone = "617-555-0123" })
	add("Converted", func(*leadsync.Lead) {})
	add("Shared", func(l *leadsync.Lead) { l.LastName = "Lovelace" })
	add("Long", func(l *leadsync.Lead) { l.JobTitle = strings.Repeat("long ", 40) })
	add("Blankword", func(l *leadsync.Lead) { l.JobTitle = "unknown" })
	add("Capitals", func(l *leadsync.Lead) { l.JobTitle = "İŞ GELİŞTİRME" })
	add("Range", func(l *leadsync.Lead) { l.CompanySize = "51-200" })
	add("Locked", custom("locked", "x"))
	add("Gone", custom("gone", "x"))
	add("Weight", custom("weight", "1.234"))
	add("Price", custom("price", "5 €"))
	add("Level", custom("level", "b"))
	add("Role", custom("role", "boss"))
	add("Answer", func(l *leadsync.Lead) { l.Answers = map[string][]string{"interest": {"other"}} })
	add("Rep", func(l *leadsync.Lead) { l.CapturedBy = "nobody@host.example" })
	add("Nocompany", func(l *leadsync.Lead) { l.Company = "" })
	return leads
}

// sync syncs the leads, and then again with what differs for a record that leadsync made,
// and returns in lines what became of them.
func (w *usualWorld) sync() string {
	w.t.Helper()
	data, err := json.Marshal(w.settings)
	require.NoError(w.t, err)
	settings, cfg := new(leadsync.Settings), new(leadsync.Config)
	require.NoError(w.t, json.Unmarshal(data, settings))
	require.NoError(w.t, settings.Fill(cfg))
	syncer := scenario.SyncerOf(w.t, w.org, cfg)
	leads := w.leads()
	outcomes, _ := syncer.Sync(w.t.Context(), leads...)
	own := *leads[len(leads)-2]
	own.Phone = "617-555-0199"
	more, _ := syncer.Sync(w.t.Context(), &own)
	own.Phone = "617-555-0155"
	last, _ := syncer.Sync(w.t.Context(), &own)
	var lines []string
	for _, o := range slices.Concat(outcomes, more, last) {
		lines = append(lines, fmt.Sprint(o.LeadID, " ", o.Stage, " ", o.Action, " ", o.Object, " ", o.Code(), " ",
			o.WarningKinds(), " ", w.record(o)))
	}
	for _, member := range w.org.Rows("CampaignMember") {
		lines = append(lines, fmt.Sprint(member["Email"], " ", member["Status"]))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// record is what a lead's record holds.
func (w *usualWorld) record(o *leadtype.Outcome) string {
	if o.ID == "" || o.Object != salesforce.ObjectLead {
		return ""
	}
	row, said := w.org.Row(string(o.Object), string(o.ID)), ""
	for _, field := range strings.Fields("LastName Company Title Description Phone MobilePhone NumberOfEmployees " +
		"LeadSource City Level__c Role__c Weight__c Price__c Interest__c OwnerId") {
		if row[field] != nil {
			said += fmt.Sprintf(" %s=%v", field, row[field])
		}
	}
	return said
}

// The limits of the tables that are no settings, by what holds them.
func TestDocumentedLimitsAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	limits := make(map[string]string)
	for _, row := range defaultsInDocs(t) {
		limits[row.what] = row.byDefault
	}
	require.Equal(t, fmt.Sprintf("more than 20 %% of at least %d leads", leadtype.MinIncidentBatch),
		limits["a batch shows an incident"])
	require.Empty(t, leadtype.Incidents(owing(20, 4)))
	require.Len(t, leadtype.Incidents(owing(20, 5)), 1)
	for what, held := range map[string][3]string{
		"what a `Syncer` without a store remembers": {"10,000 records", "../write/bounded.go", "maxKept = 10_000\n"},
		"values before and after are kept":          {"30 days", "../../config.go", "KeepBefore, 30*24*time.Hour)"},
		"how long a value may still come that was sent without a response": {"10 minutes", "../../config.go",
			"VerifyAfter, 10*time.Minute)"},
		"a capture whose time is ahead": {"a day ahead", "../../store/merge.go", "farAhead = 24 * time.Hour\n"},
	} {
		require.Contains(t, limits[what], held[0])
		source, err := os.ReadFile(held[1])
		require.NoError(t, err)
		require.Contains(t, string(source), held[2], what)
	}
}

// owing returns the outcomes of a batch, some with the same owed value.
func owing(leads, owed int) []*leadtype.Outcome {
	outcomes := make([]*leadtype.Outcome, leads)
	for i := range outcomes {
		outcomes[i] = new(leadtype.Outcome)
		if i < owed {
			outcomes[i].Owed = []leadtype.OwedValue{{Kind: leadtype.Owed, Object: "Lead", Fields: []string{"Title"}}}
		}
	}
	return outcomes
}

// An admin finds each kind of warning in the page, with what to do about it.
func TestDocsExplainEachKindOfWarning(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/data.md")
	require.NoError(t, err)
	source, err := os.ReadFile("../../leadtype/warning.go")
	require.NoError(t, err)
	kinds := regexp.MustCompile(`WarningKind = "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(kinds), 20)
	for _, kind := range kinds {
		note := ""
		if leadtype.WarningKind(kind[1]).IsNote() {
			note = " (note)"
		}
		require.Regexp(t, "(?m)^\\| `"+kind[1]+"`"+regexp.QuoteMeta(note)+` \| [^|]+ \| [^|]+ \|$`, string(page))
	}
}
