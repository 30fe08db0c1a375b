package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// askNamesakes asks for the records that have the name which the lead's own
// would have.
func (m *matching) askNamesakes(one *Match) {
	describe := m.session.Describe(one.Object)
	if describe == nil {
		return // planning the person reports it
	}
	for _, name := range []string{"Email", "LastName"} {
		if _, ok := describe.Field(name); !ok {
			one.Err = &leadtype.Error{Op: "match", LeadID: one.Lead.ID, Object: one.Object, Code: leadtype.MissingRemoteField,
				Fields: []string{name}, Reason: value.UnseenField}
			return
		}
	}
	fresh := m.mapNew(one, m.target(one.Object))
	if fresh.Err != nil {
		return // nor can it be written
	}
	one.fresh = &salesforce.Record{Object: one.Object, Fields: fresh.Fields}
	m.questions.wantNamesake(one.Object, one.fresh.Text("LastName"))
}

// askSent asks for the record of a create whose response was lost.
func (m *matching) askSent(one *Match, intent *leadtype.Intent) {
	sent, describe := intent.Person, m.session.Describe(one.Object)
	if describe == nil {
		return // planning the person reports it
	}
	if _, ok := describe.Field("Email"); !ok {
		return // it was there when the person was sent: mapping the lead reports it
	}
	one.fresh = &salesforce.Record{Object: one.Object, Fields: salesforce.Fields{
		"Email": sent.Email, "FirstName": sent.FirstName, "LastName": sent.LastName, "Company": sent.Company}}
	if sent.Email != "" {
		m.questions.want(one.Object, "Email", sent.Email)
	} else {
		m.questions.wantNamesake(one.Object, sent.LastName)
	}
}

// findTwins gathers the records that may already be this lead's: with its name and
// address, and not created by another user.
func (m *matching) findTwins(one *Match) {
	one.Twins = nil
	if one.fresh == nil {
		return
	}
	email := identity.Email(one.fresh.Text("Email"))
	key := twinKey(one.Object, one.fresh) + "\x00" + email
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

func (m *matching) isTwin(one *Match, record *salesforce.Record, email string) bool {
	by := salesforce.ID(record.Text("CreatedById"))
	switch {
	case record.Bool("IsDeleted") || record.Bool("IsConverted"):
		return false
	case m.session.User != "" && by != "" && !m.session.User.Equal(by):
		return false
	}
	return identity.Email(record.Text("Email")) == email && twinKey(one.Object, record) == twinKey(one.Object, one.fresh)
}

// twinKey is the name that two namesakes share.
func twinKey(object salesforce.Object, record *salesforce.Record) string {
	key := string(object)
	for _, field := range []string{"FirstName", "LastName", "Company"} {
		key += "\x00" + strings.ToLower(strings.TrimSpace(record.Text(field)))
	}
	return key
}
