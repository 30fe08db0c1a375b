// SPDX-License-Identifier: Apache-2.0

//go:build unix

package sqlite_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/store/sqlite"
)

func TestOpenRefusesAFileThatItCannotWrite(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 { // root may write every file
		runAsNobody(t)
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "leads.db")
	store, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	require.NoError(t, store.Close())
	require.NoError(t, os.Chmod(path, 0o400))
	_, err = sqlite.Open(path, nil)
	require.ErrorContains(t, err, "readonly")

	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, os.Chmod(dir, 0o500))
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	_, err = sqlite.Open(filepath.Join(dir, "new.db"), nil)
	require.ErrorIs(t, err, os.ErrPermission)
}

// nobody is a user that owns nothing.
const nobody = 65534

// runAsNobody runs the test in a process of the user nobody.
func runAsNobody(t *testing.T) {
	t.Helper()
	cmd := asNobody(t, "-test.v", "-test.run", "^"+t.Name()+"$")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "--- PASS: "+t.Name())
}

// asNobody returns the test binary as a command of the user nobody, with a home of its
// own. Only root can run it.
func asNobody(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	program := filepath.Join(dir, "sqlite.test")
	// Copied by a separate process: a program that this one has open for writing
	// cannot be run.
	require.NoError(t, exec.CommandContext(t.Context(), "cp", os.Args[0], program).Run())
	home := filepath.Join(dir, "home")
	require.NoError(t, os.Mkdir(home, 0o700))
	require.NoError(t, os.Chown(home, nobody, nobody))

	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Env = home, append(os.Environ(), "TMPDIR="+home)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd
}
