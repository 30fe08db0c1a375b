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
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A decider decides about leads of an org, each time in a process that has just begun.
type decider struct {
	*testing.T
	org *sftest.Org
	cfg leadsync.Config
}

func newDecider(t *testing.T, org *sftest.Org, cfg leadsync.Config) *decider {
	if cfg.Store == nil {
		cfg.Store = memory.New(cfg.Now)
	}
	return &decider{t, org, cfg}
}

func (d *decider) syncer() *leadsync.Syncer { return scenario.SyncerOf(d.T, d.org, &d.cfg) }

// sync captures leads and syncs them.
func (d *decider) sync(leads ...*leadsync.Lead) {
	d.Helper()
	captureAndDrain(d.T, d.syncer(), leads...)
}

func (d *decider) entry(id leadsync.LeadID) leadsync.Entry {
	d.Helper()
	entries, err := d.syncer().Leads(d.Context(), leadsync.Filter{Leads: []leadsync.LeadID{id}})
	require.NoError(d, err)
	require.Len(d, entries, 1)
	return entries[0]
}

// held requires that a lead waits for a choice, and returns the candidates.
func (d *decider) held(id leadsync.LeadID, code leadsync.Code) []leadtype.Candidate {
	d.Helper()
	entry := d.entry(id)
	require.Equal(d, leadsync.Failed, entry.Stage)
	require.ErrorIs(d, entry.Last.Err, code)
	require.True(d, leadtype.AwaitsChoice(entry.Last))
	return leadtype.Candidates(entry.Last)
}

// decide chooses a record for a lead and syncs it.
func (d *decider) decide(id leadsync.LeadID, record string) {
	d.Helper()
	require.NoError(d, d.syncer().By("zoe").Choose(d.Context(), id, salesforce.ID(record)))
	d.sync()
}

// cleared requires that a lead is cleared, and returns its outcome.
func (d *decider) cleared(id leadsync.LeadID) *leadsync.Outcome {
	d.Helper()
	entry := d.entry(id)
	require.Equal(d, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
	return entry.Last
}

// ids are those of candidates.
func ids(candidates []leadtype.Candidate) (ids []string) {
	for _, c := range candidates {
		ids = append(ids, string(c.ID))
	}
	return ids
}

const isNew = string(leadtype.NewRecord)

// A heldCase is a lead that waits for a choice.
type heldCase struct {
	cfg  leadsync.Config
	code leadsync.Code
	// insert makes the org such that Ada is held, and returns the candidates, the first of
	// which is chosen.
	insert func(*sftest.Org) []string
	object string // of the candidates
	made   string // the object that is created instead
	why    leadtype.CandidateWhy
}

// heldCases are all kinds of leads that a person decides about.
func heldCases() map[string]heldCase {
	email := scenario.Ada().Email
	account := func(org *sftest.Org) string {
		return org.Insert("Account", map[string]any{"Name": "A", "Website": "analytical.example"})
	}
	contacts := func(org *sftest.Org) []string {
		return []string{scenario.InsertContact(org, "Lovelace", email), scenario.InsertContact(org, "Lovelace", email)}
	}
	hold := leadsync.Config{Duplicates: leadsync.HoldDuplicate}
	accounts := leadsync.Config{Strategy: leadsync.AccountsAndContacts, Duplicates: leadsync.HoldDuplicate}
	converted := func(org *sftest.Org) []string {
		contact, _ := org.Convert(scenario.InsertLead(org, "Lovelace", email))
		org.Update("Contact", contact, map[string]any{"Email": nil})
		return []string{contact}
	}
	return map[string]heldCase{
		"several Contacts": {leadsync.Config{Ambiguous: leadsync.HoldAmbiguous}, leadsync.AmbiguousMatch, contacts,
			"Contact", "Lead", leadtype.WhyFound},
		"several Accounts": {leadsync.Config{Ambiguous: leadsync.HoldAmbiguous, Strategy: leadsync.AccountsAndContacts},
			leadsync.AmbiguousMatch, func(org *sftest.Org) []string { return []string{account(org), account(org)} },
			"Account", "Account", leadtype.WhyFound},
		"another person at the address": {leadsync.Config{}, leadsync.AmbiguousMatch, func(org *sftest.Org) []string {
			return []string{org.Insert("Contact", map[string]any{"FirstName": "Bob", "LastName": "Babbage", "Email": email})}
		}, "Contact", "Lead", leadtype.WhyFound},
		"a duplicate": {hold, leadsync.DuplicateRecord, func(org *sftest.Org) []string {
			lastNameRule(org, false)
			return []string{scenario.InsertLead(org, "Lovelace", "")}
		}, "Lead", "Lead", leadtype.WhyReported},
		"a duplicate of an object that the strategy does not look for": {leadsync.Config{Strategy: leadsync.LeadsOnly},
			leadsync.DuplicateRecord, func(org *sftest.Org) []string {
				lastNameRule(org, false, "Contact")
				return []string{scenario.InsertContact(org, "Lovelace", "")}
			}, "Contact", "Lead", leadtype.WhyReported},
		"a duplicate Account": {accounts, leadsync.DuplicateRecord, func(org *sftest.Org) []string {
			org.AddDuplicateRule("Account", sftest.DuplicateRule{MatchOn: []string{"Phone"}})
			return []string{org.Insert("Account", map[string]any{"Name": "Elsewhere", "Phone": "123"})}
		}, "Account", "Account", leadtype.WhyReported},
		"a converted Lead": {leadsync.Config{Converted: leadsync.HoldConverted}, leadsync.StaleRemoteRecord, converted,
			"Contact", "Lead", leadtype.WhyBecame},
		"a converted Lead where the strategy looks for Leads": {
			leadsync.Config{Converted: leadsync.HoldConverted, Strategy: leadsync.LeadsOnly}, leadsync.StaleRemoteRecord,
			converted, "Contact", "Lead", leadtype.WhyBecame},
	}
}

// adaOf is Ada as the held cases need her.
func adaOf() *leadsync.Lead {
	ada := scenario.Ada()
	ada.CompanyPhone = "123"
	return ada
}

// personOr is the record of an outcome that is of an object: the person's or the account's.
func personOr(out *leadsync.Outcome, object string) string {
	if object == "Account" {
		return string(out.AccountID)
	}
	return string(out.ID)
}

func TestWhateverIsHeldCanBeDecided(t *testing.T) {
	t.Parallel()
	for name, c := range heldCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			records := c.insert(org)
			d := newDecider(t, org, c.cfg)
			d.sync(adaOf())
			candidates := d.held("L1", c.code)
			require.ElementsMatch(t, records, ids(candidates))
			for _, candidate := range candidates {
				require.Equal(t, salesforce.Object(c.object), candidate.Object)
				require.Equal(t, c.why, candidate.Why)
			}
			before := org.Count(c.object)

			d.decide("L1", records[0][:15])
			out := d.cleared("L1")
			require.Equal(t, records[0], personOr(out, c.object))
			require.Empty(t, out.Left)
			require.Equal(t, before, org.Count(c.object))

			again := adaOf()
			again.Notes = "captured once more"
			d.sync(again)
			out = d.cleared("L1")
			require.Equal(t, records[0], personOr(out, c.object), "the choice is kept")
			require.Contains(t, leadsync.Explain(out), "zoe chose ")
			require.Equal(t, before, org.Count(c.object))
		})
	}
}

