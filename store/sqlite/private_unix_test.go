// SPDX-License-Identifier: Apache-2.0

//go:build unix

package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/sqlite"
)

// A process that is not the owner of a file may not change its mode.
func TestOnlyFilesThatStayWideAreRefused(t *testing.T) {
	t.Parallel()
	denied := func(string, os.FileMode) error { return os.ErrPermission }
	ignored := func(string, os.FileMode) error { return nil }
	narrowed := func(path string, mode os.FileMode) error { // by the owner, at the same time
		require.NoError(t, os.Chmod(path, mode))
		return os.ErrPermission
	}
	for _, mode := range []os.FileMode{0o600, 0o400, 0o640, 0o606, 0o777} {
		path := filepath.Join(t.TempDir(), "leads.db")
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		require.NoError(t, os.Chmod(path, mode))
		if mode&^0o600 == 0 {
			require.NoError(t, sqlite.Narrow(path, denied), "%o", mode)
			continue
		}
		err := sqlite.Narrow(path, denied)
		require.ErrorIs(t, err, sqlite.ErrNotPrivate)
		require.ErrorIs(t, err, os.ErrPermission)
		require.ErrorIs(t, sqlite.Narrow(path, ignored), sqlite.ErrNotPrivate)
		require.NoError(t, sqlite.Narrow(path, narrowed))
	}
	require.NoError(t, sqlite.Narrow(filepath.Join(t.TempDir(), "missing"), denied))
}

// rootsFile is a store of root's in a directory that all users may write to.
func rootsFile(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can run a process as another user")
	}
	dir := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	require.NoError(t, os.Chmod(dir, 0o777))
	path := filepath.Join(dir, "leads.db")
	st, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	capture(t, st, "L1")
	require.NoError(t, st.Close())
	return path
}

func TestOpenRefusesAFileThatItCannotMakePrivate(t *testing.T) {
	t.Parallel()
	path := rootsFile(t)
	for _, wide := range []string{path, path + ".lock"} {
		for _, name := range []string{path, path + ".lock"} {
			require.NoError(t, os.Chown(name, nobody, nobody))
			require.NoError(t, os.Chmod(name, 0o600))
		}
		require.NoError(t, os.Chown(wide, 0, 0))
		require.NoError(t, os.Chmod(wide, 0o666))
		cmd := asNobody(t)
		cmd.Env = append(cmd.Env, openEnv+"="+path)
		out, err := cmd.CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(out), sqlite.ErrNotPrivate.Error())
		require.Contains(t, string(out), "0666")

		require.NoError(t, os.Chmod(wide, 0o600))
		require.NoError(t, os.Chown(wide, nobody, nobody))
		cmd = asNobody(t)
		cmd.Env = append(cmd.Env, openEnv+"="+path)
		out, err = cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
}
