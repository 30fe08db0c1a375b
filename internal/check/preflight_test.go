// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

func TestPreflightComparesWithTheLastOneNotWithTheLastSync(t *testing.T) {
	t.Parallel()
	org := orgtest.New()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	cfg := &leadsync.Config{
		Strategy: leadsync.LeadsOnly, Now: func() time.Time { return now }, ExternalIDs: map[salesforce.Object]string{},
		Mapper: &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
			{Source: "lastName", Field: "LastName"}, {Source: "company", Field: "Company"}}}}},
	}
	s, err := leadsync.New(org, cfg)
	require.NoError(t, err)
	first, err := s.Preflight(t.Context())
	require.NoError(t, err)

	org.Describes["Lead"] = orgtest.Writable("Lead", "LastName", "Company", "Email")
	org.Describes["Lead"].LastModified = "v2"
	org.Field("Lead", "Company").Length = 80
	now = now.Add(2 * time.Hour)
	_, err = s.Plan(t.Context(),
		&leadtype.Lead{ID: "L1", LastName: "Lovelace", Company: "Acme", Email: "ada@acme.example"})
	require.NoError(t, err)
	require.Len(t, org.Calls(), 4, "the plan has read a new session and looked up, the preflight one and who sees what")

	want := []string{"Lead.Company: length 80, was 255"}
	require.Equal(t, want, changesOf(t, s))
	require.Empty(t, changesOf(t, s), "a change is reported once")

	cfg.LastSchema = first.Schema
	later, err := leadsync.New(org, cfg) // of another process
	require.NoError(t, err)
	require.Equal(t, want, changesOf(t, later))
	require.Empty(t, changesOf(t, later))
}

// changesOf returns what a Preflight finds changed, as object.field: what.
func changesOf(t *testing.T, s *leadsync.Syncer) []string {
	t.Helper()
	report, err := s.Preflight(t.Context())
	require.NoError(t, err)
	var changes []string
	for _, f := range report.Findings {
		if what, ok := strings.CutPrefix(f.Reason, "changed since the last preflight: "); ok {
			changes = append(changes, string(f.Object)+"."+f.Field+": "+what)
		}
	}
	return changes
}
