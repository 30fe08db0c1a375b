// SPDX-License-Identifier: Apache-2.0

package undo

import (
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
)

// A record is one that the run wrote.
type record struct {
	revert.Reversal
	created bool
	first   time.Time              // when the run wrote it first
	last    time.Time              // and last
	changes []leadtype.FieldChange // in the order in which the run made them
	now     *salesforce.Record     // as it is, nil when it is gone
	// merged is the record that this one was merged into; absorbed says that another
	// one was merged into this.
	merged   salesforce.ID
	absorbed bool
	children []*salesforce.Record // records found to refer to this one
	deletes  bool                 // it is to be deleted
}

// isPersonAccount reports whether the record is a Contact that is written through its
// Account.
func (t *record) isPersonAccount() bool {
	return t.Object.Equal(salesforce.ObjectContact) && personaccount.Is(t.now)
}

// automationTime is how long after a create the org's own automation may still change
// the record.
const automationTime = time.Minute

// changedSince reports whether a created record was changed after the run was
// done with it. It compares Salesforce's times with each other and ours with
// each other: the two clocks may differ.
func (t *record) changedSince() bool {
	created, _ := t.now.Time("CreatedDate")
	modified, _ := t.now.Time("SystemModstamp")
	return modified.Sub(created) > t.last.Sub(t.first)+automationTime
}

// fieldNames are the fields that the run changed, in their first order.
func (t *record) fieldNames() []string {
	var names []string
	for _, change := range t.changes {
		if !slices.Contains(names, change.Field) {
			names = append(names, change.Field)
		}
	}
	return names
}

// lacks reports whether the value of a field before one of the run's changes was removed.
func (t *record) lacks(name string) bool {
	return slices.ContainsFunc(t.changes, func(c leadtype.FieldChange) bool {
		return c.Removed && strings.EqualFold(c.Field, name)
	})
}

// valueBefore returns what a field held before the run, and whose it was: its value of now,
// taken back through the run's changes, the last one first. It is not clean when a change by
// others came in between; the values before that one are out of reach.
func (t *record) valueBefore(field *salesforce.Field) (before any, held leadtype.Hold, clean bool) {
	clean = true
	h := t.stateNow(field)
	for _, change := range slices.Backward(t.joined(field)) {
		switch {
		case h.isAfter(&change):
			h.takeBack(&change)
		case !h.isBefore(&change): // else it was taken back before
			clean = false
		}
	}
	return h.value, h.held, clean
}

// joined returns the changes of a field, those that follow on each other as one.
// Leads that share a record report the same change twice.
func (t *record) joined(field *salesforce.Field) []leadtype.FieldChange {
	var joined []leadtype.FieldChange
	for _, change := range t.changes {
		if !strings.EqualFold(change.Field, field.Name) {
			continue
		}
		if len(joined) == 0 || !join(field, &joined[len(joined)-1], &change) {
			joined = append(joined, change)
		}
	}
	return joined
}

// join adds a change to the one before it, unless there is a gap between the two.
func join(field *salesforce.Field, last, next *leadtype.FieldChange) bool {
	switch {
	case last.By != next.By:
		return false
	case value.SameValue(field, last.Before, next.Before) && value.SameValue(field, last.After, next.After):
		return true
	case value.SameValue(field, last.After, next.Before):
		last.After = next.After
		return true
	}
	return false
}

// A fieldState is what a field holds at some point of the run, and the keys of the record
// that it refers to, by path.
type fieldState struct {
	field *salesforce.Field
	value any
	keys  map[string]string
	held  leadtype.Hold // whose the value is, once a change was taken back
}

// stateNow returns what a field holds now.
func (t *record) stateNow(field *salesforce.Field) *fieldState {
	h := &fieldState{field: field, keys: make(map[string]string)}
	h.value, _ = t.now.Value(field.Name)
	for _, change := range t.changes {
		if change.By != "" {
			h.keys[change.By] = t.now.Text(change.By)
		}
	}
	return h
}

// isAfter reports whether the field holds what the change wrote.
func (h *fieldState) isAfter(c *leadtype.FieldChange) bool {
	if c.By == "" {
		return value.SameValue(h.field, h.value, c.After)
	}
	return strings.EqualFold(h.keys[c.By], value.TextOf(c.After, nil))
}

// isBefore reports whether the field holds what it held before the change.
func (h *fieldState) isBefore(c *leadtype.FieldChange) bool {
	return value.SameValue(h.field, h.value, heldBefore(c))
}

// takeBack makes the field hold what it held before the change. Of the record that
// it referred to then, only the key that the change names is known.
func (h *fieldState) takeBack(c *leadtype.FieldChange) {
	h.value, h.keys = heldBefore(c), map[string]string{c.By: value.TextOf(c.Before, nil)}
	h.held = c.Held
}

// heldBefore is what a field held before a change, an id where the change names the
// record that it refers to by a key.
func heldBefore(c *leadtype.FieldChange) any {
	if c.By == "" {
		return c.Before
	}
	return value.BlankToNil(string(c.BeforeID))
}
