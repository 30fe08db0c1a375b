// SPDX-License-Identifier: Apache-2.0

package load_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/internal/load"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

const key = "LeadsyncKey__c"

// least is how many rows a job has in these tests.
const least = 10

// keyedOrg returns an org whose people and Tasks have keys, with a campaign.
func keyedOrg(t *testing.T, options ...sftest.Option) (org *sftest.Org, campaign salesforce.ID) {
	t.Helper()
	org = sftest.NewOrg(t, options...)
	org.AddExternalID("Lead", "Contact", "Account", "Task")
	return org, salesforce.ID(org.Insert("Campaign", map[string]any{"Name": "Expo"}))
}

// clientOf returns a client of org within testing/synctest.
func clientOf(t *testing.T, org *sftest.Org) *salesforce.Client {
	t.Helper()
	client, err := salesforce.New("https://acme.my.salesforce.com",
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{HTTPClient: &http.Client{Transport: org.Transport()},
			JitterFunc: func() float64 { return 1 }})
	require.NoError(t, err)
	return client
}

// newcomer appends the writes of a new person: the Lead, its membership and its Task.
func newcomer(writes []salesforce.Write, n int, campaign salesforce.ID) []salesforce.Write {
	at, id := len(writes), fmt.Sprintf("k-%d", n)
	return append(writes,
		salesforce.Write{Object: "Lead", UniqueField: key,
			Fields: salesforce.Fields{key: id, "LastName": "Person " + id, "Company": "Acme"}},
		salesforce.Write{Object: "CampaignMember", Fields: salesforce.Fields{"CampaignId": campaign},
			Refs: []salesforce.Ref{{Field: "LeadId", Write: at}}},
		salesforce.Write{Object: "Task", UniqueField: key, Fields: salesforce.Fields{key: "t-" + id, "Subject": "Met"},
			Refs: []salesforce.Ref{{Field: "WhoId", Write: at}}})
}

// looks counts the looks at jobs.
func looks(org *sftest.Org) (n int) {
	for _, r := range org.Requests() {
		if r.Method == http.MethodGet && strings.Contains(r.Path, "/jobs/ingest/") &&
			!strings.HasSuffix(r.Path, "Results") && !strings.HasSuffix(r.Path, "unprocessedrecords") {
			n++
		}
	}
	return n
}

// jobs counts the jobs.
func jobs(org *sftest.Org) (n int) {
	for _, r := range org.Requests() {
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/jobs/ingest") {
			n++
		}
	}
	return n
}

func TestWriteSendsChildrenWithTheIDsOfTheirParents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, campaign := keyedOrg(t)
		var writes []salesforce.Write
		for n := range 40 {
			writes = newcomer(writes, n, campaign)
		}
		for i := range writes {
			if writes[i].Object == "Lead" {
				writes[i].ReadBack = []string{"LastName", "Phone"}
			}
		}
		known := org.Insert("Lead", map[string]any{"LastName": "Before", "Company": "Acme", "Phone": "1"})
		writes = append(writes, salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: salesforce.ID(known[:15]),
			Fields: salesforce.Fields{"LastName": "After"}})
		org.ResetLog()

		results, err := load.Write(t.Context(), clientOf(t, org), load.Options{Least: least}, writes...)

		require.NoError(t, err)
		require.Len(t, results, len(writes))
		for i := range 40 {
			lead, member, task := results[3*i], results[3*i+1], results[3*i+2]
			require.NoError(t, errors.Join(lead.Err, member.Err, task.Err))
			require.True(t, lead.Created && member.Created && task.Created)
			require.Equal(t, salesforce.Fields{"LastName": fmt.Sprint("Person k-", i), "Phone": nil}, lead.Landed)
			require.Equal(t, fmt.Sprintf("k-%d", i), org.Row("Lead", string(lead.ID))[key])
			require.Equal(t, string(lead.ID), org.Row("CampaignMember", string(member.ID))["LeadId"])
			require.Equal(t, string(lead.ID), org.Row("Task", string(task.ID))["WhoId"])
		}
		require.Equal(t, salesforce.WriteResult{ID: salesforce.ID(known)}, results[120])
		require.Equal(t, "After", org.Row("Lead", known)["LastName"])
		require.Equal(t, "1", org.Row("Lead", known)["Phone"])
		require.Equal(t, 3, jobs(org), "the update alone is not worth one")
		require.Equal(t, load.Calls(writes, least), org.Calls()-looks(org)+jobs(org))
		require.Equal(t, 3*5+1+1, load.Calls(writes, least))
	})
}

func TestWriteUsesNoJobForFewRows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, campaign := keyedOrg(t)
		var writes []salesforce.Write
		for n := range least - 1 {
			writes = newcomer(writes, n, campaign)
		}
		results, err := load.Write(t.Context(), clientOf(t, org), load.Options{Least: least}, writes...)
		require.NoError(t, err)
		for _, result := range results {
			require.NoError(t, result.Err)
		}
		require.Zero(t, jobs(org))
		require.Equal(t, load.Calls(writes, least), org.Calls())
	})
}

