// SPDX-License-Identifier: Apache-2.0

package interop_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

var soqlCommon = newNodeDir("testdata/soqlcommon")

// parseSOQL parses queries with Salesforce's own parser and returns the errors of
// each.
func parseSOQL(t *testing.T, queries []string) [][]string {
	t.Helper()
	var lines strings.Builder
	encoder := json.NewEncoder(&lines)
	for _, query := range queries {
		require.NoError(t, encoder.Encode(query))
	}
	var errors [][]string
	answers := bufio.NewScanner(strings.NewReader(soqlCommon.run(t, "parse.js", strings.NewReader(lines.String()))))
	for answers.Scan() {
		var of []string
		require.NoError(t, json.Unmarshal(answers.Bytes(), &of), answers.Text())
		errors = append(errors, of)
	}
	require.NoError(t, answers.Err())
	require.Len(t, errors, len(queries))
	return errors
}

// The list is that of package sftest, whose test checks the fake against it. It
// gives the reason for each difference: "stricter" queries are rejected by the fake
// only, "looser" ones accepted by the fake only.
func TestSOQLVerdictsAreThoseOfSalesforce(t *testing.T) {
	t.Parallel()
	verdicts, queries := verdictList(t)
	require.Greater(t, len(queries), 200)
	for i, errors := range parseSOQL(t, queries) {
		taken := slices.Contains([]string{"accept", "beyond", "stricter"}, verdicts[i])
		require.Equal(t, taken, len(errors) == 0, "%s: %s: %v", verdicts[i], queries[i], errors)
	}
}

func verdictList(t *testing.T) (verdicts, queries []string) {
	t.Helper()
	list, err := os.ReadFile("../salesforce/sftest/testdata/soql.tsv")
	require.NoError(t, err)
	for line := range strings.Lines(string(list)) {
		if columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(columns) > 1 {
			verdicts, queries = append(verdicts, columns[0]), append(queries, columns[1])
		}
	}
	return verdicts, queries
}

// All queries of Preflight, of a sync of new and of existing people, and of a plan
// that is applied, for each strategy.
func TestSalesforceTakesTheQueriesOfASync(t *testing.T) {
	t.Parallel()
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.LeadsOnly,
		leadsync.AccountsAndContacts} {
		t.Run(strategy.Name(), func(t *testing.T) {
			t.Parallel()
			queries := queriesOfSync(t, strategy)
			require.Greater(t, len(queries), 5)
			for i, errors := range parseSOQL(t, queries) {
				require.Empty(t, errors, queries[i])
			}
		})
	}
}

func queriesOfSync(t *testing.T, strategy leadsync.Strategy) []string {
	t.Helper()
	org := newOrg(t)
	org.AddExternalID("Task")
	campaign := org.Insert("Campaign", map[string]any{"Name": "Expo"})
	account := org.Insert("Account", map[string]any{"Name": "Engines", "Website": "https://www.engines.example"})
	org.Insert("Contact", map[string]any{"LastName": "Turing", "Email": "alan@engines.example", "AccountId": account})
	org.Insert("Lead", map[string]any{"LastName": "Hopper", "Email": "grace@navy.example", "Company": "Navy"})
	token := (&oauth2.Token{AccessToken: org.Token()}).WithExtra(map[string]any{"id": org.URL() + "/id/" + org.OrgID() +
		"/" + org.UserID()})
	client, err := salesforce.New(org.URL(), oauth2.StaticTokenSource(token),
		&salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}})
	require.NoError(t, err)
	syncer, err := leadsync.New(client,
		&leadsync.Config{Strategy: strategy, Campaigns: []leadsync.CampaignLink{{CampaignID: salesforce.ID(campaign)}}})
	require.NoError(t, err)
	_, err = syncer.Preflight(t.Context())
	require.NoError(t, err)
	for range 2 {
		_, err = syncer.Sync(t.Context(), visitors()...)
		require.NoError(t, err)
	}
	leads := visitors()
	leads[0].JobTitle = "Countess"
	plan, err := syncer.Plan(t.Context(), leads...)
	require.NoError(t, err)
	text, err := json.Marshal(plan)
	require.NoError(t, err)
	var kept leadsync.Plan
	require.NoError(t, json.Unmarshal(text, &kept))
	_, err = syncer.Apply(t.Context(), &kept)
	require.NoError(t, err)
	return queriesOf(org)
}

// visitors returns leads with values that a query must escape.
func visitors() []*leadsync.Lead {
	at := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	visit := []leadsync.Activity{{ID: "a", Kind: leadsync.ActivityMeeting, At: at, By: "rep@booth.example"}}
	return []*leadsync.Lead{
		{ID: "1", LastName: "O'Hara", Email: "o'hara@example.com", Company: `Back\slash & "Sons" 50%_off`, CapturedAt: at,
			Activities: visit},
		{ID: "2", LastName: "Turing", Email: "alan@engines.example", Company: "Engines", Website: "engines.example",
			CapturedAt: at, CapturedBy: "rep@booth.example"},
		{ID: "3'", LastName: "Hopper", Email: "grace@navy.example", Company: "Navy", CapturedAt: at, Activities: visit},
		{ID: "4\n", LastName: "漢字", Email: "kanji@example.com", Company: "株式会社 🙂", CapturedAt: at},
	}
}

// queriesOf returns the distinct queries that the org received.
func queriesOf(org *sftest.Org) []string {
	var queries []string
	for _, request := range org.Requests() {
		queries = append(queries, request.SOQL...)
	}
	slices.Sort(queries)
	return slices.Compact(queries)
}
