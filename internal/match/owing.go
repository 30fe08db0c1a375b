// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// owing is the probe for the Account in which a lead's person was created, where values of it
// are owed to the lead: nothing else asks for it once the person is there.
func (t *Item) owing() (probe leadtype.ProbeTrace, owes bool) {
	if t.Last == nil || t.Last.AccountID == "" || !t.owesAccount() {
		return probe, false
	}
	probe.Object, probe.Field, probe.Value = salesforce.ObjectAccount, "Id", string(t.Last.AccountID.ID18())
	return probe, true
}

// owesAccount reports whether values of an Account are owed to a lead, or a person has asked
// for fields of the Account that the lead was synced with: that of a Contact which was only
// matched is left alone.
func (t *Item) owesAccount() bool {
	if t.owed(salesforce.ObjectAccount) {
		return true
	}
	had := func(out *leadtype.Outcome) bool {
		return slices.ContainsFunc(out.Parts, func(part leadtype.Part) bool {
			return part.Kind == leadtype.PartAccount && part.ID.Equal(t.Last.AccountID)
		})
	}
	return len(t.Ask.Of(salesforce.ObjectAccount)) > 0 && (had(t.Last) || slices.ContainsFunc(t.Last.Earlier, had))
}

// askOwing asks for the Account of which values are owed to a lead.
func (m *matching) askOwing(one *Match) {
	if p, owes := one.Item.owing(); owes && m.session.Describe(p.Object) != nil {
		m.askID(&p)
	}
}

// findOwing notes the Account of which values are owed to a lead, or what it was merged into,
// as long as the person is in it.
func (m *matching) findOwing(one *Match) {
	p, owes := one.Item.owing()
	if !owes || one.Object != salesforce.ObjectContact || one.Err != nil {
		return
	}
	for _, found := range m.index.Find(p.Object, p.Field, p.Value) {
		record, _ := m.resolve(one, found, &p)
		if record != nil && record.ID.Equal(salesforce.ID(one.Person.Text("AccountId"))) {
			one.Owing = record
		}
	}
}
