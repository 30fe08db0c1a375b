// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// syncerOf returns a Syncer for an org of its own, and what its Sink was given.
func syncerOf(t *testing.T, kept leadsync.Store) (*leadsync.Syncer, *sftest.Org, func() []*leadsync.Outcome) {
	t.Helper()
	org := sftest.NewOrg(t)
	const host = "fake.my.salesforce.com"
	client, err := salesforce.New("https://"+host, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{Hosts: []string{host}, HTTPClient: &http.Client{Transport: org.Transport()}})
	require.NoError(t, err)
	var sent []*leadsync.Outcome
	syncer, err := leadsync.New(client, &leadsync.Config{Store: kept, Connection: connection,
		Sink: leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
			sent = append(sent, outcomes...)
			return nil
		})})
	require.NoError(t, err)
	return syncer, org, func() []*leadsync.Outcome { return sent }
}

func person(id leadsync.LeadID) *leadsync.Lead {
	return &leadsync.Lead{ID: id, LastName: "Person " + string(id), Email: string(id) + "@acme.example", Company: "Acme"}
}

// What a host decodes of a web hook may be nested as deep as encoding/json reads it. It is
// refused before it is kept, and the others are synced.
func TestCaptureRefusesWhatCouldNotBeReadAgain(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{1_000, 9_990, 9_998, 9_999, 10_000} {
		for name, kept := range map[string]leadsync.Store{"memory": memory.New(nil),
			"file": open(t, filepath.Join(t.TempDir(), "leads.db"), nil)} {
			var payload any
			require.NoError(t, json.Unmarshal([]byte(strings.Repeat("[", depth)+strings.Repeat("]", depth)), &payload))
			syncer, org, _ := syncerOf(t, kept)
			bad := person("bad")
			bad.Custom = map[string]any{"payload": payload}
			report, err := syncer.Capture(t.Context(), person("good1"), bad, person("good2"))
			var batch *leadsync.BatchError
			require.ErrorAs(t, err, &batch, name)
			require.Equal(t, 2, report.New)
			var refused *leadsync.Error
			require.ErrorAs(t, batch.Failed[1], &refused)
			require.Equal(t, []string{"custom.payload"}, refused.Fields)
			require.NoError(t, syncer.Drain(t.Context()))
			require.Equal(t, 2, org.Count("Lead"))
			_, err = syncer.Sync(t.Context(), bad)
			require.ErrorIs(t, err, leadsync.DataValueValidation)
			_, err = syncer.Plan(t.Context(), bad)
			require.NoError(t, err)
		}
	}
}

// A row that cannot be read, for whatever reason, fails its lead alone: everything else goes
// on, and a capture with good data heals it.
func TestLeadThatCannotBeReadFailsAlone(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 12_000) + strings.Repeat("]", 12_000)
	for column, texts := range map[string][]string{
		"data": {`{"id":"bad"`, "\x00", `{"id":"bad","custom":{"x":` + deep + `}}`, `{"id":"bad","firstName":7}`, `[]`,
			`{"id":"somebody else"}`, "null"},
		"activities": {"[", `{"a":1}`, `[{"notes":` + deep + `}]`, `[{"at":"soon"}]`},
		"intents":    {"[", `{"a":1}`, `[{"sentAt":"soon"}]`},
		"outcome":    {"{", "[]", `{"parts":` + deep + `}`, `{"error":7}`},
	} {
		for i, text := range texts {
			t.Run(fmt.Sprintf("%s %d", column, i), func(t *testing.T) {
				t.Parallel()
				kept := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
				syncer, org, sent := syncerOf(t, kept)
				_, err := syncer.Capture(t.Context(), person("good1"), person("bad"), person("good2"))
				require.NoError(t, err)
				require.NoError(t, kept.Damage(t.Context(), connection, "bad", column, text))
				requireDamagedAlone(t, syncer, org)

				bad := slices.IndexFunc(sent(), func(o *leadsync.Outcome) bool { return o.LeadID == "bad" })
				require.GreaterOrEqual(t, bad, 0, "the Sink knows")
				require.ErrorIs(t, sent()[bad].Err, leadtype.ErrUnreadable)
				require.Len(t, sent(), 3, "once each")

				report, err := syncer.Capture(t.Context(), person("bad"))
				require.NoError(t, err)
				require.Equal(t, 1, report.Replaced)
				require.NoError(t, syncer.Drain(t.Context()))
				require.Equal(t, 3, org.Count("Lead"))
				entries, err := syncer.Leads(t.Context(), leadsync.Filter{Stages: []leadsync.Stage{leadsync.Cleared}})
				require.NoError(t, err)
				require.Len(t, entries, 3)
				require.NoError(t, kept.Damage(t.Context(), connection, "bad", column, text))
				require.NoError(t, syncer.Forget(t.Context(), "bad", store.Suppress))
				require.Len(t, list(t, kept), 2)
			})
		}
	}
}

