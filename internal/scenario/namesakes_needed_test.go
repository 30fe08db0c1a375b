// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
)

// An unknowing store remembers no record.
type unknowing struct{ leadsync.Store }

func (unknowing) Records(context.Context, string,
	[]salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	return make(map[salesforce.ID]leadtype.RecordMemory), nil
}

// An unmarked store journals no fingerprints.
type unmarked struct{ leadsync.Store }

func withoutFields(intents []leadtype.Intent) []leadtype.Intent {
	bare := slices.Clone(intents)
	for i := range bare {
		bare[i].Fields = nil
	}
	return bare
}

func (s unmarked) Journal(ctx context.Context, lease store.Lease,
	intents map[leadsync.LeadID][]leadtype.Intent) error {
	bare := make(map[leadsync.LeadID][]leadtype.Intent)
	for id, list := range intents {
		bare[id] = withoutFields(list)
	}
	return s.Store.Journal(ctx, lease, bare)
}

func (s unmarked) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadsync.LeadID, error) {
	settlements = slices.Clone(settlements)
	for i := range settlements {
		settlements[i].Intents = withoutFields(settlements[i].Intents)
	}
	return s.Store.Settle(ctx, lease, settlements)
}

// TestNamesakesNeedTheMemory is a control: a process that does not know whose the record
// of a minute ago is gives it to the next namesake.
func TestNamesakesNeedTheMemory(t *testing.T) {
	inNameless(t, func(c *nameless) {
		c.cfg.Store = unknowing{c.store}
		first := c.syncer()
		c.capture(first, titled("L0"))
		c.run(first, 30*time.Second)
		c.org.Fail(losing(sftest.Fault{DropBefore: true}, 0, 1))
		second := c.syncer()
		c.capture(second, titled("L1"))
		c.run(second, 3*time.Hour)
		require.ErrorContains(c.t, c.problem(), "L1 has the record of L0")
	})
}

// TestNamesakesNeedTheFingerprint is a control: without it nothing tells which of the
// records that a process left is whose, and a person has to choose.
func TestNamesakesNeedTheFingerprint(t *testing.T) {
	inNameless(t, func(c *nameless) {
		c.cfg.Store = unmarked{c.store}
		c.die([]*leadsync.Lead{titled("L0"), titled("L1")})
		c.run(c.syncer(), 3*time.Hour)
		require.ErrorContains(c.t, c.problem(), "L0 is failed")
		entries, err := c.store.List(c.t.Context(), "default", leadsync.Filter{})
		require.NoError(c.t, err)
		for _, e := range entries {
			require.ErrorIs(c.t, e.Last.Err, leadsync.AmbiguousMatch)
			require.Len(c.t, leadtype.Candidates(e.Last), 2)
		}
	})
}
