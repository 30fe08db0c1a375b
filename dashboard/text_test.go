// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+prefix+"/reconciliation", nil)
	require.NoError(t, err)
	request.Header.Set("Accept-Language", "de")
	resp, err := s.client.Do(request)
	require.NoError(t, err)
	_, german := s.read(resp)
	require.Contains(t, german, "Ein Feld, das Salesforce verlangt, hat keinen Wert.")
	require.NotContains(t, german, "A field that Salesforce requires")
}
