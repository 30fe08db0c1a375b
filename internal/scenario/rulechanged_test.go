// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
)

// What the connection wrote is replaced when the rules have changed, and the outcome says
// so, once. Before, it looked like a correction of the lead.
func TestWhatOtherRulesWroteIsReplacedWithAWarning(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Mapper: mapping.Default(), Gather: leadsync.NoGather})
	lead := visitor()
	out := d.sync(lead)["L1"]
	d.edit(out, map[string]any{"Phone": "1"})

	m := mapping.Default()
	for i := range m.Sections[0].Rules {
		if rule := &m.Sections[0].Rules[i]; rule.Field == "Title" || rule.Field == "Phone" || rule.Field == "MobilePhone" {
			rule.Source = "firstName"
		}
	}
	d.cfg.Mapper = m
	out = d.push(leadsync.Filter{})["L1"]
	require.Equal(t, []leadtype.WarningKind{leadtype.RuleChanged}, warned(out, "Title"))
	require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(out, "Phone"), "which is not the connection's")
	require.Empty(t, warned(out, "MobilePhone"), "nothing was there")
	row := d.org.Row("Lead", string(out.ID))
	require.Equal(t, []any{"Pia", "1", "Pia"}, []any{row["Title"], row["Phone"], row["MobilePhone"]})
	require.Contains(t, leadtype.Explain(out), "replaced: written under other rules")

	out = d.push(leadsync.Filter{})["L1"]
	require.Empty(t, ofKind(out, leadtype.RuleChanged), "it is said once")
	out = d.sync(later(lead, func(l *leadsync.Lead) { l.FirstName = "Pippa" }))["L1"]
	require.Equal(t, "Pippa", d.org.Row("Lead", string(out.ID))["Title"])
	require.Empty(t, ofKind(out, leadtype.RuleChanged), "the lead has changed")
}
