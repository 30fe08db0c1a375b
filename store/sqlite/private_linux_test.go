// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// capDACOverride lets a process use files of others, but not change their modes.
const capDACOverride = 1

func TestOpenUsesAPrivateFileWhoseModeItMayNotChange(t *testing.T) {
	t.Parallel()
	path := rootsFile(t)
	attempt := func() (string, error) {
		cmd := asNobody(t)
		cmd.SysProcAttr.AmbientCaps = []uintptr{capDACOverride}
		cmd.Env = append(cmd.Env, openEnv+"="+path)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := attempt()
	require.NoError(t, err, out)

	require.NoError(t, os.Chmod(path, 0o640))
	out, err = attempt()
	require.Error(t, err, "the control: it may not change the mode")
	require.Contains(t, out, "0640")
}
