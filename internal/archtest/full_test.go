// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tests that are small without LEADSYNC_TEST_FULL are run by .ci/run in full.
func TestCIRunsLongTestsInFull(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../.ci/run")
	require.NoError(t, err)
	command := regexp.MustCompile(`LEADSYNC_TEST_FULL=1 go test -timeout 30m ((?:.+\\\n)*.+)`).FindSubmatch(script)
	require.Len(t, command, 2)
	named := strings.Fields(strings.ReplaceAll(string(command[1]), "\\\n", " "))

	var long []string
	fsys := os.DirFS(repository)
	require.NoError(t, fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		folder := "./" + path.Dir(name)
		if asks := strings.Contains(string(text), `Getenv("LEADSYNC_TEST_`+`FULL")`); asks && !slices.Contains(long, folder) {
			long = append(long, folder)
		}
		return err
	}))
	require.ElementsMatch(t, long, named)
}
