// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func problemsOfUniqueFields() map[string]problem {
	shared := func(rule mapping.Rule, part string) problem {
		return field(sftest.Field{Name: "Code__c", Unique: true}, rule,
			"error DUPLICATE_RECORD Lead.Code__c "+last+part)
	}
	return map[string]problem{
		"a unique field with a constant": shared(mapping.Rule{Constant: "Expo"}, ".constant"),
		"a unique field with a default":  shared(mapping.Rule{Source: "custom.code", Default: "Expo"}, ".default"),
		"a unique field of the event":    shared(mapping.Rule{Source: "eventName"}, ".source"),
		"a unique field of the company":  shared(mapping.Rule{Source: "company"}, ".source"),
	}
}

func problemsOfRequiredFields() map[string]problem {
	needed := sftest.Field{Name: "Desk__c", Required: true}
	of := func(object, label string, strategy leadsync.Strategy, path string) problem {
		return problem{plant: func(p *planted) {
			p.cfg.Strategy = strategy
			p.org.DefineField(object, needed)
			if object == "Visit__c" {
				p.mapping.Sections = append(p.mapping.Sections, visits())
			}
		}, want: "error REQUIRED_FIELD_MISSING " + object + ".Desk__c " + path,
			doc: "Setup > Object Manager > " + label + " > Fields & Relationships > Desk__c"}
	}
	return map[string]problem{
		"a field that Leads need":    of("Lead", "Lead", leadsync.LeadsOnly, ""),
		"a field that Contacts need": of("Contact", "Contact", leadsync.AccountsAndContacts, ""),
		"a field that Accounts need": of("Account", "Account", leadsync.AccountsAndContacts, ""),
		"a field that members need":  of("CampaignMember", "Campaign Member", nil, "campaigns[0].fields"),
		"a field that Tasks need":    of("Task", "Activity", nil, ""),
		"a field that visits need":   of("Visit__c", "Visit__c", nil, ""),
	}
}

// problemsOfRights are of what the connected user may not do, and of what nobody may.
func problemsOfRights() map[string]problem {
	const doc = "Setup > Permission Sets"
	computed := func(f sftest.Field) problem {
		f.Name = "Value__c"
		return field(f, mapping.Rule{Source: "company"},
			"warning CONNECTION_PERMISSION Lead.Value__c "+last+".field")
	}
	may := func(object, op, want string) problem {
		return problem{plant: func(p *planted) { p.org.Forbid(object, op) }, want: want, doc: doc}
	}
	return map[string]problem{
		"a formula":                 computed(sftest.Field{Formula: true}),
		"an auto-number":            computed(sftest.Field{AutoNumber: true}),
		"Leads that are not seen":   may("Lead", "read", "error CONNECTION_PERMISSION Lead. "),
		"Leads that are not made":   may("Lead", "create", "error CONNECTION_PERMISSION Lead. "),
		"Contacts that stay":        may("Contact", "update", "error CONNECTION_PERMISSION Contact. "),
		"Tasks that are not logged": may("Task", "create", "warning CONNECTION_PERMISSION Task. "),
		"members that are not made": may("CampaignMember", "create", "error CONNECTION_PERMISSION CampaignMember. "),
		"members that stay":         may("CampaignMember", "update", "error CONNECTION_PERMISSION CampaignMember. "),
		"a read-only field": {
			plant: func(p *planted) { p.org.ReadOnlyField("Lead", "Industry") },
			want:  "warning CONNECTION_PERMISSION Lead.Industry mapping.objects[0].rules[14].field", doc: doc},
		"a hidden field": {
			plant: func(p *planted) { p.org.HideField("Lead", "Industry") },
			want:  "error MISSING_REMOTE_FIELD Lead.Industry mapping.objects[0].rules[14].field",
			doc:   "Setup > Object Manager > Lead > Fields & Relationships"},
	}
}

func problemsOfCampaigns() map[string]problem {
	const statuses = "the campaign's related list Campaign Member Statuses"
	return map[string]problem{
		"a campaign that is gone": {
			plant: func(p *planted) { p.org.Delete("Campaign", string(p.campaign)) },
			want:  "error CAMPAIGN_STATUS Campaign. campaigns[0].campaignId", doc: "the tab Campaigns"},
		"a status that the campaign lacks": {plant: func(p *planted) { p.cfg.Campaigns[0].Status = "Hot" },
			want: "error CAMPAIGN_STATUS CampaignMember.Status campaigns[0].status", doc: statuses},
		"a rung that the campaign lacks": {
			plant: func(p *planted) { p.cfg.Campaigns[0].Ladder = []string{"Sent", "Responded", "Met", "Hot"} },
			want:  "error CAMPAIGN_STATUS CampaignMember.Status campaigns[0].ladder[3]", doc: statuses},
		"a member's field that is too short": {plant: func(p *planted) {
			p.org.DefineField("CampaignMember", sftest.Field{Name: "Role__c", Length: 10})
			p.cfg.Campaigns[0].Fields = []leadsync.Rule{{Source: "jobTitle", Field: "Role__c"}}
		}, want: "warning DATA_VALUE_VALIDATION CampaignMember.Role__c campaigns[0].fields[0].source",
			doc: "Setup > Object Manager > Campaign Member > Fields & Relationships > Role__c"},
	}
}

