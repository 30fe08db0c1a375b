// SPDX-License-Identifier: Apache-2.0

package db

import (
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Save checks a row and writes it, or refuses it. The order of the checks is Salesforce's:
// rights, types, triggers, validation, duplicate rules, unique fields.
func (d *DB) Save(s *Save) (*Row, []*wire.RowError) {
	for _, step := range []func(*Save) []*wire.RowError{
		d.checkRights, d.readFields, d.fillIn, d.checkFields, d.contend, d.runHooks, d.runRules,
		d.checkDuplicates, d.checkUnique,
	} {
		if errs := step(s); len(errs) > 0 {
			return nil, errs
		}
	}
	return d.commit(s), nil
}

func (d *DB) checkRights(s *Save) []*wire.RowError {
	if s.Op == OpCreate {
		if !s.Obj.Createable {
			return []*wire.RowError{wire.NewRowError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
				"entity type cannot be inserted: "+s.Obj.Label)}
		}
		if d.opts.Storage > 0 && s.Obj.usesStorage() && d.records() >= d.opts.Storage {
			// text unverified
			return []*wire.RowError{wire.NewRowError("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")}
		}
		return nil
	}
	switch {
	case s.Row.Deleted():
		return []*wire.RowError{entityIsDeleted()}
	case !s.Obj.Updateable:
		return []*wire.RowError{wire.NewRowError("INSUFFICIENT_ACCESS_OR_READONLY",
			"insufficient access rights on object id")}
	case s.Row.Get("IsConverted") == true && !d.UserMay("PermissionsAllowViewEditConvertedLeads"):
		return []*wire.RowError{wire.NewRowError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")}
	}
	return nil
}

// usesStorage reports whether rows count as records of the data storage: those with an owner, those
// of custom objects, and campaign members (docs/salesforce.md, Records). Files have a storage of
// their own.
func (o *Object) usesStorage() bool {
	file := strings.HasPrefix(o.Name, "Content")
	return o.Custom || !file && o.Owned() || o.Name == "CampaignMember"
}

// records returns how many records use storage.
func (d *DB) records() int {
	n := 0
	for _, obj := range d.objects {
		if obj.usesStorage() {
			n += obj.Count()
		}
	}
	return n
}

// SetStorage sets how many records fit, 0 for no bound.
func (d *DB) SetStorage(rows int) { d.opts.Storage = rows }

// StorageUsed returns how much of an amount of storage is used: the share of the records that
// fit, none where they are not limited.
func (d *DB) StorageUsed(amount int) int {
	if d.opts.Storage <= 0 {
		return 0
	}
	return min(amount, amount*d.records()/d.opts.Storage)
}

func (d *DB) commit(s *Save) *Row {
	d.stamp(s.after, s.Op == OpCreate)
	s.Obj.dropUnaudited(s.after)
	var r *Row
	if s.Op == OpCreate {
		r = d.insert(s.Obj, d.NewID(s.Obj.Prefix), s.after)
	} else {
		r = s.Row
		d.replace(r, s.after)
	}
	if s.Obj.behaviour.saved != nil {
		s.Obj.behaviour.saved(d, r, s.Op == OpCreate)
	}
	return r
}

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
