// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// skipOnWindows skips what cannot happen there: a file that is open is neither deleted
// nor renamed, and modes have no meaning.
func skipOnWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not let it happen")
	}
}

// lost are the ways in which what is written goes into a file without its name.
var lost = map[string]func(path string) error{
	"deleted": os.Remove,
	"renamed": func(path string) error { return os.Rename(path, path+".old") },
	"replaced": func(path string) error {
		if err := os.WriteFile(path+".new", nil, 0o600); err != nil {
			return err
		}
		return os.Rename(path+".new", path)
	},
	"replaced by a copy": func(path string) error {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		return os.WriteFile(path, data, 0o600)
	},
	"its directory renamed": func(path string) error {
		dir := filepath.Dir(path)
		return os.Rename(dir, dir+".old")
	},
	"its log deleted":  func(path string) error { return os.Remove(path + "-wal") },
	"its log replaced": func(path string) error { return os.Rename(path+"-shm", path+"-wal") },
}

func TestNothingIsAcknowledgedIntoAFileThatIsNoLongerThere(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	for name, lose := range lost {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			require.NoError(t, os.Mkdir(dir, 0o700))
			path := filepath.Join(dir, "leads.db")
			st := open(t, path, nil)
			capture(t, st, "L1", "L2")
			lease, err := st.Acquire(t.Context(), connection, "a", time.Hour)
			require.NoError(t, err)
			_, err = st.Claim(t.Context(), lease, 1)
			require.NoError(t, err)
			require.Len(t, list(t, st), 2)
			require.NoError(t, lose(path))

			for what, err := range writes(t, st, lease) {
				require.ErrorIs(t, err, sqlite.ErrMoved, what)
				require.ErrorContains(t, err, "sqlite: ", what)
			}
			entries := list(t, st)
			require.Len(t, entries, 2, "what could not be kept was not kept")
		})
	}
}

// What reads for the first time connects to the file that was opened, or to none.
func TestNothingIsReadFromAFileThatIsAnother(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	for name, lose := range lost {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			require.NoError(t, os.Mkdir(dir, 0o700))
			path := filepath.Join(dir, "leads.db")
			st := open(t, path, nil)
			capture(t, st, "L1")
			require.NoError(t, lose(path))
			_, err := st.List(t.Context(), connection, leadsync.Filter{})
			require.ErrorIs(t, err, sqlite.ErrMoved)
		})
	}
}

// writes returns the errors of all calls that write.
func writes(t *testing.T, st *sqlite.Store, lease store.Lease) map[string]error {
	t.Helper()
	ctx := t.Context()
	errs := make(map[string]error)
	_, errs["capture"] = st.Capture(ctx, connection, queued("L3"))
	errs["activities"] = st.AddActivities(ctx, connection, "L1", store.StateQueued,
		[]leadsync.Activity{{ID: "A", Kind: leadsync.ActivityCall}})
	_, errs["acquire"] = st.Acquire(ctx, connection, "a", time.Hour)
	_, errs["claim"] = st.Claim(ctx, lease, 1)
	errs["journal"] = st.Journal(ctx, lease, map[leadsync.LeadID][]leadtype.Intent{"L1": {{Kind: leadtype.PartTask}}})
	_, errs["settle"] = st.Settle(ctx, lease, []store.Settlement{{LeadID: "L1", Generation: 1}})
	_, errs["push"] = st.Push(ctx, connection, leadsync.Filter{}, "")
	_, errs["resolve"] = st.Resolve(ctx, connection, nil)
	errs["forget"] = st.Forget(ctx, connection, "L2", "")
	errs["release"] = st.Release(ctx, lease)
	return errs
}

// The file goes away between the check before the commit and the commit itself.
func TestNothingIsAcknowledgedWhenTheFileGoesDuringTheCommit(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	path := filepath.Join(t.TempDir(), "leads.db")
	st := open(t, path, nil)
	require.NoError(t, st.DuringCommit(t.Context(), func() { require.NoError(t, os.Remove(path)) }))
	_, err := st.Capture(t.Context(), connection, queued("L1"))
	require.ErrorIs(t, err, sqlite.ErrMoved)
}