func problemsOfSections() map[string]problem {
	without := func(gone salesforce.Object, want string) problem {
		return problem{plant: func(p *planted) { p.without(gone) }, want: want,
			doc: "Setup > Object Manager > " + string(gone)}
	}
	key := func(f sftest.Field, want, doc string) problem {
		f.Name = "VisitKey__c"
		return problem{plant: func(p *planted) {
			p.org.DefineField("Visit__c", f)
			p.mapping.Sections = append(p.mapping.Sections, visits())
			p.org.SetPermission("PermissionsViewAllData", false)
		}, want: want, doc: doc}
	}
	const fields = "Setup > Object Manager > Visit__c > Fields & Relationships"
	return map[string]problem{
		"no section for what is created": without("Lead", "error REQUIRED_FIELD_MISSING Lead. mapping.objects"),
		"no section for what is found":   without("Contact", "warning  Contact. mapping.objects"),
		"a key that is not unique": key(sftest.Field{ExternalID: true}, "error CONNECTION_PERMISSION Visit__c.VisitKey__c ",
			"Setup > Permission Sets"),
		"a key that is no External ID": key(sftest.Field{},
			"error DATA_VALUE_VALIDATION Visit__c.VisitKey__c mapping.objects[3].key", fields+" > VisitKey__c"),
		"a key that is too short": key(sftest.Field{ExternalID: true, Unique: true, Length: 100},
			"warning DATA_VALUE_VALIDATION Visit__c.VisitKey__c ", fields+" > VisitKey__c"),
		"a key that two records may have": {plant: func(p *planted) {
			p.org.DefineField("Visit__c", sftest.Field{Name: "VisitKey__c", ExternalID: true})
			p.mapping.Sections = append(p.mapping.Sections, visits())
		}, want: "warning AMBIGUOUS_MATCH Visit__c.VisitKey__c ", doc: fields + " > VisitKey__c"},
		"a lookup that people without one need": {plant: func(p *planted) {
			p.org.DefineField("Visit__c", sftest.Field{Name: "Lead__c", Type: "reference", ReferenceTo: []string{"Lead"},
				Required: true})
			p.mapping.Sections = append(p.mapping.Sections, visits())
		},
			want: "warning REQUIRED_FIELD_MISSING Visit__c.Lead__c mapping.objects[3].lookups[0]", doc: fields + " > Lead__c"},
		"a key field that is too short": {plant: func(p *planted) {
			p.cfg.ExternalIDs = map[salesforce.Object]string{"Lead": "Key__c"}
			p.org.DefineField("Lead", sftest.Field{Name: "Key__c", ExternalID: true, Unique: true, Length: 20})
		}, want: "warning  Lead.Key__c ", doc: "Setup > Object Manager > Lead > Fields & Relationships > Key__c"},
		"no key field": {
			plant: func(p *planted) { p.cfg.ExternalIDs = map[salesforce.Object]string{"Lead": "Key__c"} },
			want:  "error MISSING_REMOTE_FIELD Lead.Key__c ", doc: "Setup > Object Manager > Lead > Fields & Relationships"},
		"a key field that others share": {plant: func(p *planted) {
			p.cfg.ExternalIDs = map[salesforce.Object]string{"Lead": "Key__c"}
			p.org.DefineField("Lead", sftest.Field{Name: "Key__c", ExternalID: true})
		}, want: "warning  Lead.Key__c ", doc: "Setup > Object Manager > Lead > Fields & Relationships > Key__c"},
		"a field of another object that is gone": {plant: func(p *planted) {
			p.org.DefineField("Lead", sftest.Field{Name: "Region__c", Type: "reference", ReferenceTo: []string{"Region__c"}})
			p.rule("Lead", mapping.Rule{Source: "custom.region", Field: "Region__c", By: "Region__c.Short__c"})
		}, want: "error MISSING_REMOTE_FIELD Lead.Region__c " + last + ".by",
			doc: "Setup > Object Manager > Lead > Fields & Relationships > Region__c"},
	}
}

