// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// A correcting is an org with a colleague, Grace, and a Syncer with a lead, Ada, who
// visits the expo and leaves a note.
type correcting struct {
	t        *testing.T
	org      *sftest.Org
	s        *leadsync.Syncer
	object   string // of new people
	campaign salesforce.ID
	lead     *leadsync.Lead
}

const (
	gracesEmail = "grace@navy.example"
	adasEmail   = "ada@analytical.example"
)

// eachCorrecting runs a test with each strategy, without and with key fields; in the small
// size with two of the six.
func eachCorrecting(t *testing.T, test func(*correcting)) {
	t.Helper()
	full := sized(0, 1) == 1
	objects := map[leadsync.Strategy]string{leadsync.LeadsAndContacts: "Lead", leadsync.LeadsOnly: "Lead",
		leadsync.AccountsAndContacts: "Contact"}
	for strategy, object := range objects {
		for _, keys := range []bool{false, true} {
			if small := strategy == leadsync.LeadsAndContacts && !keys || object == "Contact" && keys; !small && !full {
				continue
			}
			t.Run(fmt.Sprintf("%s/keys %t", strategy.Name(), keys), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				if keys {
					org.AddExternalID("Lead", "Contact", "Account", "Task")
				}
				campaign := scenario.Expo(org)
				cfg := &leadsync.Config{Strategy: strategy, Store: memory.New(nil), Mapper: scenario.Overwriting(),
					Campaigns: []leadsync.CampaignLink{{CampaignID: campaign}}}
				lead := scenario.Ada()
				lead.JobTitle = "Countess"
				lead.Activities = []leadsync.Activity{{ID: "n1", Kind: leadsync.ActivityNote, Notes: "wants a demo"}}
				test(&correcting{t, org, scenario.SyncerOf(t, org, cfg), object, campaign, lead})
			})
		}
	}
}

// insert inserts a person of the object that the strategy finds.
func (c *correcting) insert(first, last, email, title string) string {
	fields := map[string]any{"FirstName": first, "LastName": last, "Email": email, "Title": title}
	if c.object == "Lead" {
		fields["Company"] = "Navy"
	} else {
		fields["AccountId"] = c.org.Insert("Account", map[string]any{"Name": last + " Inc"})
	}
	return c.org.Insert(c.object, fields)
}

func (c *correcting) grace() string { return c.insert("Grace", "Hopper", gracesEmail, "Admiral") }

// sync captures the lead with an e-mail address, syncs it and returns its entry.
func (c *correcting) sync(email string) leadsync.Entry {
	c.t.Helper()
	lead := *c.lead
	if lead.Email = email; email == gracesEmail && lead.LastName == "Lovelace" {
		lead.FirstName, lead.LastName = "Grace", "Hopper" // it was her badge
	}
	captureIn(c.t, c.s, &lead)
	require.NoError(c.t, c.s.Drain(c.t.Context()))
	return onlyEntry(c.t, c.s)
}

