// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// owingDesk is a desk with leads to which something is owed.
func owingDesk(t *testing.T, leads int, edit func(m *mapping.Mapping), lead func(*leadsync.Lead)) *desk {
	t.Helper()
	m := mapping.Default()
	edit(m)
	d := newDesk(t, leadsync.Config{Mapper: m, Gather: leadsync.NoGather, BatchSize: 4})
	d.org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Options: []string{"Gold"}, Restricted: true})
	d.org.DefineField("Lead", sftest.Field{Name: "Spend__c", Type: "double", Scale: 2, Precision: 18})
	all := make([]*leadsync.Lead, leads)
	for i := range all {
		all[i] = later(visitor(), func(l *leadsync.Lead) {
			l.ID, l.Email = leadsync.LeadID(fmt.Sprint(i)), fmt.Sprintf("pia%d@acme.example", i)
			l.Notes, l.Custom = "met at the booth", map[string]any{"tier": "Silver", "spend": "1.234"}
			lead(l)
		})
	}
	for id, out := range d.sync(all...) {
		require.NotEmpty(t, out.Owed, id)
		d.edit(out, map[string]any{"Description": nil})
	}
	return d
}

// Leads are synced again for what is owed to them when the org or the mapping has changed,
// as soon as something else is synced, and for nothing else. It took a push before.
func TestOwedValuesAreWrittenOnceSomethingHasChanged(t *testing.T) {
	t.Parallel()
	tier := mapping.Rule{Source: "custom.tier", Field: "Tier__c", Unfit: mapping.Skip}
	spend := mapping.Rule{Source: "custom.spend", Field: "Spend__c", Unfit: mapping.Skip}
	for name, c := range map[string]struct {
		rule   mapping.Rule
		repair func(d *desk, m *mapping.Mapping)
		field  string
		want   any
	}{
		"an option": {tier, func(d *desk, _ *mapping.Mapping) {
			d.org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Options: []string{"Gold", "Silver"},
				Restricted: true})
		}, "Tier__c", "Silver"},
		"a setting of the mapping": {spend, func(_ *desk, m *mapping.Mapping) { m.NumberLocale = "de" }, "Spend__c", 1234.0},
		"a rule": {tier, func(_ *desk, m *mapping.Mapping) {
			rules := m.Sections[0].Rules
			rules[len(rules)-1].Values = map[string]string{"Silver": "Gold"}
		}, "Tier__c", "Gold"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := owingDesk(t, 9, func(m *mapping.Mapping) {
				m.Sections[0].Rules = append(m.Sections[0].Rules, c.rule)
			}, func(*leadsync.Lead) {})
			d.sync(later(visitor(), func(l *leadsync.Lead) { l.ID, l.Email = "x", "x@x.example" }))
			m, _ := d.cfg.Mapper.(*mapping.Mapping)
			m = m.With(nil)
			c.repair(d, m)
			d.cfg.Mapper = m
			outcomes := d.sync(later(visitor(), func(l *leadsync.Lead) { l.ID, l.Email = "y", "y@y.example" }))
			for _, row := range d.org.Rows("Lead") {
				if row["Email"] != "x@x.example" && row["Email"] != "y@y.example" {
					require.Equal(t, c.want, row[c.field])
					if name == "an option" { // else the rows have changed
						require.Nil(t, row["Description"], "nothing else is written again")
					}
				}
			}
			for id, out := range outcomes {
				require.Empty(t, out.Owed, id)
			}
		})
	}
}

// While nothing changes, what is owed costs nothing, whatever else is synced.
func TestOwedValuesCostNothingWhileNothingChanges(t *testing.T) {
	t.Parallel()
	calls := make(map[bool]int)
	for _, owed := range []bool{false, true} {
		d := owingDesk(t, 9, func(m *mapping.Mapping) {
			m.Sections[0].Rules = append(m.Sections[0].Rules, mapping.Rule{Source: "custom.tier", Field: "Tier__c",
				Unfit: mapping.Skip})
		}, func(*leadsync.Lead) {})
		if !owed {
			d.store = newDesk(t, leadsync.Config{}).store
		}
		d.org.ResetLog()
		for i := range 3 {
			d.sync(later(visitor(), func(l *leadsync.Lead) {
				l.ID, l.Email = leadsync.LeadID(fmt.Sprint("new", i)), fmt.Sprintf("new%d@new.example", i)
			}))
		}
		calls[owed] = d.org.Calls()
	}
	require.Equal(t, calls[false], calls[true])
}

// An option that a record type did not offer is a repair too.
func TestOwedValuesAreWrittenOnceTheRecordTypeOffersThem(t *testing.T) {
	t.Parallel()
	d := newDesk(t, leadsync.Config{Gather: leadsync.NoGather})
	m := mapping.Default()
	m.Sections[0].Rules = append(m.Sections[0].Rules, mapping.Rule{Source: "custom.tier", Field: "Tier__c",
		Unfit: mapping.Skip})
	d.cfg.Mapper = m
	d.org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Options: []string{"Gold", "Silver"},
		Restricted: true})
	offer := func(options ...string) {
		d.org.DefineRecordType("Lead", sftest.RecordType{Name: "Fair", Default: true,
			Picklists: map[string][]string{"Tier__c": options}})
	}
	offer("Gold")
	out := d.sync(tieredAs("Silver"))["L1"]
	require.Equal(t, []leadtype.WarningKind{leadtype.Unfit}, warned(out, "Tier__c"))
	offer("Gold", "Silver")
	d.sync(later(visitor(), func(l *leadsync.Lead) { l.ID, l.Email, l.LastName = "y", "y@y.example", "Young" }))
	require.Equal(t, "Silver", d.org.Row("Lead", string(out.ID))["Tier__c"])
	require.Empty(t, scenario.StoredIn(t, scenario.SyncerOf(t, d.org, &leadsync.Config{Store: d.store}))[0].Last.Owed)
}

// tieredAs is a lead with a tier.
func tieredAs(tier string) *leadsync.Lead {
	return later(visitor(), func(l *leadsync.Lead) { l.Custom = map[string]any{"tier": tier} })
}
