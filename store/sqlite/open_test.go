// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// connection is the connection of these tests.
const connection = "org"

func queued(ids ...leadsync.LeadID) []store.Captured {
	captured := make([]store.Captured, len(ids))
	for i, id := range ids {
		captured[i] = store.Captured{Lead: &leadsync.Lead{ID: id, EventID: "expo", Strategy: "s"}, State: store.StateQueued}
	}
	return captured
}

func capture(t *testing.T, s *sqlite.Store, ids ...leadsync.LeadID) {
	t.Helper()
	_, err := s.Capture(t.Context(), connection, queued(ids...))
	require.NoError(t, err)
}

func list(t *testing.T, s *sqlite.Store) []leadsync.Entry {
	t.Helper()
	entries, err := s.List(t.Context(), connection, leadsync.Filter{})
	require.NoError(t, err)
	return entries
}

// edit changes a file as another program would.
func edit(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func TestOpenFindsTheLeadsOfAnEarlierRun(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	store, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	capture(t, store, "L1", "L2")
	before := list(t, store)
	require.NoError(t, store.Close())
	require.NoError(t, store.Close(), "closing twice is fine")
	_, err = store.List(t.Context(), connection, leadsync.Filter{})
	require.ErrorContains(t, err, "closed")
	_, err = store.Capture(t.Context(), connection, queued("L3"))
	require.ErrorContains(t, err, "closed")

	require.Equal(t, before, list(t, open(t, path, nil)))
}

func TestOpenQueuesWhatADeadProcessHadInFlight(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return at }
	dead, err := sqlite.Open(path, &sqlite.Options{Now: now})
	require.NoError(t, err)
	capture(t, dead, "L1", "L2")
	lease, err := dead.Acquire(t.Context(), connection, "dead", time.Hour)
	require.NoError(t, err)
	_, err = dead.Claim(t.Context(), lease, 1)
	require.NoError(t, err)
	intent := leadtype.Intent{Kind: leadtype.PartPerson, Object: "Lead", SentAt: at}
	require.NoError(t, dead.Journal(t.Context(), lease, map[leadsync.LeadID][]leadtype.Intent{"L1": {intent}}))
	require.NoError(t, dead.Close())

	at = at.Add(time.Minute)
	kept := open(t, path, now)
	_, err = kept.Settle(t.Context(), lease, nil)
	require.ErrorIs(t, err, store.ErrLeaseLost)
	next, err := kept.Acquire(t.Context(), connection, "next", time.Hour)
	require.NoError(t, err, "the dead process's lease does not count")
	require.Greater(t, next.Epoch, lease.Epoch)
	claimed, err := kept.Claim(t.Context(), next, 10)
	require.NoError(t, err)
	require.Len(t, claimed, 2)
	intent.SentAt = at // the dead process may have sent it until then
	require.Equal(t, []leadtype.Intent{intent}, claimed[0].Intents)
	require.Equal(t, 2, claimed[0].Attempts)
}

func TestOpenSetsTheFileUpForDurability(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	store := open(t, path, nil)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1",
		"secure_delete": "1", "busy_timeout": "5000", "query_only": "1", "journal_size_limit": "67108864"} {
		got, err := store.Strings(t.Context(), "PRAGMA "+pragma)
		require.NoError(t, err)
		require.Equal(t, []string{want}, got, pragma)
	}
	capture(t, store, "L1")
	if runtime.GOOS == "windows" {
		return
	}
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.Len(t, files, 4, "the file, its log, its index and its lock")
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), file)
	}
}

func TestOpenTakesAnyPath(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a?mode=memory", "a#b%20c", "with space & ünï", "file:x", "a;b'c\"d"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			capture(t, open(t, path, nil), "L1")
			info, err := os.Stat(path)
			require.NoError(t, err)
			require.NotZero(t, info.Size())
		})
	}
}

