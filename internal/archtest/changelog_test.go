// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

var renamed = regexp.MustCompile("(?m)^\\| `(leadsync|salesforce)\\.\\w+` \\| `(\\w+)\\.(\\w+)` \\|$")

// The new names in CHANGELOG.md's table are in the listings of the API.
func TestChangelogNamesWhatExists(t *testing.T) {
	t.Parallel()
	changelog, err := os.ReadFile("../../CHANGELOG.md")
	require.NoError(t, err)
	listings := apiListings(t)
	rows := renamed.FindAllStringSubmatch(string(changelog), -1)
	require.Greater(t, len(rows), 100)
	for _, row := range rows {
		require.Regexp(t, `(?m)^(const|func|type|var) `+row[3]+`\b`, listings[row[2]], row[0])
	}
}

// apiListings returns the listing of each public package, by the package's name.
func apiListings(t *testing.T) map[string]string {
	t.Helper()
	listings := make(map[string]string)
	for _, pattern := range []string{"../../api/*.txt", "../../api/*/*.txt"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			name := filepath.Base(file)
			listings[name[:len(name)-len(".txt")]] = string(text)
		}
	}
	return listings
}
