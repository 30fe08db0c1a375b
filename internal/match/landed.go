// SPDX-License-Identifier: Apache-2.0

package match

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// MayHaveWritten reports whether an update without a response was to write a value that is
// remembered.
func (t *Item) MayHaveWritten() bool {
	return slices.ContainsFunc(t.Updates, func(i leadtype.Intent) bool { return len(i.Fields) > 0 })
}

// confirmLanded finds out what updates did of which only the journal knows: their process ended
// before they were settled. A record that was not read counts as written.
func (t *Item) confirmLanded(index *Index, describe func(salesforce.Object) *salesforce.Describe) {
	t.Landed = nil
	for i := range t.Updates {
		update := &t.Updates[i]
		if !update.HoldsValues() {
			continue
		}
		at := slices.IndexFunc(t.Landed, func(p leadtype.Part) bool { return p.ID == update.Record })
		if at < 0 {
			at = len(t.Landed)
			t.Landed = append(t.Landed, leadtype.Part{Kind: update.Kind, Object: update.Object, Key: update.Key,
				ID: update.Record, Action: leadtype.Updated})
		}
		part := &t.Landed[at]
		part.Changes = append(part.Changes, slices.Concat(update.Changes, index.relinked(update))...)
	}
	t.Landed = slices.DeleteFunc(t.Landed, func(part leadtype.Part) bool { return len(part.Changes) == 0 })
	for i := range t.Landed {
		part := &t.Landed[i]
		part.Changes = index.landed(part, describe(part.Object))
	}
	t.Landed = slices.DeleteFunc(t.Landed, func(part leadtype.Part) bool { return len(part.Changes) == 0 })
}

// read returns a record of any object as it was read, nil for none.
func (x *Index) read(id salesforce.ID) *salesforce.Record {
	if record := x.byID[id]; record != nil {
		return record
	}
	return x.Movable[id]
}

// relinked returns the references that an update was to give the id of a new record, as far as
// they have that of a record which was read now.
func (x *Index) relinked(update *leadtype.Intent) []leadtype.FieldChange {
	record := x.read(update.Record)
	if record == nil {
		return nil
	}
	var changes []leadtype.FieldChange
	for _, field := range slices.Sorted(maps.Keys(update.Replaced)) {
		before := update.Replaced[field]
		now := salesforce.ID(record.Text(field)).ID18()
		if x.byID[now] != nil && !now.Equal(salesforce.ID(value.TextOf(before, nil))) {
			changes = append(changes, leadtype.FieldChange{Field: field, Before: before, After: string(now)})
		}
	}
	return changes
}

// landed returns those of a record's changes that it shows were made, one for each field; all
// of them where it was not read. An update is made whole or not at all: where one of its values
// is there the others were, and others have changed them since.
func (x *Index) landed(part *leadtype.Part, describe *salesforce.Describe) []leadtype.FieldChange {
	record := x.read(part.ID)
	if record == nil || describe == nil {
		return part.Changes
	}
	var made, overwritten []leadtype.FieldChange
	shown := false
	for at, change := range part.Changes {
		if slices.ContainsFunc(part.Changes[:at], func(c leadtype.FieldChange) bool { return c.Field == change.Field }) {
			continue
		}
		h := newHolding(record, describe, &change)
		if h == nil {
			made = append(made, change) // not read, or not there any more
			continue
		}
		switch taken, ok := h.takeBack(part.Changes); {
		case ok:
			made, shown = append(made, taken), true
		case !h.isBefore(&change):
			overwritten = append(overwritten, change)
		}
	}
	if shown {
		made = append(made, overwritten...)
	}
	return made
}

// A holding is what a record has in a field, as the changes of the field name it: by a key of
// the record that the field refers to, or as it is.
type holding struct {
	field *salesforce.Field
	by    string
	value any
}

// newHolding returns nil for a field that was not read.
func newHolding(record *salesforce.Record, describe *salesforce.Describe, change *leadtype.FieldChange) *holding {
	field, known := describe.Field(change.Field)
	if !known {
		return nil
	}
	h := &holding{field: field, by: change.By}
	read := true
	if h.value, read = record.Value(change.Field); change.By != "" {
		h.value = record.Text(change.By)
		read = h.value != ""
	}
	if !read {
		return nil
	}
	return h
}

// takeBack takes the changes of the field back, the last one first, as far as the value was
// written by them. It returns them as one, and false where the value is none of theirs.
func (h holding) takeBack(changes []leadtype.FieldChange) (all leadtype.FieldChange, ok bool) {
	for _, c := range slices.Backward(changes) {
		if !strings.EqualFold(c.Field, h.field.Name) || c.By != h.by || !h.isAfter(&c) {
			continue
		}
		if !ok {
			all = c
		}
		all.Before, all.BeforeID, all.Held = c.Before, c.BeforeID, c.Held
		h.value, ok = c.Before, true
	}
	return all, ok
}

// isAfter reports whether the field has what a change wrote, and not what it had before.
func (h *holding) isAfter(c *leadtype.FieldChange) bool {
	if h.by != "" {
		return strings.EqualFold(value.TextOf(h.value, nil), value.TextOf(c.After, nil))
	}
	return value.Alike(h.field, h.value, c.After) && !value.SameValue(h.field, h.value, c.Before)
}

// isBefore reports whether the field has what it had before a change.
func (h *holding) isBefore(c *leadtype.FieldChange) bool {
	if h.by != "" {
		return strings.EqualFold(value.TextOf(h.value, nil), value.TextOf(c.Before, nil))
	}
	return value.SameValue(h.field, h.value, c.Before)
}