// cleared is sync of a lead that clears. It returns the outcome.
func (c *correcting) cleared(email string) *leadsync.Outcome {
	c.t.Helper()
	entry := c.sync(email)
	require.Equal(c.t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
	return entry.Last
}

func (c *correcting) row(id salesforce.ID) map[string]any { return c.org.Row(c.object, string(id)) }

// requireOn requires that the lead's Task and membership are on a record, and no other
// Task is anywhere.
func (c *correcting) requireOn(id salesforce.ID) {
	c.t.Helper()
	tasks := c.org.Rows("Task")
	require.Len(c.t, tasks, 1)
	require.Equal(c.t, string(id), tasks[0]["WhoId"])
	members := 0
	for _, m := range c.org.Rows("CampaignMember") {
		if m["LeadId"] == string(id) || m["ContactId"] == string(id) {
			members++
		}
	}
	require.Equal(c.t, 1, members)
}

// requireLeft requires that the outcome names the record that the lead has left, and that
// a revert of what is listed restores it: as it was, without our membership.
func (c *correcting) requireLeft(out *leadsync.Outcome, record string, was map[string]any) {
	c.t.Helper()
	require.Len(c.t, rebound(out), 1)
	require.Contains(c.t, rebound(out)[0].Reason, record)
	report, err := c.s.Revert(c.t.Context(), out.Left, revert.Options{Delete: true})
	require.NoError(c.t, err)
	require.Empty(c.t, report.Left)
	now := c.org.Row(c.object, record)
	for _, field := range []string{"FirstName", "LastName", "Email", "Title", "Company"} {
		require.Equal(c.t, was[field], now[field], field)
	}
	for _, m := range c.org.Rows("CampaignMember") {
		require.NotEqual(c.t, record, m["LeadId"])
		require.NotEqual(c.t, record, m["ContactId"])
	}
}

func rebound(out *leadsync.Outcome) []leadtype.Warning {
	var found []leadtype.Warning
	for _, w := range out.Warnings {
		if w.Kind == leadtype.Rebound {
			found = append(found, w)
		}
	}
	return found
}

// A lead that was matched by a wrong address leaves the colleague's record for the person
// who has the right one. It stayed there for ever, and wrote its name over hers.
func TestCorrectedLeadGoesToThePersonOfItsNewAddress(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		grace := c.grace()
		was := c.org.Row(c.object, grace)
		ada := c.insert("Ada", "Lovelace", adasEmail, "Baroness")
		require.Equal(c.t, grace, string(c.cleared(gracesEmail).ID))
		c.lead.JobTitle = "Analyst"
		require.Equal(c.t, grace, string(c.cleared(gracesEmail).ID)) // a second sync with before-images of its own

		out := c.cleared(adasEmail)
		require.Equal(c.t, ada, string(out.ID))
		require.Equal(c.t, "Analyst", c.row(out.ID)["Title"])
		require.Equal(c.t, 2, c.org.Count(c.object))
		c.requireOn(out.ID)
		c.requireLeft(out, grace, was)
		c.requireOn(out.ID)

		c.lead.Notes = "captured once more"
		again := c.cleared(adasEmail)
		require.Empty(c.t, rebound(again))
		require.Equal(c.t, out.Left, again.Left)
		calls := c.org.Calls()
		require.Equal(c.t, ada, string(c.cleared(adasEmail).ID))
		require.Equal(c.t, calls, c.org.Calls(), "the same data costs nothing")
	})
}

// Where nobody has the new address, the lead gets a record of its own.
func TestCorrectedLeadGetsARecordWhereNobodyHasItsNewAddress(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		grace := c.grace()
		was := c.org.Row(c.object, grace)
		require.Equal(c.t, grace, string(c.cleared(gracesEmail).ID))
		require.Equal(c.t, "Countess", c.org.Row(c.object, grace)["Title"], "else the test proves nothing")

		out := c.cleared(adasEmail)
		require.NotEqual(c.t, grace, string(out.ID))
		require.Equal(c.t, adasEmail, c.row(out.ID)["Email"])
		require.Equal(c.t, 2, c.org.Count(c.object))
		c.requireOn(out.ID)
		c.requireLeft(out, grace, was)

		c.lead.JobTitle = "Analyst"
		require.Equal(c.t, out.ID, c.cleared(adasEmail).ID)
		require.Equal(c.t, 2, c.org.Count(c.object))
		require.Equal(c.t, "Admiral", c.org.Row(c.object, grace)["Title"])
	})
}

