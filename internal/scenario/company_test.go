// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// TestLeadThatChangedCompanyLeavesALostAccountAlone: the create of the account got no
// answer, and then the lead gets another company. It is synced to that one, with a
// warning of the account that may exist.
func TestLeadThatChangedCompanyLeavesALostAccountAlone(t *testing.T) {
	t.Parallel()
	for _, keyed := range []bool{false, true} {
		for name, fault := range map[string]sftest.Fault{"that never came": {DropBefore: true},
			"that is there": {DropAfter: true}} {
			t.Run(fmt.Sprintf("%s, keyed %t", name, keyed), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				if keyed {
					org.AddExternalID("Lead", "Contact", "Account", "Task")
				}
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					var healed atomic.Bool
					syncer := timelessSyncer(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
					org.Fail(func(_ *http.Request, n int) *sftest.Fault {
						if n >= 3 && !healed.Load() { // after the session and the lookup
							return &fault
						}
						return nil
					})
					drain := func(leads ...*leadsync.Lead) {
						_, err := syncer.Capture(t.Context(), leads...)
						require.NoError(t, err)
						require.NoError(t, syncer.Drain(t.Context()))
					}
					met := scenario.InsertContact(org, "Byron", "ada@byron.example")
					lead, known, colleague := scenario.Ada(), scenario.Ada(), scenario.Ada()
					lead.Email, known.ID, known.LastName, known.Email = "ada@gmail.com", "L2", "Byron", "byron@gmail.com"
					colleague.ID, colleague.LastName, colleague.Email = "L3", "Babbage", "charles@gmail.com"
					lead.JobTitle, known.JobTitle = "@{r0.id}", "@{r0.id}" // keeps them out of the account's call
					_, err := syncer.Capture(t.Context(), lead, known)
					require.NoError(t, err)
					stopped, stop := context.WithTimeout(t.Context(), time.Minute)
					defer stop()
					require.ErrorIs(t, syncer.Drain(stopped), context.DeadlineExceeded)
					healed.Store(true)
					lead.Company, known.Email = "King Estate", "ada@byron.example"
					known.Company = "Newstead Abbey"
					native := scenario.Ada() // who was of the new company all along
					native.ID, native.LastName, native.Email, native.Company = "L4", "King", "william@gmail.com", "King Estate"
					drain(lead, known, native)
					require.GreaterOrEqual(t, time.Since(start), 10*time.Minute, "until then the account may come")
					for _, e := range scenario.StoredIn(t, syncer)[:2] {
						require.Equal(t, leadsync.Cleared, e.Stage)
						require.Len(t, e.Last.Warnings, 1)
						require.Equal(t, leadsync.UncertainWrite, e.Last.Warnings[0].Code)
					}
					drain(colleague)

					accounts, in := make(map[any]any), make(map[any]any)
					for _, row := range org.Rows("Account") {
						accounts[row["Id"]] = row["Name"]
					}
					require.Len(t, accounts, 2)
					for _, row := range org.Rows("Contact") {
						in[row["LastName"]] = accounts[row["AccountId"]]
					}
					require.Len(t, org.Rows("Contact"), 4)
					require.Equal(t, map[any]any{"Byron": nil, "Lovelace": "King Estate", "King": "King Estate",
						"Babbage": "Analytical Engines Ltd"}, in)
					require.Equal(t, met, string(scenario.StoredIn(t, syncer)[1].Last.ID))
				})
			})
		}
	}
}

// TestAccountIsFoundByADomainInEitherOfItsForms: a domain with letters beyond ASCII is written
// with them or as DNS has it, in the org and in leads.
func TestAccountIsFoundByADomainInEitherOfItsForms(t *testing.T) {
	t.Parallel()
	for _, forms := range [][]string{
		{"www.müller.de", "http://xn--mller-kva.de/kontakt", "MÜLLER.de"},
		{"https://straße.example", "xn--strae-oqa.example"},
		{"http://пример.рф", "xn--e1afmkfd.xn--p1ai"},
		{"例え.jp", "https://www.xn--r8jz45g.jp"},
		{"acme.example", "HTTPS://WWW.ACME.EXAMPLE"},
	} {
		for _, stored := range forms {
			for _, given := range forms {
				t.Run(stored+" by "+given, func(t *testing.T) {
					t.Parallel()
					org := sftest.NewOrg(t)
					account := org.Insert("Account", map[string]any{"Name": "Initech", "Website": stored})
					lead := scenario.Ada()
					lead.Website, lead.Email = given, "ada@gmail.com"
					scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts}), lead)
					require.Equal(t, 1, org.Count("Account"))
					require.Equal(t, account, org.Rows("Contact")[0]["AccountId"])
				})
			}
		}
	}
}
