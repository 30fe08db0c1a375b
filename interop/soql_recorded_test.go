// SPDX-License-Identifier: Apache-2.0

//go:build !soqlrecord

package interop_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Built with the tag soqlrecord, the tests of all modules record the queries that
// the fake accepts as files in LEADSYNC_TEST_SOQL: see recordSOQL of package sftest.
// This test, built without the tag, reads them. .ci/run does both. Queries that
// Salesforce's own parser rejects must be in the list of package sftest as "looser",
// with the reason.
func TestSalesforceTakesTheQueriesOfAllTests(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("LEADSYNC_TEST_SOQL")
	if dir == "" {
		t.Skip("LEADSYNC_TEST_SOQL names no directory of recorded queries")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.soql"))
	require.NoError(t, err)
	require.Greater(t, len(files), 500, "the tests of all modules send more queries than that")
	var sent []string
	for _, file := range files {
		query, err := os.ReadFile(file)
		require.NoError(t, err)
		sent = append(sent, string(query))
	}
	verdicts, queries := verdictList(t)
	for i, errors := range parseSOQL(t, sent) {
		if at := slices.Index(queries, sent[i]); at >= 0 && verdicts[at] == "looser" {
			continue
		}
		require.Empty(t, errors, sent[i])
	}
}
