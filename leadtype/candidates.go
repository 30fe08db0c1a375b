// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// NewRecord stands in leadsync.Syncer.Choose for none of the candidates: a record is
// created for the lead.
const NewRecord salesforce.ID = "new"

// A Choice is what a person chose for a lead with leadsync.Syncer.Choose. It is kept by later
// syncs until the lead's e-mail address, name or company changes, or the record chosen is gone.
type Choice struct {
	// Chosen is the record of the person, or NewRecord, and ChosenBy who chose it, as far as
	// known.
	Chosen   salesforce.ID `json:"chosen,omitempty"`
	ChosenBy string        `json:"chosenBy,omitempty"`
	// ChosenAccount is the account in which the lead's Contact is created, or NewRecord, and
	// AccountBy who chose it. An earlier version had an account under Chosen.
	ChosenAccount salesforce.ID `json:"chosenAccount,omitempty"`
	AccountBy     string        `json:"accountBy,omitempty"`
	// Passed are the candidates that there were when a person chose NewRecord: the lead is
	// none of them, nor a record that turns up later and has another person's name, or one that
	// agrees in part only. One with the lead's own name may be the lead's still, and so may an
	// account.
	Passed []salesforce.ID `json:"passed,omitempty"`
}

// Split returns the choice with an account where it belongs.
func (c Choice) Split() Choice {
	if c.ChosenAccount == "" && value.ObjectOfID(c.Chosen) == salesforce.ObjectAccount {
		c.Chosen, c.ChosenBy, c.ChosenAccount, c.AccountBy = "", "", c.Chosen, c.ChosenBy
	}
	return c
}

// IsMade reports whether there is a choice.
func (c *Choice) IsMade() bool { return c.Chosen != "" || c.ChosenAccount != "" }

// Passes reports whether a person passed a record by for a new one.
func (c *Choice) Passes(record salesforce.ID) bool {
	return slices.ContainsFunc(c.Passed, func(id salesforce.ID) bool { return id.Equal(record) })
}

// PassesPeople reports whether it is known which people's records a person passed by.
func (c *Choice) PassesPeople() bool {
	return slices.ContainsFunc(c.Passed, func(id salesforce.ID) bool {
		return value.ObjectOfID(id) != salesforce.ObjectAccount
	})
}

// sentences say what was chosen and by whom.
func (c Choice) sentences() (lines []string) {
	c = c.Split()
	say := func(record salesforce.ID, by, kind, object string) {
		by = cmp.Or(by, "A person")
		switch record {
		case "":
		case NewRecord:
			lines = append(lines, fmt.Sprintf("%s chose that %s is created.", by, kind))
		default:
			lines = append(lines, fmt.Sprintf("%s chose %s.", by, strings.TrimSpace(object+" "+string(record))))
		}
	}
	say(c.Chosen, c.ChosenBy, "a record", "")
	say(c.ChosenAccount, c.AccountBy, "an Account", string(salesforce.ObjectAccount))
	return lines
}

// A CandidateWhy says why a person may choose a record.
type CandidateWhy string

// Why a record is a candidate.
const (
	// WhyFound is a record whose Candidate.Field has the lead's value.
	WhyFound CandidateWhy = "found"
	// WhyReported is a record that a duplicate rule or a unique field of the org reported.
	WhyReported CandidateWhy = "reported"
	// WhyBecame is the Contact that a converted Lead became, which Candidate.From is.
	WhyBecame CandidateWhy = "became"
	// WhyOwn is the record that the lead has: a duplicate rule alerted when it was written.
	// Chosen, it is written although the rule alerts.
	WhyOwn CandidateWhy = "own"
)

// maxListed bounds the candidates that Listed names.
const maxListed = 10

// Listed names candidates, at most 10 of them, and NewRecord, which is always possible.
func Listed(candidates []Candidate) string {
	names := make([]string, min(len(candidates), maxListed))
	for i := range names {
		names[i] = string(candidates[i].Object) + " " + string(candidates[i].ID)
	}
	listed := strings.Join(names, ", ")
	if more := len(candidates) - len(names); more > 0 {
		listed += fmt.Sprintf(" and %d more", more)
	}
	return listed + ", or " + string(NewRecord)
}

// ReasonConverted is the reason of a lead that is held because its Lead is converted.
const ReasonConverted = "the Lead is converted: choose what it became, or a new record"

// AwaitsChoice reports whether leadsync.Syncer.Choose decides about a lead that failed: several
// records may be the lead's, or one that has another person's name (AMBIGUOUS_MATCH); the org
// reports that the person or the account is there already (DUPLICATE_RECORD); or the Lead that was
// found is converted, under HoldConverted (STALE_REMOTE_RECORD). False for nil.
func AwaitsChoice(o *Outcome) bool {
	if o == nil || o.Err == nil {
		return false
	}
	switch kind := o.undecided(); {
	case kind != PartPerson && kind != PartAccount:
		return false
	case o.Err.Code == StaleRemoteRecord:
		return o.Err.salesforce() == nil && o.Err.causeName() == "converted"
	}
	return o.Err.Code == AmbiguousMatch || o.Err.Code == DuplicateRecord
}