func TestWhateverIsHeldCanBecomeANewRecord(t *testing.T) {
	t.Parallel()
	for name, c := range heldCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			records := c.insert(org)
			d := newDecider(t, org, c.cfg)
			d.sync(adaOf())
			before := org.Count(c.made)

			d.decide("L1", isNew)
			out := d.cleared("L1")
			require.NotContains(t, records, personOr(out, c.made))
			require.Equal(t, before+1, org.Count(c.made))

			again := adaOf()
			again.Notes = "captured once more"
			d.sync(again)
			require.Equal(t, personOr(out, c.made), personOr(d.cleared("L1"), c.made))
			require.Contains(t, leadsync.Explain(d.cleared("L1")), "zoe chose that a")
			require.Equal(t, before+1, org.Count(c.made), "it is created once")
		})
	}
}

// A new record is created once, however many people choose it, for however many leads of
// one person.
func TestNewRecordIsCreatedOnceForAPerson(t *testing.T) {
	t.Parallel()
	for name, c := range heldCases() {
		for _, together := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				c.insert(org)
				d := newDecider(t, org, c.cfg)
				other := adaOf()
				other.ID = "L2"
				d.sync(adaOf(), other)
				before := org.Count(c.made)
				d.held("L1", c.code)
				d.held("L2", c.code)

				if together {
					require.NoError(t, d.syncer().Choose(t.Context(), "L1", leadtype.NewRecord))
				} else {
					d.decide("L1", isNew)
				}
				d.decide("L2", isNew)
				first, second := d.cleared("L1"), d.cleared("L2")
				require.Equal(t, personOr(first, c.made), personOr(second, c.made))
				require.Equal(t, before+1, org.Count(c.made))
			})
		}
	}
}

// Of two people who choose at once, one does.
func TestTwoPeopleDoNotBothChoose(t *testing.T) {
	t.Parallel()
	for name, c := range heldCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			records := c.insert(org)
			d := newDecider(t, org, c.cfg)
			d.sync(adaOf())
			people, made := org.Count("Lead")+org.Count("Contact"), org.Count("Account")
			errs := make([]error, 8)
			var wait sync.WaitGroup
			for i := range errs {
				syncer := d.syncer()
				wait.Go(func() {
					errs[i] = syncer.By("zoe").Choose(t.Context(), "L1", salesforce.ID([]string{records[0], isNew}[i%2]))
				})
			}
			wait.Wait()
			chose := 0
			for _, err := range errs {
				switch leadsync.CodeOf(err) {
				case "":
					chose++
				case leadsync.RowContention, leadsync.DataValueValidation:
				default:
					require.NoError(t, err)
				}
			}
			require.Equal(t, 1, chose)
			d.sync()
			d.cleared("L1")
			require.LessOrEqual(t, org.Count("Lead")+org.Count("Contact"), people+1)
			require.LessOrEqual(t, org.Count("Account"), made+1)
			require.ErrorIs(t, d.syncer().Choose(t.Context(), "L1", leadtype.NewRecord), leadsync.DataValueValidation)
			steps, err := d.syncer().History(t.Context(), "L1")
			require.NoError(t, err)
			steps = slices.DeleteFunc(steps, func(s store.Step) bool { return s.Kind != store.StepResolved })
			require.Len(t, steps, 1)
			require.Equal(t, "zoe", steps[0].By)
		})
	}
}
