// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// RuleLost is the rule by which a lead gets the record that was made by its create whose
// response was lost.
const RuleLost = "record from an earlier create whose response was lost"

// adopted returns the record that a create without a response turned out to have made,
// before an earlier sync updated it; "" where that is not known.
func (m *Match) adopted() salesforce.ID {
	if intent := m.Item.Intent(leadtype.PartPerson, ""); intent != nil {
		return intent.Record.ID18()
	}
	return ""
}

// findAdopted takes the record that an earlier sync adopted, or what took its place.
func (m *matching) findAdopted(one *Match) {
	id := one.adopted()
	if id == "" {
		return
	}
	found := m.known(nil, value.MatchedObject(value.ObjectOfID(id)), id)
	if found == nil {
		return
	}
	byID := leadtype.ProbeTrace{Probe: leadtype.Probe{Object: found.Object, Field: "Id", Value: string(id)}}
	record, note := m.resolve(one, found, &byID)
	if m.isHeld(record, note) && !one.WantsNew() {
		holdConverted(one, found.Object, byID.Field)
	}
	if record != nil {
		one.Person, one.Object, one.Account, one.left = record, record.Object, nil, true
		one.Trace.Rule = RuleLost
	}
}

// isLeft reports whether a record that a probe found was made by a create of the lead whose
// response was lost: no other has its address, its names, its time and its user. One that
// was created for another person's lead is not the lead's own.
func (m *matching) isLeft(one *Match, record *salesforce.Record) bool {
	intent := one.Item.Intent(leadtype.PartPerson, "")
	if intent == nil || intent.Who != "" || !record.Object.Equal(intent.Object) {
		return false
	}
	return m.isSince(intent, record) &&
		identity.Email(record.Text("Email")) == identity.Email(intent.Person.Email) &&
		TwinKey(record) == NameKey(record.Object, &intent.Person)
}

// isSince reports whether a record was created by the connection's user since a create was
// planned.
func (m *matching) isSince(intent *leadtype.Intent, record *salesforce.Record) bool {
	created, ok := record.Time("CreatedDate")
	by := salesforce.ID(record.Text("CreatedById"))
	return ok && !created.Before(intent.PlannedAt.Add(-ClockSkew)) &&
		(m.session.User == "" || by == "" || m.session.User.Equal(by))
}

// leftBy returns the record of the lead's open create where a probe finds it by its e-mail
// address, nil for none. It comes before other records that the probes find: another lead
// of the person may have a strategy that made one too.
func (m *matching) leftBy(one *Match) *salesforce.Record {
	intent := one.Item.Intent(leadtype.PartPerson, "")
	if intent == nil || identity.Email(intent.Person.Email) == "" ||
		identity.Email(intent.Person.Email) != identity.Email(one.Lead.Email) ||
		!slices.ContainsFunc(one.Trace.Probes, func(p leadtype.ProbeTrace) bool {
			return p.Object == intent.Object && p.Field == "Email" && p.Skipped == ""
		}) {
		return nil
	}
	var left []*salesforce.Record
	for _, record := range m.index.Find(intent.Object, "Email", intent.Person.Email) {
		if !record.Bool("IsDeleted") && !isConverted(record) && m.isLeft(one, record) {
			left = append(left, record)
		}
	}
	if len(left) != 1 {
		return nil
	}
	return left[0]
}

// findTwins gathers the records that may already be this lead's: with its name and
// address, and not created by another user.
func (m *matching) findTwins(one *Match) {
	one.Twins = nil
	if one.fresh == nil || one.WantsNew() && one.Item.Intent(leadtype.PartPerson, "") == nil {
		return // a person passed those by that there were
	}
	email := identity.Email(one.fresh.Text("Email"))
	key := TwinKey(one.fresh) + "\x00" + email
	twins, known := m.twins[key]
	if !known {
		for _, record := range m.index.Find(one.Object, "LastName", one.fresh.Text("LastName")) {
			if m.isTwin(one, record, email) {
				twins = append(twins, record)
			}
		}
		slices.SortFunc(twins, func(a, b *salesforce.Record) int { return cmp.Compare(a.ID, b.ID) })
		m.twins[key] = twins
	}
	one.Twins = twins
}

