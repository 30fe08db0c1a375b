// SPDX-License-Identifier: Apache-2.0

package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// programs are the folders with a program.
func programs(t *testing.T) (names []string) {
	t.Helper()
	mains, err := filepath.Glob("*/main.go")
	require.NoError(t, err)
	for _, file := range mains {
		names = append(names, filepath.Dir(file))
	}
	require.GreaterOrEqual(t, len(names), 4)
	return names
}

func TestEveryExampleSaysWhatItIsAbout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range programs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			binary := filepath.Join(dir, name+".exe")
			out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./"+name).CombinedOutput()
			require.NoError(t, err, string(out))
			for _, flag := range []string{"-h", "-help", "--help"} {
				help := exec.CommandContext(t.Context(), binary, flag)
				help.Env = append(os.Environ(), "TMPDIR="+dir)
				out, err = help.CombinedOutput()
				require.NoError(t, err, string(out))
				require.Regexp(t, `^usage: `+name+`( \[flags\])?\n\n[A-Z]`, string(out))
			}
			out, err = exec.CommandContext(t.Context(), binary, "-no-such-flag").CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			require.Equal(t, 2, exit.ExitCode())
			require.Contains(t, string(out), "flag provided but not defined: -no-such-flag")
		})
	}
}