// Where nobody has the new address and the record has the lead's name, it is the same
// person with another address.
func TestCorrectedLeadStaysWhereTheNamesAgree(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		ada := c.insert("Ada", "Lovelace", "ada@old.example", "Baroness")
		require.Equal(c.t, ada, string(c.cleared("ada@old.example").ID))
		out := c.cleared(adasEmail)
		require.Equal(c.t, ada, string(out.ID))
		require.Equal(c.t, "ada@old.example", c.row(out.ID)["Email"], "which the mapping does not overwrite")
		require.Empty(c.t, out.Left)
		require.Empty(c.t, rebound(out))
		c.requireOn(out.ID)
		c.lead.Notes = "captured once more"
		require.Equal(c.t, ada, string(c.cleared(adasEmail).ID))
		require.Equal(c.t, 1, c.org.Count(c.object))
	})
}

// A record that was created for the lead stays its, and gets the new address.
func TestCorrectedLeadKeepsTheRecordThatWasCreatedForIt(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		first := c.cleared("ada@wrong.example")
		c.lead.LastName = "Byron" // its name may be corrected, too
		for _, email := range []string{adasEmail, "ada@third.example", "ada@wrong.example"} {
			out := c.cleared(email)
			require.Equal(c.t, first.ID, out.ID)
			require.Equal(c.t, email, c.row(out.ID)["Email"])
			require.Equal(c.t, "Byron", c.row(out.ID)["LastName"])
			require.Empty(c.t, out.Left)
			c.requireOn(out.ID)
		}
		require.Equal(c.t, 1, c.org.Count(c.object))
	})
}

// An address that a person has changed on that record is left alone.
func TestCorrectedLeadLeavesAnAddressThatAPersonChanged(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		first := c.cleared("ada@wrong.example")
		c.org.Update(c.object, string(first.ID), map[string]any{"Email": "ada@private.example"})
		out := c.cleared(adasEmail)
		require.Equal(c.t, first.ID, out.ID)
		require.Equal(c.t, "ada@private.example", c.row(out.ID)["Email"])
		require.Len(c.t, out.Warnings, 1)
		require.Equal(c.t, leadtype.KeptEdited, out.Warnings[0].Kind)
		require.Equal(c.t, 1, c.org.Count(c.object))
	})
}

// When another record has the new address already, nothing is written until a person has
// chosen one of the two.
func TestCorrectedLeadWaitsForAChoiceWhereItsNewAddressIsTaken(t *testing.T) {
	t.Parallel()
	for _, stays := range []bool{true, false} {
		t.Run(fmt.Sprintf("stays %t", stays), func(t *testing.T) {
			t.Parallel()
			eachCorrecting(t, func(c *correcting) {
				own := c.cleared("ada@wrong.example")
				other := c.insert("Ada", "Lovelace", adasEmail, "Baroness")
				writes := scenario.WritesOf(c.org)
				c.lead.JobTitle = "Analyst"
				for range 2 { // pushing it again changes nothing
					entry := c.sync(adasEmail)
					require.Equal(c.t, leadsync.Failed, entry.Stage)
					require.ErrorIs(c.t, entry.Last.Err, leadsync.AmbiguousMatch)
					var ids []string
					for _, candidate := range leadtype.Candidates(entry.Last) {
						ids = append(ids, string(candidate.ID))
					}
					require.ElementsMatch(c.t, []string{string(own.ID), other}, ids)
					require.Equal(c.t, own.ID, entry.Last.ID)
					require.Equal(c.t, writes, scenario.WritesOf(c.org))
					pushIn(c.t, c.s, leadsync.Filter{})
				}
				require.NoError(c.t, c.s.Drain(c.t.Context()))
				c.choose(own.ID, salesforce.ID(other), stays)
			})
		})
	}
}

