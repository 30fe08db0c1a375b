// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadcsv"
)

func readDemo(t *testing.T) []*leadsync.Lead {
	t.Helper()
	list, err := leadcsv.Read(bytes.NewReader(demoLeads), nil)
	require.NoError(t, err)
	require.Empty(t, list.Report.Unfit)
	require.Empty(t, list.Report.LeftOut)
	for _, c := range list.Report.Columns {
		require.Equal(t, leadcsv.Understood, c.Status, c)
	}
	return list.Leads
}

func TestDemoFileHolds250Leads(t *testing.T) {
	t.Parallel()
	require.Len(t, readDemo(t), 250)
}

func TestDemoFileHoldsWhatEventsProduce(t *testing.T) {
	t.Parallel()
	people := make(map[string]int)
	for _, lead := range readDemo(t) {
		people[strings.ToLower(lead.Email)]++
	}
	has := func(match func(*leadsync.Lead) bool) int {
		n := 0
		for _, lead := range readDemo(t) {
			if match(lead) {
				n++
			}
		}
		return n
	}
	text := func(pattern string) func(*leadsync.Lead) bool {
		re := regexp.MustCompile(pattern)
		return func(l *leadsync.Lead) bool {
			return re.MatchString(strings.Join([]string{l.FirstName, l.LastName, l.Company, l.JobTitle, l.Notes}, "\n"))
		}
	}
	for name, c := range map[string]struct {
		atLeast int
		match   func(*leadsync.Lead) bool
	}{
		"umlauts":             {30, text("[äöüÄÖÜß]")},
		"Japanese":            {10, text(`\p{Han}`)},
		"a name with a quote": {1, text("O'Brien")},
		"O'Brien \\ Söhne":    {2, func(l *leadsync.Lead) bool { return l.Company == `O'Brien \ Söhne` }},
		"emoji":               {1, text(`\x{1F680}`)},
		"right to left":       {1, text(`\p{Arabic}`)},
		"direction override":  {1, text(`\x{202E}`)},
		"formulas":            {2, text(`(?m)^[=+@-]`)},
		"newlines":            {3, func(l *leadsync.Lead) bool { return strings.Contains(l.Notes, "\n") }},
		"no e-mail":           {12, func(l *leadsync.Lead) bool { return l.Email == "" }},
		"no last name":        {2, func(l *leadsync.Lead) bool { return l.LastName == "" }},
		"no company":          {1, func(l *leadsync.Lead) bool { return l.Company == "" }},
		"the same person twice": {8, func(l *leadsync.Lead) bool {
			return l.Email != "" && people[strings.ToLower(l.Email)] > 1
		}},
		"upper-case e-mail": {1, func(l *leadsync.Lead) bool { return l.Email != "" && l.Email == strings.ToUpper(l.Email) }},
		"title over 128":    {1, func(l *leadsync.Lead) bool { return utf8.RuneCountInString(l.JobTitle) > 128 }},
		"company over 255":  {1, func(l *leadsync.Lead) bool { return utf8.RuneCountInString(l.Company) > 255 }},
		"phone over 40":     {1, func(l *leadsync.Lead) bool { return len(l.Phone) > 40 }},
		"e-mail over 80":    {1, func(l *leadsync.Lead) bool { return len(l.Email) > 80 }},
		"unknown options": {4, func(l *leadsync.Lead) bool {
			return strings.Contains("Free T-Shirt VIP Lounge Investor Relations", first(l.Answers["interest"]))
		}},
		"several scans":  {10, func(l *leadsync.Lead) bool { return l.Scans > 1 }},
		"activities":     {100, func(l *leadsync.Lead) bool { return len(l.Activities) > 0 }},
		"two activities": {5, func(l *leadsync.Lead) bool { return len(l.Activities) > 1 }},
		"another event":  {5, func(l *leadsync.Lead) bool { return l.EventID != demoEvent }},
		"a rep":          {250, func(l *leadsync.Lead) bool { return l.CapturedBy != "" }},
	} {
		require.GreaterOrEqual(t, has(c.match), c.atLeast, name)
	}
}

func TestDemoFileHoldsTheHazards(t *testing.T) {
	t.Parallel()
	ids := make(map[leadsync.LeadID]bool)
	for _, lead := range readDemo(t) {
		ids[lead.ID] = true
	}
	require.Len(t, hazards(), 10)
	for _, h := range hazards() {
		require.True(t, ids[h.lead], h.lead)
	}
}

// first returns the first answer, or a text that equals no answer.
func first(answers []string) string {
	if len(answers) == 0 {
		return "\x00"
	}
	return answers[0]
}

func TestDemoFileNamesNoRealPerson(t *testing.T) {
	t.Parallel()
	// Reserved for examples (RFC 2606).
	reserved := regexp.MustCompile(`(?i)(\.example|\bexample\.com)$`)
	for _, lead := range readDemo(t) {
		for _, address := range []string{lead.Email, lead.CapturedBy, lead.Website, lead.LinkedIn} {
			host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://"), "/")
			broken := strings.Contains(address, "(at)")
			require.True(t, address == "" || broken || reserved.MatchString(host), "%s: %s", lead.ID, address)
		}
	}
}
