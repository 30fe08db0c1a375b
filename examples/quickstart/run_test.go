// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A result is the output of a run.
type result struct {
	code           int
	stdout, stderr string
}

// A program runs quickstart against one org, or against its own where org is nil.
type program struct {
	org   *sftest.Org
	stdin string
}

func (p program) run(ctx context.Context, args ...string) result {
	var stdout, stderr bytes.Buffer
	getenv := func(string) string { return "" }
	if p.org != nil {
		args = append(args, "-url", p.org.URL())
		getenv = func(name string) string { return map[string]string{tokenVariable: p.org.Token()}[name] }
	}
	code := run(ctx, args, getenv, strings.NewReader(p.stdin), &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

// summary runs with -json, which must succeed and print one object.
func (p program) summary(t *testing.T, args ...string) *summary {
	t.Helper()
	r := p.run(t.Context(), append(args, "-json")...)
	require.Equal(t, exitDone, r.code, r.stderr)
	return r.summary(t)
}

func (r result) summary(t *testing.T) *summary {
	t.Helper()
	s := new(summary)
	decoder := json.NewDecoder(strings.NewReader(r.stdout))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(s), r.stderr)
	require.False(t, decoder.More(), "more than one value")
	require.Equal(t, s.Leads, s.Created+s.Updated+s.Unchanged+s.Failed+s.Frozen)
	if s.Rows > 0 {
		require.Equal(t, s.Rows, s.Leads+s.LeftOut)
	}
	return s
}

func demoOrg(t *testing.T) *sftest.Org {
	t.Helper()
	org := sftest.NewOrg(t)
	demoorg.Seed(org)
	demoorg.SeedFilled(org)
	return org
}

// census returns the number of rows of each object that a run may write.
func census(org *sftest.Org) map[string]int {
	rows := make(map[string]int)
	for _, object := range []string{"Lead", "Contact", "Account", "CampaignMember", "Task"} {
		rows[object] = org.Count(object)
	}
	return rows
}

func written(org *sftest.Org) int {
	rows := 0
	for _, request := range org.Requests() {
		rows += request.Writes
	}
	return rows
}

// file writes text to a file of the test's own.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestRunPrintsTheOutcomesOfTheDemo(t *testing.T) {
	t.Parallel()
	r := program{}.run(t.Context())
	require.Equal(t, exitDone, r.code, r.stderr)
	for _, want := range []string{"250 leads in ", "(of 250 rows of the file; 0 left out)",
		"CampaignMember", "Failed, and what to do", "NO_TAG_MAPPING",
		"One match explained", "API calls"} {
		require.Contains(t, r.stdout, want)
	}
	require.Contains(t, r.stdout, "\n4 API calls, 1 of them for preflight: ")
	require.LessOrEqual(t, strings.Count(r.stdout+r.stderr, "\n"), 130, "three screens")
	require.Contains(t, r.stderr, "captured 250 leads: 249 new")
	require.Contains(t, r.stderr, "of 250 leads, ")
}

func TestRunCountsEveryLeadOfTheDemo(t *testing.T) {
	t.Parallel()
	for _, strategy := range []string{"leads-and-contacts", "leads-only", "accounts-and-contacts"} {
		t.Run(strategy, func(t *testing.T) {
			t.Parallel()
			org := demoOrg(t)
			s := program{org: org}.summary(t, "-strategy", strategy)
			require.Equal(t, []int{250, 0, 250}, []int{s.Rows, s.LeftOut, s.Leads})
			require.Positive(t, s.Created)
			require.Positive(t, s.Updated)
			require.Zero(t, s.Frozen)
			require.Greater(t, s.Failed, 10)
			require.Less(t, s.Failed, 40)
			require.GreaterOrEqual(t, s.ByCode[leadsync.NoTagMapping], 4)
			require.Equal(t, 2, s.ByCode[leadsync.DataValueValidation]) // an unfit phone number is left out
			require.GreaterOrEqual(t, s.ByCode[leadsync.RequiredFieldMissing], 3)
			require.Positive(t, s.Warnings)
			require.EqualValues(t, org.Calls(), s.APICalls)
			require.Positive(t, s.PreflightCalls)
		})
	}
}

