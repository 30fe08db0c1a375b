// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
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
	// matchCorrected: the record was found by what the lead no longer is, so its probes
	// are tried first.
	matchCorrected
	// idCorrected: the host gives the id of another record.
	idCorrected
)

// Own reports whether a corrected lead stays with the record that was created for it.
func (c Correction) Own() bool { return c.kind == ownCorrected }

// Anew reports whether the record of a corrected lead was sought anew.
func (c Correction) Anew() bool { return c.kind == matchCorrected || c.kind == idCorrected }

// KnownLead returns the lead with the ids of the records that its last sync ended with,
// as far as they are still its, and whether it was corrected since.
func (t *Item) KnownLead() (*leadtype.Lead, Correction) {
	if t.Last == nil {
		return t.Lead, Correction{}
	}
	c := t.correction()
	lead := *t.Lead
	switch {
	case t.Last.ID == "" || c.Anew():
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
	case chosen && bond.Stands(t.Lead) && bond.Person != leadtype.OriginCreated:
	case bond.Person == leadtype.OriginGiven:
	case bond.Person == leadtype.OriginCreated && bond.EmailChanged(t.Lead):
		c.kind = ownCorrected
	case bond.Person != leadtype.OriginCreated && (chosen || bond.EmailChanged(t.Lead)):
		c.kind = matchCorrected
	}
	return c
}

// keepsAccount reports whether the account of the last sync is still the lead's. One
// that was created for it is. One that was found or chosen is not when the company
// changed, and one that came with the person not when that is sought anew.
func (t *Item) keepsAccount(c Correction) bool {
	last, bond := t.Last, t.Last.Trace.Bond
	chosen := last.Trace.Chosen != "" && last.Trace.Chosen.Equal(last.AccountID)
	switch {
	case last.AccountID == "" || t.Lead.AccountID != "" && !chosen:
		return false
	case bond == nil || bond.Account == leadtype.OriginCreated:
		return true
	case chosen:
		return bond.Stands(t.Lead)
	}
	return !bond.CompanyChanged(t.Lead.ID, CompanyKeys(t.Lead)) && (!c.Anew() || bond.Account != "")
}

// corrected adds a probe for the record of a corrected lead's last sync: before the
// others where it stays the lead's, else after them.
func (m *Match) corrected(probes []leadtype.ProbeTrace) []leadtype.ProbeTrace {
	if m.Correction.kind == notCorrected {
		return probes
	}
	known := leadtype.Probe{Object: m.Correction.Object, Field: "Id", Value: string(m.Correction.Record)}
	probes = slices.DeleteFunc(probes, func(p leadtype.ProbeTrace) bool { return p.Probe == known })
	if m.Correction.Own() {
		return slices.Insert(probes, 0, leadtype.ProbeTrace{Probe: known})
	}
	return append(probes, leadtype.ProbeTrace{Probe: known})
}

// isKnown reports whether a probe is the one for the record of the last sync.
func (m *Match) isKnown(p *leadtype.ProbeTrace) bool {
	return m.Correction.Record != "" && p.Field == "Id" && salesforce.ID(p.Value).Equal(m.Correction.Record)
}

// mayStay reports whether a lead that no other probe found stays with the record of its
// last sync: unless the two have different names, or had before that sync.
func (m *Match) mayStay(record *salesforce.Record) bool {
	if m.Correction.kind != matchCorrected {
		return true
	}
	return !m.Item.Last.Trace.Bond.Differs && nameOf(m.Lead).Agrees(nameIn(record))
}

// differs notes that the record of the last sync is not the lead's, so that it does not
// identify the lead either.
func (p *probed) differs() {
	p.Skipped = "the lead was corrected, and its name is another one"
}

func nameOf(lead *leadtype.Lead) identity.Name {
	return identity.Name{First: lead.FirstName, Last: lead.LastName}
}

func nameIn(record *salesforce.Record) identity.Name {
	return identity.Name{First: record.Text("FirstName"), Last: record.Text("LastName")}
}

// checkTaken fails a corrected lead whose new e-mail address another record has. A person
// decides then whether the two are one.
func (m *matching) checkTaken(one *Match) {
	own := one.Person
	if !one.Correction.Own() || one.Trace.Chosen.Equal(own.ID) {
		return
	}
	taken := false
	for i := range one.Trace.Probes {
		p := &one.Trace.Probes[i]
		if p.Skipped != "" || p.Field != "Email" || p.Object == salesforce.ObjectAccount {
			continue
		}
		p.Candidates = nil
		record := m.try(one, p)
		taken = taken || record != nil && record.ID != own.ID
		if one.Err != nil {
			return
		}
	}
	if taken {
		one.Err = &leadtype.Error{Op: "match", LeadID: one.Lead.ID, Code: leadtype.AmbiguousMatch,
			Fields: []string{"Email", "Id"}, Reason: "the lead was corrected, and another record has its new e-mail address: " +
				"choose that one, or the one that was created for the lead"}
	}
}

// bind enters how the lead came to the person and the account that were found.
func (m *Match) bind() {
	bond := leadtype.NewBond(m.Item.Lead)
	m.Trace.Bond = bond
	var last *leadtype.Bond
	if m.Item.Last != nil {
		last = m.Item.Last.Trace.Bond
		m.keepChoice(last)
	}
	if last != nil && bond.Email == "" {
		bond.Email = last.Email // without an address it cannot be compared
	}
	if m.Person != nil {
		bond.Person, bond.Differs = m.origin(), !nameOf(m.Lead).Agrees(nameIn(m.Person))
	}
	if m.Account != nil {
		bond.Account = leadtype.OriginMatched
	}
	if m.Correction.Anew() && (m.Person == nil || !m.Person.ID.Equal(m.Correction.Record)) {
		bond.Instead = m.Correction.Record
		return
	}
	if last == nil || m.Person == nil || m.Item.Last.ID == "" {
		return
	}
	// The same record, or the one that took its place.
	if bond.Person == "" || m.viaKnown() {
		bond.Person, bond.Differs = last.Person, last.Differs
	}
}

// viaKnown reports whether the record was found by the id that the last sync ended with.
func (m *Match) viaKnown() bool {
	return slices.ContainsFunc(m.Trace.Probes, func(p leadtype.ProbeTrace) bool {
		return p.Hit && p.Field == "Id" && salesforce.ID(p.Value).Equal(m.Item.Last.ID)
	}) || m.Person.ID.Equal(m.Item.Last.ID)
}

// keepChoice enters what a person chose, as long as that is for the lead's data.
func (m *Match) keepChoice(last *leadtype.Bond) {
	chosen := m.Item.Last.Trace.Chosen
	if chosen == "" || !last.Stands(m.Item.Lead) {
		return
	}
	m.Trace.Chosen = chosen
	m.Trace.Bond.Choose(m.Item.Lead)
}

// origin returns how the person was found.
func (m *Match) origin() leadtype.Origin {
	for _, p := range m.Trace.Probes {
		switch {
		case !p.Hit || p.Object == salesforce.ObjectAccount:
		case strings.EqualFold(p.Field, m.keyField):
			return leadtype.OriginCreated
		case p.Field == "Id":
			return leadtype.OriginGiven
		}
	}
	return leadtype.OriginMatched
}
