// SPDX-License-Identifier: Apache-2.0

package write

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// byMail looks for Leads by e-mail address. It does not know the strategy "gone".
func byMail(lead *leadtype.Lead) []leadtype.Probe {
	if lead.Strategy == "gone" {
		return nil
	}
	return []leadtype.Probe{{Object: salesforce.ObjectLead, Field: "Email", Value: lead.Email}}
}

// Whoever takes over a connection with more creates without a response than a page
// holds knows of them all, also of a lead whose strategy is gone.
func TestRecallReadsEveryPage(t *testing.T) {
	t.Parallel()
	kept := memory.New(nil)
	r := Recaller{Store: kept, Connection: "default", Probes: byMail, Pending: new(Pending),
		Clean: func(lead *leadtype.Lead) *leadtype.Lead { return lead }}
	captured := make([]store.Captured, recallPage+1)
	intents := make(map[leadtype.LeadID][]leadtype.Intent)
	for i := range captured {
		lead := &leadtype.Lead{ID: leadtype.LeadID(fmt.Sprintf("L%d", i)), Email: fmt.Sprintf("p%d@x.example", i)}
		captured[i] = store.Captured{Lead: lead, State: store.StateQueued}
		intents[lead.ID] = []leadtype.Intent{{Kind: leadtype.PartPerson, Object: salesforce.ObjectLead, SentAt: time.Now()}}
	}
	captured[7].Lead.Strategy = "gone"
	_, err := kept.Capture(t.Context(), "default", captured)
	require.NoError(t, err)
	lease, err := kept.Acquire(t.Context(), "default", "before", time.Hour)
	require.NoError(t, err)
	_, err = kept.Claim(t.Context(), lease, len(captured))
	require.NoError(t, err)
	require.NoError(t, kept.Journal(t.Context(), lease, intents))

	require.NoError(t, r.Recall(t.Context()))

	for _, c := range captured {
		plan := r.keysOf(&store.Entry{Lead: c.Lead})
		require.NotNil(t, r.Pending.Last(nil, plan, leadtype.PartPerson, "", ""), "%s", c.Lead.ID)
	}
}
