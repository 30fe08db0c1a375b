// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// Without a section for the object, a person that was found gets what refers to it, with a
// warning, and one that is to be created fails and says why. Preflight finds both. The
// former was cleared without a word, the latter failed for its first required field.
func TestPersonWithoutASection(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, section string
		found         bool
	}{
		{"a Contact that was found", "Lead", true},
		{"a Lead to be created", "Contact", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			org := scenario.VisitOrg(t)
			m := mapping.Default()
			kept := m.Sections[:0]
			for _, section := range m.Sections {
				if string(section.Object) == row.section {
					kept = append(kept, section)
				}
			}
			m.Sections = append(kept, mapping.Section{Object: "Visit__c", Key: "VisitKey__c",
				Lookups: []mapping.Lookup{{Field: "Contact__c", To: mapping.ToContact}},
				Rules:   []mapping.Rule{{Source: "jobTitle", Field: "Notes__c"}}})
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m,
				Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}})
			lead := adaAtHome()
			if row.found {
				scenario.InsertContact(org, "Lovelace", lead.Email)
			}
			report, err := syncer.Preflight(t.Context())
			require.NoError(t, err)
			severities := map[preflight.Severity]int{}
			for _, f := range report.Findings {
				if f.Path == "mapping.objects" {
					severities[f.Severity]++
				}
			}
			outcomes, err := syncer.Sync(t.Context(), lead)
			out := outcomes[0]
			if !row.found {
				require.ErrorIs(t, err, leadsync.RequiredFieldMissing)
				require.Equal(t, leadsync.Failed, out.Stage)
				require.Contains(t, out.Err.Reason, "the mapping has no section for Lead")
				require.Equal(t, 1, severities[preflight.SeverityError])
				require.Zero(t, org.Count("Lead")+org.Count("Task")+org.Count("Visit__c"))
				return
			}
			require.NoError(t, err)
			require.Equal(t, 1, severities[preflight.SeverityWarning])
			require.Len(t, out.Warnings, 1)
			require.Equal(t, leadtype.NoSection, out.Warnings[0].Kind)
			require.Nil(t, org.Rows("Contact")[0]["Title"])
			for _, object := range []string{"CampaignMember", "Task", "Visit__c"} {
				require.Equal(t, 1, org.Count(object), object)
			}
		})
	}
}

// Answers go where their qualifiers say, and the warning says that. It said that nothing was
// written.
func TestAnswersArePartOfAPersonWithoutASection(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: mapping.Default().Sections[0].Rules}}}
	lead := adaAtHome()
	scenario.InsertContact(org, "Lovelace", lead.Email)
	lead.Answers = map[string][]string{"Team": {"Engines"}}
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m, Qualifiers: []leadsync.Qualifier{{Name: "Team",
		Type: mapping.QualifierText, Fields: map[salesforce.Object]string{"Contact": "Department"}}}})
	out := scenario.SyncOne(t, syncer, lead)
	require.Equal(t, "Engines", org.Rows("Contact")[0]["Department"])
	require.Nil(t, org.Rows("Contact")[0]["Title"])
	require.Len(t, ofKind(out, leadtype.NoSection), 1)
	require.Contains(t, ofKind(out, leadtype.NoSection)[0].Reason, "nothing of the lead but answers to qualifiers")
}
