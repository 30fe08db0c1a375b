package leadsync

import (
	"slices"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/salesforce"
)

// askAround asks for what is needed beside the record: namesakes where nothing
// else tells the person, memberships, tasks, reps.
func (m *matcher) askAround(one *match) {
	lead := one.lead
	m.lookup.emails.addEmail(lead.Email)
	if intent := one.item.intent(PartPerson, ""); intent != nil && intent.Person.LastName != "" {
		m.askSent(one, intent)
	} else if identity.Email(lead.Email) == "" && one.err == nil {
		m.askNamesakes(one)
	}
	for _, link := range m.s.linksOf(lead) {
		m.lookup.campaigns.add(string(link.CampaignID.ID18()))
	}
	for _, task := range m.s.tasksOf(lead) {
		m.lookup.subjects.add(task.subject())
		m.lookup.taskKeys.add(task.key)
		if day, ok := task.day(); ok {
			m.lookup.days = append(m.lookup.days, day)
		} else {
			m.lookup.undated = true
		}
		m.askRep(task.By)
	}
	m.askObjects(one)
	m.askUsers(lead)
}

// askUsers asks for the Users that the rows for a lead name by e-mail address. A
// trial tells which: a Mapper asks its Target for them.
func (m *matcher) askUsers(lead *Lead) {
	try := func(mapper Mapper, object salesforce.Object) {
		describe := m.sch.describe(object)
		if !refersToUsers(describe, mapper.Fields(object)) {
			return
		}
		target := Target{Object: object, Describe: describe, Other: m.sch.describe, User: func(email string) (salesforce.ID, bool) {
			m.askRep(email)
			return m.sch.reps.user(email)
		}}
		_, _, _ = mapper.Map(lead, target) // planning the record will say what is wrong
	}
	for _, object := range m.s.cfg.Mapper.Objects() {
		try(m.s.cfg.Mapper, object)
	}
	for _, link := range m.s.linksOf(lead) {
		try(m.s.memberMappings[link], salesforce.ObjectCampaignMember)
	}
}

// refersToUsers reports whether one of the fields holds ids of Users.
func refersToUsers(describe *salesforce.Describe, fields []string) bool {
	return describe != nil && slices.ContainsFunc(fields, func(name string) bool {
		field, ok := describe.Field(name)
		return ok && field.Type == salesforce.TypeReference && slices.Contains(field.ReferenceTo, salesforce.ObjectUser)
	})
}

func (m *matcher) askRep(email string) {
	if !m.sch.reps.known(email) {
		m.lookup.newReps.addEmail(email)
	}
}
