package leadsync

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// A mailProber looks for Leads by e-mail address.
type mailProber struct{}

func (mailProber) Probes(lead *Lead) []Probe {
	return []Probe{{Object: salesforce.ObjectLead, Field: "Email", Value: lead.Email}}
}

// Whoever takes over a connection with more creates without an answer than a page
// holds knows of them all, also of a lead whose strategy is gone.
func TestRecallReadsEveryPage(t *testing.T) {
	t.Parallel()
	kept := NewMemoryStore(nil)
	r := recaller{store: kept, connection: "default", strategies: map[string]prober{"mail": mailProber{}}, standard: "mail",
		pending: new(pending)}
	captured := make([]Captured, recallPage+1)
	intents := make(map[LeadID][]Intent)
	for i := range captured {
		lead := &Lead{ID: LeadID(fmt.Sprintf("L%d", i)), Email: fmt.Sprintf("p%d@x.example", i)}
		captured[i] = Captured{Lead: lead, State: StateQueued}
		intents[lead.ID] = []Intent{{Kind: PartPerson, Object: salesforce.ObjectLead, SentAt: time.Now()}}
	}
	captured[7].Lead.Strategy = "gone"
	_, err := kept.Capture(t.Context(), "default", captured)
	require.NoError(t, err)
	lease, err := kept.Acquire(t.Context(), "default", "before", time.Hour)
	require.NoError(t, err)
	_, err = kept.Claim(t.Context(), lease, len(captured))
	require.NoError(t, err)
	require.NoError(t, kept.Journal(t.Context(), lease, intents))

	require.NoError(t, r.recall(t.Context()))

	for _, c := range captured {
		plan := r.keysOf(&Entry{Lead: c.Lead})
		require.NotNil(t, r.pending.Last(nil, partKeys(plan, PartPerson, ""), ""), "%s", c.Lead.ID)
	}
}