func TestRunCountsTheRecordsThatTheOrgGot(t *testing.T) {
	t.Parallel()
	org := demoOrg(t)
	before := census(org)
	s := program{org: org}.summary(t)
	after := census(org)
	for object := range before {
		require.Equal(t, after[object]-before[object], s.Objects[salesforce.Object(object)].Created, object)
	}
}

func TestRunAgainChangesNothing(t *testing.T) {
	t.Parallel()
	for _, strategy := range []string{"leads-and-contacts", "leads-only", "accounts-and-contacts"} {
		t.Run(strategy, func(t *testing.T) {
			t.Parallel()
			org := demoOrg(t)
			db := filepath.Join(t.TempDir(), "leads.db")
			first := program{org: org}.summary(t, "-db", db, "-strategy", strategy)
			rows := census(org)
			for name, args := range map[string][]string{
				"same -db": {"-db", db, "-strategy", strategy},
				"new -db":  {"-strategy", strategy},
			} {
				org.ResetLog()
				again := program{org: org}.summary(t, args...)
				require.Zero(t, written(org), name)
				require.Equal(t, rows, census(org), name)
				require.Equal(t, first.Created+first.Updated+first.Unchanged, again.Unchanged, name)
				require.Equal(t, first.ByCode, again.ByCode, name)
				for object, t2 := range again.Objects {
					require.Equal(t, tally{}, t2, "%s: %s", name, object)
				}
			}
		})
	}
}

func TestRunAgainChangesNothingOfLeadsThatShareARecord(t *testing.T) {
	t.Parallel()
	org := demoOrg(t)
	p := program{org: org, stdin: `id,lastName,email,company,website,companyPhone,notes,qualifier.interest
L1,One,one@new.example,New,,,,
L2,One,ONE@new.example,New,new.example,+49 30 23125 100,Came back.,
L3,Two,two@new.example,New,,+49 30 23125 101,,
L4,Three,three@new.example,New,,+49 30 23125 102,,Nothing
`}
	for _, strategy := range []string{"leads-and-contacts", "accounts-and-contacts"} {
		first := p.summary(t, "-leads", "-", "-strategy", strategy)
		require.Equal(t, 1, first.Failed)
		org.ResetLog()
		again := p.summary(t, "-leads", "-", "-strategy", strategy)
		require.Zero(t, written(org), strategy)
		require.Equal(t, 3, again.Unchanged)
	}
}

func TestManualModeFreezesLeads(t *testing.T) {
	t.Parallel()
	org := demoOrg(t)
	rows := census(org)
	db := filepath.Join(t.TempDir(), "leads.db")
	s := program{org: org}.summary(t, "-mode", "manual", "-db", db)
	require.Equal(t, 249, s.Frozen)
	require.Equal(t, 1, s.Failed, "the lead without any identity")
	require.Equal(t, s.PreflightCalls, s.APICalls)
	require.Zero(t, written(org))
	require.Equal(t, rows, census(org))

	released := program{org: org}.summary(t, "-db", db)
	require.Zero(t, released.Frozen)
	require.Positive(t, released.Created)

	frozenNow := program{org: org}.summary(t, "-mode", "manual", "-db", db)
	require.Zero(t, frozenNow.Frozen, "leads that are done stay done")
	require.Zero(t, frozenNow.Created)
	require.Equal(t, released.Created+released.Updated+released.Unchanged, frozenNow.Unchanged)
	require.Equal(t, released.ByCode, frozenNow.ByCode)
}

