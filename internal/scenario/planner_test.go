package scenario_test

import (
	"fmt"
	"math"
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

// An oddMapper returns something odd for the lead L1.
type oddMapper struct {
	leadsync.Mapper
	odd func() salesforce.Fields
}

func (m oddMapper) Map(l *leadsync.Lead, t mapping.Target) (salesforce.Fields, []leadtype.Warning, error) {
	if l.ID == "L1" {
		return m.odd(), nil, nil
	}
	return m.Mapper.Map(l, t)
}

func (m oddMapper) Fields(o salesforce.Object) []string {
	return append(m.Mapper.Fields(o), "Nope__c", "", "Name", "a b")
}

func TestValueThatNoFieldTakesFailsItsLeadAlone(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]salesforce.Fields{
		"nil":              nil,
		"unknown field":    {"LastName": "x", "Company": "y", "Nope__c": 1},
		"bad name":         {"LastName": "x", "Company": "y", "a b": 1},
		"empty name":       {"LastName": "x", "Company": "y", "": 1},
		"func":             {"LastName": func() {}, "Company": "y"},
		"nan":              {"LastName": "x", "Company": "y", "NumberOfEmployees": math.NaN()},
		"time":             {"LastName": time.Now(), "Company": "y"},
		"slice":            {"LastName": []string{"x"}, "Company": "y"},
		"map":              {"LastName": map[string]any{"x": 1}, "Company": "y"},
		"bad utf8":         {"LastName": "\xff", "Company": "y"},
		"lower case":       {"lastname": "x", "company": "y"},
		"id":               {"LastName": "x", "Company": "y", "Id": "00Q000000000001"},
		"other case twice": {"LastName": "x", "lastName": "z", "Company": "y"},
	} {
		for _, there := range []bool{false, true} {
			for _, email := range []string{"", "ada@analytical.example"} {
				t.Run(fmt.Sprint(name, there, email), func(t *testing.T) {
					t.Parallel()
					org := sftest.NewOrg(t)
					if there {
						scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
					}
					odd, good := scenario.Ada(), scenario.Ada()
					odd.Email = email
					good.ID, good.Email = "L2", "b@x.example"
					syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: oddMapper{leadsync.DefaultMapping(), func() salesforce.Fields { return fields }}})
					outcomes, err := syncer.Sync(t.Context(), odd, good)
					require.Equal(t, leadsync.Cleared, outcomes[1].Stage, err)
				})
			}
		}
	}
}

func TestMappedParentGivesWayToTheNewOne(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	mapping := leadsync.DefaultMapping()
	for s := range mapping.Sections {
		if section := &mapping.Sections[s]; section.Object == "Contact" {
			section.Rules = append(section.Rules, leadsync.Rule{Source: "accountId", Field: "AccountId"})
		}
	}
	lead := scenario.Ada()
	lead.AccountID = salesforce.ID(org.Insert("Account", map[string]any{"Name": "Gone"}))
	org.Delete("Account", string(lead.AccountID))

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts, Mapper: mapping}), lead)

	require.Equal(t, string(out.AccountID), org.Row("Contact", string(out.ID))["AccountId"])
}

// A host's own Mapper may fill an object that the connected user does not see.
func TestObjectThatIsHiddenFailsTheLeadsOfAnOwnMapper(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.Forbid("Lead", "read")
	mapper := oddMapper{leadsync.DefaultMapping(), func() salesforce.Fields { return salesforce.Fields{"LastName": "x", "Company": "y"} }}
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: scenario.Probing{{Object: "Contact", Field: "Email"}}, Mapper: mapper})
	outcomes, err := syncer.Sync(t.Context(), scenario.Ada())
	require.ErrorIs(t, err, leadsync.ConnectionPermission)
	require.Equal(t, salesforce.ObjectLead, outcomes[0].Err.Object)
}

func TestRecordThatMayNotBeUpdatedFailsItsLeadAlone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	org.Forbid("Contact", "update")
	fresh := scenario.Ada()
	fresh.ID, fresh.Email = "L2", "new@analytical.example"

	outcomes, err := scenario.SyncerOf(t, org, nil).Sync(t.Context(), scenario.Ada(), fresh)

	require.ErrorIs(t, err, leadsync.ConnectionPermission)
	require.Equal(t, salesforce.ObjectContact, outcomes[0].Err.Object)
	require.Equal(t, leadsync.Created, outcomes[1].Action)
	require.Equal(t, 1, scenario.WritesOf(org))
}
