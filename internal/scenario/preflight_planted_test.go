// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A planted is an org and its settings, which a problem changes and its fix changes back.
type planted struct {
	org      *sftest.Org
	campaign salesforce.ID
	cfg      *leadsync.Config
	mapping  *leadsync.Mapping
	asks     []preflight.Ask
	// said has the keys of the texts that were shown.
	said map[string]bool
}

// A problem is planted in an org or its settings, and mended as its finding says.
type problem struct {
	options []sftest.Option
	plant   func(*planted)
	// mend mends it in another way than what the fix says first, nil for that.
	mend func(*planted)
	// want is "severity code object.field path" of the finding.
	want string
	// doc is where in Setup, "" where only the settings can be changed.
	doc string
}

// newPlanted returns an org of visits in which preflight finds nothing, with a campaign.
func newPlanted(t *testing.T, options ...sftest.Option) *planted {
	t.Helper()
	org := scenario.VisitOrg(t, options...)
	org.SetPermission("PermissionsViewAllData", true)
	p := &planted{org: org, campaign: scenario.Expo(org), mapping: leadsync.DefaultMapping(), said: make(map[string]bool)}
	words := func(text leadtype.Text) string {
		p.said[text.Key] = true
		return "[" + text.Key + "] " + text.String()
	}
	p.cfg = &leadsync.Config{KeyPrefix: "acme", ExternalIDs: map[salesforce.Object]string{}, Mapper: p.mapping,
		Advisor:   &leadtype.Advisor{Words: words},
		Campaigns: []leadsync.CampaignLink{{CampaignID: p.campaign, Status: "Sent"}}}
	return p
}

// look runs a preflight of a new process, and returns its findings that ask for something, as
// problem.want has them.
func (p *planted) look(t *testing.T) (found map[string]preflight.Finding, report *preflight.Report) {
	t.Helper()
	before := p.org.Calls()
	report, err := knownSyncer(t, p.org, p.cfg).Preflight(t.Context(), p.asks...)
	require.NoError(t, err)
	require.LessOrEqual(t, p.org.Calls()-before, 2+len(p.asks))
	require.EqualValues(t, p.org.Calls()-before, report.Calls)
	found = make(map[string]preflight.Finding)
	for _, f := range report.Findings {
		require.Regexp(t, `^$|^\[(fix|preflight)\.[^{]*$`, f.Fix, "of the catalogue, and filled")
		require.Regexp(t, `^$|^\[description\.[^{]*$`, f.Description)
		if f.Severity != preflight.SeverityInfo {
			found[fmt.Sprintf("%s %s %s.%s %s", f.Severity, f.Code, f.Object, f.Field, f.Path)] = f
		}
	}
	return found, report
}

// rule adds a rule to the section of an object.
func (p *planted) rule(object salesforce.Object, rule mapping.Rule) {
	section := p.section(object)
	section.Rules = slices.DeleteFunc(section.Rules, func(r mapping.Rule) bool { return r.Field == rule.Field })
	section.Rules = append(section.Rules, rule)
}

// section returns the section of an object, which is added where there is none.
func (p *planted) section(object salesforce.Object) *mapping.Section {
	for i := range p.mapping.Sections {
		if p.mapping.Sections[i].Object == object {
			return &p.mapping.Sections[i]
		}
	}
	p.mapping.Sections = append(p.mapping.Sections, mapping.Section{Object: object})
	return &p.mapping.Sections[len(p.mapping.Sections)-1]
}

// without takes the section of an object away.
func (p *planted) without(object salesforce.Object) {
	p.mapping.Sections = slices.DeleteFunc(p.mapping.Sections, func(s mapping.Section) bool { return s.Object == object })
}

// last is the path of the last rule of Lead.
const last = "mapping.objects[0].rules[18]"

