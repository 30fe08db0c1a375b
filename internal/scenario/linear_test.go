// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// BenchmarkLargeLead plans one lead with 100,000 answers that nothing reads, which makes
// as many warnings.
func BenchmarkLargeLead(b *testing.B) {
	syncer, lead := scenario.SyncerOf(b, sftest.NewOrg(b), nil), scenario.Ada()
	lead.Answers = make(map[string][]string)
	for i := range 100_000 {
		lead.Answers[fmt.Sprint("unused ", i)] = []string{"x"}
	}
	for b.Loop() {
		planned, err := syncer.Plan(b.Context(), lead)
		require.NoError(b, err)
		require.Len(b, planned.Leads[0].Warnings, len(lead.Answers))
	}
}

// BenchmarkLargeSettings makes a Syncer with 100,000 campaign links.
func BenchmarkLargeSettings(b *testing.B) {
	client, cfg := scenario.ClientOf(b, sftest.NewOrg(b)), new(leadsync.Config)
	for i := range 100_000 {
		cfg.Campaigns = append(cfg.Campaigns, leadsync.CampaignLink{EventID: fmt.Sprint("e", i),
			CampaignID: salesforce.ID(fmt.Sprintf("701%012d", i)), Ladder: []string{"Sent", "Responded"}, Status: "Sent"})
	}
	for b.Loop() {
		_, err := leadsync.New(client, cfg)
		require.NoError(b, err)
	}
}
