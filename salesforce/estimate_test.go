// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

func TestEstimateCalls(t *testing.T) {
	t.Parallel()
	lead := salesforce.Write{Op: salesforce.OpCreate, Object: salesforce.ObjectLead}
	update := salesforce.Write{Op: salesforce.OpUpdate, Object: salesforce.ObjectContact}
	upsert := func(object salesforce.Object) salesforce.Write {
		return salesforce.Write{Op: salesforce.OpUpsert, Object: object}
	}
	child := func(of int) salesforce.Write {
		return salesforce.Write{Object: salesforce.ObjectTask, Refs: []salesforce.Ref{{Field: "WhoId", Write: of}}}
	}
	alone := lead
	alone.Alone = true
	repeat := func(w salesforce.Write, n int) []salesforce.Write { return slices.Repeat([]salesforce.Write{w}, n) }
	upserts := []salesforce.Write{
		upsert("A__c"), upsert("B__c"), upsert("C__c"), upsert("D__c"), upsert("E__c"), upsert("F__c"),
	}
	for name, c := range map[string]struct {
		writes []salesforce.Write
		calls  int
	}{
		"none":                        {nil, 0},
		"one":                         {[]salesforce.Write{lead}, 1},
		"five full collections":       {repeat(lead, 1000), 1},
		"one row more":                {repeat(lead, 1001), 2},
		"creates and updates":         {slices.Concat(repeat(lead, 801), repeat(update, 1)), 2},
		"upserts of six objects":      {keyedApart(upserts), 2},
		"a chain of three":            {[]salesforce.Write{lead, child(0), child(1)}, 1},
		"a chain of three, of 200":    {chainOf(200), 1},
		"a chain of three, of 500":    {chainOf(500), 2},
		"more single writes than fit": {repeat(alone, 26), 2},
	} {
		require.Equal(t, c.calls, salesforce.EstimateCalls(c.writes), name)
	}
}

// keyedApart returns upserts of different records.
func keyedApart(upserts []salesforce.Write) []salesforce.Write {
	var writes []salesforce.Write
	for range 10 {
		for _, w := range upserts {
			w.Key = salesforce.ExternalKey{Field: "Key__c", Value: strconv.Itoa(len(writes))}
			writes = append(writes, w)
		}
	}
	return writes
}

// chainOf returns leads with a member each, and a visit of it.
func chainOf(leads int) []salesforce.Write {
	var writes []salesforce.Write
	for range leads {
		at := len(writes)
		writes = append(writes, create("Lead", nil), create("CampaignMember", nil, ref("LeadId", at)),
			create("Visit__c", nil, ref("Member__c", at+1)))
	}
	return writes
}

// The estimate is what Write takes when nothing fails, whatever is mixed.
func TestTheEstimateIsWhatWriteTakes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	for mix := range 90 {
		writes := mixedWrites(random, 1+random.IntN(600), mix%6)
		org := newOrg(t)
		results, err := org.client(salesforce.Config{}).Write(t.Context(), writes...)
		require.NoError(t, err)
		for _, result := range results {
			require.NoError(t, result.Err)
		}
		require.Equal(t, org.callCount(), salesforce.EstimateCalls(writes), "mix %d", mix)
	}
}