func TestPlanWritesNothing(t *testing.T) {
	t.Parallel()
	org := demoOrg(t)
	rows := census(org)
	planned := program{org: org}.summary(t, "-plan")
	require.Zero(t, written(org))
	require.Equal(t, rows, census(org))
	require.NotNil(t, planned.Plan)

	r := program{org: org}.run(t.Context(), "-plan")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, r.stdout, "nothing was written")
	require.Zero(t, written(org))

	done := program{org: org}.summary(t)
	require.Equal(t, []int{planned.Leads, planned.Created, planned.Updated}, []int{done.Leads, done.Created, done.Updated})
	require.Equal(t, planned.ByCode, done.ByCode)
	require.Equal(t, planned.Objects, done.Objects)
}

func TestGeneratedLeadsCostFewCalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n        int
		strategy string
		calls    int64
	}{
		{200, "leads-and-contacts", 4},
		{200, "accounts-and-contacts", 5},
		{1000, "leads-and-contacts", 6},
		{1000, "accounts-and-contacts", 7},
	} {
		t.Run(c.strategy+" "+strconv.Itoa(c.n), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			demoorg.SeedMix(org, c.n)
			s := program{org: org}.summary(t, "-n", strconv.Itoa(c.n), "-strategy", c.strategy)
			require.Equal(t, c.n, s.Leads)
			require.Zero(t, s.Failed+s.Frozen)
			require.EqualValues(t, org.Calls(), s.APICalls)
			require.LessOrEqual(t, s.APICalls, c.calls)
		})
	}
}

func TestGeneratedLeadsMeetTheOrgInThisProcess(t *testing.T) {
	t.Parallel()
	s := program{}.summary(t, "-n", "50", "-latency", "1ms")
	require.Equal(t, 25, s.Created)
	require.Equal(t, 25, s.Updated)
	require.Equal(t, tally{Created: 25, Updated: 15},
		tally{Created: s.Objects["Lead"].Created, Updated: s.Objects["Lead"].Updated})
	require.Equal(t, 45, s.Objects["CampaignMember"].Created)
	require.Equal(t, 50, s.Objects["Task"].Created)
}

func TestRunReadsStandardInputAndKeepsGoodRows(t *testing.T) {
	t.Parallel()
	p := program{stdin: "id,lastName,email,company,bogus,scans\r\nL1,Good,good@example.com,Good,,\r\nL2,Short\r\nL3," +
		"M\xfcller,m@example.com,Fine,x,many\r\n"}
	r := p.run(t.Context(), "-leads", "-", "-json")
	require.Equal(t, exitDone, r.code, r.stderr)
	s := r.summary(t)
	require.Equal(t, 2, s.Leads)
	require.Equal(t, 2, s.Created)
	require.Equal(t, []int{3, 1}, []int{s.Rows, s.LeftOut})
	require.Contains(t, r.stderr, "read windows-1252, header in line 1: 3 rows, 2 leads, 1 left out\n")
	require.Contains(t, r.stderr, `column 5 "bogus": not-understood`)
	require.Contains(t, r.stderr, `row left out, line 3, column 3 "email": has 2 cells, and the header 6`)
	require.Contains(t, r.stderr, `value not taken, line 4, column 6 "scans": is not a number`)
}

func TestRunRefusesUnusableFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no leads file":    {[]string{"-leads", "missing.csv"}, "quickstart: -leads: open missing.csv: "},
		"empty leads file": {[]string{"-leads", file(t, "empty.csv", "")}, "quickstart: -leads: the file is empty"},
		"no header": {[]string{"-leads", file(t, "none.csv", "Ada,a@example.com\n")},
			"quickstart: -leads: line 1: no row names two columns that are known"},
		"no config file": {[]string{"-config", "missing.json"}, "quickstart: -config: open missing.json: "},
		"no JSON":        {[]string{"-config", file(t, "a.json", "{")}, "quickstart: -config: line 1: is not JSON"},
		"unknown key": {[]string{"-config", file(t, "b.json", `{"campaign":[]}`)},
			"quickstart: -config: campaign: unknown key"},
		"unknown deep key": {[]string{"-config",
			file(t, "c.json", `{"campaigns":[{"campaignId":"701dM0000DEMO26QQH","state":"x"}]}`)},
			"quickstart: -config: campaigns[0].state: unknown key"},
		"wrong type": {[]string{"-config", file(t, "d.json", `{"campaigns":[{"minScans":"2"}]}`)},
			"quickstart: -config: campaigns[0].minScans: must be a whole number, not text"},
		"broken rule": {[]string{"-config", file(t, "e.json", `{"campaigns":[{"campaignId":"no id"}]}`)},
			"quickstart: -config: campaigns[0].campaignId: is not the id of a campaign\n"},
		"unknown source": {[]string{"-config",
			file(t, "f.json", `{"mapping":{"objects":[{"object":"Lead","rules":[{"source":"nickname",`+
				`"field":"FirstName"}]}]}}`)}, "quickstart: -config: mapping.objects[0].rules[0].source: is not a source field: " +
			"it must be one of id, "},
		"db in the way": {[]string{"-db", file(t, "leads.db", "this is no database, whatever its name says")},
			"quickstart: -db: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := program{}.run(t.Context(), append(c.args, "-json")...)
			require.Equal(t, exitFailed, r.code)
			require.Contains(t, r.stderr, c.want)
			require.Empty(t, r.stdout)
		})
	}
}

func TestRunSyncsTheRowsBesideOneThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	p := program{stdin: "id,lastName,company\nL1,Good,Good\nL2,\"" + strings.Repeat("x", 5<<20) + "\nL3,Fine,Fine\n"}
	r := p.run(t.Context(), "-leads", "-", "-json")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Equal(t, 2, r.summary(t).Created)
	require.Contains(t, r.stderr, `row left out, line 3, column 2 "lastName": has a quotation mark that is not closed`)
}

// A file as a spreadsheet saves it, without ids, is synced twice: nobody is doubled.
func TestRunReadsWhatSpreadsheetsSave(t *testing.T) {
	t.Parallel()
	org := demoOrg(t)
	text := "Exportiert am;05.05.2026\r\n\r\n" + // in Windows-1252
		"Vorname;Nachname;Firma;E-Mail;Telefon;Stand\r\n" +
		"J\xf6rg;M\xfcller;M\xfcller & S\xf6hne;joerg@new.example;4,91711E+11;4b\r\n" +
		"\xc4nne;Gro\xdf;Gro\xdf KG;aenne@new.example;;\r\n;;Niemand AG;;;\r\n"
	p := program{org: org, stdin: text}
	for _, created := range []int{2, 0} {
		r := p.run(t.Context(), "-leads", "-", "-event", "fair", "-json")
		require.Equal(t, exitDone, r.code, r.stderr)
		s := r.summary(t)
		require.Equal(t, []int{3, 1, 2, created, 2 - created}, []int{s.Rows, s.LeftOut, s.Leads, s.Created, s.Unchanged})
		require.Contains(t, r.stderr, "line 1 passed over: before the header")
	}
	people := 0
	for _, row := range org.Rows("Lead") {
		if row["LastName"] == "Müller" && row["FirstName"] == "Jörg" {
			people++
		}
	}
	require.Equal(t, 1, people)
}

func TestRunOfAHeaderAloneHasNothingToDo(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "leads.db")
	program{stdin: "id,lastName,company\nL1,Other,Other\n"}.summary(t, "-leads", "-", "-db", db)
	s := program{stdin: "id,email\n"}.summary(t, "-leads", "-", "-db", db)
	require.Zero(t, s.Leads)
	require.Empty(t, s.Objects)
}

func TestRunNeedsAToken(t *testing.T) {
	t.Parallel()
	r := program{}.run(t.Context(), "-url", "https://example.my.salesforce.com")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stderr, tokenVariable)
}

func TestRunSendsTokensOnlyToSalesforceAndThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://salesforce.example.org", "http://example.my.salesforce.com"} {
		getenv := func(string) string { return "canary-token" }
		var stdout, stderr bytes.Buffer
		require.Equal(t, exitFailed, run(t.Context(), []string{"-url", address}, getenv, nil, &stdout, &stderr))
		require.Contains(t, stderr.String(), "-url: ")
		require.NotContains(t, stderr.String(), "canary")
	}
}

