// SPDX-License-Identifier: Apache-2.0

package db

// UserMay reports whether a permission set gives the connected user a system permission
// (docs/salesforce.md, Permissions).
func (d *DB) UserMay(permission string) bool {
	for _, assigned := range d.object("PermissionSetAssignment").Rows {
		set := d.Find(assigned.Text("PermissionSetId"))
		if assigned.Text("AssigneeId") == d.UserID && set != nil && set.Get(permission) == true {
			return true
		}
	}
	return false
}

// SetPermission implements Org.SetPermission.
func (d *DB) SetPermission(name string, given bool) {
	_, f := d.fieldOf("PermissionSet", name)
	for _, set := range d.object("PermissionSet").Rows {
		d.Change(set, map[string]any{f.Name: given})
	}
	d.touchMetadata()
}

// SetRight gives a right on an object to the connected user, or takes it away.
func (d *DB) SetRight(object, op string, may bool) {
	obj := d.object(object)
	switch op {
	case "read":
		obj.Readable = may
	case OpCreate:
		obj.Createable = may
	case OpUpdate:
		obj.Updateable = may
	case opDelete:
		obj.Deletable = may
	default:
		panic("sftest: a right is read, create, update or delete, not " + op)
	}
	d.touchMetadata()
}