func TestPreflightFindsEachPlantedProblemUntilItIsMended(t *testing.T) {
	t.Parallel()
	problems := make(map[string]problem)
	for _, some := range []map[string]problem{problemsOfSources(), problemsOfLengths(), problemsOfOptions(),
		problemsOfUniqueFields(), problemsOfRequiredFields(), problemsOfRights(), problemsOfCampaigns(), problemsOfSections(),
		problemsOfPeople(), problemsOfTasks(), problemsOfTheOrg()} {
		maps.Copy(problems, some)
	}
	require.GreaterOrEqual(t, len(problems), 40)
	var mu sync.Mutex
	said := make(map[string]bool)
	t.Run("problems", func(t *testing.T) {
		for name, problem := range problems {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := problem.check(t)
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(said, p.said)
			})
		}
	})
	for key, arrange := range otherTexts() {
		p := newPlanted(t)
		arrange(t, p)
		p.look(t)
		require.True(t, p.said[key], key)
		said[key] = true
	}
	requireAllSaid(t, said)
}

// check plants the problem, follows its fix, and returns where.
func (q *problem) check(t *testing.T) *planted {
	t.Helper()
	p := newPlanted(t, q.options...)
	q.plant(p)
	found, report := p.look(t)
	f, ok := found[q.want]
	require.True(t, ok, "%s is not among %v", q.want, slices.Sorted(maps.Keys(found)))
	require.Len(t, found, 1, "nothing else is found")
	require.NotEmpty(t, f.Reason)
	require.NotEmpty(t, f.Fix)
	require.Equal(t, q.doc, f.Doc)
	for tries := 0; len(found) > 0; tries++ { // a field that is created has to become a key yet
		require.Less(t, tries, 3, "%v", found)
		for _, f := range found {
			if q.mend != nil {
				q.mend(p)
				continue
			}
			p.follow(t, f)
		}
		found, report = p.look(t)
	}
	require.True(t, report.OK())
	return p
}

// All problems of the org and the mapping at once are found in two calls, and what stops every
// lead comes first.
func TestPreflightOrdersFindingsByWhatStopsMostLeads(t *testing.T) {
	t.Parallel()
	p := newPlanted(t)
	p.org.DefineField("Task", sftest.Field{Name: "Outcome__c", Required: true})
	p.org.DefineField("CampaignMember", sftest.Field{Name: "Reason__c", Required: true})
	p.org.DefineField("Contact", sftest.Field{Name: "Tier__c", Type: "int"})
	p.org.DefineField("Lead", sftest.Field{Name: "Code__c", Type: "int"})
	p.org.DefineField("Lead", sftest.Field{Name: "Desk__c", Required: true})
	p.rule("Contact", mapping.Rule{Source: "company", Field: "Tier__c"})
	p.rule("Lead", mapping.Rule{Source: "email", Field: "Code__c"})
	p.cfg.Strategy = leadsync.LeadsOnly
	report, err := knownSyncer(t, p.org, p.cfg).Preflight(t.Context())
	require.NoError(t, err)
	var order []string
	for _, f := range report.Findings {
		if f.Severity == preflight.SeverityError {
			order = append(order, string(f.Object)+"."+f.Field)
		}
	}
	require.Equal(t, []string{"Lead.Desk__c", "Lead.Code__c", "CampaignMember.Reason__c", "Task.Outcome__c"}, order)
}

// A clean is an org without a problem, and how it differs from the plain one; see editions.
type clean struct {
	options []sftest.Option
	arrange func(*planted)
}

// A clean org has no finding that asks for something, whatever it has beside the minimum.
func TestPreflightFindsNothingInACleanOrg(t *testing.T) {
	t.Parallel()
	strategies := []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.LeadsOnly, leadsync.AccountsAndContacts}
	orgs := cleanOrgs()
	all := clean{options: orgs["person accounts, countries"].options, arrange: func(p *planted) {
		for _, of := range cleanOrgs() {
			if of.arrange != nil {
				of.arrange(p)
			}
		}
	}}
	orgs["all at once"] = all
	for name, of := range orgs {
		for _, strategy := range strategies {
			p := newPlanted(t, of.options...)
			p.cfg.Strategy = strategy
			if of.arrange != nil {
				of.arrange(p)
			}
			found, _ := p.look(t)
			require.Empty(t, found, "%s %s", name, strategy.Name())
		}
	}
}

