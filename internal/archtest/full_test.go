// SPDX-License-Identifier: Apache-2.0

package archtest_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tests that are small under the race detector, whatever LEADSYNC_TEST_FULL says, are
// run by .ci/run without it too.
func TestCIRunsLongTestsInFull(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../.ci/run")
	require.NoError(t, err)
	line := regexp.MustCompile(`(?m)^env -u LEADSYNC_TEST_SOQL go test -timeout 30m (.+)$`).FindSubmatch(script)
	require.Len(t, line, 2)
	named := strings.Fields(string(line[1]))

	var long []string
	fsys := os.DirFS(repository)
	require.NoError(t, fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if asks := strings.Contains(string(text), `BuildSetting{Key: "-race`+`"`); asks {
			long = append(long, "./"+path.Dir(name))
		}
		return err
	}))
	require.ElementsMatch(t, long, named)
}
