package leadsync

import (
	"slices"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/salesforce"
)

// askAround asks for what is needed beside the record: namesakes where nothing
// else tells the person, memberships, tasks, reps.
func (m *matching) askAround(one *match) {
	lead := one.lead
	addEmail(m.questions.emails, lead.Email)
	if intent := one.item.intent(PartPerson, ""); intent != nil && intent.Person.LastName != "" {
		m.askSent(one, intent)
	} else if identity.Email(lead.Email) == "" && one.err == nil {
		m.askNamesakes(one)
	}
	for _, link := range m.set.linksOf(lead) {
		m.questions.campaigns.add(string(link.CampaignID.ID18()))
	}
	for _, task := range tasksOf(m.set, lead) {
		m.questions.subjects.add(task.subject())
		m.questions.taskKeys.add(task.key)
		if day, ok := task.day(); ok {
			m.questions.days = append(m.questions.days, day)
		} else {
			m.questions.undated = true
		}
		m.askRep(task.By)
	}
	m.askObjects(one)
	m.askUsers(lead)
}

// askUsers asks for the Users that the rows for a lead name by e-mail address. It maps
// the lead to see which: a Mapper asks its Target for them.
func (m *matching) askUsers(lead *Lead) {
	for object, mapper := range m.set.mappers(lead) {
		describe := m.session.describe(object)
		if !refersToUsers(describe, mapper.Fields(object)) {
			continue
		}
		target := Target{Object: object, Describe: describe, Other: m.session.describe, User: func(email string) (salesforce.ID, bool) {
			m.askRep(email)
			return m.session.reps.user(email)
		}}
		_, _, _ = mapper.Map(lead, target) // planning the record reports what is wrong
	}
}

// refersToUsers reports whether one of the fields holds ids of Users.
func refersToUsers(describe *salesforce.Describe, fields []string) bool {
	return describe != nil && slices.ContainsFunc(fields, func(name string) bool {
		field, ok := describe.Field(name)
		return ok && field.Type == salesforce.TypeReference && slices.Contains(field.ReferenceTo, salesforce.ObjectUser)
	})
}

func (m *matching) askRep(email string) {
	if !m.session.reps.known(email) {
		addEmail(m.questions.newReps, email)
	}
}
