// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // registers the driver

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
)

// applicationID marks the files of this package ("lsyn").
const applicationID = 0x6c73796e

// minVersion is the oldest supported SQLite: earlier ones can lose a commit in a
// race between a checkpoint and a writer (https://sqlite.org/wal.html, the
// WAL-reset bug).
const minVersion = "3.51.3"

// busyTimeout is how long a statement waits for other users of the file, in milliseconds.
const busyTimeout = "5000"

// pragmas are set on every connection and read back, because SQLite silently
// ignores settings that it does not support.
var pragmas = []struct{ name, set, want string }{
	{"busy_timeout", busyTimeout, busyTimeout},
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"},
	{"fullfsync", "1", "1"}, // on macOS fsync alone does not reach the disk
	{"foreign_keys", "1", "1"},
	{"secure_delete", "1", "1"},                    // overwrite deleted data, for Forget
	{"journal_size_limit", "67108864", "67108864"}, // bytes that the log keeps after a large transaction
}

// Options configure Open.
type Options struct {
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// A Store is a leadsync.Store in a SQLite file. It is safe for concurrent use.
type Store struct {
	now   func() time.Time
	write *sql.DB // one connection: SQLite has one writer
	read  *sql.DB
	files files

	captures   captureQueue
	statements multirow.Statements
	unfolded   bool         // see query.Keys
	bounds     query.Bounds // of searches
	close      func() error

	changes     changes
	erasing     chan struct{} // holds a value while Forget clears the file
	dataVersion int64         // the writer's when the file was last cleared
	expired     atomic.Bool   // since then something has expired
}

var _ store.Store = (*Store)(nil)

// Open opens the file at path, creating it if necessary, and migrates it to the
// current schema. Nil options mean the defaults. Leads that were in flight when the
// file was last used are queued again, because no other process can hold them. The
// caller must call Close.
//
// The error is ErrInUse, ErrNewer, ErrForeign, ErrNotPrivate, or one of SQLite or the
// file system, with the path and the operation. Open does not change a file that it rejects.
func Open(path string, opts *Options) (*Store, error) {
	if opts == nil {
		opts = new(Options)
	}
	s := &Store{now: opts.Now, captures: captureQueue{writer: make(chan struct{}, 1)}, bounds: query.Usual(),
		erasing: make(chan struct{}, 1)}
	if s.now == nil {
		s.now = time.Now
	}
	s.close = sync.OnceValue(s.closeAll)
	if err := s.open(path); err != nil {
		return nil, fmt.Errorf("sqlite: open %q: %w", path, errors.Join(err, s.Close()))
	}
	return s, nil
}

// Close closes the store. Calls in progress fail or finish first. It may be called
// more than once.
func (s *Store) Close() error { return s.close() }

func (s *Store) closeAll() error {
	var errs []error
	if s.files.log != nil { // Windows would not let SQLite remove it
		errs = append(errs, s.files.log.Close())
	}
	for _, db := range []*sql.DB{s.read, s.write} { // the last one to close checkpoints
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, s.files.close())...)
}

func (s *Store) open(path string) error {
	path, err := resolve(path)
	if err != nil {
		return err
	}
	if err := s.files.acquire(path); err != nil {
		return err
	}
	ctx := context.Background()
	if err := inspect(ctx, path); err != nil {
		return err
	}
	if err := makePrivate(path, path+"-wal", path+"-shm"); err != nil {
		return err
	}
	if s.write, err = connect(ctx, path); err != nil {
		return err
	}
	var version int // the first read makes the log
	if err := s.write.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if err := s.files.hold(path); err != nil {
		return err
	}
	s.changes.addAll()
	if err := scrub(ctx, s.write); err != nil {
		return wrap(ctx, "rewrite the file", err)
	}
	if err := s.tx(ctx, "migrate", func(tx *multirow.Tx) error { return migrate(ctx, tx) }); err != nil {
		return err
	}
	err = s.write.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM unfolded)`).Scan(&s.unfolded)
	if err != nil {
		return wrap(ctx, "look for ids that are alike", err)
	}
	if err := s.tx(ctx, "queue the leads in flight", func(tx *multirow.Tx) error {
		return s.endAllClaims(ctx, tx)
	}); err != nil {
		return err
	}
	s.read = s.readersOf(path)
	return nil
}

// resolve returns the real path of the file, so that two names of one file share
// one lock.
func resolve(path string) (string, error) {
	if path == "" || path == ":memory:" {
		return "", errors.New("the path must name a file")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if errors.Is(err, os.ErrNotExist) {
		dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
		return filepath.Join(dir, filepath.Base(abs)), err
	}
	if err != nil {
		return "", err
	}
	info, err := os.Stat(real)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("the path is not a regular file")
	}
	return real, err
}

// inspect rejects files that this package must not write to.
func inspect(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", dsn(path, "query_only(1)"))
	if err != nil {
		return err
	}
	defer db.Close()
	var sqliteVersion string
	var application, version, objects int
	err = db.QueryRowContext(ctx, `SELECT sqlite_version(), (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`).
		Scan(&sqliteVersion, &application, &version, &objects)
	switch {
	case err != nil:
		return fmt.Errorf("read the file's header: %w", err)
	case older(sqliteVersion, minVersion):
		return fmt.Errorf("sqlite %s or newer is required, this is %s", minVersion, sqliteVersion)
	case application != applicationID && (application != 0 || version != 0 || objects != 0):
		return ErrForeign
	case version > schemaVersion:
		return fmt.Errorf("%w: schema %d, this version supports up to %d", ErrNewer, version, schemaVersion)
	}
	return nil
}

// older reports whether version a, such as "3.9.1", comes before b.
func older(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x < y
		}
	}
	return len(as) < len(bs)
}

// connect opens the writer and checks its pragmas.
func connect(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, pragmaValues()...))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	for _, p := range pragmas {
		var got string
		if err := db.QueryRowContext(ctx, "PRAGMA "+p.name).Scan(&got); err != nil {
			return nil, errors.Join(fmt.Errorf("read pragma %s: %w", p.name, err), db.Close())
		}
		if got != p.want {
			return nil, errors.Join(fmt.Errorf("pragma %s is %q, not %q", p.name, got, p.want), db.Close())
		}
	}
	return db, nil
}

// pragmaValues are the pragmas as a data source name has them.
func pragmaValues() []string {
	values := make([]string, len(pragmas))
	for i, p := range pragmas {
		values[i] = p.name + "(" + p.set + ")"
	}
	return values
}

// dsn returns the data source name for the driver. A path may contain any
// character.
func dsn(path string, pragmas ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	query := url.Values{"mode": {"rw"}, "_txlock": {"immediate"}, "_pragma": pragmas}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: query.Encode()}).String()
}

// tx runs do in a transaction of the writer. Errors name the operation op.
func (s *Store) tx(ctx context.Context, op string, do func(*multirow.Tx) error) error {
	if err := s.statements.Prepare(ctx, s.write); err != nil {
		return wrap(ctx, op, err)
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return wrap(ctx, op, err)
	}
	defer func() { _ = conn.Close() }() // returns it to the pool
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return wrap(ctx, op, err)
	}
	defer tx.Rollback() // no effect after a commit
	if err := do(s.statements.Begin(tx)); err != nil {
		return wrap(ctx, op, err)
	}
	if err := s.files.inPlace(); err != nil {
		return wrap(ctx, op, err)
	}
	err = tx.Commit()
	s.changes.note(s.files.log)
	if err == nil {
		err = s.files.inPlace() // else the commit may be in a file without a name
	}
	return wrap(ctx, op, err)
}
