// SPDX-License-Identifier: Apache-2.0

package review

import (
	"encoding/json"

	"github.com/leadsync/leadsync/internal/value"
)

// MarshalJSON writes every key, also of what is empty.
func (s Summary) MarshalJSON() ([]byte, error) {
	type plain Summary
	s.Stages, s.States, s.Actions = value.Counts(s.Stages), value.Counts(s.States), value.Counts(s.Actions)
	s.Groups, s.Warnings, s.Notes = value.Listed(s.Groups), value.Listed(s.Warnings), value.Listed(s.Notes)
	return json.Marshal(plain(s))
}

// MarshalJSON writes every key, also of what is empty.
func (g Group) MarshalJSON() ([]byte, error) {
	type plain Group
	g.Leads, g.Causes = value.Listed(g.Leads), value.Listed(g.Causes)
	return json.Marshal(plain(g))
}

// MarshalJSON writes every key, also of what is empty.
func (c Cause) MarshalJSON() ([]byte, error) {
	type plain Cause
	c.Fields, c.Leads = value.Listed(c.Fields), value.Listed(c.Leads)
	return json.Marshal(plain(c))
}

// MarshalJSON writes every key, also of what is empty.
func (g WarningGroup) MarshalJSON() ([]byte, error) {
	type plain WarningGroup
	g.Leads, g.Causes = value.Listed(g.Leads), value.Listed(g.Causes)
	return json.Marshal(plain(g))
}

// MarshalJSON writes every key, also of what is empty.
func (c WarningCause) MarshalJSON() ([]byte, error) {
	type plain WarningCause
	c.Leads = value.Listed(c.Leads)
	return json.Marshal(plain(c))
}
