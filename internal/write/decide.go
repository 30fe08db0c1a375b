// SPDX-License-Identifier: Apache-2.0

package write

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// Choose returns the outcome of a failed lead for which a person chose a record, or
// leadtype.NewRecord, waiting to be synced. by is who chose it. The error says why it cannot be
// chosen.
func Choose(e *store.Entry, record salesforce.ID, by string) (*leadtype.Outcome, *leadtype.Error) {
	refuse := func(field, reason string) (*leadtype.Outcome, *leadtype.Error) {
		return nil, &leadtype.Error{Op: "choose", LeadID: e.Lead.ID, Code: leadtype.DataValueValidation,
			Fields: []string{field}, Reason: reason}
	}
	if e.Stage != leadtype.Failed || !leadtype.AwaitsChoice(e.Last) {
		return refuse("id", "the lead is not waiting for a choice: it is "+string(e.Stage)+", and only one that failed "+
			"with AMBIGUOUS_MATCH, DUPLICATE_RECORD or for a converted Lead is")
	}
	candidates := leadtype.Candidates(e.Last)
	d := newDecision(e.Lead, e.Last, by)
	chosen := slices.IndexFunc(candidates, func(c leadtype.Candidate) bool { return c.ID.Equal(record) })
	switch {
	case record == leadtype.NewRecord && leadtype.AwaitsAccount(e.Last):
		return d.newAccount(), nil
	case record == leadtype.NewRecord:
		return d.newPerson(), nil
	case len(candidates) == 0:
		return refuse("record", "the candidates are not known: push the lead, so that it is matched again, or choose "+
			string(leadtype.NewRecord))
	case chosen < 0:
		return refuse("record", "must be one of the candidates, "+leadtype.Listed(candidates))
	case candidates[chosen].Object == salesforce.ObjectAccount:
		return d.account(candidates[chosen]), nil
	}
	return d.person(candidates[chosen]), nil
}

// A decision is what a person decides about a lead.
type decision struct {
	lead   *leadtype.Lead
	last   *leadtype.Outcome
	by     string
	choice leadtype.Choice // so far
}

func newDecision(lead *leadtype.Lead, last *leadtype.Outcome, by string) *decision {
	d := &decision{lead: lead, last: last, by: by}
	if last.Trace.Bond.ChoiceHolds(lead) {
		d.choice = last.Trace.Split()
	}
	return d
}

// person returns an outcome with a candidate as the known record.
func (d *decision) person(c leadtype.Candidate) *leadtype.Outcome {
	out, bond := *d.last, leadtype.NewBond(d.lead)
	known := d.last.Trace.Bond
	switch {
	case known != nil && c.ID.Equal(d.last.ID):
		*bond = *known // its e-mail address is still to be written
	case known != nil && c.From != "" && c.From.Equal(d.last.ID):
		*bond = *known // what was the lead's has become it
		out.Object, out.ID = c.Object, c.ID
	default:
		out = *d.leave(c.ID)
		d.keepAccount(bond)
		out.Object, out.ID, bond.Person = c.Object, c.ID, leadtype.OriginChosen
	}
	d.forget(false)
	d.choice.Chosen, d.choice.ChosenBy = c.ID, d.by
	return d.waiting(&out, bond)
}

// newPerson returns an outcome of a lead for which a record is to be created. The record that
// it had is left.
func (d *decision) newPerson() *leadtype.Outcome {
	out, bond := d.leave(""), leadtype.NewBond(d.lead)
	out.Object, out.ID = "", ""
	d.keepAccount(bond)
	d.forget(false)
	d.choice.Chosen, d.choice.ChosenBy = leadtype.NewRecord, d.by
	d.pass()
	return d.waiting(out, bond)
}

// account returns an outcome with a candidate as the known account.
func (d *decision) account(c leadtype.Candidate) *leadtype.Outcome {
	out, bond := *d.last, d.bond()
	out.AccountID, bond.Account = c.ID, leadtype.OriginChosen
	bond.Company = leadtype.CompanyDigests(d.lead.ID, match.CompanyKeys(d.lead))
	d.forget(true)
	d.choice.ChosenAccount, d.choice.AccountBy = c.ID, d.by
	return d.waiting(&out, bond)
}

// newAccount returns an outcome of a lead for which an account is to be created.
func (d *decision) newAccount() *leadtype.Outcome {
	out, bond := *d.last, d.bond()
	out.AccountID, bond.Account, bond.Company = "", "", nil
	d.forget(true)
	d.choice.ChosenAccount, d.choice.AccountBy = leadtype.NewRecord, d.by
	d.pass()
	return d.waiting(&out, bond)
}

// bond returns a copy of how the lead came to its records.
func (d *decision) bond() *leadtype.Bond {
	if known := d.last.Trace.Bond; known != nil {
		bond := *known
		return &bond
	}
	return leadtype.NewBond(d.lead)
}

// keepAccount takes over how the lead came to its account.
func (d *decision) keepAccount(bond *leadtype.Bond) {
	if known := d.last.Trace.Bond; known != nil {
		bond.Account, bond.Company = known.Account, known.Company
	}
}

// leave returns the last outcome without its record, which the lead has left for another one if
// syncs did something there.
func (d *decision) leave(record salesforce.ID) *leadtype.Outcome {
	out := *d.last
	bond := out.Trace.Bond
	never := bond != nil && (bond.Person == leadtype.OriginChosen || bond.Person == leadtype.OriginDuplicate) &&
		len(out.Earlier) == 0 &&
		!slices.ContainsFunc(out.Parts, func(p leadtype.Part) bool { return p.ID != "" && p.ID.Equal(out.ID) })
	if out.ID == "" || never {
		return &out
	}
	return Leave(d.last, record)
}

// forget drops what was chosen before of the account, or of the person.
func (d *decision) forget(account bool) {
	d.choice.Passed = slices.DeleteFunc(slices.Clone(d.choice.Passed), func(id salesforce.ID) bool {
		return (value.ObjectOfID(id) == salesforce.ObjectAccount) == account
	})
	if len(d.choice.Passed) == 0 {
		d.choice.Passed = nil
	}
}

// pass notes that the lead is none of the candidates.
func (d *decision) pass() { d.choice.Passed = append(d.choice.Passed, leadtype.Passed(d.last)...) }

// waiting returns an outcome with the choice, which is for what the lead is now.
func (d *decision) waiting(out *leadtype.Outcome, bond *leadtype.Bond) *leadtype.Outcome {
	bond.Choose(d.lead)
	out.Stage, out.Trace.Choice, out.Trace.Bond = leadtype.PreSync, d.choice, bond
	return out
}

// DismissedOutcome returns the outcome of a failed lead that a person dismisses. last may be
// nil.
func DismissedOutcome(lead *leadtype.Lead, last *leadtype.Outcome, by, reason string) *leadtype.Outcome {
	out := leadtype.Outcome{LeadID: lead.ID, EventID: lead.EventID, Stage: leadtype.Failed}
	if last != nil {
		out = *last
	}
	warning := leadtype.Warning{Kind: leadtype.Chosen, Code: out.Code(),
		Reason: fmt.Sprintf("dismissed by %s: %s", by, reason)}
	if out.Err != nil {
		warning.Object = out.Err.Object
	}
	out.Warnings = append(slices.Clone(out.Warnings), warning)
	out.Stage, out.Action, out.Err = leadtype.Cleared, leadtype.Dismissed, nil
	return &out
}