// problemsOfPeople are of owners, duplicates, consents and person accounts.
func problemsOfPeople() map[string]problem {
	box := func(name, label string) problem {
		return problem{plant: func(p *planted) {
			p.org.DefineField("Lead", sftest.Field{Name: name, Label: label, Type: "boolean"})
			p.rule("Lead", mapping.Rule{Source: "custom.said", Field: name})
		}, want: "warning DATA_VALUE_VALIDATION Lead." + name + " " + last + ".write",
			doc: "Setup > Object Manager > Lead > Fields & Relationships > " + name}
	}
	persons := []sftest.Option{sftest.WithPersonAccounts()}
	return map[string]problem{
		"an opt-out": box("HasOptedOutOfEmail", "Email Opt Out"),
		"a consent":  box("Newsletter__c", "GDPR consent"),
		"an owner who is inactive": {plant: func(p *planted) {
			p.cfg.FallbackOwner = salesforce.ID(p.org.Insert("User", map[string]any{"IsActive": false,
				"Username": "gone@acme.example", "LastName": "Gone", "Email": "gone@acme.example"}))
		}, want: "warning OWNER_INVALID User. fallbackOwner", doc: "Setup > Users"},
		"an owner that is no queue": {plant: func(p *planted) {
			p.cfg.FallbackOwner = salesforce.ID(p.org.Insert("Group", map[string]any{"Type": "Regular", "Name": "Sales"}))
		}, want: "warning OWNER_INVALID Group. fallbackOwner", doc: "Setup > Queues"},
		"no assignment rule": {plant: func(p *planted) { p.cfg.AutoAssign = true },
			want: "warning  Lead. autoAssign", doc: "Setup > Lead Assignment Rules"},
		"person accounts, and no company": {options: persons, plant: func(p *planted) {
			p.rule("Lead", mapping.Rule{Field: "Company", Write: mapping.Never, Source: "company"})
			p.section("Lead").Rules = p.section("Lead").Rules[:len(p.section("Lead").Rules)-1]
		}, want: "error REQUIRED_FIELD_MISSING Lead.Company ",
			doc: "Setup > Object Manager > Lead > Fields & Relationships > Company"},
		"a field that no person account has": {options: persons, plant: func(p *planted) {
			p.cfg.PersonLeads = true
			p.rule("Contact", mapping.Rule{Source: "accountId", Field: "AccountId"})
		},
			want: "warning  Contact.AccountId ", doc: "Setup > Object Manager > Contact > Fields & Relationships > AccountId"},
		"a field that stays in a person account": {options: persons, plant: func(p *planted) {
			p.cfg.PersonLeads = true
			p.org.ReadOnlyField("Account", "PersonTitle")
		}, want: "warning CONNECTION_PERMISSION Contact.Title ", doc: "Setup > Permission Sets"},
		"states without a country": {options: []sftest.Option{manyCountries()}, plant: func(p *planted) {
			p.rule("Lead", mapping.Rule{Field: "Country", Source: "country"})
			p.section("Lead").Rules = p.section("Lead").Rules[:len(p.section("Lead").Rules)-1]
		}, want: "warning  Lead.CountryCode ", doc: "Setup > State and Country/Territory Picklists"},
		"keys of two systems": {plant: func(p *planted) {
			p.cfg.KeyPrefix, p.cfg.ExternalIDs = "", nil
			p.org.AddExternalID("Lead")
		}, want: "warning  . "},
	}
}

func problemsOfTasks() map[string]problem {
	const status = "Setup > Object Manager > Task > Fields & Relationships > Status"
	closing := func(closed ...string) sftest.Field {
		return sftest.Field{Name: "Status", Type: "picklist", Closed: closed,
			Options: []string{"Offen", "Erledigt", "Storniert"}}
	}
	task := func(closed ...string) problem {
		return problem{plant: func(p *planted) { p.org.DefineField("Task", closing(closed...)) },
			want: "warning  Task.Status ", doc: status}
	}
	none := task()
	none.plant = func(p *planted) {
		f := closing()
		f.Closed = []string{}
		p.org.DefineField("Task", f)
	}
	lead := func(status string) problem {
		return problem{plant: func(p *planted) { p.rule("Lead", mapping.Rule{Constant: status, Field: "Status"}) },
			want: "warning DATA_VALUE_VALIDATION Lead.Status ",
			doc:  "Setup > Object Manager > Lead > Fields & Relationships > Status"}
	}
	return map[string]problem{
		"no Task status that is done":         none,
		"two Task statuses that are done":     task("Erledigt", "Storniert"),
		"a lead status that the org lacks":    lead("Fresh"),
		"a lead status that is for converted": lead("Closed - Converted"),
		"a Task's field that is not there": {
			plant: func(p *planted) { p.rule("Task", mapping.Rule{Constant: "Fair", Field: "Origin__c"}) },
			want:  "error MISSING_REMOTE_FIELD Task.Origin__c mapping.objects[3].rules[0].field",
			doc:   "Setup > Object Manager > Activity > Fields & Relationships"},
	}
}

