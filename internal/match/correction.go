// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Correction is what a lead's new data means for the record of its last sync.
type Correction struct {
	kind   correctionKind
	Object salesforce.Object // of the record of the last sync
	Record salesforce.ID
}

type correctionKind int

const (
	notCorrected correctionKind = iota
	// ownCorrected: the record stays, because it was created for the lead.
	ownCorrected
	// matchCorrected: the record was found by data that has changed, so the probes of the
	// strategy are tried first.
	matchCorrected
	// idCorrected: the host gives the id of another record.
	idCorrected
	// keptChoice: nothing was corrected, and a person chose the record.
	keptChoice
)

// Own reports whether a corrected lead stays with the record that was created for it.
func (c Correction) Own() bool { return c.kind == ownCorrected }

// Rematched reports whether the record of a corrected lead is looked for again.
func (c Correction) Rematched() bool { return c.kind == matchCorrected || c.kind == idCorrected }

// KnownLead returns the lead with the ids of the records that its last sync ended with, as
// far as they are still the lead's, and whether it was corrected since.
func (t *Item) KnownLead() (*leadtype.Lead, Correction) {
	if t.Last == nil {
		return t.Lead, Correction{}
	}
	c := t.correction()
	lead := *t.Lead
	switch {
	case t.Last.ID == "" || c.Rematched():
	case t.Last.Object == salesforce.ObjectContact:
		lead.ContactID = t.Last.ID
	case t.Last.Object == salesforce.ObjectLead:
		lead.LeadID = t.Last.ID
	}
	if t.keepsAccount(c) {
		lead.AccountID = t.Last.AccountID
	}
	return &lead, c
}

// correction compares the lead with the data by which it came to its record.
func (t *Item) correction() Correction {
	last, bond := t.Last, t.Last.Trace.Bond
	if last.ID == "" || bond == nil {
		return Correction{}
	}
	c := Correction{Object: last.Object, Record: last.ID.ID18()}
	chosen := last.Trace.Chosen != "" && last.Trace.Chosen.Equal(last.ID)
	switch {
	case bond.GivenChanged(t.Lead):
		c.kind = idCorrected
	case chosen && bond.ChoiceHolds(t.chooser()) &&
		(bond.Person != leadtype.OriginCreated || !bond.EmailChanged(t.Lead) && !t.correctionSent()):
		c.kind = keptChoice
	case bond.Person == leadtype.OriginGiven:
	case bond.Person == leadtype.OriginCreated && (bond.EmailChanged(t.Lead) || t.correctionSent()):
		c.kind = ownCorrected
	case bond.Person != leadtype.OriginCreated && (chosen || bond.EmailChanged(t.Lead)):
		c.kind = matchCorrected
	}
	return c
}

// correctionSent reports whether an address may have been written to the lead's own record
// that no outcome knows of: the lead may have to be corrected back.
func (t *Item) correctionSent() bool {
	return identity.Email(t.Lead.Email) != "" && t.sent("Email")
}

// keepsAccount reports whether the account of the last sync is still the lead's. One that
// was created for it is. One that was found or chosen is not when the company changed, and
// one that came with the person is not when the person is looked for again.
func (t *Item) keepsAccount(c Correction) bool {
	last, bond := t.Last, t.Last.Trace.Bond
	chosen := last.Trace.Split().ChosenAccount.Equal(last.AccountID)
	switch {
	case last.AccountID == "" || t.Lead.AccountID != "" && !chosen:
		return false
	case bond == nil || bond.Account == leadtype.OriginCreated:
		return true
	case chosen:
		return bond.ChoiceHolds(t.chooser())
	}
	return !bond.CompanyChanged(t.Lead.ID, CompanyKeys(t.Lead)) && (!c.Rematched() || bond.Account != "")
}

// corrected adds a probe for the record of a corrected lead's last sync: before the
// others where it stays the lead's, else after them.
func (m *Match) corrected(probes []leadtype.ProbeTrace) []leadtype.ProbeTrace {
	if m.Correction.kind == notCorrected {
		return m.withKnown(probes)
	}
	known := leadtype.Probe{Object: m.Correction.Object, Field: "Id", Value: string(m.Correction.Record)}
	probes = slices.DeleteFunc(probes, m.isKnown)
	if !m.Correction.Rematched() {
		return slices.Insert(probes, 0, leadtype.ProbeTrace{Probe: known})
	}
	return append(probes, leadtype.ProbeTrace{Probe: known})
}

// withKnown adds to the probes of a strategy that has none for ids one for the record of the lead's
// last sync, behind the others: where they find nothing, it would be created again.
func (m *Match) withKnown(probes []leadtype.ProbeTrace) []leadtype.ProbeTrace {
	last := m.Item.Last
	if last == nil || last.ID == "" || !m.Object.Equal(last.Object) || m.WantsNew() {
		return probes
	}
	if slices.ContainsFunc(probes, func(p leadtype.ProbeTrace) bool {
		return strings.EqualFold(p.Field, "Id") && last.Object.Equal(p.Object)
	}) {
		return probes
	}
	return append(probes, leadtype.ProbeTrace{
		Probe: leadtype.Probe{Object: last.Object, Field: "Id", Value: string(last.ID.ID18())}})
}

