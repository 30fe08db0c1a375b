package leadsync

import "github.com/leadsync/leadsync/salesforce"

// target is a new record of an object.
func (m *matching) target(object salesforce.Object) Target {
	return Target{Object: object, Describe: m.session.describe(object),
		User: m.session.reps.user, Other: m.session.describe}
}

// mapNew maps a lead onto a new record, and asks for the Users that the Mapper wants.
func (m *matching) mapNew(one *match, target Target) *draft {
	if one.draft != nil && one.draft.object == target.Object {
		return one.draft
	}
	d := &draft{object: target.Object, final: m.session.recordTypes[folded(target.Object)] == nil}
	target.User = func(email string) (salesforce.ID, bool) {
		d.final = d.final && m.session.reps.known(email)
		m.askRep(email)
		return m.session.reps.user(email)
	}
	d.mapped = m.set.mapRecord(one.lead, target)
	if target.Object == one.object {
		one.draft = d
	}
	return d
}

func (m *matching) askRep(email string) {
	if !m.session.reps.known(email) {
		addEmail(m.questions.newReps, email)
	}
}
