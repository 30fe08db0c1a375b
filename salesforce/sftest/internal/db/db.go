// Package db is the database of the fake org: objects, fields, rows, and the rules for writing them.
package db

import (
	"slices"
	"sync"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A DB holds the objects of an org and their rows. Whoever calls its methods, or
// uses what they return, holds its lock.
type DB struct {
	sync.Mutex
	opts Options

	objects  map[string]*Object // by lower-case name
	names    []string           // of objects, sorted
	prefixes map[string]*Object
	Serial   uint64
	lastSave time.Time
	Modified time.Time // of the metadata, for If-Modified-Since
	journal  []func()  // undoes what the open transaction did
	inTx     bool

	OrgID, UserID string
	hooks         rowHooks
	contention    contention
	lacked        string // the object of Salesforce that a request named
}

// Options are the options of a database.
type Options struct {
	Now       func() time.Time
	Countries []Country // nil without State and Country picklists
	Storage   int       // rows; 0 for no bound
	Number    uint8     // sets the ids of orgs apart
	Report    func(problem string)
}

// rowHooks are what the test makes the org do besides when rows are written.
type rowHooks struct {
	onRow    map[string][]func(op string, row map[string]any) *wire.RowError
	onBatch  map[string]func(rows int) *wire.RowError // by lower-case name
	assignTo map[string]string
}

// Now is the time as the org tells it.
func (d *DB) Now() time.Time { return d.opts.Now() }

// idsPerOrg is how many ids each WithNumber has to give: the last eight digits.
const idsPerOrg = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62

// NewID returns an unused id with the key prefix. The caller holds o.mu.
func (d *DB) NewID(prefix string) string {
	d.Serial++
	digits := make([]byte, 10)
	n := d.Serial
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = wire.IDAlphabet[n%uint64(len(wire.IDAlphabet))]
		n /= uint64(len(wire.IDAlphabet))
	}
	return wire.WithChecksum(prefix + "dM" + string(digits))
}

// SaveTime is the time that a save is stamped with. It never runs backwards and
// has no fraction: Salesforce keeps whole seconds (SALESFORCE.md 7; the recorded
// stamps all end in .000). The caller holds o.mu.
func (d *DB) SaveTime() time.Time {
	now := d.opts.Now().UTC().Truncate(time.Second)
	if now.After(d.lastSave) {
		d.lastSave = now
	}
	return d.lastSave
}

// touchMetadata notes a change of the schema or of the user's rights. Describes
// get a new validator with every change, so it moves by whole seconds. The
// caller holds o.mu.
func (d *DB) touchMetadata() {
	now := d.opts.Now().UTC().Truncate(time.Second)
	if !now.After(d.Modified) {
		now = d.Modified.Add(time.Second)
	}
	d.Modified = now
}

// Unsupported answers what the fake does not know, and fails the test.
func (d *DB) Unsupported(what string) *wire.Reply {
	d.opts.Report(unsupportedText + what)
	return wire.Refuse(501, "NOT_IMPLEMENTED", unsupportedText+what).Reply()
}

const unsupportedText = "sftest: the fake org does not know "

// Atomically runs do, and takes back all it did when it answers false, or when a hook
// of the test ends the goroutine. It nests.
func (d *DB) Atomically(do func() bool) {
	mark, outermost, done := len(d.journal), !d.inTx, false
	d.inTx = true
	defer func() {
		if !done {
			for _, undo := range slices.Backward(d.journal[mark:]) {
				undo()
			}
			d.journal = d.journal[:mark]
		}
		if outermost {
			d.inTx, d.journal = false, nil
		}
	}()
	done = do()
}

func (d *DB) undoWith(undo func()) {
	if d.inTx {
		d.journal = append(d.journal, undo)
	}
}

// contention is what makes rows hard to write.
type contention struct {
	locks map[string]int      // tries that still fail, by id
	met   map[string]struct{} // the locks that the call under way ran into
	slow  map[string]func(row map[string]any) time.Duration
	delay time.Duration // of the slow rows of the call under way
}