// isKnown reports whether a probe is the one for the record of the last sync.
func (m *Match) isKnown(p leadtype.ProbeTrace) bool {
	return p.Object == m.Correction.Object && p.Field == "Id" && salesforce.ID(p.Value).Equal(m.Correction.Record)
}

// mayStay reports whether a lead that no other probe found stays with the record of its
// last sync: unless the two have different names, or had before that sync.
func (m *Match) mayStay(record *salesforce.Record) bool {
	if m.Correction.kind != matchCorrected {
		return true
	}
	return !m.Item.Last.Trace.Bond.Differs && m.namesake.is(m.Lead, NameIn(record))
}

// checkTaken fails a corrected lead whose new e-mail address another record has. A person
// decides then whether the two are one.
func (m *matching) checkTaken(one *Match) {
	own := one.Person
	if !one.Correction.Own() || !one.viaKnown() || one.Trace.Chosen.Equal(own.ID) {
		return
	}
	taken := false
	for i := range one.Trace.Probes {
		p := &one.Trace.Probes[i]
		if p.Skipped != "" || p.Field != "Email" || p.Object == salesforce.ObjectAccount {
			continue
		}
		p.Candidates, p.Tried = nil, leadtype.TriedYes
		record := m.try(one, p)
		taken = taken || record != nil && record.ID != own.ID && !m.vacated(one, p, record) &&
			identity.Email(record.Text("Email")) == identity.Email(p.Value) // not of a Lead that became it
		if one.Err != nil {
			return
		}
	}
	if taken {
		one.Err = &leadtype.Error{Op: "match", LeadID: one.Lead.ID, Code: leadtype.AmbiguousMatch,
			Fields: []string{"Email", "Id"}, Reason: "the lead was corrected, and another record has its new e-mail address: " +
				"choose that one, or the one that was created for the lead. Where two leads have swapped their addresses, " +
				"push both together instead"}
	}
}

// bind enters how the lead came to the person and the account that were found, and by which
// data.
func (m *Match) bind() {
	bond := leadtype.NewBond(m.Item.Lead)
	m.Trace.Bond = bond
	if m.Trace.IsMade() {
		bond.Choose(m.Item.chooser())
	}
	if m.Account != nil {
		bond.Account = leadtype.OriginMatched
	}
	if m.Correction.Rematched() && (m.Person == nil || !m.viaKnown()) {
		bond.Instead = m.Correction.Record
		m.skipKnown("another record was found, or is created")
	}
	var last *leadtype.Bond
	if m.Item.Last != nil && bond.Instead == "" {
		last = m.Item.Last.Trace.Bond
	}
	bond.SetNames(m.Lead, last)
	if last != nil && bond.Email == "" {
		bond.Email = last.Email // a lead that lost its address was not corrected
	}
	if m.Person == nil {
		return
	}
	bond.Person, bond.Who = m.origin(), m.Who
	if last != nil && last.Person != "" && m.viaKnown() {
		bond.Person, bond.Differs = last.Person, last.Differs
		if last.Person != leadtype.OriginChosen {
			return
		}
	}
	if bond.Person == leadtype.OriginMatched || bond.Person == leadtype.OriginChosen {
		bond.Differs = bond.Differs || !m.namesake.is(m.Lead, NameIn(m.Person))
	}
}

// skipKnown takes the record of the last sync out of the probes by which the lead is
// identified.
func (m *Match) skipKnown(why string) {
	for i := range m.Trace.Probes {
		if p := &m.Trace.Probes[i]; m.isKnown(*p) && p.Skipped == "" {
			p.Skipped, p.Candidates = why, nil
		}
	}
}

// viaKnown reports whether the person is the record that the last sync ended with, or
// took its place.
func (m *Match) viaKnown() bool {
	last := m.Item.Last.ID
	return last != "" && (m.Person.ID.Equal(last) || slices.ContainsFunc(m.Trace.Probes, func(p leadtype.ProbeTrace) bool {
		return p.Hit && p.Field == "Id" && salesforce.ID(p.Value).Equal(last)
	}))
}

// origin returns how the person was found.
func (m *Match) origin() leadtype.Origin {
	if m.left {
		return leadtype.OriginCreated
	}
	for _, p := range m.Trace.Probes {
		switch {
		case !p.Hit || p.Object == salesforce.ObjectAccount:
		case p.Key != "" && m.Item.sentAs(&p) == "":
			return leadtype.OriginCreated
		case p.Field == "Id":
			return leadtype.OriginGiven
		}
	}
	return leadtype.OriginMatched
}

