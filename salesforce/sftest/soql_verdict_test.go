// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// The verdicts of testdata/soql.tsv. The module interop puts the same queries to
// Salesforce's own parser, soql-common.
func TestSOQLVerdicts(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/soql.tsv")
	require.NoError(t, err)
	org := sftest.NewOrg(&spy{})
	defer org.Close()
	org.DefineField("Lead", sftest.Field{Name: "Topics__c", Type: "multipicklist", Options: []string{"A", "B"}})
	org.DefineField("Lead", sftest.Field{Name: "Opens__c", Type: "time"})
	org.DefineField("Lead", sftest.Field{Name: "Partner__c", Type: "reference", ReferenceTo: []string{"Account"}})
	a := &api{t, org}
	queries := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		queries++
		verdict, query, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		query, reason, explained := strings.Cut(query, "\t")
		res := a.query(query)
		switch verdict {
		case "accept":
			require.Equal(t, 200, res.Status, "%s: %s", query, res.Text)
		case "looser":
			require.Equal(t, 200, res.Status, "%s: %s", query, res.Text)
		case "beyond":
			require.Equal(t, 501, res.Status, query)
		case "reject":
			require.Equal(t, "MALFORMED_QUERY", res.code(), query)
		case "stricter":
			require.Equal(t, 400, res.Status, query)
		default:
			require.Fail(t, "unknown verdict", line)
		}
		differs := verdict == "stricter" || verdict == "looser"
		require.Equal(t, differs, explained && reason != "", "a difference is explained, and nothing else: %s", query)
	}
	require.Greater(t, queries, 200)
}
