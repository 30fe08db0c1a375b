// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// An idleAccount is Ada's Account, which was created with a Contact that a duplicate rule refused
// for the one that is there, in Somewhere.
type idleAccount struct {
	*decider
	there, somewhere string
	made             salesforce.ID
}

func newIdleAccount(t *testing.T, policy leadsync.DuplicatePolicy) *idleAccount {
	t.Helper()
	org := sftest.NewOrg(t)
	org.AddDuplicateRule("Contact", sftest.DuplicateRule{MatchOn: []string{"LastName"}})
	a := &idleAccount{somewhere: org.Insert("Account", map[string]any{"Name": "Somewhere"})}
	a.there = org.Insert("Contact", map[string]any{"LastName": "Lovelace", "AccountId": a.somewhere})
	a.decider = newDecider(t, org, leadsync.Config{Strategy: leadsync.AccountsAndContacts, Duplicates: policy})
	a.sync(adaOf())
	require.Equal(t, 2, org.Count("Account"))
	for _, row := range org.Rows("Account") {
		if id := row["Id"].(string); id != a.somewhere {
			a.made = salesforce.ID(id)
		}
	}
	return a
}

// named requires that Ada is the Contact that was there, and that her outcome names the Account
// that was created for nothing.
func (a *idleAccount) named() *leadsync.Outcome {
	a.Helper()
	out := a.cleared("L1")
	require.Equal(a, a.there, string(out.ID))
	require.Equal(a, a.somewhere, string(out.AccountID))
	require.Equal(a, 2, a.org.Count("Account"))
	require.Len(a, out.Left, 1)
	require.Equal(a, salesforce.ObjectAccount, out.Left[0].Object)
	require.Equal(a, a.made, out.Left[0].ID)
	require.Equal(a, []leadtype.Part{{Kind: leadtype.PartAccount, Object: salesforce.ObjectAccount, ID: a.made,
		Action: leadtype.Created, Digest: out.Left[0].Parts[0].Digest}}, out.Left[0].Parts)
	for _, part := range out.Parts {
		require.NotEqual(a, leadtype.PartAccount, part.Kind, "it is not the lead's")
	}
	require.Len(a, rebound(out), 1)
	require.Equal(a, a.made, rebound(out)[0].Record)
	require.Contains(a, leadsync.Explain(out),
		"Account "+string(a.made)+" was created for the lead, whose person is not in it")
	require.NotContains(a, leadsync.Explain(out), "The account, ")
	return out
}

// However the lead comes to the Contact that is there, the Account that was created for it before
// is named, by later outcomes too, and Revert deletes it.
func TestAccountThatWasCreatedForNothingIsNamed(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct {
		policy leadsync.DuplicatePolicy
		do     func(*idleAccount)
	}{
		"reused":              {leadsync.ReuseDuplicate, func(*idleAccount) {}},
		"chosen":              {leadsync.HoldDuplicate, func(a *idleAccount) { a.decide("L1", a.there) }},
		"chosen after a push": {leadsync.HoldDuplicate, func(a *idleAccount) { a.push(); a.decide("L1", a.there) }},
		"chosen after it was dismissed": {leadsync.HoldDuplicate, func(a *idleAccount) {
			_, err := a.syncer().By("eve").Dismiss(a.Context(), leadsync.Filter{}, "later")
			require.NoError(a, err)
			a.push()
			a.decide("L1", a.there)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newIdleAccount(t, way.policy)
			way.do(a)
			first := a.named()

			again := adaOf()
			again.JobTitle = "Countess"
			a.sync(again)
			later := a.cleared("L1")
			require.Equal(t, first.Left, later.Left, "it is named still")
			require.Empty(t, rebound(later))
			require.Equal(t, "Countess", a.org.Row("Contact", a.there)["Title"])

			_, err := a.syncer().Revert(t.Context(), []*leadsync.Outcome{later}, revert.Options{Delete: true})
			require.NoError(t, err)
			require.Equal(t, 2, a.org.Count("Account"), "the later outcome did not make it")
			report, err := a.syncer().Revert(t.Context(), []*leadsync.Outcome{first}, revert.Options{Delete: true})
			require.NoError(t, err)
			require.Len(t, report.Deleted, 1)
			require.Equal(t, a.made, report.Deleted[0].ID)
			require.Equal(t, a.somewhere, a.org.Rows("Account")[0]["Id"])
			require.Nil(t, a.org.Row("Contact", a.there)["FirstName"])
		})
	}
}

