// SPDX-License-Identifier: Apache-2.0

package match

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// questions gather what a batch asks of the org, each thing once, and compile to as
// few statements as SOQL's limits allow.
type questions struct {
	set     *mapping.Set
	session *org.Session
	leads   int // of the batch

	// wanted holds the values sought, by object and field.
	wanted map[salesforce.Object]map[string]value.Set
	// namesakes are the last names of leads without an e-mail address or an id,
	// by the object that they would become.
	namesakes map[salesforce.Object]value.Set
	follow    bool // a converted Lead leads to its Contact

	emails    value.Set         // of all leads
	campaigns value.Set         // that the batch's leads may join
	ranked    value.Set         // those of them that links name statuses of
	subjects  value.Set         // of the tasks to log
	days      []salesforce.Date // and their days
	undated   bool              // one of them has no day
	tasksFrom time.Time         // when the first of the open creates of Tasks was planned
	taskKey   KeyField
	taskKeys  value.Set
	taskStems stems     // of the keys of Tasks that are not in taskKeys
	movable   value.Set // ids of tasks that move along when a corrected lead gets another record
	newReps   value.Set // e-mail addresses of reps not looked up yet
}

func newQuestions(set *mapping.Set, session *org.Session, leads int) *questions {
	return &questions{
		set: set, session: session, leads: leads,
		wanted:    make(map[salesforce.Object]map[string]value.Set),
		namesakes: make(map[salesforce.Object]value.Set),
		emails:    make(value.Set, leads), campaigns: make(value.Set), ranked: make(value.Set), subjects: make(value.Set),
		taskKey:  KeyFieldOf(session, set, salesforce.ObjectTask),
		taskKeys: make(value.Set), movable: make(value.Set), newReps: make(value.Set),
	}
}

// want asks for the records of object whose field, in the spelling of its describe,
// equals text.
func (q *questions) want(object salesforce.Object, field, text string) {
	sought := foldValue(object, field, text)
	if sought == "" {
		return
	}
	if !slices.Contains([]string{"Id", "Email", "Website"}, field) {
		// A key field may be case-sensitive, and the pattern of a name is made of its words.
		sought = strings.TrimSpace(text)
	}
	fields := q.wanted[object]
	if fields == nil {
		fields = make(map[string]value.Set)
		q.wanted[object] = fields
	}
	if fields[field] == nil {
		room := 0
		if field == "Email" {
			room = q.leads // which have one each, as a rule
		}
		fields[field] = make(value.Set, room)
	}
	fields[field].Add(sought)
}

// wantNamesake asks for the records without an e-mail address that have a last
// name.
func (q *questions) wantNamesake(object salesforce.Object, lastName string) {
	if q.namesakes[object] == nil {
		q.namesakes[object] = make(value.Set)
	}
	q.namesakes[object].Add(strings.TrimSpace(lastName))
}

// wantTask asks for the Task of a lead's activity by its key, in both forms.
func (q *questions) wantTask(lead leadtype.LeadID, activity string) {
	if q.taskKey.Name == "" {
		return
	}
	q.taskKeys.Add(q.taskKey.Task(lead, activity))
	q.taskKeys.Add(OldTaskKey(lead, activity))
}

// stems are texts that the keys of Tasks begin with, by their form.
type stems struct{ own, old []string }

// coverTask notes how the keys of an activity's Task begin.
func (q *questions) coverTask(lead leadtype.LeadID, activity string) {
	if q.taskKey.Name == "" {
		return
	}
	begin := func(key, stem string) string {
		if strings.HasPrefix(key, stem) {
			return stem
		}
		return key // a hash
	}
	q.taskStems.own = append(q.taskStems.own, begin(q.taskKey.Task(lead, activity), q.taskKey.stem("t", string(lead))))
	if old := OldTaskKey(lead, activity); old != "" {
		q.taskStems.old = append(q.taskStems.old, begin(old, strings.TrimSpace(string(lead))))
	}
}

// wantSent asks for the Tasks that open creates of a lead may have made.
func (q *questions) wantSent(open []leadtype.Intent) {
	for i := range open {
		at := open[i].PlannedAt
		if open[i].Content != "" && (q.tasksFrom.IsZero() || at.Before(q.tasksFrom)) {
			q.tasksFrom = at
		}
	}
}

// A statement is a query and what to do with its rows.
type statement struct {
	object salesforce.Object
	read   salesforce.Read
	take   func(*Index, []salesforce.Record)
}

// callsFor returns how many calls so many queries take.
func callsFor(queries int) int {
	return (queries + salesforce.QueriesPerCall - 1) / salesforce.QueriesPerCall
}

// statementsOf returns a statement for each read of an object.
func statementsOf(
	object salesforce.Object, take func(*Index, []salesforce.Record), reads []salesforce.Read,
) []statement {
	list := make([]statement, len(reads))
	for i, read := range reads {
		list[i] = statement{object, read, take}
	}
	return list
}

// each takes in rows one by one.
func each(take func(*Index, *salesforce.Record)) func(*Index, []salesforce.Record) {
	return func(x *Index, records []salesforce.Record) {
		for i := range records {
			take(x, &records[i])
		}
	}
}

// records compiles the queries for people and accounts.
func (q *questions) records() []statement {
	list := append(q.people(salesforce.ObjectContact), q.people(salesforce.ObjectLead)...)
	return append(list, q.accounts()...)
}