// problemsOfTheOrg are of sharing, queues and limits.
func problemsOfTheOrg() map[string]problem {
	hide := func(p *planted) {
		p.org.SetPermission("PermissionsViewAllData", false)
		p.org.Update("Organization", p.org.OrgID(), map[string]any{"DefaultLeadAccess": "None"})
	}
	const doc = "Setup > Permission Sets"
	return map[string]problem{
		"Leads that others own are hidden": {plant: hide, want: "warning  Lead. ", doc: doc},
		"the same, mended by View All Data": {plant: hide,
			mend: func(p *planted) { p.org.SetPermission("PermissionsViewAllData", true) },
			want: "warning  Lead. ", doc: doc},
		"the same, mended by sharing": {plant: hide, mend: func(p *planted) {
			p.org.Update("Organization", p.org.OrgID(), map[string]any{"DefaultLeadAccess": "Read"})
		}, want: "warning  Lead. ", doc: doc},
		"sharing that is not read": {plant: func(p *planted) {
			hide(p)
			p.org.HideField("Organization", "DefaultLeadAccess")
		}, mend: func(p *planted) {
			p.org.DefineField("Organization", sftest.Field{Name: "DefaultLeadAccess"})
			p.org.SetPermission("PermissionsViewAllData", true)
		}, want: "warning  Organization. ", doc: doc},
		"duplicate rules that are not read": {plant: func(p *planted) { p.org.Forbid("DuplicateRule", "read") },
			want: "warning  DuplicateRule. ", doc: "Setup > Duplicate Rules"},
		"a queue that takes no Leads": {plant: func(p *planted) {
			p.cfg.FallbackOwner = salesforce.ID(p.org.Insert("Group", map[string]any{"Name": "Inbound", "Type": "Queue"}))
		}, want: "warning OWNER_INVALID Group. fallbackOwner", doc: "Setup > Queues"},
		"storage that is full": {options: []sftest.Option{sftest.WithStorageLimit(2)}, plant: func(p *planted) {
			p.asks = []preflight.Ask{preflight.AskStorage}
			for _, name := range []string{"Byron", "Lovelace"} {
				p.org.Insert("Lead", map[string]any{"LastName": name, "Company": "Engines"})
			}
		}, want: "error STORAGE_LIMIT Organization. ", doc: "Setup > Storage Usage"},
	}
}

// Few API calls that are left are found without one.
func TestPreflightSaysThatFewCallsAreLeft(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{12: 0, 100: 0, 1: 1} {
		p := newPlanted(t, sftest.WithAPILimit(limit))
		found, report := p.look(t)
		require.Len(t, found, want, limit)
		require.EqualValues(t, 1, report.Calls)
		for _, f := range found {
			require.Equal(t, leadsync.RateLimit, f.Code)
			require.Equal(t, "0 of the org's 1 API calls of 24 hours are left", f.Reason)
		}
	}
}

// Active validation rules are named where they are asked for and may be read, of the objects
// that a sync writes.
func TestPreflightNamesValidationRules(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		asks  []preflight.Ask
		may   bool
		calls int64
		want  []string
	}{
		{nil, true, 1, nil},
		{[]preflight.Ask{preflight.AskValidationRules}, true, 2,
			[]string{`Lead: active validation rules may refuse records: "Needs_Title", "Needs_Phone"`}},
		{[]preflight.Ask{preflight.AskValidationRules}, false, 2,
			[]string{"ValidationRule: the validation rules could not be read: that needs View Setup and Configuration"}},
		{[]preflight.Ask{preflight.AskStorage, preflight.AskValidationRules}, true, 3,
			[]string{`Lead: active validation rules may refuse records: "Needs_Title", "Needs_Phone"`}},
	} {
		p := newPlanted(t)
		p.asks = tc.asks
		p.org.SetPermission("PermissionsViewSetup", tc.may)
		for _, rule := range []string{"Needs_Title", "Needs_Phone"} {
			p.org.AddRule("Lead", sftest.Rule{Name: rule, Refuses: func(map[string]any) bool { return false }})
		}
		p.org.AddRule("Opportunity", sftest.Rule{Name: "Other", Refuses: func(map[string]any) bool { return false }})
		found, report := p.look(t)
		require.Empty(t, found)
		require.Equal(t, tc.calls, report.Calls)
		var named []string
		for _, f := range report.Findings {
			if strings.Contains(f.Reason, "validation rules") {
				named = append(named, string(f.Object)+": "+f.Reason)
			}
		}
		require.Equal(t, tc.want, named)
	}
}
