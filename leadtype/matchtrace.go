// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// A MatchTrace explains why a record was chosen. It holds ids and rules, no values.
type MatchTrace struct {
	Strategy string       `json:"strategy,omitempty"`
	Probes   []ProbeTrace `json:"probes,omitempty"`
	// Rule is the rule that decided, in words.
	Rule string `json:"rule,omitempty"`
	// FoldedInto is the lead of the same batch whose record this lead shares.
	FoldedInto LeadID `json:"foldedInto,omitempty"`
	// AttachedTo is the lead of the same batch whose record this lead is attached to, though it
	// is another person with the same e-mail address.
	AttachedTo LeadID `json:"attachedTo,omitempty"`
	// Choice is what a person chose, as long as it counts.
	Choice
	// Bond is how the lead came to its records, nil where there are none, or where an
	// earlier version found them.
	Bond *Bond `json:"bond,omitempty"`
}

// A ProbeTrace is one probe that was tried.
type ProbeTrace struct {
	Probe
	// Key says that the probe looked for a key that the library writes into the records
	// that it creates. It is empty for the probes of the strategy.
	Key KeyForm `json:"key,omitempty"`
	// Skipped is why the probe was not tried, such as "blank".
	Skipped string `json:"skipped,omitempty"`
	// Tried says whether the probe was looked at: not where an earlier one had found the record
	// or stopped the lead, and where no Account is looked for. It is empty where Skipped says
	// why not, and in the traces of earlier versions.
	Tried Tried `json:"tried,omitempty"`
	// Candidates are all records found, the chosen one first.
	Candidates []Candidate `json:"candidates,omitempty"`
	// Removed is how many candidates are no longer listed; see leadsync.Config.KeepBefore.
	Removed int `json:"removed,omitempty"`
	// Hit says that this probe decided.
	Hit bool `json:"hit,omitempty"`
}

// Tried says whether a probe was looked at.
type Tried string

// Whether a probe was looked at.
const (
	TriedYes Tried = "yes"
	TriedNo  Tried = "no"
)

// A KeyForm is the form of a key.
type KeyForm string

// The forms of keys.
const (
	// KeyOwn is the form in which keys are written, or a key that an unanswered create
	// carried. A record with it was created for this lead.
	KeyOwn KeyForm = "own"
	// KeyOld is the bare id of the lead, as earlier versions wrote it. It is read only:
	// another system, or an id that differs in case, may have had the same.
	KeyOld KeyForm = "old"
)

// A Candidate is a record that a probe found.
type Candidate struct {
	Object salesforce.Object `json:"object"`
	ID     salesforce.ID     `json:"id"`
	// Note is why it was not used or which record it led to, such as "converted" or
	// "merged".
	Note string `json:"note,omitempty"`
	// From is the converted Lead that became this Contact, where a person decides about that.
	From salesforce.ID `json:"from,omitempty"`
	// Why is why a person may choose it, and Field the field by which a probe found it.
	// The function Candidates fills them in.
	Why   CandidateWhy `json:"why,omitempty"`
	Field string       `json:"field,omitempty"`
}

// The notes on candidates that are no match.
const (
	// NoteDeleted is on a record that has been deleted.
	NoteDeleted = "deleted"
	// NoteNoHit is on a converted Lead that counts as none, by the ConvertedPolicy.
	NoteNoHit = "converted, counts as no hit"
	// NoteDuplicate and NoteUnique are on a record that a duplicate rule, or a unique field, named
	// when another was to be created.
	NoteDuplicate = "named by a duplicate rule"
	NoteUnique    = "named by a unique field"
	// NotePerson is on an Account that is a person: people are not created in it.
	NotePerson = "person account, counts as no hit"
	// NoteConverted is on a converted Lead: the Contact that it became counts, or a person
	// decides.
	NoteConverted = "converted"
	// NotePassed is on a record that a person passed by, and on one that turned up since and may
	// be another person's: see Choice.Passed.
	NotePassed = "passed by for a new record"
)

// Tried reports whether the strategy looked for a person among the records of an
// object.
func (t *MatchTrace) Tried(object salesforce.Object) bool {
	return object != salesforce.ObjectAccount &&
		slices.ContainsFunc(t.Probes, func(p ProbeTrace) bool { return p.Object == object })
}

// String says in plain sentences, one a line, what was looked for, what was
// found and which rule decided. It holds no values.
func (t MatchTrace) String() string {
	var lines []string
	if t.Strategy != "" {
		lines = append(lines, fmt.Sprintf("Strategy %s was used.", t.Strategy))
	}
	person, account := false, false // found by now
	for _, probe := range t.Probes {
		ofAccount := probe.Object.Equal(salesforce.ObjectAccount)
		lines = append(lines, probe.sentence(person || account && ofAccount))
		person, account = person || probe.Hit && !ofAccount, account || probe.Hit && ofAccount
	}
	if t.FoldedInto != "" {
		lines = append(lines, fmt.Sprintf("It is the same person as lead %q, and was planned as one record with it.",
			string(t.FoldedInto)))
	}
	if t.AttachedTo != "" {
		lines = append(lines, fmt.Sprintf("It is another person with the e-mail address of lead %q, "+
			"and is attached to its record.",
			string(t.AttachedTo)))
	}
	lines = append(lines, t.sentences()...)
	if t.Rule != "" {
		lines = append(lines, "Rule: "+t.Rule+".")
	}
	return strings.Join(lines, "\n")
}

// sentence says what a probe found, or that it was not tried. It never prints the value sought.
func (p ProbeTrace) sentence(found bool) string {
	field := string(p.Object) + "." + p.Field
	if p.Key == KeyOld {
		field += " in its earlier form"
	}
	switch {
	case p.Skipped != "":
		return fmt.Sprintf("%s was not looked up: %s.", field, p.Skipped)
	case len(p.Candidates) == 0 && p.Removed > 0:
		return fmt.Sprintf("%s found %s, not listed any more.", field, value.Counted(p.Removed, "record"))
	case len(p.Candidates) == 0 && found && p.Tried != TriedYes:
		return fmt.Sprintf("%s was not tried: an earlier one had found the record.", field)
	case len(p.Candidates) == 0 && p.Tried == TriedNo:
		return fmt.Sprintf("%s was not tried.", field)
	case len(p.Candidates) == 0:
		return fmt.Sprintf("%s found nothing.", field)
	}
	names := make([]string, len(p.Candidates))
	for i, c := range p.Candidates {
		names[i] = named(c.Object, c.ID)
		note := c.Note
		if c.From != "" {
			note = "what " + named(salesforce.ObjectLead, c.From) + " became"
		}
		if note != "" {
			names[i] += " (" + note + ")"
		}
	}
	text := fmt.Sprintf("%s found %s", field, strings.Join(names, ", "))
	if p.Hit && len(p.Candidates) > 1 {
		text += "; the first was chosen"
	}
	return text + "."
}

// summary says in a few words what a match came to.
func (t *MatchTrace) summary() string {
	text := t.Rule
	if t.FoldedInto != "" {
		text += fmt.Sprintf(" (same person as lead %s)", t.FoldedInto)
	}
	return text
}

// named is a record as people name it.
func named(o salesforce.Object, id salesforce.ID) string {
	return strings.TrimSpace(string(o) + " " + string(id))
}
