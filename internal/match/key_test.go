// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

func TestKeysFitTheirField(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	require.Equal(t, "L1", match.PersonKey(" L1 "))
	require.Equal(t, long[:255], match.BoundKey(long[:255]))
	require.Len(t, match.BoundKey(long), 64, "a hash")
	require.Equal(t, match.BoundKey(long), match.BoundKey(long))
	require.NotEqual(t, match.BoundKey(long), match.BoundKey(long+"x"))
}

func TestAccountKeyIsTheDomainElseTheName(t *testing.T) {
	t.Parallel()
	site := &leadtype.Lead{Website: "https://www.acme.example/about", Company: "Other"}
	mail := &leadtype.Lead{Email: "ada@acme.example"}
	free := &leadtype.Lead{Email: "ada@gmail.com", Company: "ACME GmbH"}
	require.Equal(t, "acme.example", match.AccountKey(site))
	require.Equal(t, match.AccountKey(site), match.AccountKey(mail))
	require.Equal(t, match.AccountKey(&leadtype.Lead{Company: "Acme"}), match.AccountKey(free))
	require.Equal(t, "acme.example", match.AccountKey(free, mail), "a domain of any of the leads")
	require.Empty(t, match.AccountKey(&leadtype.Lead{Email: "ada@gmail.com"}))
}

func TestIdentityKeyFoldsWhatMeansTheSame(t *testing.T) {
	t.Parallel()
	key := func(object, field, value string) string {
		return match.IdentityKey(&leadtype.Probe{Object: salesforce.Object(object), Field: field, Value: value})
	}
	require.Equal(t, key("Lead", "Email", "ada@acme.example"), key("Lead", "Email", " ADA@acme.example"))
	require.Equal(t, key("Lead", "Email", "ada@acme.example"), key("Contact", "Email", "ada@acme.example"))
	require.Equal(t, key("Lead", "Id", "00Q000000000001"), key("Lead", "Id", "00Q000000000001EAA"))
	require.NotEqual(t, key("Lead", "Email", "ada@acme.example"), key("Lead", "Phone", "ada@acme.example"))
	require.Empty(t, key("Lead", "Email", " "))
	require.Empty(t, key("Account", "Name", "Acme"), "colleagues are not one person")
}

func TestKnownIDsAreThoseOfTheLastSync(t *testing.T) {
	t.Parallel()
	const contact, lead, account, other = "003000000000001AAA", "00Q000000000001AAA", "001000000000001AAA",
		"001000000000002AAA"
	for name, tc := range map[string]struct {
		lead leadtype.Lead
		last *leadtype.Outcome
		want leadtype.Lead
	}{
		"none": {leadtype.Lead{LeadID: lead}, nil, leadtype.Lead{LeadID: lead}},
		"a Contact": {leadtype.Lead{}, &leadtype.Outcome{Object: "Contact", ID: contact, AccountID: account},
			leadtype.Lead{ContactID: contact, AccountID: account}},
		"a Lead": {leadtype.Lead{}, &leadtype.Outcome{Object: "Lead", ID: lead}, leadtype.Lead{LeadID: lead}},
		"the host's account": {leadtype.Lead{AccountID: other},
			&leadtype.Outcome{Object: "Contact", ID: contact, AccountID: account},
			leadtype.Lead{ContactID: contact, AccountID: other}},
		"a chosen account": {leadtype.Lead{AccountID: other},
			&leadtype.Outcome{AccountID: account, Trace: leadtype.MatchTrace{Chosen: account}},
			leadtype.Lead{AccountID: account}},
	} {
		before := tc.lead
		got := (&match.Item{Lead: &tc.lead, Last: tc.last}).KnownLead()
		require.Equal(t, &tc.want, got, name)
		require.Equal(t, before, tc.lead, name)
	}
}

func TestItemKeepsItsPendingCreatesForTheNextLook(t *testing.T) {
	t.Parallel()
	person := leadtype.Intent{Kind: leadtype.PartPerson, Key: "L1"}
	task := leadtype.Intent{Kind: leadtype.PartTask, Key: "a1"}
	account := leadtype.Intent{Kind: leadtype.PartAccount, Key: "acme.example"}
	item := &match.Item{Lead: &leadtype.Lead{ID: "L1"}, Intents: []leadtype.Intent{person, task},
		Left: []leadtype.Intent{account}}
	require.Equal(t, []leadtype.Intent{person, task, account}, item.Open())
	require.Equal(t, &task, item.Intent(leadtype.PartTask, "a1"))
	require.Nil(t, item.Intent(leadtype.PartTask, "a2"))
	require.Equal(t, &person, item.Keyed(leadtype.PartPerson))
	require.Nil(t, item.Keyed(leadtype.PartTask), "the key of a Task is its activity's")

	outcome := &leadtype.Outcome{LeadID: "L1"}
	item.Settle(outcome, []leadtype.Intent{task})
	require.Equal(t, &match.Item{Lead: item.Lead, Intents: []leadtype.Intent{task}, Last: outcome}, item.Next())
}