func cleanOrgs() map[string]clean {
	return map[string]clean{
		"plain":     {},
		"countries": {options: []sftest.Option{manyCountries()}},
		"person accounts": {options: []sftest.Option{sftest.WithPersonAccounts()},
			arrange: func(p *planted) { p.cfg.PersonLeads = true }},
		"person accounts, countries": {options: []sftest.Option{sftest.WithPersonAccounts(), manyCountries()}},
		"several currencies": {arrange: func(p *planted) {
			for _, object := range []string{"Lead", "Contact", "Account", "Campaign", "CampaignMember", "Opportunity"} {
				p.org.DefineField(object, sftest.Field{Name: "CurrencyIsoCode", Type: "picklist", Restricted: true,
					Options: []string{"EUR", "USD", "JPY"}, Default: "EUR"})
			}
			p.org.DefineField("Lead", sftest.Field{Name: "Budget__c", Type: "currency", Precision: 12, Scale: 2})
			p.rule("Lead", mapping.Rule{Source: "companyRevenue", Field: "Budget__c"})
		}},
		"record types": {arrange: func(p *planted) {
			p.org.DefineRecordType("Lead", sftest.RecordType{Name: "Partner", Default: true})
			p.org.DefineRecordType("Contact", sftest.RecordType{Name: "Partner"})
		}},
		"key fields": {arrange: func(p *planted) {
			p.org.AddExternalID("Lead", "Contact", "Account", "Task")
			p.cfg.ExternalIDs = nil
		}},
		"visits": {arrange: func(p *planted) { p.mapping.Sections = append(p.mapping.Sections, visits()) }},
		"picklists that are restricted, and mapped": {arrange: func(p *planted) {
			p.org.DefineField("Lead", sftest.Field{Name: "Branch__c", Type: "picklist", Restricted: true,
				Options: []string{"Energy"}})
			p.rule("Lead", mapping.Rule{Source: "industry", Field: "Branch__c", Values: map[string]string{"power": "Energy"}})
		}},
		"sharing that is private, and seen through": {arrange: func(p *planted) {
			p.org.Update("Organization", p.org.OrgID(), map[string]any{"DefaultLeadAccess": "None",
				"DefaultContactAccess": "ControlledByParent", "DefaultAccountAccess": "None"})
		}},
		"converted Leads that are held": {arrange: func(p *planted) { p.cfg.Converted = leadsync.HoldConverted }},
	}
}

// field plants a field of Lead that a rule fills from a source.
func field(of sftest.Field, rule mapping.Rule, want string) problem {
	rule.Field = cmp.Or(rule.Field, of.Name)
	return problem{
		plant: func(p *planted) {
			p.org.DefineField("Lead", of)
			p.rule("Lead", rule)
		}, want: want, doc: "Setup > Object Manager > Lead > Fields & Relationships > " + of.Name,
	}
}

func problemsOfSources() map[string]problem {
	unfit := func(source, fieldType string) problem {
		return field(sftest.Field{Name: "Value__c", Type: fieldType}, mapping.Rule{Source: source},
			"error DATA_VALUE_VALIDATION Lead.Value__c "+last+".source")
	}
	skipped := field(sftest.Field{Name: "Value__c", Type: "int"}, mapping.Rule{Source: "email", Unfit: mapping.Skip},
		"warning DATA_VALUE_VALIDATION Lead.Value__c "+last+".source")
	return map[string]problem{
		"an e-mail address into a number":   unfit("email", "int"),
		"the same, left out":                skipped,
		"a company into a checkbox":         unfit("company", "boolean"),
		"a company into an amount":          unfit("company", "currency"),
		"a time into a checkbox":            unfit("capturedAt", "boolean"),
		"a score into a checkbox":           unfit("score", "boolean"),
		"scans into a checkbox":             unfit("scans", "boolean"),
		"a score into an e-mail address":    unfit("score", "email"),
		"a name into an e-mail address":     unfit("lastName", "email"),
		"a job title into a percentage":     unfit("jobTitle", "percent"),
		"a web address into a time":         unfit("website", "datetime"),
		"notes of a call into a time":       unfit("activity.call", "time"),
		"a company size into a date":        unfit("companySize", "date"),
		"several addresses into a checkbox": unfit("otherEmails", "boolean"),
	}
}

