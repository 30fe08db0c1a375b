// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

const contact1 = salesforce.ID("003000000000001AAA")

// contactFields are mapped, each from a custom value of its name.
var contactFields = []string{"FirstName", "LastName", "Title", "Phone", "Description", "Region__c", "Tier__c",
	"MailingCity", "MailingCountry", "AccountId", "RecordTypeId", "Department"}

// personSession is an org's with person accounts, whose Account has the fields.
func personSession(account ...string) *org.Session {
	s := session()
	s.Describes["contact"] = orgtest.Writable("Contact", append(contactFields, "IsPersonAccount")...)
	s.Describes["account"] = orgtest.Writable("Account", append(account, "Name", "IsPersonAccount", "Region__c")...)
	s.Describe("Lead").Fields[1].Nillable = true // Company
	return s
}

func personPlanner(personLeads bool) *plan.Planner {
	p := plannerOf()
	section := mapping.Section{Object: "Contact"}
	for _, field := range contactFields {
		section.Rules = append(section.Rules, mapping.Rule{Source: "custom." + field, Field: field})
	}
	p.Set = mapping.NewSet(mapping.Config{Mapper: &mapping.Mapping{Sections: []mapping.Section{section,
		{Object: "Lead", Rules: []mapping.Rule{{Source: "lastName", Field: "LastName"},
			{Source: "company", Field: "Company"}}}}}})
	p.PersonLeads = personLeads
	return p
}

func TestPersonAccountIsPlannedThroughItsAccount(t *testing.T) {
	t.Parallel()
	all := []string{"FirstName", "LastName", "PersonTitle", "Phone", "Description", "Region__pc", "Tier__pc",
		"PersonMailingCity", "PersonMailingCountry", "PersonDepartment"}
	without := func(names ...string) (kept []string) {
		for _, name := range all {
			if !slices.Contains(names, name) {
				kept = append(kept, name)
			}
		}
		return kept
	}
	fixed := []string{"dropped AccountId", "dropped RecordTypeId"}
	for name, tc := range map[string]struct {
		account  []string
		is       bool
		parent   string
		locked   string
		want     []string // field: the Account's
		warnings []string
	}{
		"a person account": {account: all, is: true, parent: string(acme), want: []string{"Department: PersonDepartment",
			"Description: Description", "FirstName: FirstName", "LastName: LastName", "MailingCity: PersonMailingCity",
			"MailingCountry: PersonMailingCountry", "Phone: Phone", "Region__c: Region__pc", "Tier__c: Tier__pc",
			"Title: PersonTitle"}, warnings: fixed},
		"a Contact": {account: all, parent: string(acme), want: []string{"AccountId: ", "Department: ", "Description: ",
			"FirstName: ", "LastName: ", "MailingCity: ", "MailingCountry: ", "Phone: ", "RecordTypeId: ", "Region__c: ",
			"Tier__c: ", "Title: "}},
		"an Account that shows few fields": {account: []string{"Phone", "LastName"}, is: true, parent: string(acme),
			want: []string{"LastName: LastName", "Phone: Phone"},
			warnings: []string{"dropped AccountId", "missing Department", "missing Description", "missing FirstName",
				"missing MailingCity", "missing MailingCountry", "dropped RecordTypeId", "missing Region__c",
				"missing Tier__c", "missing Title"}},
		"a part of the address hidden": {account: without("PersonMailingCity", "Region__pc"), is: true, parent: string(acme),
			want: []string{"Department: PersonDepartment", "Description: Description", "FirstName: FirstName",
				"LastName: LastName", "Phone: Phone", "Tier__c: Tier__pc", "Title: PersonTitle"},
			warnings: []string{"dropped AccountId", "missing MailingCity", "missing MailingCountry", "dropped RecordTypeId",
				"missing Region__c"}},
		"a field locked": {account: []string{"PersonTitle", "Phone"}, is: true, parent: string(acme), locked: "PersonTitle",
			want: []string{"Phone: Phone"},
			warnings: []string{"dropped AccountId", "missing Department", "missing Description", "missing FirstName",
				"missing LastName", "missing MailingCity", "missing MailingCountry", "dropped RecordTypeId",
				"missing Region__c", "missing Tier__c", "locked Title"}},
		"an Account that is hidden": {account: []string{"Phone"}, is: true,
			warnings: []string{"dropped AccountId", "missing Department", "missing Description", "missing FirstName",
				"missing LastName", "missing MailingCity", "missing MailingCountry", "missing Phone",
				"dropped RecordTypeId", "missing Region__c", "missing Tier__c", "missing Title"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := personSession(tc.account...)
			if field, ok := s.Describe("Account").Field(tc.locked); ok {
				field.Updateable = false
			}
			lead := ada("L1")
			lead.Custom = make(map[string]any)
			record := &salesforce.Record{Object: "Contact", ID: contact1, Fields: salesforce.Fields{"Id": string(contact1)}}
			for _, field := range contactFields {
				lead.Custom[field], record.Fields[field] = "new", "old"
			}
			record.Fields["IsPersonAccount"], record.Fields["AccountId"] = tc.is, tc.parent

			result := personPlanner(false).Plan(&match.Result{Session: s,
				Matches: []*match.Match{found(lead, "Contact", record)}})

			require.NoError(t, errOf(result.Leads[0].Err))
			var fields, warnings []string
			for _, c := range result.Changes {
				require.Equal(t, []any{salesforce.Object("Contact"), contact1}, []any{c.Object, c.ID})
				require.Equal(t, tc.is, c.PersonAccount == acme)
				require.Equal(t, tc.is, c.Written() == "Account")
				for _, f := range c.Fields {
					require.Equal(t, heldIn(record, f.Field), f.Before)
					fields = append(fields, f.Field+": "+f.PersonField)
				}
			}
			for _, w := range result.Leads[0].Warnings {
				warnings = append(warnings, fmt.Sprintf("%s %s", w.Kind, w.Field))
			}
			require.Equal(t, tc.want, fields)
			require.Equal(t, tc.warnings, warnings)
		})
	}
}

func heldIn(record *salesforce.Record, field string) any {
	v, _ := record.Value(field)
	return v
}

func errOf(err *leadtype.Error) error {
	if err == nil {
		return nil
	}
	return err
}

func TestLeadWithoutACompanyWaitsForTheSetting(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		session     *org.Session
		company     string
		personLeads bool
		want        leadtype.Code
	}{
		"on":                  {personSession(), "", false, leadtype.RequiredFieldMissing},
		"on, with a company":  {personSession(), "Acme", false, ""},
		"on, and allowed":     {personSession(), "", true, ""},
		"off":                 {session(), "", false, leadtype.RequiredFieldMissing},
		"off, and allowed":    {session(), "", true, leadtype.RequiredFieldMissing},
		"off, with a company": {session(), "Acme", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lead := ada("L1")
			lead.Company = tc.company
			result := personPlanner(tc.personLeads).Plan(&match.Result{Session: tc.session,
				Matches: []*match.Match{found(lead, "Lead", nil)}})
			require.Equal(t, tc.want, leadtype.CodeOf(errOf(result.Leads[0].Err)))
		})
	}
}