func TestWriteTakesFewParentsOfManyChildrenAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, _ := keyedOrg(t)
		writes := []salesforce.Write{{Object: "Account", UniqueField: key,
			Fields: salesforce.Fields{key: "acme", "Name": "Acme"}}}
		for n := range 2 * least {
			writes = append(writes, salesforce.Write{Object: "Contact", UniqueField: key,
				Fields: salesforce.Fields{key: fmt.Sprintf("c-%d", n), "LastName": "Person"},
				Refs:   []salesforce.Ref{{Field: "AccountId", Write: 0}}})
		}
		results, err := load.Write(t.Context(), clientOf(t, org), load.Options{Least: least}, writes...)
		require.NoError(t, err)
		for _, result := range results[1:] {
			require.NoError(t, result.Err)
			require.Equal(t, string(results[0].ID), org.Row("Contact", string(result.ID))["AccountId"])
		}
		require.Equal(t, 2, jobs(org))
	})
}

func TestWriteKeepsWhatMayNotBeRepeatedOutOfJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, _ := keyedOrg(t)
		var writes []salesforce.Write
		for n := range 2 * least {
			fields := salesforce.Fields{"LastName": fmt.Sprint("Person ", n), "Company": "Acme"}
			writes = append(writes, salesforce.Write{Object: "Lead", Fields: fields})
			with := salesforce.Fields{key: fmt.Sprint("a", n), "LastName": "Person", "Company": "Acme"}
			writes = append(writes,
				salesforce.Write{Object: "Lead", UniqueField: key, Fields: with, AllowDuplicate: true},
				salesforce.Write{Object: "Task", Fields: salesforce.Fields{"Subject": "Met"},
					Refs: []salesforce.Ref{{Field: "WhoId", Write: 3 * n}}})
		}
		results, err := load.Write(t.Context(), clientOf(t, org), load.Options{Least: least}, writes...)
		require.NoError(t, err)
		for _, result := range results {
			require.NoError(t, result.Err)
		}
		require.Zero(t, jobs(org))
	})
}

// mixOf returns a random mix of writes, some of which an org refuses: what an org makes of it
// depends on its records alone.
func mixOf(random *rand.Rand, org *sftest.Org, campaign salesforce.ID) []salesforce.Write {
	var writes []salesforce.Write
	pick := func(n int) bool { return random.IntN(n) == 0 }
	for n := range 30 + random.IntN(30) {
		at := len(writes)
		writes = newcomer(writes, n, campaign)
		switch random.IntN(12) {
		case 0:
			writes[at].Fields["Email"] = "no address"
		case 1:
			writes[at].Fields["Nowhere__c"] = "x"
		case 2:
			writes[at].Fields[key] = "taken"
		case 3:
			writes[at+2].Fields["Subject"] = strings.Repeat("x", 300)
		case 4:
			writes[at+1].Fields["CampaignId"] = salesforce.ID("701000000000001AAA")
		case 5:
			delete(writes[at].Fields, key)
			writes[at].UniqueField = ""
		case 6:
			writes[at+2].Fields["Description"] = "#N/A"
		}
	}
	for n := range 20 {
		id := org.Insert("Lead",
			map[string]any{"LastName": "Old", "Company": "Acme", "Email": fmt.Sprintf("o%d@b.example", n)})
		update := salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: salesforce.ID(id),
			Fields: salesforce.Fields{"LastName": fmt.Sprint("New ", n), "Phone": nil}}
		if pick(5) {
			update.Fields["Email"] = "no address"
		}
		writes = append(writes, update)
		if pick(5) {
			again := update
			again.Fields = salesforce.Fields{"LastName": "Newest"}
			writes = append(writes, again)
		}
		if pick(3) {
			org.Insert("CampaignMember", map[string]any{"CampaignId": string(campaign), "LeadId": id})
		}
		writes = append(writes, salesforce.Write{Object: "CampaignMember",
			Fields: salesforce.Fields{"CampaignId": campaign, "LeadId": id}})
	}
	return writes
}

// signs returns what a result says, but for ids.
func signs(results []salesforce.WriteResult) (all []string) {
	for _, r := range results {
		var e *salesforce.Error
		switch {
		case errors.As(r.Err, &e):
			all = append(all, fmt.Sprint(e.Code, e.Fields, e.Uncertain, r.Created))
		case errors.Is(r.Err, salesforce.ErrNotSent):
			all = append(all, "not sent")
		default:
			all = append(all, fmt.Sprint(r.Err, r.Created, r.ID != ""))
		}
	}
	return all
}