// Joins notes that the lead has the record that another lead found or creates.
func (m *Match) Joins(other *Match) {
	if m.Person != nil || m.Trace.Bond == nil {
		return // it found the record itself
	}
	name := NameOf(other.Lead)
	if other.Person != nil {
		name = NameIn(other.Person)
	}
	m.Trace.Bond.Person, m.Trace.Bond.Differs = leadtype.OriginMatched, !m.namesake.is(m.Lead, name)
	m.Trace.Bond.Who = m.Who
}

// HadName reports whether an earlier sync had a name of the record as the lead's own, in
// FirstName or LastName, and whether that is known.
func (m *Match) HadName(field, name string) (had, known bool) {
	if m.Item == nil {
		return false, true
	}
	for i := range m.Item.Intents {
		sent := &m.Item.Intents[i].Person
		if field == "FirstName" && value.SameFolded(sent.FirstName, name) ||
			field == "LastName" && value.SameFolded(sent.LastName, name) {
			return true, true
		}
	}
	last := m.Item.Last
	if last == nil || last.Trace.Bond == nil || m.Trace.Bond != nil && m.Trace.Bond.Instead != "" {
		return false, true
	}
	return last.Trace.Bond.HadName(m.Lead.ID, field, name)
}

// OwnEmail returns how the e-mail address of a corrected lead's own record is written:
// it is only where the record still has the one that the lead had. It returns false for
// any other record.
func (m *Match) OwnEmail(record *salesforce.Record) (ours, own bool) {
	if record == nil {
		return false, false
	}
	held := record.Text("Email")
	last := m.Item.Last
	if last == nil || last.ID == "" || m.Correction.Rematched() && (m.Person == nil || !m.viaKnown()) {
		ours = m.sent(record, identity.Email(held)) // it may be of a create that got no response
		return ours, ours
	}
	if !m.Correction.Own() || m.Person == nil || record.ID != m.Person.ID || !m.viaKnown() {
		return false, false
	}
	return m.Item.Last.Trace.Bond.HasEmail(m.Lead.ID, held) || m.Item.MayHaveEmail(m.Item.Last.ID, held) ||
		m.Item.MayHaveEmail(record.ID, held), true // the one may have been merged into the other
}

// untouched is how long after its creation the org's own automation may change a record.
const untouched = time.Minute

// sent reports whether a record was made by a create of the lead whose response was lost,
// with an address that the lead no longer has.
func (m *Match) sent(record *salesforce.Record, held string) bool {
	if now := identity.Email(m.Lead.Email); held == "" || now == "" || now == held {
		return false
	}
	if m.Item.MayHaveEmail(record.ID, held) {
		return true
	}
	if intent := m.Item.Intent(leadtype.PartPerson, ""); intent != nil {
		return identity.Email(intent.Person.Email) == held
	}
	keyed := m.Item.Keyed(leadtype.PartPerson)
	if keyed == nil || m.Person == nil || m.Person.ID != record.ID || m.Trace.Bond == nil ||
		m.Trace.Bond.Person != leadtype.OriginCreated {
		return false
	}
	if keyed.Person.LastName != "" {
		return identity.Email(keyed.Person.Email) == held
	}
	created, _ := record.Time("CreatedDate") // the journal of earlier versions has no address
	changed, _ := record.Time("SystemModstamp")
	return changed.Sub(created) <= untouched
}

// FormerRecords are the records on which Tasks of the lead may be whose creates got no
// response: those that it has left, and that of the last sync. None where every create got
// one.
func (m *Match) FormerRecords() []salesforce.ID {
	if !slices.ContainsFunc(m.Item.Intents, func(i leadtype.Intent) bool { return i.Kind == leadtype.PartTask }) {
		return nil
	}
	former := m.LeftRecords()
	if last := m.Item.Last; last != nil && last.ID != "" && !slices.Contains(former, last.ID.ID18()) {
		former = append(former, last.ID.ID18())
	}
	return former
}

// LeftRecords are the records that were the lead's before it was corrected, and those that
// took their places.
func (m *Match) LeftRecords() []salesforce.ID {
	var left []salesforce.ID
	if m.Correction.Rematched() {
		left = append(left, m.Correction.Record)
	}
	if m.Item.Last != nil {
		for _, o := range m.Item.Last.Left {
			left = append(left, o.ID.ID18())
		}
	}
	return append(left, m.successors...)
}

// vacated reports whether a record was found by an e-mail address that it loses in this
// batch: it is the own one of another lead, with another name, which was corrected.
func (m *matching) vacated(one *Match, p *leadtype.ProbeTrace, record *salesforce.Record) bool {
	if p.Field != "Email" || len(m.corrected) == 0 {
		return false
	}
	other, held := m.corrected[record.ID], record.Text("Email")
	if other == nil || other == one || one.namesake.is(one.Lead, NameOf(other.Lead)) ||
		!other.Item.Last.Trace.Bond.HasEmail(other.Lead.ID, held) && !other.Item.MayHaveEmail(record.ID, held) {
		return false
	}
	for i := range p.Candidates {
		if p.Candidates[i].ID == record.ID {
			p.Candidates[i].Note = "its lead was corrected"
		}
	}
	return true
}
