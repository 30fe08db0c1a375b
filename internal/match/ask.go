// SPDX-License-Identifier: Apache-2.0

package match

import (
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// askAround asks for what is needed beside the record: namesakes of a person without
// an e-mail address, memberships, tasks, reps.
func (m *matching) askAround(one *Match) {
	lead := one.Lead
	addEmail(m.questions.emails, lead.Email)
	if record := one.adopted(); record != "" {
		m.asked.Add(string(record))
		m.questions.want(value.MatchedObject(value.ObjectOfID(record)), "Id", string(record))
	}
	if intent := one.Item.Intent(leadtype.PartPerson, ""); intent != nil && intent.Person.LastName != "" {
		m.askSent(one, intent)
	} else if identity.Email(lead.Email) == "" && one.Err == nil {
		m.askNamesakes(one)
	}
	for _, link := range m.Set.LinksOf(lead) {
		m.questions.join(link)
	}
	mapped, ownDays := m.Set.MapsTasks(), m.Set.FillsTask("ActivityDate") // days that are not the activities'
	tasks := one.Tasks(m.Set)
	for i := range tasks {
		task := &tasks[i]
		m.questions.subjects.Add(task.Subject())
		switch {
		case one.Item.Task(task.Part) != "":
		case m.asksByPerson(one):
			m.questions.coverTask(lead.ID, task.Part)
		default:
			m.questions.wantTask(lead.ID, task.Part)
		}
		if day, ok := task.Day(); ok && !ownDays {
			m.questions.addDay(day)
		} else {
			m.questions.undated = true
		}
		m.askRep(task.By)
		if mapped {
			for _, email := range m.Set.TaskUsers(lead, &task.Activity, m.target(salesforce.ObjectTask)) {
				m.askRep(email)
			}
		}
	}
	m.questions.wantSent(one.Item.Intents)
	m.askMovable(one)
	m.askObjects(one)
}

// askNamesakes asks for the records that have the name which the lead's own
// would have.
func (m *matching) askNamesakes(one *Match) {
	describe := m.session.Describe(one.Object)
	if describe == nil {
		return // planning the person reports it
	}
	if !m.canSearch(one, describe, "Email", "LastName") {
		return
	}
	fresh := m.mapNew(one, m.target(one.Object))
	if fresh.Err != nil {
		return // nor can it be written
	}
	one.fresh = &salesforce.Record{Object: one.Object, Fields: fresh.Fields}
	m.questions.wantNamesake(one.Object, one.fresh.Text("LastName"))
}

// canSearch reports whether records are found by all of the fields. Where the org lacks one, or
// has encrypted it, the lead fails, unless its record has a key: one query asks for all leads, and
// is refused for all of them.
func (m *matching) canSearch(one *Match, describe *salesforce.Describe, fields ...string) bool {
	for _, name := range fields {
		field, ok := describe.Field(name)
		if ok && field.Filterable {
			continue
		}
		if ok && KeyFieldOf(m.session, m.Set, one.Object).Name != "" {
			return false
		}
		one.Err = &leadtype.Error{Op: "match", LeadID: one.Lead.ID, Object: one.Object, Code: leadtype.MissingRemoteField,
			Fields: []string{name}, Reason: value.UnseenProbe}
		if ok {
			one.Err.Code, one.Err.Reason = leadtype.DataValueValidation, value.Unsearchable
		}
		return false
	}
	return true
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
	switch {
	case sent.Email != "" && m.canSearch(one, describe, "Email"):
		m.questions.want(one.Object, "Email", sent.Email)
	case sent.Email == "" && m.canSearch(one, describe, "Email", "LastName"):
		m.questions.wantNamesake(one.Object, sent.LastName)
	}
}

// askMovable asks for the tasks of a corrected lead: those on a record that is no longer
// the lead's are moved.
func (m *matching) askMovable(one *Match) {
	last := one.Item.Last
	if last == nil || !one.Correction.Rematched() && len(last.Left) == 0 {
		return
	}
	for _, part := range last.Parts {
		if part.Kind == leadtype.PartTask && part.ID != "" && part.Err == nil {
			m.questions.movable.Add(string(part.ID.ID18()))
		}
	}
	if len(m.questions.movable) == 0 {
		return
	}
	for _, left := range last.Left { // the one that the lead leaves now has a probe
		if left.Object.Equal(salesforce.ObjectAccount) {
			continue // no Task of the lead is there
		}
		m.asked.Add(string(left.ID.ID18()))
		m.questions.want(value.MatchedObject(left.Object), "Id", string(left.ID.ID18()))
	}
}

// askUsers asks for the Users that the lead's records may refer to: of the objects that
// its strategy can write, and those that every strategy does.
func (m *matching) askUsers(one *Match) {
	for _, object := range m.objects {
		person := value.MatchedObject(object)
		target := m.userTarget(object)
		if target.Describe == nil || person != "" && !m.written[one.Trace.Strategy].Has(string(person)) {
			continue
		}
		emails, known, err := m.Set.Users(one.Lead, target)
		if err != nil {
			one.Err = err
			return
		}
		for _, email := range emails {
			m.askRep(email)
		}
		if !known {
			m.mapNew(one, target)
		}
	}
	if target := m.target(salesforce.ObjectCampaignMember); target.Describe != nil {
		emails, _, _ := m.Set.Users(one.Lead, target)
		for _, email := range emails {
			m.askRep(email)
		}
	}
}