// contents returns what an org has, but for ids.
func contents(org *sftest.Org) (all []string) {
	for object, fields := range map[string][]string{"Lead": {key, "LastName", "Email", "Phone"},
		"Task": {key, "Subject", "Description"}, "CampaignMember": {"Status"}} {
		for _, row := range org.Rows(object) {
			text := object
			for _, field := range fields {
				text += fmt.Sprint("|", row[field])
			}
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return all
}

func TestWriteHasTheResultsOfCalls(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		synctest.Test(t, func(t *testing.T) {
			var all [2][]string
			var held [2][]string
			for i := range all {
				org, campaign := keyedOrg(t, sftest.WithNumber(7))
				org.Insert("Lead", map[string]any{"LastName": "Taken", "Company": "Acme", key: "taken"})
				writes := mixOf(rand.New(rand.NewPCG(seed, 1)), org, campaign)
				client := clientOf(t, org)
				write := client.Write
				if i > 0 {
					write = func(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
						return load.Write(ctx, client, load.Options{Least: least}, writes...)
					}
				}
				results, err := write(t.Context(), writes...)
				require.NoError(t, err)
				require.Equal(t, i > 0, jobs(org) > 0)
				all[i], held[i] = signs(results), contents(org)
			}
			require.Equal(t, all[0], all[1], "seed %d", seed)
			require.Equal(t, held[0], held[1], "seed %d", seed)
		})
	}
}

func TestWriteSendsInCallsWhatAJobDidNotReach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, campaign := keyedOrg(t)
		var writes []salesforce.Write
		for n := range 40 {
			writes = newcomer(writes, n, campaign)
		}
		org.FailBulk(15, "InternalServerError : x")
		journal := new(journal)
		results, err := load.Write(t.Context(), clientOf(t, org), load.Options{Least: least, Journal: journal}, writes...)
		require.NoError(t, err)
		for _, result := range results {
			require.NoError(t, result.Err)
		}
		require.Equal(t, 40, org.Count("Lead"))
		require.Equal(t, 40, org.Count("Task"))
		require.Equal(t, 40, org.Count("CampaignMember"))
		require.Empty(t, journal.open)
		require.Len(t, journal.begun, 3)
	})
}

func TestWriteManagesWithoutTheBulkAPI(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, campaign := keyedOrg(t)
		var writes []salesforce.Write
		for n := range 20 {
			writes = newcomer(writes, n, campaign)
		}
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			if !strings.Contains(r.URL.Path, "/jobs/") {
				return nil
			}
			return &sftest.Fault{Status: 400, Body: `[{"errorCode":"API_DISABLED_FOR_ORG","message":"x"}]`}
		})
		results, err := load.Write(t.Context(), clientOf(t, org), load.Options{Least: least}, writes...)
		require.NoError(t, err)
		for _, result := range results {
			require.NoError(t, result.Err)
		}
		require.Equal(t, 1, jobs(org), "it asks once")
	})
}

func TestWriteSendsLittleInAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org, campaign := keyedOrg(t, sftest.WithBulkPolls(5))
		var writes []salesforce.Write
		for n := range 1200 {
			writes = newcomer(writes, n, campaign)
		}
		down := false
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			if down = down || r.Method == http.MethodGet; !down {
				return nil
			}
			return &sftest.Fault{Status: 503}
		})
		j := new(journal)
		results, err := load.Write(t.Context(), clientOf(t, org), load.Options{Least: 1100, Journal: j}, writes...)
		require.NoError(t, err)
		for i, result := range results {
			var e *salesforce.Error
			if i%3 == 0 {
				require.ErrorAs(t, result.Err, &e)
				require.True(t, e.Uncertain)
			} else {
				require.ErrorIs(t, result.Err, salesforce.ErrNotSent)
			}
		}
		require.Len(t, j.open, 1)
		require.Less(t, len(org.Requests()), 10)
	})
}

// TestWriteDoublesNothingWhateverIsLost loses requests and responses of jobs and calls.
func TestWriteDoublesNothingWhateverIsLost(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			org, campaign := keyedOrg(t, sftest.WithResends())
			random := rand.New(rand.NewPCG(seed, 2))
			var writes []salesforce.Write
			for n := range 20 {
				writes = newcomer(writes, n, campaign)
			}
			org.Fail(func(_ *http.Request, n int) *sftest.Fault {
				if random.IntN(3) > 0 {
					return nil
				}
				return []*sftest.Fault{{Status: 503}, {DropAfter: true}, {CutBody: true}, {DropBefore: true}}[random.IntN(4)]
			})
			client := clientOf(t, org)
			j := new(journal)
			results, err := load.Write(t.Context(), client, load.Options{Least: least, Journal: j}, writes...)
			require.NoError(t, err)
			org.Fail(nil)
			for range 5 { // what runs on, ends
				for _, job := range j.open {
					_, _ = client.IngestJob(t.Context(), job)
				}
			}
			var certain int
			for i, result := range results {
				var e *salesforce.Error
				if result.Err == nil {
					certain++
					require.NotEmpty(t, org.Row(string(writes[i].Object), string(result.ID)))
				} else if !errors.Is(result.Err, salesforce.ErrNotSent) {
					require.ErrorAs(t, result.Err, &e)
				}
			}
			rows := org.Count("Lead") + org.Count("Task") + org.Count("CampaignMember")
			require.LessOrEqual(t, certain, rows)
			require.LessOrEqual(t, rows, len(writes))
		})
	}
}
