// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/leadtype"
)

// textsUsed are the texts that templates and code ask for.
func textsUsed(t *testing.T) []string {
	t.Helper()
	var used []string
	asks := regexp.MustCompile(`\.T\(? ?"((?:[^"\\]|\\.)+)"|show\("\w+", "\w+", "([^"]+)"|stageChip\{"[^"]*", "([^"]+)"` +
		`|failWith\([^"\n]*"([^"]+)"|return "([A-Z][^"]+)"|(?m:^\t\t"[a-z]+": +"([^"]+)",$)`)
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(name)
			require.NoError(t, err)
			for _, m := range asks.FindAllStringSubmatch(string(source), -1) {
				used = append(used, strings.Join(m[1:], ""))
			}
		}
	}
	require.Greater(t, len(used), 100)
	return used
}

func TestEveryTextOfThePagesIsInTheCatalogue(t *testing.T) {
	t.Parallel()
	known := dashboard.Catalogue()
	for _, text := range textsUsed(t) {
		require.NotEmpty(t, known[text], "%q", text)
	}
}

func TestEveryTextIsInBothLanguagesWithTheSameVerbs(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("texts.tsv")
	require.NoError(t, err)
	verb := regexp.MustCompile(`%[a-z]`)
	for line := range strings.Lines(string(table)) {
		columns := strings.Split(strings.TrimRight(line, "\n"), "\t")
		require.Contains(t, []int{3, 5}, len(columns), line)
		require.NotEmpty(t, columns[2], line)
		english := columns[1]
		if english == "" {
			english = columns[0]
		}
		require.Equal(t, verb.FindAllString(english, -1), verb.FindAllString(columns[2], -1), line)
	}
}

// What each code means is said in the page's language, where the host has no words of its own.
func TestWhatACodeMeansIsSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	known := dashboard.Catalogue()
	for _, code := range leadtype.Codes() {
		require.NotEmpty(t, known[(*leadtype.Advisor)(nil).Code(code).Description], code)
	}
	s := newSite(t, nil)
	german := s.german("/reconciliation")
	require.Contains(t, german, "Ein Feld, das Salesforce verlangt, hat keinen Wert.")
	require.NotContains(t, german, "A field that Salesforce requires")
}

// german returns a page as a browser gets it that asks for German.
func (s *site) german(page string) string {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.server.URL+prefix+page, nil)
	require.NoError(s.t, err)
	request.Header.Set("Accept-Language", "de-AT,de;q=0.9,en;q=0.5")
	resp, err := s.client.Do(request)
	require.NoError(s.t, err)
	_, text := s.read(resp)
	return text
}

// So are what helps and why, also with numbers, names and quotations in them.
func TestWhatHelpsIsSaidInThePagesLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	require.NoError(t, s.syncer.SetMode(t.Context(), leadsync.Automatic))
	s.capture(&leadsync.Lead{ID: "long", EventID: "expo", FirstName: strings.Repeat("x", 41), LastName: "Long",
		Company: "n/a", Email: "long@long.example", JobTitle: strings.Repeat("y", 129)})
	require.NoError(t, s.syncer.Drain(t.Context()))
	english, german := s.get("/reconciliation"), s.german("/reconciliation")
	for said, gesagt := range map[string]string{
		"Map a source that fills Lead.LastName, Lead":       "Ordnen Sie Lead.LastName, Lead.Company eine Quelle zu",
		"Correct the value of Lead.Title, or":               "Berichtigen Sie den Wert von Lead.Title, oder",
		"Lead.FirstName: was cut to 40 characters":          "Lead.FirstName: wurde auf 40 Zeichen gekürzt",
		"name: choose it, or a new record":                  "den Namen einer anderen Person: Wählen Sie ihn oder",
		"Choose the record of Contact, or a new one; or me": "Wählen Sie den Datensatz von Contact oder einen neuen",
	} {
		require.Contains(t, english, said)
		require.NotContains(t, english, gesagt)
		require.Contains(t, german, gesagt)
		require.NotContains(t, german, said)
	}
	lead := s.german(fmt.Sprintf("/leads/%d", s.entry("long").Sequence))
	require.Contains(t, lead, "company hat einen Text, der für keinen Wert steht")
	require.Contains(t, lead, "wurde auf 128 Zeichen gekürzt")
	require.NotContains(t, lead, "was cut to", "the sentences, which are English")
}

// The host's own words come first, on German pages too.
func TestTheWordsOfTheHostComeFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t, &dashboard.Options{Advisor: &leadtype.Advisor{
		Help: func(code leadtype.Code) string { return "https://help.example/" + string(code) },
		Words: func(text leadtype.Text) string {
			if text.Key == "fix.REQUIRED_FIELD_MISSING" {
				return text.Fill("Fragen Sie Maria nach {field}.")
			}
			return ""
		},
	}})
	page := s.german("/reconciliation")
	require.Contains(t, page, "Fragen Sie Maria nach Lead.LastName, Lead.Company.")
	require.Contains(t, page, "Wählen Sie den Datensatz von Contact oder einen neuen")
	require.Contains(t, page, "https://help.example/AMBIGUOUS_MATCH")
}