func TestOpenRefusesASecondOpener(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "leads.db")
	first, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	link := filepath.Join(dir, "link.db")
	require.NoError(t, os.Symlink(path, link))
	for _, other := range []string{path, link, filepath.Join(dir, ".", "x", "..", "leads.db")} {
		_, err = sqlite.Open(other, nil)
		require.ErrorIs(t, err, sqlite.ErrInUse, other)
		require.EqualError(t, err, fmt.Sprintf("sqlite: open %q: lock: the file is in use by another process", other))
	}
	capture(t, first, "L1")
	require.NoError(t, first.Close())
	require.Len(t, list(t, open(t, link, nil)), 1)
}

func TestOpenRefusesAFileOfANewerVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	store, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	capture(t, store, "L1")
	require.NoError(t, store.Close())
	edit(t, path, "PRAGMA user_version = 99")
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	_, err = sqlite.Open(path, nil)
	require.ErrorIs(t, err, sqlite.ErrNewer)
	require.ErrorContains(t, err, "schema 99")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after), "the file was changed")

	edit(t, path, fmt.Sprintf("PRAGMA user_version = %d", sqlite.SchemaVersion))
	require.Len(t, list(t, open(t, path, nil)), 1)
}

func TestOpenRefusesAnotherApplicationsFile(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{"CREATE TABLE theirs (x)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"} {
		path := filepath.Join(t.TempDir(), "theirs.db")
		edit(t, path, statement)
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = sqlite.Open(path, nil)
		require.ErrorIs(t, err, sqlite.ErrForeign, statement)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(before, after), "the file was changed")
	}
}

func TestOpenTakesAnEmptyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	capture(t, open(t, path, nil), "L1")
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	require.NoError(t, os.WriteFile(garbage, bytes.Repeat([]byte("not a database "), 1000), 0o600))
	dangling := filepath.Join(dir, "dangling.db")
	require.NoError(t, os.Symlink(filepath.Join(dir, "nowhere.db"), dangling))
	cases := []struct{ name, path, want string }{
		{"garbage", garbage, "file is not a database"},
		{"a directory", dir, "not a regular file"},
		{"a missing directory", filepath.Join(dir, "missing", "leads.db"), "no such file"},
		{"a file as directory", filepath.Join(garbage, "leads.db"), "not a directory"},
		{"a link to nothing", dangling, "file exists"},
		{"no path", "", "the path must name a file"},
		{"memory", ":memory:", "the path must name a file"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := sqlite.Open(c.path, nil)
			require.ErrorContains(t, err, c.want)
			require.True(t, strings.HasPrefix(err.Error(), fmt.Sprintf("sqlite: open %q: ", c.path)), err.Error())
		})
	}
}

func TestStoreReportsACorruptedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	store, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	for i := range 500 {
		capture(t, store, leadsync.LeadID(strings.Repeat("x", i%200+1)+string(rune('a'+i%26))))
	}
	require.NoError(t, store.Close())
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	info, err := file.Stat()
	require.NoError(t, err)
	const page = 4096
	_, err = file.WriteAt(bytes.Repeat([]byte{0xff}, int(info.Size())-page), page) // all but the first page
	require.NoError(t, err)
	require.NoError(t, file.Close())

	store, err = sqlite.Open(path, nil)
	if err == nil {
		defer store.Close()
		_, err = store.List(t.Context(), connection, leadsync.Filter{})
	}
	require.ErrorContains(t, err, "malformed")
}

func TestVersionsAreComparedAsNumbers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		a, b  string
		older bool
	}{
		{"3.9.1", "3.51.3", true}, {"3.51.3", "3.51.3", false}, {"3.51.2", "3.51.3", true},
		{"3.54.1", "3.51.3", false}, {"4.0.0", "3.51.3", false}, {"3.51", "3.51.3", true}, {"3.52", "3.51.3", false},
	}
	for _, c := range cases {
		require.Equal(t, c.older, sqlite.Older(c.a, c.b), "%s before %s", c.a, c.b)
	}
}
