// SPDX-License-Identifier: Apache-2.0

package write

import (
	"cmp"
	"errors"
	"strings"

	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// ForChange returns the write that carries out a change.
func ForChange(c *leadtype.Change, duplicates leadtype.DuplicatePolicy) salesforce.Write {
	out := salesforce.Write{Op: plan.OpOf(c), Object: c.Written(), ID: cmp.Or(c.PersonAccount, c.ID), Refs: c.Refs,
		UniqueField: c.UniqueField, AutoAssign: c.AutoAssign,
		AllowDuplicate: c.AllowDuplicate || duplicates == leadtype.AllowDuplicate,
		Fields:         make(salesforce.Fields, len(c.Fields))}
	for i := range c.Fields {
		putField(out.Fields, &c.Fields[i])
	}
	if c.Upsert {
		key, _ := out.Fields[c.UniqueField].(string)
		delete(out.Fields, c.UniqueField)
		out.UniqueField, out.Key = "", salesforce.ExternalKey{Field: c.UniqueField, Value: key}
	}
	return out
}

// putField enters a field's new value into the fields of a write.
func putField(fields salesforce.Fields, f *leadtype.FieldChange) {
	relationship, key, _ := strings.Cut(f.By, ".")
	if text, ok := f.After.(string); ok && key != "" {
		fields[cmp.Or(f.PersonField, relationship)] = salesforce.ExternalKey{Field: key, Value: text}
		return
	}
	fields[cmp.Or(f.PersonField, f.Field)] = f.After
}

// isJournalled reports whether sending the change twice, or again with another
// key, would make two records: a person's and an account's key depend on who else
// is in the batch. A member is unique by itself.
func isJournalled(c *leadtype.Change) bool {
	switch c.Kind {
	case leadtype.PartPerson, leadtype.PartAccount:
		return c.Create
	case leadtype.PartMember:
		return false
	}
	return c.Create && c.UniqueField == ""
}

// existsAlready reports whether a create was refused because its record is there:
// the person is a member, or the Task has our key.
func existsAlready(c *leadtype.Change, err error) bool {
	return c.Kind == leadtype.PartMember && refusedAsDuplicate(c, err) || c.Kind == leadtype.PartTask && keyInUse(c, err)
}

// keyInUse reports whether a create was refused because another record has its
// key.
func keyInUse(c *leadtype.Change, err error) bool {
	sf, answered := errors.AsType[*salesforce.Error](err)
	return answered && c.UniqueField != "" && refusedAsDuplicate(c, err) &&
		strings.Contains(strings.ToLower(sf.Message), strings.ToLower(c.UniqueField))
}

// refusedAsDuplicate reports whether a create was refused because of a unique
// value.
func refusedAsDuplicate(c *leadtype.Change, err error) bool {
	sf, answered := errors.AsType[*salesforce.Error](err)
	return answered && c.Create && sf.Code == "DUPLICATE_VALUE"
}

// existingID returns the id of the record that Salesforce names in a refusal, ""
// for none.
func existingID(err error) salesforce.ID {
	var sf *salesforce.Error
	if errors.As(err, &sf) && len(sf.Duplicates) > 0 {
		return sf.Duplicates[0].ID
	}
	return ""
}