// requireDamagedAlone drains, and requires that only the lead bad fails, in whatever way one
// looks at it.
func requireDamagedAlone(t *testing.T, syncer *leadsync.Syncer, org *sftest.Org) {
	t.Helper()
	report, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	found := slices.IndexFunc(report.Findings,
		func(f preflight.Finding) bool { return strings.Contains(f.Reason, `"bad"`) })
	require.GreaterOrEqual(t, found, 0)
	require.Contains(t, report.Findings[found].Fix, "Capture the lead again")

	require.NoError(t, syncer.Drain(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.NoError(t, syncer.Run(ctx))
	require.Equal(t, 2, org.Count("Lead"))

	entries, err := syncer.Leads(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	require.Len(t, entries, 3)
	require.Equal(t, leadsync.LeadID("bad"), entries[1].Lead.ID)
	require.Equal(t, leadsync.Failed, entries[1].Stage)
	require.Equal(t, 1, entries[1].Attempts)
	require.ErrorIs(t, entries[1].Last.Err, leadtype.ErrUnreadable)
	require.Contains(t, entries[1].Last.Err.Fix(), "Capture the lead again")

	summary, err := syncer.Summary(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	require.Equal(t, 1, summary.Stages[leadsync.Failed])
	require.Equal(t, 2, summary.Stages[leadsync.Cleared])
	require.Len(t, summary.Groups, 1)
	require.Contains(t, summary.Groups[0].Causes[0].Rule, "damaged")
	health, err := syncer.Health(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, health.Failed)
	var csv bytes.Buffer
	require.NoError(t, syncer.ExportCSV(t.Context(), &csv, leadsync.Filter{}, &review.CSVOptions{}))
	require.Equal(t, 4, strings.Count(csv.String(), "\n"))
	steps, err := syncer.History(t.Context(), "bad")
	require.NoError(t, err)
	require.Len(t, steps, 2)
}

// What is remembered of a record and cannot be read counts as not remembered.
func TestMemoryOfARecordThatCannotBeReadIsWrittenAnew(t *testing.T) {
	t.Parallel()
	const id salesforce.ID = "00Q000000000001AAA"
	kept := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	remembered := leadtype.RecordMemory{ID: id, Lead: "L1"}
	field := &salesforce.Field{Name: "Email", Type: salesforce.TypeEmail}
	remembered.Note(field, "a@example.com", time.Time{})
	written := remembered.Written
	require.NoError(t, kept.Remember(t.Context(), connection,
		[]leadtype.RecordMemory{{ID: id, Lead: "L1", Written: written}}))
	require.NoError(t, kept.Exec(t.Context(), `UPDATE record SET written = '{"Email":'`))
	records, err := kept.Records(t.Context(), connection, []salesforce.ID{id})
	require.NoError(t, err)
	require.Equal(t, leadtype.LeadID("L1"), records[id].Lead)
	damaged := records[id]
	hold, _ := damaged.Holds(field, "a@example.com")
	require.Equal(t, leadtype.HoldUnknown, hold)
	require.NoError(t, kept.Remember(t.Context(), connection, []leadtype.RecordMemory{{ID: id, Written: written}}))
	records, err = kept.Records(t.Context(), connection, []salesforce.ID{id})
	require.NoError(t, err)
	require.Equal(t, leadtype.RecordMemory{ID: id, Lead: "L1", Written: written}, records[id])
}
