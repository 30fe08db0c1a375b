// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"slices"
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
		"upserts of six objects":      {upserts, 2},
		"a chain of three":            {[]salesforce.Write{lead, child(0), child(1)}, 3},
		"more single writes than fit": {repeat(alone, 26), 2},
	} {
		require.Equal(t, c.calls, salesforce.EstimateCalls(c.writes), name)
	}
}
