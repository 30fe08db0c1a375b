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

// A build with the tag soqlrecord keeps the queries that the fake took in the
// tests of all modules as files of LEADSYNC_TEST_SOQL: see recordSOQL of package
// sftest. A build without it, which is this one, reads them. .ci/run does both.
// What Salesforce's own parser refuses has to stand in the list of package sftest
// as "looser", with the reason.
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
