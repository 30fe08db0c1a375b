// SPDX-License-Identifier: Apache-2.0

// Package db is the database of the fake org: objects, fields, rows, and the rules for writing them.
package db

import (
	"slices"
	"sync"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A DB holds the objects of an org and their rows. Callers of its methods, and users of what
// they return, hold its lock.
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
	cases         int // numbered so far
	hooks         rowHooks
	contention    contention
	lacked        string // the object of Salesforce that a request named
	durable       bool   // rows have keys of any form: see NewTables
}

// Options are the settings of a DB.
type Options struct {
	Now       func() time.Time
	Countries []Country // nil without State and Country picklists
	Storage   int       // rows; 0 for no bound
	// PersonAccounts says that Accounts may be persons.
	PersonAccounts bool
	Number         uint8  // sets the ids of orgs apart
	OrgTail        string // the org's own id ends with its first 10 letters and digits; empty: by Number
	Report         func(problem string)
}

// rowHooks are the functions of the test that see rows being written.
type rowHooks struct {
	onRow    map[string][]func(op string, row map[string]any) *wire.RowError
	onBatch  map[string]func(rows int) *wire.RowError // by lower-case name
	assignTo map[string]string
}

// Now returns the org's time.
func (d *DB) Now() time.Time { return d.opts.Now() }

// idsPerOrg is how many ids an org of each number has: the last eight digits.
const idsPerOrg = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62

// NewID returns an unused id with the key prefix.
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

// SaveTime returns the time of a save. It never goes back and has no fraction: Salesforce
// keeps whole seconds (docs/salesforce.md, Records; the recorded times all end in .000).
func (d *DB) SaveTime() time.Time {
	now := d.opts.Now().UTC().Truncate(time.Second)
	if now.After(d.lastSave) {
		d.lastSave = now
	}
	return d.lastSave
}

// touchMetadata records a change of the schema or of the user's rights. Every change gives
// describes a new validator, so the time moves by whole seconds.
func (d *DB) touchMetadata() {
	now := d.opts.Now().UTC().Truncate(time.Second)
	if !now.After(d.Modified) {
		now = d.Modified.Add(time.Second)
	}
	d.Modified = now
}

// Unsupported reports to the test what the fake does not support, and returns the answer.
func (d *DB) Unsupported(what string) *wire.Reply {
	d.opts.Report(unsupportedText + what)
	return wire.Refuse(501, "NOT_IMPLEMENTED", unsupportedText+what).Reply()
}

// UnsupportedRow refuses a row, and reports it like Unsupported.
func (d *DB) UnsupportedRow(what string) *wire.RowError {
	d.Unsupported(what)
	return &wire.RowError{StatusCode: "NOT_IMPLEMENTED", Message: unsupportedText + what, Unread: true, Status: 501}
}

const unsupportedText = "sftest: the fake org does not support "

// Atomically runs do as a transaction, which is rolled back if do returns false or a hook of
// the test ends the goroutine. Transactions nest.
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

// contention holds the locked and the slow rows.
type contention struct {
	locks map[string]int      // tries that still fail, by id
	met   map[string]struct{} // the locks that the call under way ran into
	slow  map[string]func(row map[string]any) time.Duration
	delay time.Duration // of the slow rows of the call under way
}