func (c *correcting) choose(own, other salesforce.ID, stays bool) {
	c.t.Helper()
	chosen, left := own, other
	if !stays {
		chosen, left = other, own
	}
	require.NoError(c.t, c.s.Choose(c.t.Context(), c.lead.ID, chosen))
	require.NoError(c.t, c.s.Drain(c.t.Context()))
	entry := onlyEntry(c.t, c.s)
	require.Equal(c.t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
	require.Equal(c.t, chosen, entry.Last.ID)
	require.Equal(c.t, chosen, entry.Last.Trace.Chosen)
	require.Equal(c.t, adasEmail, c.row(chosen)["Email"])
	require.Equal(c.t, "Analyst", c.row(chosen)["Title"])
	require.NotEqual(c.t, "Analyst", c.row(left)["Title"])
	c.requireOn(chosen)
	if !stays {
		require.Len(c.t, rebound(entry.Last), 1)
		require.Contains(c.t, rebound(entry.Last)[0].Reason, string(own))
		report := revertAll(c.t, c.s, entry.Last.Left, revert.Options{Delete: true})
		require.Empty(c.t, report.Left)
		require.Equal(c.t, 1, c.org.Count(c.object))
	}
	c.lead.Notes = "captured once more"
	require.Equal(c.t, chosen, c.cleared(adasEmail).ID, "the choice stays")
	require.Equal(c.t, chosen, onlyEntry(c.t, c.s).Last.Trace.Chosen)

	c.lead.FirstName, c.lead.LastName = "Augusta", "Byron"
	out := c.cleared("augusta@byron.example")
	require.Empty(c.t, out.Trace.Chosen, "the correction voids it")
	require.Equal(c.t, stays, out.ID == own)
}

// A correction and its own correction end where they began, with everything.
func TestCorrectionIsCorrectedBack(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		grace, ada := c.grace(), c.insert("Ada", "King", adasEmail, "Baroness")
		wasGrace, wasAda := c.org.Row(c.object, grace), c.org.Row(c.object, ada)
		for range 2 {
			require.Equal(c.t, grace, string(c.cleared(gracesEmail).ID))
			c.requireOn(salesforce.ID(grace))
			require.Equal(c.t, ada, string(c.cleared(adasEmail).ID))
			c.requireOn(salesforce.ID(ada))
		}
		out := c.cleared(gracesEmail)
		require.Equal(c.t, grace, string(out.ID))
		c.requireOn(out.ID)
		c.requireLeft(out, ada, wasAda)
		c.requireLeft(c.cleared(adasEmail), grace, wasGrace)
		require.Equal(c.t, 2, c.org.Count(c.object))
	})
}

// A correction that comes while the lead is being synced, or after a sync that failed
// half-way, is one too.
func TestCorrectionOfALeadInFlight(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		grace := c.grace()
		was := c.org.Row(c.object, grace)
		corrected := false
		c.org.OnRow("Task", func(string, map[string]any) *sftest.RowError {
			if corrected {
				return nil
			}
			corrected = true
			lead := *c.lead
			lead.Email = adasEmail
			captureIn(c.t, c.s, &lead)
			return &sftest.RowError{StatusCode: "CUSTOM_VALIDATION", Message: "not now"}
		})
		lead := *c.lead
		lead.FirstName, lead.LastName, lead.Email = "Grace", "Hopper", gracesEmail
		captureIn(c.t, c.s, &lead)
		require.NoError(c.t, c.s.Drain(c.t.Context()))
		require.True(c.t, corrected)
		entry := onlyEntry(c.t, c.s)
		require.Equal(c.t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
		require.NotEqual(c.t, grace, string(entry.Last.ID))
		c.requireOn(entry.Last.ID)
		c.requireLeft(entry.Last, grace, was)
	})
}

