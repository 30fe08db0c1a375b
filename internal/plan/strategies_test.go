// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// of returns what a built-in strategy found for a lead: the record, or that there is none.
func of(strategy string, lead *leadtype.Lead, record *salesforce.Record) *match.Match {
	objects := map[string][]salesforce.Object{
		"leads-and-contacts":    {"Contact", "Lead"},
		"leads-only":            {"Lead"},
		"accounts-and-contacts": {"Contact"},
	}[strategy]
	one := found(lead, objects[len(objects)-1], record)
	one.Trace.Strategy, one.Trace.Probes = strategy, nil
	for _, object := range objects {
		probe := leadtype.Probe{Object: object, Field: "Email", Value: lead.Email}
		one.Trace.Probes = append(one.Trace.Probes, leadtype.ProbeTrace{Probe: probe})
	}
	if record != nil {
		one.Object = record.Object
	}
	return one
}

// One person has leads of different strategies in a batch: what becomes of them is what
// would become of them one after the other.
func TestLeadsOfSeveralStrategiesShareTheRecordThatALaterOneFinds(t *testing.T) {
	t.Parallel()
	const (
		both     = "leads-and-contacts"
		only     = "leads-only"
		accounts = "accounts-and-contacts"
	)
	contact := &salesforce.Record{Object: "Contact", ID: "003000000000001AAA",
		Fields: salesforce.Fields{"LastName": "Lovelace", "Email": "ada@acme.example"}}
	elsewhere := ada("L1")
	elsewhere.Email = "someone@else.example"
	const (
		newLead    = " create Lead: Company=Acme Email=ada@acme.example LastName=Lovelace"
		newAccount = " create Account: Name=Acme"
		newContact = " create Contact: Email=ada@acme.example LastName=Lovelace AccountId=#0"
	)
	for name, tc := range map[string]struct {
		matches []*match.Match
		want    []string
		warned  []leadtype.LeadID
	}{
		"both, only": {[]*match.Match{of(both, ada("L1"), nil), of(only, ada("L2"), nil)},
			[]string{"[L1 L2]" + newLead}, nil},
		"only, both": {[]*match.Match{of(only, ada("L1"), nil), of(both, ada("L2"), nil)},
			[]string{"[L1 L2]" + newLead}, nil},
		"accounts, both": {[]*match.Match{of(accounts, ada("L1"), nil), of(both, ada("L2"), nil)},
			[]string{"[L1 L2]" + newAccount, "[L1 L2]" + newContact}, nil},
		"both, accounts": {[]*match.Match{of(both, ada("L1"), nil), of(accounts, ada("L2"), nil)},
			[]string{"[L2]" + newAccount, "[L1]" + newLead, "[L2]" + newContact}, []leadtype.LeadID{"L1", "L2"}},
		"accounts, only": {[]*match.Match{of(accounts, ada("L1"), nil), of(only, ada("L2"), nil)},
			[]string{"[L1]" + newAccount, "[L1]" + newContact, "[L2]" + newLead}, []leadtype.LeadID{"L1", "L2"}},
		"only, accounts": {[]*match.Match{of(only, ada("L1"), nil), of(accounts, ada("L2"), nil)},
			[]string{"[L2]" + newAccount, "[L1]" + newLead, "[L2]" + newContact}, []leadtype.LeadID{"L1", "L2"}},
		"only, accounts, both": {
			[]*match.Match{of(only, ada("L1"), nil), of(accounts, ada("L2"), nil), of(both, ada("L3"), nil)},
			[]string{"[L2 L3]" + newAccount, "[L1]" + newLead, "[L2 L3]" + newContact}, []leadtype.LeadID{"L1", "L2", "L3"}},
		"both, and then both": {
			[]*match.Match{of(both, ada("L1"), nil), of(accounts, ada("L2"), nil), of(both, ada("L3"), nil)},
			[]string{"[L2 L3]" + newAccount, "[L1]" + newLead, "[L2 L3]" + newContact}, []leadtype.LeadID{"L1", "L2", "L3"}},
		"a Contact that the other one finds": {
			[]*match.Match{of(both, ada("L1"), contact), of(accounts, ada("L2"), contact)}, nil, nil},
		"a Contact that the other one does not look for": {
			[]*match.Match{of(both, ada("L1"), contact), of(only, ada("L2"), nil)},
			[]string{"[L2]" + newLead}, []leadtype.LeadID{"L1", "L2"}},
		"another person": {[]*match.Match{of(both, elsewhere, nil), of(accounts, ada("L2"), nil)},
			[]string{"[L2]" + newAccount, "[L1] create Lead: Company=Acme Email=someone@else.example LastName=Lovelace",
				"[L2]" + newContact}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plannerOf().Plan(&match.Result{Matches: tc.matches, Index: new(match.Index), Session: session()})

			require.Equal(t, tc.want, shown(p))
			var warned []leadtype.LeadID
			for _, lead := range p.Leads {
				for _, w := range lead.Warnings {
					require.Equal(t, leadtype.TwoStrategies, w.Kind)
					require.Regexp(t, `a (Lead|Contact) for lead "L\d" \(strategy .*\) and a (Lead|Contact) for lead "L\d"`, w.Reason)
					warned = append(warned, lead.LeadID)
				}
			}
			require.Equal(t, tc.warned, warned)
		})
	}
}