func TestRunExplainsThatTheConnectionIsRefused(t *testing.T) {
	t.Parallel()
	org := demoOrg(t)
	org.DeactivateUser()
	r := program{org: org}.run(t.Context(), "-json")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stderr, leadsync.Authentication.Description())
	require.Contains(t, r.stderr, leadsync.Authentication.Fix())
	s := r.summary(t)
	require.Equal(t, 249, s.Frozen, "the leads wait")
	require.Equal(t, 1, s.Failed)
}

func TestRunReportsWhatWasDoneWhenItIsInterrupted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at     int // the request during which the interrupt comes
		frozen bool
	}{
		"during preflight": {1, true},
		"during matching":  {2, false}, // the batch under way is finished
		"during writing":   {3, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := demoOrg(t)
			ctx, interrupt := context.WithCancel(t.Context())
			org.Fail(func(_ *http.Request, n int) *sftest.Fault {
				if n == c.at {
					interrupt()
				}
				return nil
			})
			r := program{org: org}.run(ctx, "-json")
			require.Equal(t, exitInterrupted, r.code)
			require.Contains(t, r.stderr, "interrupted")
			s := r.summary(t)
			require.Equal(t, []int{250, 0, 250}, []int{s.Rows, s.LeftOut, s.Leads})
			require.Equal(t, c.frozen, s.Frozen > 0)
			require.Equal(t, c.frozen, s.Created == 0)
		})
	}
}

// A fullDisk fails every write.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestRunFailsWhenItsReportCannotBePrinted(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-json", "-plan", "-mode=manual"} {
		var stderr bytes.Buffer
		code := run(t.Context(), []string{"-n", "2", flag}, os.Getenv, nil, fullDisk{}, &stderr)
		require.Equal(t, exitFailed, code, flag)
		require.Contains(t, stderr.String(), "quickstart: no space left")
	}
}

func TestRunGivesUpAfterItsTimeout(t *testing.T) {
	t.Parallel()
	p := program{stdin: "id,lastName,company\nL1,Slow,Slow\n"}
	r := p.run(t.Context(), "-timeout", "5s", "-latency", "1m", "-leads", "-", "-json")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stderr, "timed out after 5s")
	require.Equal(t, 1, r.summary(t).Frozen)
}

func TestRunPrintsNoValueOfALead(t *testing.T) {
	t.Parallel()
	p := program{org: demoOrg(t), stdin: `id,lastName,email,company,phone,qualifier.interest,scans,notes
L1,Canary,canary@example.com,Canary,,Canary,1,canary
L2,Canary,canary(at)example.com,Canary,,,1,canary
L3,,canary3@example.com,,,,1,canary
L4,Canary,canary4@example.com,Canary,` + strings.Repeat("canary ", 10) + `,,1,canary
L5,Canary,canary5@example.com,Canary,,,canary,canary
L6,Canary,canary6@example.com,Canary,,,1,canary
L7,Canary,CANARY6@example.com,Canary,,,1,canary
`}
	p.org.Insert("Contact", map[string]any{"LastName": "Canary", "Email": "canary6@example.com"})
	r := p.run(t.Context(), "-leads", "-")
	require.Equal(t, exitDone, r.code, r.stderr)
	require.Contains(t, r.stdout, "7 leads in")
	require.NotContains(t, strings.ToLower(r.stdout+r.stderr), "canary")
}

func TestConfigOfTheDemoNamesTheDemoCampaign(t *testing.T) {
	t.Parallel()
	config, err := readConfig("")
	require.NoError(t, err)
	require.Len(t, config.Campaigns, 1)
	require.EqualValues(t, demoorg.DemoCampaignID, config.Campaigns[0].CampaignID)
	require.Equal(t, demoEvent, config.Campaigns[0].EventID)
}
