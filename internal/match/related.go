// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// around compiles the queries for what is wanted beside the records. The members are asked for
// later where byPerson says so.
func (q *questions) around(byPerson bool) []statement {
	var members []statement
	emails := q.emails.Sorted()
	if !byPerson {
		members = q.members(emails, emailOf)
	}
	return slices.Concat(members, q.tasks(emails), q.tasksByID(), q.users())
}

// readsPeople reports whether the records of all people with one of the e-mail addresses are
// read: whoever is a member by such an address is among them.
func (q *questions) readsPeople() bool {
	for _, object := range []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact} {
		asked := q.wanted[object][emailOf]
		for email := range q.emails {
			if !asked.Has(email) {
				return false
			}
		}
	}
	return true
}

// addEmail adds an address in the form in which addresses are compared. One that is
// too long for mail (RFC 5321) belongs to no one, and its literal could fail a query
// for all.
func addEmail(to value.Set, address string) {
	const longest = 254
	if email := identity.Email(address); len(email) <= longest {
		to.Add(email)
	}
}

// emailOf and idOf name the ways to a member's person.
const (
	emailOf = "Email"
	idOf    = "Id"
)

// members compiles the query for memberships of people, who are named by e-mail
// address or by id.
func (q *questions) members(people []string, by string) []statement {
	const object = salesforce.ObjectCampaignMember
	describe := q.session.Describe(object)
	if len(q.campaigns) == 0 || len(people) == 0 || describe == nil { // planning reports what is hidden
		return nil
	}
	fields := []string{"Id", "CampaignId", "LeadId", "ContactId", "Status", "SystemModstamp"}
	fields = Visible(describe, append(fields, q.set.ReadFields(object)...))
	of, ways := q.memberPaths(fields, by)
	if len(ways) == 0 {
		return nil
	}
	fields = slices.Concat(fields, q.set.KeyPaths(object, describe, q.session.Describe), of)
	take := each(func(x *Index, r *salesforce.Record) { x.addMember(r) })
	return statementsOf(object, take, org.SplitReads(people, salesforce.Query, func(people []string) *soql.Select {
		var either []soql.Condition
		for _, way := range ways {
			if them := reachedBy(way, people); len(them) > 0 {
				either = append(either, soql.In(way, them...))
			}
		}
		return soql.From(object, fields...).Where(soql.And(
			soql.In("CampaignId", q.campaigns.Sorted()...), soql.Or(either...)))
	}))
}

// reachedBy returns those of people that a way to a member's person may name: an id names a
// Lead or a Contact.
func reachedBy(way string, people []string) []string {
	object, byID := strings.CutSuffix(way, "Id")
	if !byID {
		return people
	}
	return slices.DeleteFunc(slices.Clone(people), func(id string) bool {
		return string(value.MatchedObject(value.ObjectOfID(salesforce.ID(id)))) != object
	})
}

// memberPaths returns the paths to the e-mail addresses and the names of members' people,
// and those that name the people in a condition.
func (q *questions) memberPaths(fields []string, by string) (read, ways []string) {
	for _, object := range []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact} {
		id, email := string(object)+"Id", string(object)+".Email"
		if !slices.Contains(fields, id) {
			continue
		}
		sees := q.sees(object, "Email")
		for _, field := range []string{"Email", "FirstName", "LastName"} {
			if sees && q.sees(object, field) {
				read = append(read, string(object)+"."+field)
			}
		}
		switch {
		case by == idOf:
			ways = append(ways, id)
		case sees:
			ways = append(ways, email)
		}
	}
	return read, ways
}

// tasks compiles the queries for tasks already logged: by our key where the org
// has a field for it, else by the e-mail address of the person: those of the leads, in order.
func (q *questions) tasks(emails []string) []statement {
	if key := q.taskKey.Name; key != "" {
		return q.taskQuery(q.taskKeys.Sorted(), key, func(keys []string) soql.Condition {
			return soql.In(key, keys...)
		})
	}
	var list []statement
	for _, object := range []salesforce.Object{salesforce.ObjectContact, salesforce.ObjectLead} {
		if len(q.wanted[object]) == 0 || !q.sees(object, "Email") {
			continue
		}
		list = append(list, q.taskQuery(emails, "", func(emails []string) soql.Condition {
			people := soql.From(object, "Id").Where(soql.In("Email", emails...))
			return soql.And(q.sameTasks(), soql.InSelect("WhoId", people))
		})...)
	}
	return list
}

// tasksOf compiles the query for the unkeyed tasks of people by id.
func (q *questions) tasksOf(ids []string) []statement {
	if q.taskKey.Name != "" {
		return nil
	}
	return q.taskQuery(ids, "", func(ids []string) soql.Condition {
		return soql.And(q.sameTasks(), soql.In("WhoId", ids...))
	})
}

// keyedTasksOf compiles the query for the tasks of people by id in an org with keys.
func (q *questions) keyedTasksOf(ids []string) []statement {
	key := q.taskKey.Name
	if key == "" || !q.sees(salesforce.ObjectTask, "WhoId") || !q.sees(salesforce.ObjectTask, "Subject") {
		return nil
	}
	return q.taskQuery(ids, key, func(ids []string) soql.Condition {
		return soql.And(q.sameTasks(), soql.In("WhoId", ids...))
	})
}

