// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Users returns the e-mail addresses of the Users that a lead's record of the target's
// object, or its memberships of linked campaigns, may refer to. known is false for a
// Mapper that does not say which: it has to be asked for a record to find out. The error
// is that of a Mapper that panicked.
func (s *Set) Users(lead *leadtype.Lead, target Target) (emails []string, known bool, _ *leadtype.Error) {
	if target.Object.Equal(salesforce.ObjectCampaignMember) {
		return s.memberUsers(lead, target), true, nil
	}
	switch m := s.cfg.Mapper.(type) {
	case *Mapping:
		if target.users == nil {
			target.users = m.userRules(&target)
		}
		return m.users(lead, target, target.users), true, nil
	case interface {
		Users(lead *leadtype.Lead, object salesforce.Object) []string
	}:
		p := hook.Call(s.cfg.Logger, hook.Hook{Kind: "Mapper.Users", For: string(lead.ID)}, func() {
			emails = m.Users(lead, target.Object)
		})
		if p != nil {
			return nil, true, verdict.Panicked("map", lead.ID, target.Object, p)
		}
		return emails, true, nil
	}
	return nil, !refersToUsers(target.Describe, s.MapperFields(target.Object)), nil
}

// ForUsers returns a target that Users is asked about for many leads.
func (s *Set) ForUsers(target Target) Target {
	if m := s.mapping(); m != nil && target.Describe != nil {
		target.users = m.userRules(&target)
	}
	return target
}

// memberUsers are those of the memberships that the lead's links make.
func (s *Set) memberUsers(lead *leadtype.Lead, target Target) []string {
	var emails []string
	for _, link := range s.LinksOf(lead) {
		member := s.members[link]
		emails = append(emails, member.users(lead, target, member.userRules(&target))...)
	}
	return emails
}

// TaskUsers returns the e-mail addresses of the Users that the Task of an activity may refer
// to by the rules for Tasks, which there must be.
func (s *Set) TaskUsers(lead *leadtype.Lead, activity *leadtype.Activity, target Target) []string {
	if target.Describe == nil {
		return nil
	}
	target.activity = activity
	return s.tasks.users(lead, target, s.tasks.userRules(&target))
}

// userRules returns the rules of a target that refer to Users by their addresses.
func (m *Mapping) userRules(target *Target) *userRules {
	found := new(userRules)
	rules := m.rules(target.Object)
	for i := range rules {
		field, ok := target.Describe.Field(rules[i].Field)
		if ok && toUsers(field) && rules[i].isUsed() && rules[i].By == "" {
			*found = append(*found, userRule{&rules[i], field})
		}
	}
	return found
}

// users evaluates rules whose fields refer to Users.
func (m *Mapping) users(lead *leadtype.Lead, target Target, rules *userRules) []string {
	var run *mapRun
	var emails []string
	for _, r := range *rules {
		rule, field := r.Rule, r.field
		if rule.Source != "" && rule.Source != SourceLeadSource && rule.Default == nil && lead.Value(rule.Source) == nil {
			continue
		}
		if run == nil {
			run = &mapRun{Mapping: m, lead: lead, target: target, zone: value.EventZone(lead.CapturedAt)}
		}
		v, byDefault, err := run.value(rule)
		if err == nil && !byDefault {
			v, err = run.translate(rule, field, v)
		}
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

// KeyPaths are the paths to the keys by which rules name the records that fields of
// the object refer to. other returns the describes of those.
func (s *Set) KeyPaths(
	object salesforce.Object, describe *salesforce.Describe, other func(salesforce.Object) *salesforce.Describe,
) []string {
	var paths []string
	for _, rule := range s.rulesFor(object) {
		field, ok := describe.Field(rule.Field)
		if !ok || !rule.refers() || !rule.isUsed() {
			continue
		}
		if key, err := rule.otherKey(field, other); err == nil {
			paths = append(paths, value.PathTo(field, key))
		}
	}
	return paths
}

// ReadsKey reports whether a path, a relationship and a key, can be read of the record
// that a field refers to.
func (s *Set) ReadsKey(
	field *salesforce.Field, path string, other func(salesforce.Object) *salesforce.Describe,
) bool {
	_, key, named := strings.Cut(path, ".")
	if !named || len(field.ReferenceTo) == 0 {
		return false
	}
	rule := Rule{By: string(field.ReferenceTo[0]) + "." + key}
	_, err := rule.otherKey(field, other)
	return err == nil
}