// OffersNew reports whether NewRecord may help a lead that AwaitsChoice: a unique field that has
// refused a new record refuses it again, until the value is another one.
func OffersNew(o *Outcome) bool {
	return AwaitsChoice(o) && !strings.HasPrefix(o.Err.causeName(), "unique")
}

// undecided returns of which part a person decides: of the one that failed, and of the person
// or the account where none was planned.
func (o *Outcome) undecided() PartKind {
	for i := range o.Parts {
		if err := o.Parts[i].Err; err != nil && err.Code == o.Err.Code {
			return o.Parts[i].Kind
		}
	}
	switch o.Err.Object {
	case salesforce.ObjectAccount:
		return PartAccount
	case salesforce.ObjectLead, salesforce.ObjectContact, "":
		return PartPerson
	}
	return PartCustom
}

// AwaitsAccount reports whether it is an account that AwaitsChoice is about.
func AwaitsAccount(o *Outcome) bool { return AwaitsChoice(o) && o.undecided() == PartAccount }

// Candidates returns the records among which a person may choose for a lead that AwaitsChoice,
// each once and with why: those that the probe found, that the org named as duplicates, or that a
// converted Lead became, without those that cannot be the person's or the account's. A person's
// may be of an object that the strategy does not look for. Beside them NewRecord may be chosen. A
// page reads what it shows of them with salesforce.Client.Retrieve. It returns nil for any other
// outcome, and for nil, and where they are no longer kept: see leadsync.Config.KeepBefore.
func Candidates(o *Outcome) []Candidate {
	if !AwaitsChoice(o) {
		return nil
	}
	var found []Candidate
	account := o.undecided() == PartAccount
	for _, c := range slices.Concat(o.found(), o.reported(), o.own()) {
		switch {
		case c.ID == "" || slices.ContainsFunc(found, func(f Candidate) bool { return f.ID.Equal(c.ID) }):
		case account && c.Object == salesforce.ObjectAccount,
			!account && (c.Object == salesforce.ObjectLead || c.Object == salesforce.ObjectContact):
			found = append(found, c)
		}
	}
	return found
}

// Passed returns the Choice.Passed of a person who chooses NewRecord for a lead: its candidates,
// and what became them.
func Passed(o *Outcome) []salesforce.ID {
	var passed []salesforce.ID
	for _, c := range Candidates(o) {
		passed = addID(passed, c.ID, c.From)
	}
	if o == nil || o.Err == nil || o.Err.Code != StaleRemoteRecord {
		return passed
	}
	for _, p := range o.Trace.Probes {
		for _, c := range p.Candidates {
			if c.Note == NoteConverted {
				passed = addID(passed, c.ID)
			}
		}
	}
	return passed
}

// found returns what the probe found that left more than one possibility.
func (o *Outcome) found() (found []Candidate) {
	for _, p := range o.Trace.Probes {
		own := o.Err.Object == "" && p.Object != salesforce.ObjectAccount // of either object
		if !own && p.Object != o.Err.Object || !slices.Contains(o.Err.Fields, p.Field) {
			continue
		}
		for _, c := range p.Candidates {
			none := []string{NoteDeleted, NoteNoHit, NotePerson}
			if o.Err.Code == StaleRemoteRecord {
				none = append(none, NoteConverted)
			}
			if slices.Contains(none, c.Note) {
				continue
			}
			switch c.Why, c.Field = WhyFound, p.Field; {
			case c.From != "":
				c.Why, c.Field = WhyBecame, ""
			case c.Note == NoteDuplicate, c.Note == NoteUnique:
				c.Why, c.Field = WhyReported, ""
			}
			found = append(found, c)
		}
	}
	return found
}

// reported returns what the org named as duplicates.
func (o *Outcome) reported() (found []Candidate) {
	var sf *salesforce.Error
	if errors.As(o.Err.Err, &sf) {
		for _, d := range sf.Duplicates {
			found = append(found, Candidate{Object: cmp.Or(d.Object, value.ObjectOfID(d.ID)), ID: d.ID.ID18(),
				Why: WhyReported})
		}
	}
	return found
}

// own returns the lead's record where the org takes it for a duplicate.
func (o *Outcome) own() []Candidate {
	if o.Err.Code != DuplicateRecord || o.undecided() != PartPerson || o.ID == "" {
		return nil
	}
	return []Candidate{{Object: o.Object, ID: o.ID, Why: WhyOwn}}
}
