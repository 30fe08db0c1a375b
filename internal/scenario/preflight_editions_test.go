// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// editions are clean orgs as the editions of Salesforce with an API have them. What is recorded of
// describes is a Developer Edition's; how the others differ is from the documentation of the REST
// API (which editions have one: docs/salesforce.md, Limits) and otherwise unverified: in the API calls of a
// day, in what of record types, person accounts, currencies and picklists of countries is on, in
// standard fields that come with features.
func editions() map[string]clean {
	orgs := cleanOrgs()
	arrange := func(names ...string) func(*planted) {
		return func(p *planted) {
			for _, name := range names {
				orgs[name].arrange(p)
			}
		}
	}
	return map[string]clean{
		"Developer": {options: []sftest.Option{sftest.WithAPILimit(15_000)}},
		"Professional, to which the API was added": {options: []sftest.Option{sftest.WithAPILimit(105_000)},
			arrange: (*planted).hideFeatures},
		"Enterprise": {options: []sftest.Option{sftest.WithAPILimit(150_000), manyCountries()},
			arrange: arrange("record types", "key fields", "sharing that is private, and seen through")},
		"Unlimited": {options: []sftest.Option{sftest.WithAPILimit(600_000), manyCountries(), sftest.WithPersonAccounts()},
			arrange: func(p *planted) {
				arrange("record types", "key fields", "several currencies", "visits")(p)
				p.addFeatures()
			}},
	}
}

// optional are standard fields that the default mapping neither writes nor needs, and that depend
// on features of the org.
var optional = map[string][]string{
	"Lead": {"Jigsaw", "Rating", "Salutation", "AnnualRevenue", "Fax", "EmailBouncedReason", "EmailBouncedDate"},
	"Contact": {"Jigsaw", "Salutation", "Department", "AssistantName", "AssistantPhone", "Birthdate", "ReportsToId",
		"Fax"},
	"Account": {"Jigsaw", "AccountNumber", "AnnualRevenue", "Ownership", "Rating", "Site", "TickerSymbol", "Sic", "Fax",
		"ParentId"},
}

// hideFeatures hides the optional fields that the org has.
func (p *planted) hideFeatures() {
	for object, fields := range optional {
		for _, field := range fields {
			p.org.DefineField(object, sftest.Field{Name: field})
			p.org.HideField(object, field)
		}
	}
}

// addFeatures adds fields of features that only some editions have.
func (p *planted) addFeatures() {
	for object, fields := range map[string][]string{"Lead": {"ScoreIntelligenceId", "ActivityMetricId", "IndividualId"},
		"Contact": {"ActivityMetricId", "IndividualId"}, "Account": {"ActivityMetricId", "OperatingHoursId"}} {
		for _, field := range fields {
			p.org.DefineField(object, sftest.Field{Name: field, Type: "reference", ReferenceTo: []string{"User"}})
			p.org.ReadOnlyField(object, field)
		}
	}
}

func TestPreflightFindsNothingInACleanOrgOfAnyEdition(t *testing.T) {
	t.Parallel()
	for name, of := range editions() {
		for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.LeadsOnly,
			leadsync.AccountsAndContacts} {
			p := newPlanted(t, of.options...)
			p.cfg.Strategy = strategy
			if of.arrange != nil {
				of.arrange(p)
			}
			found, report := p.look(t)
			require.Empty(t, found, "%s %s", name, strategy.Name())
			require.True(t, report.OK())
		}
	}
}

// The control: of the same orgs each has a finding when something of it is wrong.
func TestPreflightFindsAProblemInAnOrgOfAnyEdition(t *testing.T) {
	t.Parallel()
	for name, of := range editions() {
		p := newPlanted(t, of.options...)
		if of.arrange != nil {
			of.arrange(p)
		}
		p.org.DefineField("Lead", sftest.Field{Name: "Desk__c", Required: true})
		found, report := p.look(t)
		require.Equal(t, []string{"error REQUIRED_FIELD_MISSING Lead.Desk__c "}, keysOf(found), name)
		require.False(t, report.OK())
	}
}

// Where an edition, or the user's profile, does not let set-up objects be queried, nothing is found
// amiss: preflight says what it could not check, and no more.
func TestPreflightSaysWhichSetUpObjectsItCouldNotRead(t *testing.T) {
	t.Parallel()
	p := newPlanted(t)
	want := []string{}
	for _, object := range []string{"AssignmentRule", "DuplicateRule", "PermissionSetAssignment", "TaskStatus"} {
		p.org.Forbid(object, "read")
		want = append(want, "warning  "+object+". ")
	}
	found, report := p.look(t)
	require.ElementsMatch(t, want, keysOf(found))
	require.True(t, report.OK())
	for _, f := range found {
		require.Contains(t, f.Reason, "could not be read, so what depends on it was not checked")
	}
}

func keysOf[V any](of map[string]V) (keys []string) {
	for key := range of {
		keys = append(keys, key)
	}
	return keys
}
