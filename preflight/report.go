// SPDX-License-Identifier: Apache-2.0

package preflight

import (
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Severity says how much a Finding matters.
type Severity string

// The severities.
const (
	// SeverityError: all leads will fail, or some.
	SeverityError Severity = "error"
	// SeverityWarning: leads are synced, but not all of them as might be expected.
	SeverityWarning Severity = "warning"
	// SeverityInfo: good to know.
	SeverityInfo Severity = "info"
)

// A Finding is something about the org or the configuration that a person
// should know before leads are synced. It holds no value of a lead.
type Finding struct {
	Severity Severity `json:"severity"`
	// Code is the code that leads would fail with, or be warned with. It is empty
	// where none would.
	Code   leadtype.Code     `json:"code"`
	Object salesforce.Object `json:"object"`
	Field  string            `json:"field"`
	// Path is the place in the JSON of Settings, such as campaigns[0].status.
	Path   string `json:"path"`
	Reason string `json:"reason"`
	// Description says what the code means, and is empty where there is none.
	Description string `json:"description"`
	// Fix says what to do about it: where leads would fail, what their errors say. It is empty
	// where nothing has to be done.
	Fix string `json:"fix"`
	// Help is the address of the host's page about the code; see leadtype.Advice.
	Help string `json:"help"`
}

// String says on one line where the finding is, what it is and how to fix it.
func (f Finding) String() string {
	where := strings.Trim(string(f.Object)+"."+f.Field, ".")
	if f.Path != "" {
		where = strings.TrimSpace(where + " (" + f.Path + ")")
	}
	text := string(f.Severity) + ": "
	if where != "" {
		text += where + ": "
	}
	return strings.TrimSpace(text + f.Reason + ". " + f.Fix)
}

// A Report is what Preflight found. It is plain data; its JSON may be kept and shown. Every key
// is always there, also of what is empty; a time that is not known is null.
type Report struct {
	At time.Time `json:"at"`
	// Org and User are empty where the Client is no leadsync.Identifier, or does not
	// know.
	Org      salesforce.ID `json:"org"`
	OrgName  string        `json:"orgName"`
	Sandbox  bool          `json:"sandbox"`
	User     salesforce.ID `json:"user"`
	Username string        `json:"username"`
	// Findings come errors first.
	Findings []Finding `json:"findings"`
	// Schema is the org's, for leadsync.Config.LastSchema of a later process.
	Schema *Schema `json:"schema"`
}

// MarshalJSON writes every key, also of what is empty.
func (r Report) MarshalJSON() ([]byte, error) { return value.PageJSON(r) }

// OK reports whether there is no finding of SeverityError.
func (r *Report) OK() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == SeverityError })
}
