package leadsync

import (
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/salesforce"
)

// askAround asks for what is needed beside the record: namesakes of a person without
// an e-mail address, memberships, tasks, reps.
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
}

// askUsers asks for the Users that the lead's records may refer to: of the objects that
// its strategy can write, and those that every strategy does.
func (m *matching) askUsers(one *match) {
	for _, object := range m.set.mapperObjects() {
		person := matchedObject(object)
		target := m.target(object)
		if target.Describe == nil || person != "" && !m.written[one.trace.Strategy].has(string(person)) {
			continue
		}
		emails, known := m.set.users(one.lead, target)
		for _, email := range emails {
			m.askRep(email)
		}
		if !known {
			m.mapNew(one, target)
		}
	}
	for _, link := range m.set.linksOf(one.lead) {
		if target := m.target(salesforce.ObjectCampaignMember); target.Describe != nil {
			for _, email := range m.set.memberUsers(link, one.lead, target) {
				m.askRep(email)
			}
		}
	}
}