func problemsOfLengths() map[string]problem {
	short := func(source, fieldType string, length int) problem {
		return field(sftest.Field{Name: "Value__c", Type: fieldType, Length: length}, mapping.Rule{Source: source},
			"warning DATA_VALUE_VALIDATION Lead.Value__c "+last+".source")
	}
	return map[string]problem{
		"a short text for job titles":     short("jobTitle", "string", 20),
		"a short text for events":         short("eventName", "string", 30),
		"a short field for addresses":     short("email", "email", 40),
		"a short text area for companies": short("company", "textarea", 100),
	}
}

func problemsOfOptions() map[string]problem {
	restricted := sftest.Field{Name: "Branch__c", Type: "picklist", Restricted: true, Options: []string{"Energy", "Trade"}}
	text := func(source string) problem {
		return field(restricted, mapping.Rule{Source: source},
			"warning DATA_VALUE_VALIDATION Lead.Branch__c "+last+".source")
	}
	literal := func(rule mapping.Rule, part string) problem {
		return field(restricted, rule, "error DATA_VALUE_VALIDATION Lead.Branch__c "+last+part)
	}
	asked := func(q mapping.Qualifier, want string) problem {
		return problem{plant: func(p *planted) {
			p.org.DefineField("Lead", restricted)
			q.Name, q.Fields = "branch", map[salesforce.Object]string{"Lead": "Branch__c"}
			p.cfg.Qualifiers = []leadsync.Qualifier{q}
		}, want: want, doc: "Setup > Object Manager > Lead > Fields & Relationships > Branch__c"}
	}
	return map[string]problem{
		"the event into a restricted picklist":   text("eventName"),
		"industries into a restricted picklist":  text("industry"),
		"score bands into a restricted picklist": text("scoreBand"),
		"a constant that is no option":           literal(mapping.Rule{Constant: "Fair"}, ".constant"),
		"a default that is no option": literal(mapping.Rule{Source: "custom.branch", Default: "Fair",
			Values: map[string]string{"a": "Energy"}}, ".default"),
		"a value that is no option": literal(mapping.Rule{Source: "custom.branch", Values: map[string]string{"a": "Fair"}},
			`.values["a"]`),
		"an answer that is no option": asked(mapping.Qualifier{Options: map[string]string{"fair": "Fair"}},
			"error NO_TAG_MAPPING Lead.Branch__c qualifiers[0].options"),
		"several answers for one option": asked(
			mapping.Qualifier{Multiple: true, Options: map[string]string{"fair": "Trade"}},
			"warning DATA_VALUE_VALIDATION Lead.Branch__c qualifiers[0].multiple"),
		"an option that the record type lacks": {plant: func(p *planted) {
			p.org.DefineField("Lead", restricted)
			p.org.DefineRecordType("Lead", sftest.RecordType{Name: "Partner", Default: true,
				Picklists: map[string][]string{"Branch__c": {"Energy"}}})
			p.rule("Lead", mapping.Rule{Constant: "Trade", Field: "Branch__c"})
		}, want: "error DATA_VALUE_VALIDATION Lead.Branch__c " + last + ".constant",
			doc: "Setup > Object Manager > Lead > Fields & Relationships > Branch__c"},
		"a lead source that is no option": {plant: func(p *planted) {
			p.cfg.LeadSource = "Fair"
			p.section("Contact").Rules = nil
		}, want: "warning DATA_VALUE_VALIDATION Lead.LeadSource leadSource",
			doc: "Setup > Object Manager > Lead > Fields & Relationships > LeadSource"},
		"a country that is no option": {options: []sftest.Option{manyCountries()},
			plant: func(p *planted) { p.rule("Lead", mapping.Rule{Constant: "Atlantis", Field: "Country"}) },
			want:  "error DATA_VALUE_VALIDATION Lead.Country mapping.objects[0].rules[17].constant",
			doc:   "Setup > State and Country/Territory Picklists"},
	}
}
