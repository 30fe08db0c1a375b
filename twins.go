package leadsync

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/salesforce"
)

// askNamesakes asks for the records that have the name which the lead's own
// would have.
func (m *matching) askNamesakes(one *match) {
	describe := m.session.describe(one.object)
	if describe == nil {
		return // planning the person will say so
	}
	for _, name := range []string{"Email", "LastName"} {
		if _, ok := describe.Field(name); !ok {
			one.err = &Error{Op: "match", LeadID: one.lead.ID, Object: one.object, Code: MissingRemoteField, Fields: []string{name},
				Reason: unseenField}
			return
		}
	}
	fresh := m.mapNew(one, m.target(one.object))
	if fresh.Err != nil {
		return // nor can it be written
	}
	one.fresh = &salesforce.Record{Object: one.object, Fields: fresh.Fields}
	m.questions.wantNamesake(one.object, one.fresh.Text("LastName"))
}

// askSent asks for the record that a create without an answer may have left.
func (m *matching) askSent(one *match, intent *Intent) {
	sent, describe := intent.Person, m.session.describe(one.object)
	if describe == nil {
		return // planning the person will say so
	}
	if _, ok := describe.Field("Email"); !ok {
		return // it was there when the person was sent: the mapping will say so
	}
	one.fresh = &salesforce.Record{Object: one.object, Fields: salesforce.Fields{
		"Email": sent.Email, "FirstName": sent.FirstName, "LastName": sent.LastName, "Company": sent.Company}}
	if sent.Email != "" {
		m.questions.want(one.object, "Email", sent.Email)
	} else {
		m.questions.wantNamesake(one.object, sent.LastName)
	}
}

// findTwins gathers, for a lead that nothing but its name tells or whose create got
// no answer, the records that look like it: one of them may be what an earlier sync
// created.
func (m *matching) findTwins(one *match) {
	one.twins = nil
	if one.fresh == nil {
		return
	}
	email := identity.Email(one.fresh.Text("Email"))
	key := twinKey(one.object, one.fresh) + "\x00" + email
	twins, known := m.twins[key]
	if !known {
		twins = slices.DeleteFunc(slices.Clone(m.index.find(one.object, "LastName", one.fresh.Text("LastName"))), func(record *salesforce.Record) bool {
			by := salesforce.ID(record.Text("CreatedById"))
			return record.Bool("IsDeleted") || record.Bool("IsConverted") || identity.Email(record.Text("Email")) != email ||
				m.session.user != "" && by != "" && !m.session.user.Equal(by) || twinKey(one.object, record) != twinKey(one.object, one.fresh)
		})
		slices.SortFunc(twins, func(a, b *salesforce.Record) int { return cmp.Compare(a.ID, b.ID) })
		m.twins[key] = twins
	}
	one.twins = twins
}

// twinKey is the name by which namesakes are told.
func twinKey(object salesforce.Object, record *salesforce.Record) string {
	key := string(object)
	for _, field := range []string{"FirstName", "LastName", "Company"} {
		key += "\x00" + strings.ToLower(strings.TrimSpace(record.Text(field)))
	}
	return key
}
