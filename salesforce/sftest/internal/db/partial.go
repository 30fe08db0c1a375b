// SPDX-License-Identifier: Apache-2.0

package db

import "github.com/leadsync/leadsync/salesforce/sftest/internal/wire"

// MaxRows is how many rows of one type triggers see at once, and how many a
// collection takes (docs/salesforce.md, Limits).
const MaxRows = 200

// maxPasses is how often a call tries to save the valid rows
// (docs/salesforce.md, Collections).
const maxPasses = 3

// SavePartly saves n rows of one type of which some may fail. If the object has triggers, a
// failure rolls back the others, and they are saved again without it: the triggers see them a
// second time. If rows still fail in the third pass, all of them fail.
func (d *DB) SavePartly(triggers bool, n int, save func(i int) []*wire.RowError) [][]*wire.RowError {
	errs := make([][]*wire.RowError, n)
	for pass := 1; ; pass++ {
		failed := false
		d.Atomically(func() bool {
			for i := range errs {
				if len(errs[i]) == 0 {
					errs[i] = save(i)
					failed = failed || len(errs[i]) > 0
				}
			}
			return !failed || !triggers
		})
		switch {
		case !failed || !triggers:
			return errs
		case pass == maxPasses:
			for i := range errs {
				errs[i] = tooManyPasses().List()
			}
			return errs
		}
	}
}

// tooManyPasses: the text is the Apex guide's, the code not recorded.
func tooManyPasses() *wire.RowError {
	return wire.NewRowError("UNKNOWN_EXCEPTION",
		"Too many batch retries in the presence of Apex triggers and partial failures.")
}

// HasTriggers reports whether the test watches the rows of an object.
func (d *DB) HasTriggers(object string) bool {
	obj := d.Named(object)
	return obj != nil && len(d.hooks.onRow[obj.Name]) > 0
}