// The control: SQLite itself commits into a file without a name, and says nothing.
func TestCommitsWouldBeLostWithoutTheCheck(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	path := filepath.Join(t.TempDir(), "leads.db")
	st, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	capture(t, st, "L1")
	require.NoError(t, os.Remove(path))
	require.NoError(t, st.Exec(t.Context(), "UPDATE lead SET attempts = 7"))
	require.NoError(t, st.Close())
	require.Empty(t, list(t, open(t, path, nil)))
}

func TestCapturesGoOnWhenTheFileIsBack(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	path := filepath.Join(t.TempDir(), "leads.db")
	st := open(t, path, nil)
	require.NoError(t, os.Rename(path, path+".away"))
	_, err := st.Capture(t.Context(), connection, queued("L1"))
	require.ErrorIs(t, err, sqlite.ErrMoved)
	require.NoError(t, os.Rename(path+".away", path))
	capture(t, st, "L1")
	require.NoError(t, st.Close())
	require.Len(t, list(t, open(t, path, nil)), 1)
}

// Another tool, or an earlier process with another umask, may have left the files open
// to everybody.
func TestOpenMakesFilesPrivateWhateverWasThere(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	for _, mode := range []os.FileMode{0o666, 0o644, 0o640, 0o777} {
		path := filepath.Join(t.TempDir(), "leads.db")
		first, err := sqlite.Open(path, nil)
		require.NoError(t, err)
		capture(t, first, "L1")
		names := []string{path, path + "-wal", path + "-shm", path + ".lock"}
		copied := filepath.Join(t.TempDir(), "leads.db") // as a killed process leaves them
		for i, name := range []string{copied, copied + "-wal", copied + "-shm", copied + ".lock"} {
			data, err := os.ReadFile(names[i])
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(name, data, 0o600))
			require.NoError(t, os.Chmod(name, mode))
		}
		require.NoError(t, first.Close())

		st := open(t, copied, nil)
		require.Len(t, list(t, st), 1)
		capture(t, st, "L2")
		files, err := filepath.Glob(copied + "*")
		require.NoError(t, err)
		require.Len(t, files, 4)
		for _, file := range files {
			info, err := os.Stat(file)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), file)
		}
	}
}

// A refused file is another's, with its mode.
func TestOpenKeepsTheModeOfAFileThatItRefuses(t *testing.T) {
	t.Parallel()
	skipOnWindows(t)
	path := filepath.Join(t.TempDir(), "other.db")
	edit(t, path, "CREATE TABLE other (id INTEGER)")
	require.NoError(t, os.Chmod(path, 0o644))
	_, err := sqlite.Open(path, nil)
	require.ErrorIs(t, err, sqlite.ErrForeign)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode().Perm())
}

func TestHardLinksAreOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	link := filepath.Join(t.TempDir(), "link.db")
	st, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	require.NoError(t, os.Link(path, link))
	_, err = sqlite.Open(link, nil)
	require.ErrorIs(t, err, sqlite.ErrInUse, "in one process")
	require.ErrorContains(t, openElsewhere(t, link), sqlite.ErrInUse.Error(), "in another")
	capture(t, st, "L1")
	require.NoError(t, st.Close())

	require.NoError(t, openElsewhere(t, link), "it is free now")
	linked := open(t, link, nil)
	require.Len(t, list(t, linked), 1)
	_, err = sqlite.Open(path, nil)
	require.ErrorIs(t, err, sqlite.ErrInUse)
}

// openElsewhere opens and closes the file in a process of its own.
func openElsewhere(t *testing.T, path string) error {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), openEnv+"="+path)
	out, err := child.CombinedOutput()
	if err != nil {
		return errors.New(string(out))
	}
	return nil
}