// allTasksOf compiles the query for all tasks of records that an open create may have
// left: a task tells whose the record is.
func (q *questions) allTasksOf(ids []string) []statement {
	const object = salesforce.ObjectTask
	describe := q.session.Describe(object)
	if len(ids) == 0 || describe == nil || !q.sees(object, "WhoId") || !q.sees(object, "Subject") {
		return nil
	}
	key := q.session.KeyField(q.set, object)
	fields := Visible(describe, []string{"Id", "WhoId", "Subject", "ActivityDate", "Description", key})
	take := each(func(x *Index, r *salesforce.Record) { x.addLogged(r, key) })
	return statementsOf(object, take, org.SplitReads(ids, salesforce.Query, func(ids []string) *soql.Select {
		return soql.From(object, fields...).Where(soql.In("WhoId", ids...))
	}))
}

func (q *questions) taskQuery(values []string, key string, where func([]string) soql.Condition) []statement {
	fields, take := q.rowsOfTasks(key)
	if len(values) == 0 || len(fields) == 0 {
		return nil
	}
	reads := org.SplitReads(values, salesforce.Query, func(values []string) *soql.Select {
		return soql.From(salesforce.ObjectTask, fields...).Where(where(values))
	})
	return statementsOf(salesforce.ObjectTask, each(take), reads)
}

// rowsOfTasks returns the fields to read of Tasks and what takes in a row, nothing where no lead
// wants a Task or none can be written.
func (q *questions) rowsOfTasks(key string) (fields []string, take func(*Index, *salesforce.Record)) {
	const object = salesforce.ObjectTask
	describe := q.session.Describe(object)
	if len(q.subjects) == 0 || describe == nil {
		return nil, nil
	}
	if key == "" && (!q.sees(object, "WhoId") || !q.sees(object, "Subject")) {
		return nil, nil // without the person or the subject no Task can be written either
	}
	fields = Visible(describe, []string{"Id", "WhoId", "Subject", "ActivityDate", "Description", key})
	return fields, func(x *Index, r *salesforce.Record) { x.addTask(r, key) }
}

// tasksByID compiles the query for the tasks that may have to be moved.
func (q *questions) tasksByID() []statement {
	const object = salesforce.ObjectTask
	describe := q.session.Describe(object)
	if len(q.movable) == 0 || describe == nil || !q.sees(object, "WhoId") {
		return nil
	}
	fields := Visible(describe, []string{"Id", "WhoId", "CreatedById", "SystemModstamp"})
	take := each(func(x *Index, r *salesforce.Record) { x.Movable[r.ID] = r })
	reads := org.SplitReads(q.movable.Sorted(), salesforce.Query, func(ids []string) *soql.Select {
		return soql.From(object, fields...).Where(soql.In("Id", ids...))
	})
	return statementsOf(object, take, reads)
}

// sameTasks narrows a query to tasks that could equal one of the batch's, and to those that
// open creates may have made: what these were to hold may not be what their leads want now.
func (q *questions) sameTasks() soql.Condition {
	if q.tasksFrom.IsZero() || !q.sees(salesforce.ObjectTask, "CreatedDate") {
		return q.alikeTasks()
	}
	return soql.Or(q.alikeTasks(), soql.Ge("CreatedDate", q.tasksFrom.Add(-ClockSkew)))
}

// addDay adds the day of a task, which is that of the task before as a rule.
func (q *questions) addDay(day salesforce.Date) {
	if n := len(q.days); n == 0 || q.days[n-1] != day {
		q.days = append(q.days, day)
	}
}

func (q *questions) alikeTasks() soql.Condition {
	subjects := soql.In("Subject", q.subjects.Sorted()...)
	if q.undated || len(q.days) == 0 || !q.sees(salesforce.ObjectTask, "ActivityDate") {
		return subjects
	}
	byDay := func(a, b salesforce.Date) int {
		return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Day, b.Day))
	}
	first, last := slices.MinFunc(q.days, byDay), slices.MaxFunc(q.days, byDay)
	return soql.And(soql.Ge("ActivityDate", first), soql.Le("ActivityDate", last), subjects)
}

// users compiles the query for the Users behind reps' e-mail addresses.
func (q *questions) users() []statement {
	emails := q.newReps.Sorted()
	if len(emails) == 0 {
		return nil
	}
	reads := org.SplitReads(q.session.RepEmails(emails), salesforce.Query, func(emails []string) *soql.Select {
		return soql.From(salesforce.ObjectUser, "Id", "Email", "Username").
			Where(soql.And(soql.Eq("IsActive", true), soql.In("Email", emails...))).OrderBy("Id")
	})
	// An address without a User is known to have none only once every statement is
	// answered.
	var users []salesforce.Record
	unanswered := len(reads)
	take := func(_ *Index, records []salesforce.Record) {
		users = append(users, records...)
		if unanswered--; unanswered == 0 {
			q.session.Reps.Learn(emails, users)
		}
	}
	return statementsOf(salesforce.ObjectUser, take, reads)
}