// remembered returns what is remembered of the records that may be a lead's by its name,
// and of those that were found where rules of the mapping need it or the lead was synced
// before.
func (m *matching) remembered(ctx context.Context) (map[salesforce.ID]leadtype.RecordMemory, error) {
	if m.Memory == nil {
		return nil, nil
	}
	ids := make(value.Set)
	add := func(record *salesforce.Record) {
		if record != nil {
			ids.Add(string(record.ID.ID18()))
		}
	}
	needed := m.Set.RemembersAny()
	for _, one := range m.matches {
		for _, twin := range one.Twins {
			add(twin)
		}
		if one.Correction.Own() {
			ids.Add(string(one.Correction.Record.ID18()))
		}
		if (needed || one.Item.Last != nil) && one.Err == nil { // what was settled may have been reverted
			add(one.Person)
			add(one.Account)
			add(one.Owing)
			m.customRecords(one, add)
		}
	}
	if m.Set.RemembersMembers() || slices.ContainsFunc(m.matches, func(one *Match) bool { return one.Item.Last != nil }) {
		for _, members := range m.index.members {
			for _, member := range members {
				add(member)
			}
		}
	}
	if needed {
		m.followKnown()
		for _, path := range m.followed {
			for _, id := range path {
				ids.Add(string(id.ID18()))
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	list := make([]salesforce.ID, 0, len(ids))
	for _, id := range ids.Sorted() {
		list = append(list, salesforce.ID(id))
	}
	records, err := m.Memory.Records(ctx, list)
	if err != nil {
		return nil, err
	}
	for _, one := range m.matches {
		one.Item.noteSent(records, ids)
	}
	return records, nil
}

// noteSent adds the updates of the lead that have no response to what is remembered of
// these records.
func (t *Item) noteSent(records map[salesforce.ID]leadtype.RecordMemory, ids value.Set) {
	for i := range t.Updates {
		update := &t.Updates[i]
		if id := update.Record.ID18(); len(update.Fields) > 0 && ids.Has(string(id)) {
			record := records[id]
			record.ID = id
			record.NoteSent(update)
			records[id] = record
		}
	}
}

// followKnown notes, of the people and accounts that were found, the records that were
// merged into them or converted to them, however they were found: those nearest to them
// come last.
func (m *matching) followKnown() {
	found := make(value.Set)
	for _, one := range m.matches {
		for _, record := range []*salesforce.Record{one.Person, one.Account} {
			if record != nil && one.Err == nil {
				found.Add(string(record.ID))
			}
		}
	}
	type former struct {
		id   salesforce.ID
		hops int
	}
	led := make(map[salesforce.ID][]former)
	for id, record := range m.index.byID {
		if !record.Bool("IsDeleted") && !isConverted(record) {
			continue
		}
		for i, successor := range m.successorsOf(id) {
			if found.Has(string(successor)) {
				led[successor] = append(led[successor], former{id, i})
			}
		}
	}
	for id, from := range led {
		slices.SortFunc(from, func(a, b former) int { return cmp.Or(cmp.Compare(b.hops, a.hops), cmp.Compare(a.id, b.id)) })
		m.followed[id] = nil
		for _, f := range from {
			m.followed[id] = append(m.followed[id], f.id.ID18())
		}
	}
}

// customRecords adds the lead's records of other objects.
func (m *matching) customRecords(one *Match, add func(*salesforce.Record)) {
	for section, key := range one.Keys {
		if describe := m.session.Describe(section.Object); describe != nil && key.Value != "" {
			for _, record := range m.index.Find(describe.Name, section.Key, key.Value) {
				add(record)
			}
		}
	}
}

func (m *matching) isTwin(one *Match, record *salesforce.Record, email string) bool {
	by := salesforce.ID(record.Text("CreatedById"))
	switch {
	case record.Bool("IsDeleted") || isConverted(record):
		return false
	case m.session.User != "" && by != "" && !m.session.User.Equal(by):
		return false
	}
	return identity.Email(record.Text("Email")) == email && TwinKey(record) == TwinKey(one.fresh)
}

// TwinKey is the NameKey of a record.
func TwinKey(record *salesforce.Record) string {
	return NameKey(record.Object, &leadtype.SentPerson{FirstName: record.Text("FirstName"),
		LastName: record.Text("LastName"), Company: record.Text("Company")})
}

// NameKey is what two namesakes of an object share: their names, apart from case, spaces
// and how accents are composed, and their company, apart from its legal form too.
func NameKey(object salesforce.Object, person *leadtype.SentPerson) string {
	key := string(object)
	company := cmp.Or(identity.Company(person.Company), person.Company)
	for _, name := range []string{person.FirstName, person.LastName, company} {
		key += "\x00" + norm.NFC.String(strings.ToLower(strings.Join(strings.Fields(name), " ")))
	}
	return key
}

// Nameless returns the NameKey of an open create that has nothing else by which its record
// is found again, "" for one with an e-mail address or a key.
func Nameless(intent *leadtype.Intent) string {
	if intent == nil || intent.Kind != leadtype.PartPerson || intent.Key != "" || intent.Person.Email != "" ||
		intent.Person.LastName == "" {
		return ""
	}
	return NameKey(intent.Object, &intent.Person)
}
