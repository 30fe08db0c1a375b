// SPDX-License-Identifier: Apache-2.0

package check

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

func TestPreflightNamesConsentsThatALeadCouldMoveTheWrongWay(t *testing.T) {
	t.Parallel()
	row := func(field string, write mapping.WriteRule) mapping.Rule {
		return mapping.Rule{Source: "custom.x", Field: field, Write: write}
	}
	const warning, row2 = "warning DATA_VALUE_VALIDATION Lead ", " mapping.objects[0].rules[2].write"
	for name, tc := range map[string]struct {
		rule mapping.Rule
		want []string
	}{
		"opt-out overwritten":   {row("HasOptedOutOfEmail", ""), []string{warning + "HasOptedOutOfEmail" + row2}},
		"opt-out raised":        {row("HasOptedOutOfEmail", mapping.Raise), nil},
		"opt-out lowered":       {row("HasOptedOutOfEmail", mapping.Lower), []string{warning + "HasOptedOutOfEmail" + row2}},
		"opt-out not used":      {row("HasOptedOutOfEmail", mapping.Never), nil},
		"consent by its label":  {row("Flag__c", mapping.UnlessEdited), []string{warning + "Flag__c" + row2}},
		"consent lowered":       {row("Flag__c", mapping.Lower), nil},
		"text about permission": {row("PermissionText__c", ""), nil},
	} {
		org := orgtest.New()
		lead := orgtest.Writable("Lead", "LastName", "Company", "Email", "HasOptedOutOfEmail", "Flag__c", "PermissionText__c")
		for i := range lead.Fields {
			switch f := &lead.Fields[i]; f.Name {
			case "HasOptedOutOfEmail":
				f.Type = salesforce.TypeBoolean
			case "Flag__c":
				f.Type, f.Label = salesforce.TypeBoolean, "Newsletter opt-in"
			}
		}
		org.Describes["Lead"] = lead
		cfg := plainSetup()
		cfg.Mapper = rows("Lead", mapping.Rule{Source: "lastName", Field: "LastName"},
			mapping.Rule{Source: "company", Field: "Company"}, tc.rule)
		require.Equal(t, tc.want, findingsOf(t, cfg, org), name)
	}
}