// Two leads that shared a record by a wrong address: the one that is corrected leaves it
// to the other.
func TestCorrectedLeadLeavesTheRecordThatItShared(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		c.lead.Email = gracesEmail
		grace := *scenario.Ada()
		grace.ID, grace.FirstName, grace.LastName, grace.Email = "L0", "Grace", "Hopper", gracesEmail
		captureIn(c.t, c.s, &grace, c.lead)
		require.NoError(c.t, c.s.Drain(c.t.Context()))
		require.Equal(c.t, 1, c.org.Count(c.object))

		ada := *c.lead
		ada.Email = adasEmail
		captureIn(c.t, c.s, &ada)
		require.NoError(c.t, c.s.Drain(c.t.Context()))
		entries := scenario.StoredIn(c.t, c.s)
		require.NotEqual(c.t, entries[0].Last.ID, entries[1].Last.ID)
		require.Equal(c.t, 2, c.org.Count(c.object))
		c.requireOn(entries[1].Last.ID)
		require.Equal(c.t, adasEmail, c.row(entries[1].Last.ID)["Email"])
		require.Equal(c.t, gracesEmail, c.row(entries[0].Last.ID)["Email"])
	})
}

// The host may correct the id of the record, too.
func TestCorrectedIdCounts(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		grace, ada := c.grace(), c.insert("Ada", "King", "ada@king.example", "Baroness")
		was := c.org.Row(c.object, grace)
		give := func(id string) {
			if c.object == "Lead" {
				c.lead.LeadID = salesforce.ID(id)
			} else {
				c.lead.ContactID = salesforce.ID(id)
			}
		}
		give(grace)
		require.Equal(c.t, grace, string(c.cleared(adasEmail).ID))
		give(ada)
		out := c.cleared(adasEmail)
		require.Equal(c.t, ada, string(out.ID))
		c.requireOn(out.ID)
		c.requireLeft(out, grace, was)
		give("00Q00000000ZZZZ")
		require.Equal(c.t, ada, string(c.cleared(adasEmail).ID), "no such record")
	})
}

// A changed company drops an account that was found, and keeps one that was created.
func TestChangedCompanyDropsAnAccountThatWasFound(t *testing.T) {
	t.Parallel()
	for _, found := range []bool{true, false} {
		t.Run(fmt.Sprintf("found %t", found), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			acme := ""
			if found {
				acme = org.Insert("Account", map[string]any{"Name": "Acme"})
			}
			refuse := true
			org.OnRow("Contact", func(string, map[string]any) *sftest.RowError {
				if refuse {
					return &sftest.RowError{StatusCode: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message: "not now"}
				}
				return nil
			})
			s := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
			lead := &leadsync.Lead{ID: "L1", LastName: "Lovelace", Company: "Acme"}
			captureAndDrain(t, s, lead)
			require.Equal(t, leadsync.Failed, onlyEntry(t, s).Stage)
			created := onlyEntry(t, s).Last.AccountID
			require.NotEmpty(t, created)
			refuse = false
			corrected := *lead
			corrected.Company = "Analytical Engines"
			captureAndDrain(t, s, &corrected)
			entry := onlyEntry(t, s)
			require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
			account := org.Row("Contact", string(entry.Last.ID))["AccountId"]
			if found {
				require.NotEqual(t, acme, account)
				require.Equal(t, 2, org.Count("Account"))
			} else {
				require.Equal(t, string(created), account)
				require.Equal(t, 1, org.Count("Account"))
			}
		})
	}
}

// The store keeps what tells a correction, and nothing that can be read.
func TestOutcomeKeepsNoValueOfTheLead(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		c.grace()
		c.cleared(gracesEmail)
		out := c.cleared(adasEmail)
		text := fmt.Sprintf("%+v %s", *out.Trace.Bond, leadsync.Explain(out))
		for _, w := range out.Warnings {
			text += w.String()
		}
		for _, value := range []string{adasEmail, gracesEmail, "Lovelace", "Analytical"} {
			require.False(c.t, strings.Contains(text, value), value)
		}
		steps, err := c.s.History(c.t.Context(), "L1")
		require.NoError(c.t, err)
		for _, step := range steps {
			if step.Outcome == nil {
				continue
			}
			require.Empty(c.t, step.Outcome.Earlier)
			for _, left := range step.Outcome.Left {
				for _, part := range left.Parts {
					require.Empty(c.t, part.Changes)
				}
			}
		}
	})
}
