// SPDX-License-Identifier: Apache-2.0

package db

import (
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

func entityIsDeleted() *wire.RowError {
	e := wire.NewRowError("ENTITY_IS_DELETED", "entity is deleted")
	e.Status = 404
	return e
}

// Remove deletes a row and the rows deleted with it, or refuses it.
func (d *DB) Remove(r *Row) *wire.RowError {
	switch {
	case r.Deleted():
		return entityIsDeleted()
	case !r.Obj.Deletable:
		return wire.NewRowError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
	case r.Obj.Name == "Contact" && r.Get(isPerson) == true && d.opts.PersonAccounts:
		return invalidPersonOperation()
	}
	if err := d.unableToLock(r.ID); err != nil {
		return err
	}
	if err := d.heldBy(r); err != nil {
		return err
	}
	for _, hook := range d.hooks.onRow[r.Obj.Name] {
		if err := hook(opDelete, exported(r.Map())); err != nil {
			return err
		}
	}
	d.deleteRow(r)
	return nil
}

// RemoveForGood deletes a row, and the rows deleted with it, without the recycle bin.
func (d *DB) RemoveForGood(r *Row) *wire.RowError {
	gone := []*Row{r}
	for i := 0; i < len(gone); i++ {
		gone = append(gone, d.childrenToDelete(gone[i])...)
	}
	if err := d.Remove(r); err != nil {
		return err
	}
	for _, r := range gone {
		d.purge(r)
	}
	return nil
}

func (d *DB) deleteRow(r *Row) { d.deleteWith(r, r) }

// deleteWith deletes a row because the root was deleted, or is the root itself.
func (d *DB) deleteWith(root, r *Row) {
	if r.Deleted() {
		return
	}
	r.deletedWith = root
	deleted := map[string]any{
		"IsDeleted": true, "SystemModstamp": d.SaveTime(), "LastModifiedDate": d.SaveTime(),
		"LastModifiedById": d.UserID,
	}
	r.Obj.dropUnaudited(deleted)
	d.Change(r, deleted)
	for _, child := range d.childrenToDelete(r) {
		d.deleteWith(root, child)
	}
	d.clearLookups(r)
}