// people compiles the query for Contacts or Leads. It asks for deleted rows
// too, because a merged record is one.
func (q *questions) people(object salesforce.Object) []statement {
	wanted := q.wanted[object]
	terms := termsOf(wanted)
	for _, name := range q.namesakes[object].Sorted() {
		terms = append(terms, namesakeTerm+"\x00"+name)
	}
	if len(terms) == 0 {
		return nil
	}
	fields, take := q.rowsOf(object)
	if len(fields) == 0 {
		return nil // hidden from the connected user
	}
	return statementsOf(object, each(take), org.SplitReads(terms, salesforce.QueryAll, func(terms []string) *soql.Select {
		return soql.From(object, fields...).Where(AnyTerm(terms))
	}))
}

// rowsOf returns the fields to read of people or Accounts, none where they are hidden from the
// connected user, and what takes in a row.
func (q *questions) rowsOf(object salesforce.Object) (fields []string, take func(*Index, *salesforce.Record)) {
	wanted := q.wanted[object]
	known := slices.Sorted(maps.Keys(wanted))
	if object == salesforce.ObjectAccount {
		return q.recordFields(object), func(x *Index, r *salesforce.Record) { x.add(r, known) }
	}
	known = append(known, "LastName")
	fields = q.personFields(object, wanted)
	persons := object == salesforce.ObjectContact && slices.Contains(fields, personaccount.Marker)
	account := q.session.Describe(salesforce.ObjectAccount)
	return fields, func(x *Index, r *salesforce.Record) {
		if persons {
			personaccount.Fill(r, account)
		}
		x.add(r, known)
	}
}

// personFields are the fields to read of Contacts or Leads: those that decide a
// match, those that the mapping may write, and the same of a record that this one
// was merged into or converted to.
func (q *questions) personFields(object salesforce.Object, wanted map[string]value.Set) []string {
	own := q.recordFields(object)
	fields := slices.Clone(own)
	if wanted["Id"] != nil && slices.Contains(own, "MasterRecordId") {
		for _, f := range own {
			fields = append(fields, "MasterRecord."+f)
		}
	}
	if object == salesforce.ObjectLead && q.follow && slices.Contains(own, "ConvertedContactId") {
		for _, f := range q.recordFields(salesforce.ObjectContact) {
			fields = append(fields, "ConvertedContact."+f)
		}
	}
	return fields
}

// recordFields are the fields to read of a record, without those that the
// connected user cannot see: Salesforce refuses a whole query for one of them.
func (q *questions) recordFields(object salesforce.Object) []string {
	names := []string{
		"Id", "IsDeleted", "MasterRecordId", "LastModifiedDate", "SystemModstamp", "CreatedDate", "CreatedById",
		personaccount.Marker}
	switch object {
	case salesforce.ObjectLead:
		names = append(names, "Email", "FirstName", "LastName", "Company",
			"IsConverted", "ConvertedContactId", "ConvertedAccountId")
	case salesforce.ObjectContact:
		names = append(names, "Email", "FirstName", "LastName", "AccountId")
	case salesforce.ObjectAccount:
		names = append(names, "Name", "Website")
	}
	names = append(names, q.set.ReadFields(object)...)
	names = append(names, slices.Sorted(maps.Keys(q.wanted[object]))...)
	if q.session.RecordTypes[value.Folded(object)] != nil {
		names = append(names, value.RecordTypeField)
	}
	describe := q.session.Describe(object)
	if describe == nil {
		return nil
	}
	for _, name := range names {
		field, ok := describe.Field(name)
		if ok && field.ControllerName != "" {
			names = append(names, field.ControllerName) // decides which options fit
		}
		if ok && field.Type == salesforce.TypeCurrency {
			names = append(names, value.CurrencyField)
		}
	}
	fields := Visible(describe, names)
	if object == salesforce.ObjectContact && personaccount.Has(describe) {
		fields = append(fields, personaccount.Paths(q.session.Describe(salesforce.ObjectAccount), fields)...)
	}
	return append(fields, q.set.KeyPaths(object, describe, q.session.Describe)...)
}

// sees reports whether the connected user sees a field.
func (q *questions) sees(object salesforce.Object, field string) bool {
	describe := q.session.Describe(object)
	if describe == nil {
		return false
	}
	_, ok := describe.Field(field)
	return ok
}

// Visible returns those of names that the describe has, in its spelling, each
// once and without compound ones, in order.
func Visible(describe *salesforce.Describe, names []string) []string {
	var fields []string
	seen := make(value.Set)
	for _, name := range names {
		field, ok := describe.Field(name)
		if ok && !seen.Has(field.Name) && field.Type != salesforce.TypeAddress && field.Type != salesforce.TypeLocation {
			seen.Add(field.Name)
			fields = append(fields, field.Name)
		}
	}
	return fields
}

// accounts compiles the query for Accounts by id, website and name. LIKE finds
// more than is meant; the index folds what comes and keeps what fits.
func (q *questions) accounts() []statement {
	wanted := q.wanted[salesforce.ObjectAccount]
	terms := termsOf(wanted)
	if len(terms) == 0 {
		return nil
	}
	fields, take := q.rowsOf(salesforce.ObjectAccount)
	persons := slices.Contains(fields, personaccount.Marker)
	reads := org.SplitReads(terms, salesforce.QueryAll, func(terms []string) *soql.Select {
		return soql.From(salesforce.ObjectAccount, fields...).Where(anyAccount(terms, persons))
	})
	return statementsOf(salesforce.ObjectAccount, each(take), reads)
}