func (a *idleAccount) push() {
	a.Helper()
	_, err := a.syncer().Push(a.Context(), leadsync.Filter{})
	require.NoError(a, err)
	a.sync()
	a.held("L1", leadsync.DuplicateRecord)
}

// What is left alone can be reverted alone.
func TestAccountThatWasCreatedForNothingIsRevertedAlone(t *testing.T) {
	t.Parallel()
	a := newIdleAccount(t, leadsync.ReuseDuplicate)
	out := a.named()
	_, err := a.syncer().Revert(t.Context(), out.Left, revert.Options{Delete: true})
	require.NoError(t, err)
	require.Equal(t, 1, a.org.Count("Account"))
	require.Equal(t, "Ada", a.org.Row("Contact", a.there)["FirstName"])
}

// While nobody has decided, the outcome names the Account, every attempt uses it again, and a new
// Contact is created in it.
func TestAccountOfARefusedContactIsUsedAgain(t *testing.T) {
	t.Parallel()
	a := newIdleAccount(t, leadsync.HoldDuplicate)
	a.push()
	again := adaOf()
	again.JobTitle = "Countess"
	a.sync(again)
	a.held("L1", leadsync.DuplicateRecord)
	last := a.entry("L1").Last
	require.Equal(t, a.made, last.AccountID)
	require.Equal(t, leadtype.Created, last.Parts[0].Action)
	require.Equal(t, a.made, last.Parts[0].ID)
	require.Empty(t, rebound(last))
	require.Equal(t, 2, a.org.Count("Account"))

	a.decide("L1", isNew)
	out := a.cleared("L1")
	require.Equal(t, string(a.made), a.org.Row("Contact", string(out.ID))["AccountId"])
	require.Equal(t, 2, a.org.Count("Account"))
	require.Empty(t, out.Left)
	require.Empty(t, rebound(out))
}

// A dismissed lead's outcome has the Account, and Revert deletes it.
func TestAccountOfADismissedLeadIsReverted(t *testing.T) {
	t.Parallel()
	a := newIdleAccount(t, leadsync.HoldDuplicate)
	_, err := a.syncer().By("eve").Dismiss(t.Context(), leadsync.Filter{}, "spam")
	require.NoError(t, err)
	_, err = a.syncer().Revert(t.Context(), []*leadsync.Outcome{a.cleared("L1")}, revert.Options{Delete: true})
	require.NoError(t, err)
	require.Equal(t, 1, a.org.Count("Account"))
}

// An Account in which another lead's Contact is created is not idle to that lead, and is left by
// Revert.
func TestAccountThatAnotherLeadUsesIsLeft(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddDuplicateRule("Contact", sftest.DuplicateRule{MatchOn: []string{"LastName"}})
	there := org.Insert("Contact", map[string]any{"LastName": "Lovelace"})
	d := newDecider(t, org, leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	other := adaOf()
	other.ID, other.FirstName, other.LastName, other.Email = "L2", "Charles", "Babbage", "charles@analytical.example"
	d.sync(adaOf(), other)
	ada, charles := d.cleared("L1"), d.cleared("L2")
	require.Equal(t, there, string(ada.ID))
	require.Empty(t, ada.AccountID)
	require.Equal(t, 1, org.Count("Account"))
	require.Empty(t, charles.Left)
	require.Equal(t, charles.AccountID, ada.Left[0].ID)

	report, err := d.syncer().Revert(t.Context(), []*leadsync.Outcome{ada}, revert.Options{Delete: true})
	require.NoError(t, err)
	require.Empty(t, report.Deleted)
	require.Len(t, report.Left, 1)
	require.Equal(t, charles.AccountID, report.Left[0].ID)
	require.Equal(t, 1, org.Count("Account"))
	require.NotEmpty(t, scenario.StoredIn(t, d.syncer()))
}

// The Account becomes the lead's after all when a correction leads to it.
func TestAccountThatWasCreatedForNothingMayBecomeTheLeads(t *testing.T) {
	t.Parallel()
	a := newIdleAccount(t, leadsync.ReuseDuplicate)
	a.named()
	corrected := adaOf()
	corrected.FirstName, corrected.LastName, corrected.Email = "Mary", "Somerville", "mary@analytical.example"
	a.sync(corrected)
	out := a.cleared("L1")
	require.Equal(t, a.made, out.AccountID)
	for _, left := range out.Left {
		require.NotEqual(t, a.made, left.ID, "it is the lead's")
	}
	require.Equal(t, 2, a.org.Count("Account"))
}
