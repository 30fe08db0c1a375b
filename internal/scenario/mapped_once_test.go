// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A tally counts how often the leads were mapped onto which objects.
type tally struct {
	mu     sync.Mutex
	mapped map[salesforce.Object]int
}

func (c *tally) count(object salesforce.Object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mapped == nil {
		c.mapped = make(map[salesforce.Object]int)
	}
	c.mapped[object]++
}

// take returns what was counted, and resets it.
func (c *tally) take() map[salesforce.Object]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	mapped := c.mapped
	c.mapped = nil
	return mapped
}

// A countingMapper is a host's own Mapper.
type countingMapper struct {
	leadsync.Mapper
	*tally
}

func (m countingMapper) Map(lead *leadsync.Lead, target mapping.Target) (
	salesforce.Fields, []leadtype.Warning, error,
) {
	m.count(target.Object)
	return m.Mapper.Map(lead, target)
}

// A frankMapper also says which Users it needs.
type frankMapper struct{ countingMapper }

func (frankMapper) Users(lead *leadsync.Lead, _ salesforce.Object) []string {
	return []string{lead.CapturedBy}
}

// countingMapping is the default mapping with a transform that counts, in the row of the
// last name, or of the website for Accounts.
func countingMapping(c *tally) (*leadsync.Mapping, map[string]mapping.TransformFunc) {
	m := leadsync.DefaultMapping()
	transforms := make(map[string]mapping.TransformFunc)
	for i := range m.Sections {
		section := &m.Sections[i]
		name := "count" + string(section.Object)
		transforms[name] = func(value any) (any, error) {
			c.count(section.Object)
			return value, nil
		}
		field := "LastName"
		if section.Object == salesforce.ObjectAccount {
			field = "Website"
		}
		k := slices.IndexFunc(section.Rules, func(r leadsync.Rule) bool { return r.Field == field })
		section.Rules[k].Transforms = []string{name}
	}
	return m, transforms
}

func TestLeadIsMappedOnceForEachRecordThatMayBeWritten(t *testing.T) {
	t.Parallel()
	const lead, contact, account = salesforce.ObjectLead, salesforce.ObjectContact, salesforce.ObjectAccount
	type counts = map[salesforce.Object]int
	insert := func(object string, fields map[string]any) func(*sftest.Org) {
		return func(org *sftest.Org) { org.Insert(object, fields) }
	}
	rows := func(c *tally) *leadsync.Config {
		m, transforms := countingMapping(c)
		return &leadsync.Config{Mapper: m, Transforms: transforms}
	}
	frank := func(c *tally) *leadsync.Config {
		return &leadsync.Config{Mapper: frankMapper{countingMapper{leadsync.DefaultMapping(), c}}}
	}
	silent := func(c *tally) *leadsync.Config {
		return &leadsync.Config{Mapper: countingMapper{leadsync.DefaultMapping(), c}}
	}
	for _, row := range []struct {
		name     string
		strategy leadsync.Strategy
		email    string
		arrange  func(*sftest.Org)
		want     counts // of rows, and of a Mapper that says which Users it needs
		silent   counts // of another Mapper
	}{
		{"new", nil, "ada@engines.example", nil, counts{lead: 1}, counts{lead: 1, contact: 1}},
		{"new without an address", nil, "", nil, counts{lead: 1}, counts{lead: 1, contact: 1}},
		{"known Lead", nil, "ada@engines.example",
			insert("Lead", map[string]any{"LastName": "L", "Company": "C", "Email": "ada@engines.example"}),
			counts{lead: 1}, counts{lead: 2, contact: 1}},
		{"known Contact", nil, "ada@engines.example",
			insert("Contact", map[string]any{"LastName": "L", "Email": "ada@engines.example"}),
			counts{contact: 1}, counts{lead: 1, contact: 2}},
		{"new, Leads only", leadsync.LeadsOnly, "ada@engines.example", nil, counts{lead: 1}, counts{lead: 1}},
		{"new in a new Account", leadsync.AccountsAndContacts, "ada@engines.example", nil,
			counts{contact: 1, account: 1}, counts{contact: 1, account: 2}},
		{"new in a known Account", leadsync.AccountsAndContacts, "ada@engines.example",
			insert("Account", map[string]any{"Name": "Analytical Engines", "Website": "engines.example"}),
			counts{contact: 1, account: 1}, counts{contact: 1, account: 2}},
		{"known Contact, of an Account", leadsync.AccountsAndContacts, "ada@engines.example",
			insert("Contact", map[string]any{"LastName": "L", "Email": "ada@engines.example"}),
			counts{contact: 1}, counts{contact: 2, account: 1}},
	} {
		for kind, config := range map[string]func(*tally) *leadsync.Config{"rows": rows, "frank": frank, "silent": silent} {
			t.Run(row.name+", "+kind, func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				if row.arrange != nil {
					row.arrange(org)
				}
				var c tally
				cfg := config(&c)
				cfg.Strategy = row.strategy
				syncer := scenario.SyncerOf(t, org, cfg)
				sync := func(one *leadsync.Lead) counts {
					one.CapturedBy = "rep@host.example"
					outcomes, err := syncer.Sync(t.Context(), one)
					require.NoError(t, err)
					require.Equal(t, leadsync.Cleared, outcomes[0].Stage)
					return c.take()
				}
				// The first lead has a User that the session has not looked up.
				first := sync(&leadsync.Lead{
					ID: "L0", LastName: "Up", Company: "Else", Website: "else.example", Email: "up@else.example"})
				switch {
				case kind == "silent":
				case row.strategy == leadsync.AccountsAndContacts:
					require.Equal(t, counts{contact: 1, account: 1}, first)
				default:
					require.Equal(t, counts{lead: 1}, first)
				}
				want := row.want
				if kind == "silent" {
					want = row.silent
				}
				one := scenario.Ada()
				one.Email, one.Website = row.email, "engines.example"
				require.Equal(t, want, sync(one))
			})
		}
	}
}
