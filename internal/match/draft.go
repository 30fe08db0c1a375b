// SPDX-License-Identifier: Apache-2.0

package match

import (
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// target is a new record of an object.
func (m *matching) target(object salesforce.Object) mapping.Target {
	if m.anyTarget.Other == nil { // each of these methods takes memory as a value
		m.anyTarget = mapping.Target{User: m.session.Reps.User, Other: m.session.Describe, Currency: m.session.Currency}
	}
	target := m.anyTarget
	target.Object, target.Describe = object, m.session.Describe(object)
	return target
}

// userTarget is target for the Users that many leads refer to.
func (m *matching) userTarget(object salesforce.Object) mapping.Target {
	target, known := m.userTargets[object]
	if !known {
		target = m.Set.ForUsers(m.target(object))
		m.userTargets[object] = target
	}
	return target
}

// mapNew maps a lead onto a new record, and asks for the Users that the Mapper wants.
func (m *matching) mapNew(one *Match, target mapping.Target) *Draft {
	if one.Draft != nil && one.Draft.Object == target.Object {
		return one.Draft
	}
	d := &Draft{Object: target.Object, Final: m.session.RecordTypes[value.Folded(target.Object)] == nil}
	target.User = func(email string) (salesforce.ID, bool) {
		d.Final = d.Final && m.session.Reps.Known(email)
		m.askRep(email)
		return m.session.Reps.User(email)
	}
	d.Mapped = m.Set.MapRecord(one.Captured(), target)
	if target.Object == one.Object {
		one.Draft = d
	}
	return d
}

func (m *matching) askRep(email string) {
	if !m.session.Reps.Known(email) {
		addEmail(m.questions.newReps, org.RepEmail(email))
	}
}
