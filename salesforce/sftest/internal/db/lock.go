// SPDX-License-Identifier: Apache-2.0

package db

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// lockParents are the fields whose parents a write locks too
// (docs/salesforce.md, Repeats).
var lockParents = strings.Fields("AccountId CampaignId")

// LockRow implements Org.LockRow.
func (d *DB) LockRow(object, id string, tries int) {
	r := d.mustFind(object, id)
	if d.contention.locks == nil {
		d.contention.locks, d.contention.met = map[string]int{}, map[string]struct{}{}
	}
	d.contention.locks[r.ID] = tries
}

// SlowRows implements Org.SlowRows.
func (d *DB) SlowRows(object string, slow func(row map[string]any) time.Duration) {
	if d.contention.slow == nil {
		d.contention.slow = map[string]func(map[string]any) time.Duration{}
	}
	d.contention.slow[d.object(object).Name] = slow
}

// contend checks the locks that a save needs, and adds up the time it takes.
func (d *DB) contend(s *Save) []*wire.RowError {
	ids := []string{}
	if s.Row != nil {
		ids = append(ids, s.Row.ID)
	}
	for _, name := range lockParents {
		ids = append(ids, wire.TextOf(s.after[name]))
	}
	for _, id := range ids {
		if err := d.unableToLock(id); err != nil {
			return []*wire.RowError{err}
		}
	}
	if slow := d.contention.slow[s.Obj.Name]; slow != nil {
		d.contention.delay += slow(s.shown())
	}
	return nil
}

func (d *DB) unableToLock(id string) *wire.RowError {
	if d.contention.locks[id] <= 0 {
		return nil
	}
	d.contention.met[id] = struct{}{}
	return LockedRow(id)
}

// Settle ends a call: it uses up one attempt of each lock that it met, and adds the time of
// slow rows to its note.
func (d *DB) Settle(note *wire.Note) {
	for id := range d.contention.met {
		d.contention.locks[id]--
	}
	clear(d.contention.met)
	note.Slow += d.contention.delay
	d.contention.delay = 0
}

// LockedRow refuses a row that another transaction holds. The ids are recorded with 18
// characters (docs/salesforce.md, Errors).
func LockedRow(ids ...string) *wire.RowError {
	ids = slices.Clone(ids)
	for i := range ids {
		if id, ok := wire.CanonicalID(ids[i]); ok {
			ids[i] = id
		}
	}
	return wire.NewRowError("UNABLE_TO_LOCK_ROW", fmt.Sprintf(
		"unable to obtain exclusive access to this record or %d records: %s", len(ids), strings.Join(ids, ",")))
}
