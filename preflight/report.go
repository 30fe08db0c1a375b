// SPDX-License-Identifier: Apache-2.0

package preflight

import (
	"slices"
	"strings"
	"time"

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
	Code   leadtype.Code     `json:"code,omitempty"`
	Object salesforce.Object `json:"object,omitempty"`
	Field  string            `json:"field,omitempty"`
	// Path is the place in the JSON of Settings, such as campaigns[0].status.
	Path   string `json:"path,omitempty"`
	Reason string `json:"reason"`
	// Description says what the code means, and is empty where there is none.
	Description string `json:"description,omitempty"`
	// Fix says what to do about it: where leads would fail, what their errors say. It is empty
	// where nothing has to be done.
	Fix string `json:"fix,omitempty"`
	// Help is the address of the host's page about the code; see leadtype.Advice.
	Help string `json:"help,omitempty"`
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

// A Report is what Preflight found. It is plain data; its JSON may be kept and shown.
type Report struct {
	At time.Time `json:"at"`
	// Org and User are empty where the Client is no leadsync.Identifier, or does not
	// know.
	Org      salesforce.ID `json:"org,omitempty"`
	OrgName  string        `json:"orgName,omitempty"`
	Sandbox  bool          `json:"sandbox,omitempty"`
	User     salesforce.ID `json:"user,omitempty"`
	Username string        `json:"username,omitempty"`
	// Findings come errors first.
	Findings []Finding `json:"findings"`
	// Schema is the org's, for leadsync.Config.LastSchema of a later process.
	Schema *Schema `json:"schema"`
}

// OK reports whether there is no finding of SeverityError.
func (r *Report) OK() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == SeverityError })
}
