package mapping

import (
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Users returns the e-mail addresses of the Users that a lead's record of the target's
// object may refer to. It returns false for a Mapper that does not say which: it has to
// be asked for a record to find out.
func (s *Set) Users(lead *leadtype.Lead, target Target) ([]string, bool) {
	switch m := s.mapper.(type) {
	case *Mapping:
		return m.users(lead, target), true
	case interface {
		Users(lead *leadtype.Lead, object salesforce.Object) []string
	}:
		return m.Users(lead, target.Object), true
	}
	return nil, !refersToUsers(target.Describe, s.mapper.Fields(target.Object))
}

// MemberUsers returns the e-mail addresses of the Users that a lead's membership of a
// linked campaign may refer to.
func (s *Set) MemberUsers(link *CampaignLink, lead *leadtype.Lead, target Target) []string {
	return s.members[link].users(lead, target)
}

// users evaluates the rows whose fields refer to Users.
func (m *Mapping) users(lead *leadtype.Lead, target Target) []string {
	run := mapRun{Mapping: m, lead: lead, target: target, zone: value.EventZone(lead.CapturedAt)}
	var emails []string
	rules := m.rules(target.Object)
	for i := range rules {
		rule := &rules[i]
		field, ok := target.Describe.Field(rule.Field)
		if !ok || !toUsers(field) || rule.Write == Never || rule.By != "" {
			continue
		}
		v, err := run.value(rule)
		if err == nil && isUserEmail(field, v) { // planning the record reports what is wrong
			emails = append(emails, value.TextOf(v, nil))
		}
	}
	return emails
}

// refersToUsers reports whether one of the fields holds ids of Users.
func refersToUsers(describe *salesforce.Describe, fields []string) bool {
	return slices.ContainsFunc(fields, func(name string) bool {
		field, ok := describe.Field(name)
		return ok && toUsers(field)
	})
}

// toUsers reports whether a field holds ids of Users.
func toUsers(field *salesforce.Field) bool {
	return field.Type == salesforce.TypeReference && slices.Contains(field.ReferenceTo, salesforce.ObjectUser)
}
