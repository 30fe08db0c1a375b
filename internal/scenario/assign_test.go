// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// ownersOf returns who owns the Leads, by e-mail address.
func ownersOf(org *sftest.Org) map[string]any {
	owners := make(map[string]any)
	for _, row := range org.Rows("Lead") {
		owners[fmt.Sprint(row["Email"])] = row["OwnerId"]
	}
	return owners
}

// assignedBy counts the subrequests that write, by whether assignment rules apply to them.
func assignedBy(org *sftest.Org) map[bool]int {
	counts := make(map[bool]int)
	for _, call := range org.Requests() {
		for _, s := range call.Subrequests {
			if s.Writes > 0 {
				counts[s.AutoAssign]++
			}
		}
	}
	return counts
}

// An assignment rule decides who owns a new Lead only where that is wanted, and never who
// owns a record that is there or a Lead that has an owner.
func TestAssignmentRulesDecideOnlyWhatTheyAreLeft(t *testing.T) {
	t.Parallel()
	for _, wanted := range []bool{false, true} {
		t.Run(fmt.Sprintf("autoAssign %t", wanted), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			rep := insertUser(org, "rep@host.example", "rep@host.example")
			queue := org.Insert("Group", map[string]any{"Name": "Inbound", "Type": "Queue"})
			org.AssignLeadsTo(queue)
			org.Insert("Lead", map[string]any{"LastName": "Old", "Company": "Acme", "Email": "old@acme.example",
				"OwnerId": rep})
			lead := func(id, name, by string) *leadsync.Lead {
				return &leadsync.Lead{ID: leadsync.LeadID(id), LastName: name, Company: "Acme", CapturedBy: by,
					Email: strings.ToLower(name) + "@acme.example", JobTitle: "CFO",
					Activities: []leadsync.Activity{{ID: "1", Kind: leadsync.ActivityCall}}}
			}
			leads := []*leadsync.Lead{lead("1", "Old", ""), lead("2", "Mine", "rep@host.example"),
				lead("3", "New", ""), lead("4", "Rest", "nobody@host.example")}
			syncer := scenario.SyncerOf(t, org, &leadsync.Config{AutoAssign: wanted})
			outcomes, err := syncer.Sync(t.Context(), leads...)
			require.NoError(t, err)
			assigned := org.UserID()
			if wanted {
				assigned = queue
			}
			require.Equal(t, map[string]any{"old@acme.example": rep, "mine@acme.example": rep,
				"new@acme.example": assigned, "rest@acme.example": assigned}, ownersOf(org))
			for _, out := range outcomes {
				require.Equal(t, leadsync.Cleared, out.Stage, "%v", out.Err)
			}
			decided := func(out *leadsync.Outcome) bool {
				return strings.Contains(leadtype.Explain(out), "its owner was decided by the org")
			}
			require.Equal(t, []bool{false, false, wanted, wanted},
				[]bool{decided(outcomes[0]), decided(outcomes[1]), decided(outcomes[2]), decided(outcomes[3])})

			before := org.Calls()
			outcomes, err = syncer.Sync(t.Context(), leads...)
			require.NoError(t, err)
			require.Equal(t, 1, org.Calls()-before, "the second run writes nothing")
			require.Equal(t, wanted, strings.Contains(leadtype.Explain(outcomes[2]), "its owner is "+queue))
		})
	}
}

// The control: without the header an assignment rule takes the record of its owner, and the
// new one too.
func TestWithoutTheHeaderAssignmentRulesTakeRecordsOfTheirOwners(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	rep := insertUser(org, "rep@host.example", "rep@host.example")
	queue := org.Insert("Group", map[string]any{"Name": "Inbound", "Type": "Queue"})
	org.AssignLeadsTo(queue)
	org.Insert("Lead", map[string]any{"LastName": "Old", "Company": "Acme", "Email": "old@acme.example", "OwnerId": rep})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		body = bytes.ReplaceAll(body, []byte(`"Sforce-Auto-Assign":"FALSE"`), []byte(`"Sforce-Mru":"updateMru=false"`))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		org.Handler().ServeHTTP(w, r)
	}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	client, err := salesforce.New(server.URL, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{Hosts: []string{address.Host}})
	require.NoError(t, err)
	syncer, err := leadsync.New(client, nil)
	require.NoError(t, err)
	_, err = syncer.Sync(t.Context(),
		&leadsync.Lead{ID: "1", LastName: "Old", Company: "Acme", Email: "old@acme.example", JobTitle: "CFO"},
		&leadsync.Lead{ID: "2", LastName: "Mine", Company: "Acme", Email: "mine@acme.example",
			CapturedBy: "rep@host.example"})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"old@acme.example": queue, "mine@acme.example": queue}, ownersOf(org))
}

// Rows that differ in the header cannot share a collection. Nothing is sent otherwise than
// before where assignment rules are left out, and no call more where all new Leads are
// theirs.
func TestAssignmentRulesCostNoCall(t *testing.T) {
	t.Parallel()
	count := 200
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		count = 1000
	}
	calls := func(wanted bool) (calls int, written map[bool]int) {
		org := sftest.NewOrg(t)
		org.AssignLeadsTo(insertUser(org, "rep@host.example", "rep@host.example"))
		leads, cfg := scenario.EventMix(org, count)
		cfg.AutoAssign = wanted
		syncer := scenario.SyncerOf(t, org, cfg)
		_, err := syncer.Preflight(t.Context())
		require.NoError(t, err)
		before := org.Calls()
		_, err = syncer.Sync(t.Context(), leads...)
		require.NoError(t, err)
		return org.Calls() - before, assignedBy(org)
	}
	off, written := calls(false)
	require.Zero(t, written[true])
	on, written := calls(true)
	require.Equal(t, off, on)
	require.Equal(t, (count/2+199)/200, written[true], "half of the people are new")
}

// Preflight says what assignment rules do, and warns where they are wanted and there is
// none.
func TestPreflightSaysWhatAssignmentRulesDo(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		wanted, rule bool
		severity     preflight.Severity
		says         string
	}{
		{false, true, preflight.SeverityInfo, "does not run for synced records"},
		{true, true, preflight.SeverityInfo, "decides who owns new Leads without an owner"},
		{true, false, preflight.SeverityWarning, "has no active assignment rule for Leads"},
	} {
		org := sftest.NewOrg(t)
		if row.rule {
			org.AssignLeadsTo(org.UserID())
		}
		report, err := scenario.SyncerOf(t, org, &leadsync.Config{AutoAssign: row.wanted}).Preflight(t.Context())
		require.NoError(t, err)
		require.True(t, slices.ContainsFunc(report.Findings, func(f preflight.Finding) bool {
			return f.Object == salesforce.ObjectLead && f.Severity == row.severity && strings.Contains(f.Reason, row.says)
		}), "%+v: %v", row, report.Findings)
	}
}
