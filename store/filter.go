// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Filter selects leads of a connection. The zero Filter selects all; a lead
// must fit every field. Of the slices, nil selects all and an empty one none, so
// that a list which happens to be empty pushes nothing. JSON keeps the two apart:
// a page may be given the Filter of a Group and send it back.
type Filter struct {
	Event  string            `json:"event,omitempty"` // of this event
	Leads  []leadtype.LeadID `json:"leads,omitzero"`  // among these
	Stages []leadtype.Stage  `json:"stages,omitzero"` // in one of these stages
	States []State           `json:"states,omitzero"` // in one of these states of Pre-Sync
	Codes  []leadtype.Code   `json:"codes,omitzero"`  // whose last outcome has one of these as its Code
	// Causes select by the CauseKey of the last outcome.
	Causes []leadtype.CauseKey `json:"causes,omitzero"`
	// Warnings select by leadtype.Outcome.WarningKinds of the last outcome: leads that have
	// one of these. WarningCauses select by its WarningCauses.
	Warnings      []leadtype.WarningKind `json:"warnings,omitzero"`
	WarningCauses []leadtype.CauseKey    `json:"warningCauses,omitzero"`
	// Text selects the leads that have, for each of its words, a word of the name, an e-mail
	// address, the company or the id that begins with it: "ada lov", "ada@exam". Words are runs
	// of letters and digits; case, accents and apostrophes do not count. A text without words
	// selects none. See TextWords. The Filter of a Group or a Cause holds the text that the
	// Summary was asked for, which may be a person's name or address: a page posts such a
	// filter and never puts it into a URL.
	Text string `json:"text,omitempty"`
	// Record selects the leads whose last outcome names this record as theirs, by an id of 15
	// or 18 characters: leadtype.Outcome.Records.
	Record salesforce.ID `json:"record,omitempty"`
	// From and Until select by Entry.Since: not before From, and before Until. A zero time
	// selects all.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// Unanswered selects the leads with intents: creates and updates without a response yet.
	Unanswered bool `json:"unanswered,omitempty"`
	// Version selects the leads that have not changed since the Summary or Counts
	// of this version; zero selects all.
	Version int64 `json:"version,omitempty"`
	// Newest reverses the order: the lead that was captured first comes last.
	Newest bool `json:"newest,omitempty"`
	// After and Limit take a page: leads that come in the order after the one whose
	// Entry.Sequence this is (0: from the first), and at most this many (0: all).
	After int64 `json:"after,omitempty"`
	Limit int   `json:"limit,omitempty"`
	// Detail is how much of each lead List and Search return. It selects no leads.
	Detail Detail `json:"-"`
}

// A Detail is how much of its leads a caller asks a Store for, which saves reading the rest. A Store may return more,
// and all of it always.
type Detail int

// The details.
const (
	// DetailWhole is all of an Entry.
	DetailWhole Detail = iota
	// DetailPrinted is without the Intents. Of the Last outcome it has LeadID, EventID, Stage, Action, Object, ID,
	// AccountID, Warnings, Err, RetryAt and At.
	DetailPrinted
	// DetailLead is without the Intents and the Last outcome. Nothing is said of whether they can be read.
	DetailLead
)

// UnmarshalJSON reads a filter. The error is a *leadtype.Error whose field is the path of
// what is wrong. Unknown keys are an error: if a misspelt one were ignored, the
// filter would select more. So is a stage or a state that there is not: the filter would
// select nothing.
func (f *Filter) UnmarshalJSON(data []byte) error {
	type plain Filter
	read := plain(*f)
	if err := strictjson.Decode(data, &read); err != nil {
		return verdict.OfJSON("read a filter", err)
	}
	stages := []leadtype.Stage{leadtype.PreSync, leadtype.Failed, leadtype.Cleared}
	states := []State{StateQueued, StateFrozen, StateWaiting, StateInFlight}
	if err := among("stages", read.Stages, stages); err != nil {
		return err
	}
	if err := among("states", read.States, states); err != nil {
		return err
	}
	*f = Filter(read)
	return nil
}

// among refuses what is not one of those that there are.
func among[T ~string](field string, given, known []T) error {
	for i, one := range given {
		if !slices.Contains(known, one) {
			return &leadtype.Error{Op: "read a filter", Code: leadtype.DataValueValidation,
				Fields: []string{fmt.Sprintf("%s[%d]", field, i)}, Reason: "must be one of " + value.Quoted(known)}
		}
	}
	return nil
}
