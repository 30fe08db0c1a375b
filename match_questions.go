package leadsync

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A lookup gathers what a batch asks of the org, each thing once, and compiles
// it to as few statements as SOQL's limits allow.
type questions struct {
	set     *mappingSet
	session *session

	// wanted holds the values sought, by object and field.
	wanted map[salesforce.Object]map[string]set
	// namesakes are the last names of leads without an e-mail address or an id,
	// by the object that they would become.
	namesakes map[salesforce.Object]set
	follow    bool // a converted Lead leads to its Contact

	emails    set               // of all leads
	campaigns set               // that the batch's leads may join
	subjects  set               // of the tasks to log
	days      []salesforce.Date // and their days
	undated   bool              // one of them has no day
	taskKeys  set
	newReps   set // e-mail addresses of reps not looked up yet
}

// A set is a set of strings.
type set map[string]struct{}

func (s set) add(value string) {
	if value != "" {
		s[value] = struct{}{}
	}
}

// addEmail adds an address as it is compared. A longer one than mail knows (RFC
// 5321) is nobody's, and its literal could fail a query for all.
func (s set) addEmail(address string) {
	const longest = 254
	if email := identity.Email(address); len(email) <= longest {
		s.add(email)
	}
}

func (s set) has(value string) bool {
	_, ok := s[value]
	return ok
}

func (s set) sorted() []string { return slices.Sorted(maps.Keys(s)) }

func newQuestions(m *mappingSet, session *session) *questions {
	return &questions{
		set: m, session: session,
		wanted:    make(map[salesforce.Object]map[string]set),
		namesakes: make(map[salesforce.Object]set),
		emails:    make(set), campaigns: make(set), subjects: make(set),
		taskKeys: make(set), newReps: make(set),
	}
}

// want asks for the records of object whose field, spelt as describe spells it,
// equals value.
func (q *questions) want(object salesforce.Object, field, value string) {
	sought := foldValue(object, field, value)
	if sought == "" {
		return
	}
	if !slices.Contains([]string{"Id", "Email", "Website"}, field) {
		sought = strings.TrimSpace(value) // a key field may tell case apart, a name's pattern is made of its own words
	}
	fields := q.wanted[object]
	if fields == nil {
		fields = make(map[string]set)
		q.wanted[object] = fields
	}
	if fields[field] == nil {
		fields[field] = make(set)
	}
	fields[field].add(sought)
}

// wantNamesake asks for the records without an e-mail address that have a last
// name.
func (q *questions) wantNamesake(object salesforce.Object, lastName string) {
	if q.namesakes[object] == nil {
		q.namesakes[object] = make(set)
	}
	q.namesakes[object].add(strings.TrimSpace(lastName))
}

// A statement is a query and what to do with its rows.
type statement struct {
	object salesforce.Object
	read   salesforce.Read
	take   func(*index, []salesforce.Record)
}

// statementsOf returns a statement for each read of an object.
func statementsOf(object salesforce.Object, take func(*index, []salesforce.Record), reads []salesforce.Read) []statement {
	list := make([]statement, len(reads))
	for i, read := range reads {
		list[i] = statement{object, read, take}
	}
	return list
}

// each takes in rows one by one.
func each(take func(*index, *salesforce.Record)) func(*index, []salesforce.Record) {
	return func(x *index, records []salesforce.Record) {
		for i := range records {
			take(x, &records[i])
		}
	}
}

// around compiles the queries for what is wanted beside the records.
func (q *questions) around() []statement {
	return slices.Concat(q.members(q.emails.sorted(), emailOf), q.tasks(), q.users())
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
	for _, name := range q.namesakes[object].sorted() {
		terms = append(terms, namesakeTerm+"\x00"+name)
	}
	if len(terms) == 0 {
		return nil
	}
	fields := q.personFields(object, wanted)
	if len(fields) == 0 {
		return nil // hidden from the connected user
	}
	known := append(slices.Sorted(maps.Keys(wanted)), "LastName")
	take := each(func(x *index, r *salesforce.Record) { x.add(r, known) })
	return statementsOf(object, take, splitReads(terms, salesforce.QueryAll, func(terms []string) *soql.Select {
		return soql.From(object, fields...).Where(anyTerm(terms))
	}))
}

// termsOf returns the values wanted as terms, each a field and a value.
func termsOf(wanted map[string]set) []string {
	var terms []string
	for _, field := range slices.Sorted(maps.Keys(wanted)) {
		for _, value := range wanted[field].sorted() {
			terms = append(terms, field+"\x00"+value)
		}
	}
	return terms
}

// namesakeTerm marks the terms that ask for namesakes rather than for a field.
const namesakeTerm = "+"

// anyTerm is the condition that one of the terms, each a field and a value,
// holds.
func anyTerm(terms []string) soql.Condition {
	values := make(map[string][]string)
	var order []string
	for _, term := range terms {
		field, value, _ := strings.Cut(term, "\x00")
		if values[field] == nil {
			order = append(order, field)
		}
		values[field] = append(values[field], value)
	}
	conditions := make([]soql.Condition, len(order))
	for i, field := range order {
		if field == namesakeTerm {
			conditions[i] = soql.And(soql.Eq("Email", nil), soql.In("LastName", values[field]...))
			continue
		}
		conditions[i] = soql.In(field, values[field]...)
	}
	return soql.Or(conditions...)
}

// personFields are the fields to read of Contacts or Leads: those that decide a
// match, those that the mapping may write, and of a record that this one leads
// to the same by dot.
func (q *questions) personFields(object salesforce.Object, wanted map[string]set) []string {
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
	names := []string{"Id", "IsDeleted", "MasterRecordId", "LastModifiedDate", "SystemModstamp", "CreatedDate", "CreatedById"}
	switch object {
	case salesforce.ObjectLead:
		names = append(names, "Email", "FirstName", "LastName", "Company", "IsConverted", "ConvertedContactId", "ConvertedAccountId")
	case salesforce.ObjectContact:
		names = append(names, "Email", "FirstName", "LastName", "AccountId")
	case salesforce.ObjectAccount:
		names = append(names, "Name", "Website")
	}
	names = append(names, q.set.read(object)...)
	for field := range q.wanted[object] {
		names = append(names, field)
	}
	if q.session.recordTypes[folded(object)] != nil {
		names = append(names, recordTypeField)
	}
	describe := q.session.describe(object)
	if describe == nil {
		return nil
	}
	for _, name := range names {
		if field, ok := describe.Field(name); ok && field.ControllerName != "" {
			names = append(names, field.ControllerName) // decides which options fit
		}
	}
	return append(visible(describe, names), q.set.keyPaths(object, describe, q.session.describe)...)
}

// sees reports whether the connected user sees a field.
func (q *questions) sees(object salesforce.Object, field string) bool {
	describe := q.session.describe(object)
	if describe == nil {
		return false
	}
	_, ok := describe.Field(field)
	return ok
}

// visible returns those of names that the describe has, in its spelling, each
// once and without compound ones, in order.
func visible(describe *salesforce.Describe, names []string) []string {
	var fields []string
	seen := make(set)
	for _, name := range names {
		field, ok := describe.Field(name)
		if ok && !seen.has(field.Name) && field.Type != salesforce.TypeAddress && field.Type != salesforce.TypeLocation {
			seen.add(field.Name)
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
	fields := q.recordFields(salesforce.ObjectAccount)
	probed := slices.Sorted(maps.Keys(wanted))
	take := each(func(x *index, r *salesforce.Record) { x.add(r, probed) })
	reads := splitReads(terms, salesforce.QueryAll, func(terms []string) *soql.Select {
		return soql.From(salesforce.ObjectAccount, fields...).Where(anyAccount(terms))
	})
	return statementsOf(salesforce.ObjectAccount, take, reads)
}

func anyAccount(terms []string) soql.Condition {
	var exact []string
	var conditions []soql.Condition
	for _, term := range terms {
		field, value, _ := strings.Cut(term, "\x00")
		switch field {
		case "Website":
			conditions = append(conditions, soql.Like("Website", soql.Anything(), soql.Text(value), soql.Anything()))
		case "Name":
			conditions = append(conditions, likeName(value))
		default:
			exact = append(exact, term)
		}
	}
	return soql.Or(append(conditions, anyTerm(exact))...)
}

// likeName matches names that begin with the words of a name, whatever stands
// between them and after. A very short name is matched as a word of its own,
// since half the org may begin with it. The name itself is asked for too where
// that does not match it, such as one that begins with punctuation.
func likeName(name string) soql.Condition {
	const short = 4
	stem := identity.CompanyStem(name)
	patterns := [][]string{append(slices.Clone(stem), "")}
	if len([]rune(strings.Join(stem, ""))) < short {
		last := len(stem) - 1
		patterns = [][]string{stem, append(slices.Clone(stem[:last]), stem[last]+" ", ""), append(slices.Clone(stem[:last]), stem[last]+",", "")}
	}
	var ways []soql.Condition
	itself := false
	for _, words := range patterns {
		var parts []soql.LikePart
		for i, word := range words {
			if i > 0 {
				parts = append(parts, soql.Anything())
			}
			parts = append(parts, soql.Text(word))
		}
		ways = append(ways, soql.Like("Name", parts...))
		itself = itself || beginsWith(name, words)
	}
	if !itself {
		ways = append(ways, soql.Eq("Name", name))
	}
	return soql.Or(ways...)
}

// beginsWith reports whether the words stand in a name one after the other, from
// its beginning.
func beginsWith(name string, words []string) bool {
	rest := strings.ToLower(name)
	for i, word := range words {
		at := strings.Index(rest, word)
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		rest = rest[at+len(word):]
	}
	return true
}

// emailOf and idOf name the ways to a member's person.
const (
	emailOf = "Email"
	idOf    = "Id"
)

// members compiles the query for memberships of people, told by e-mail address
// or by id.
func (q *questions) members(people []string, by string) []statement {
	if len(q.campaigns) == 0 || len(people) == 0 {
		return nil
	}
	fields := []string{"Id", "CampaignId", "LeadId", "ContactId", "Status", "SystemModstamp"}
	fields = append(fields, q.set.read(salesforce.ObjectCampaignMember)...)
	describe := q.session.describe(salesforce.ObjectCampaignMember)
	if describe == nil {
		return nil // planning the members will say so
	}
	fields = append(visible(describe, fields), q.set.keyPaths(salesforce.ObjectCampaignMember, describe, q.session.describe)...)
	var ways []string
	for _, object := range []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact} {
		if !slices.Contains(fields, string(object)+"Id") {
			continue
		}
		email := q.sees(object, "Email")
		if email {
			fields = append(fields, string(object)+".Email")
		}
		switch {
		case by == idOf:
			ways = append(ways, string(object)+"Id")
		case email:
			ways = append(ways, string(object)+".Email")
		}
	}
	if len(ways) == 0 {
		return nil
	}
	take := each(func(x *index, r *salesforce.Record) { x.addMember(r) })
	reads := splitReads(people, salesforce.Query, func(people []string) *soql.Select {
		var either []soql.Condition
		for _, way := range ways {
			either = append(either, soql.In(way, people...))
		}
		return soql.From(salesforce.ObjectCampaignMember, fields...).Where(soql.And(
			soql.In("CampaignId", q.campaigns.sorted()...), soql.Or(either...)))
	})
	return statementsOf(salesforce.ObjectCampaignMember, take, reads)
}

// tasks compiles the queries for tasks already logged: by our key where the org
// has a field for it, else by the e-mail address of the person.
func (q *questions) tasks() []statement {
	if key := q.session.keyField(q.set, salesforce.ObjectTask); key != "" {
		return q.taskQuery(q.taskKeys.sorted(), key, func(keys []string) soql.Condition {
			return soql.In(key, keys...)
		})
	}
	var list []statement
	for _, object := range []salesforce.Object{salesforce.ObjectContact, salesforce.ObjectLead} {
		if len(q.wanted[object]) == 0 || !q.sees(object, "Email") {
			continue
		}
		list = append(list, q.taskQuery(q.emails.sorted(), "", func(emails []string) soql.Condition {
			people := soql.From(object, "Id").Where(soql.In("Email", emails...))
			return soql.And(q.sameTasks(), soql.InSelect("WhoId", people))
		})...)
	}
	return list
}

// tasksOf compiles the query for the unkeyed tasks of people told by id.
func (q *questions) tasksOf(ids []string) []statement {
	if q.session.keyField(q.set, salesforce.ObjectTask) != "" {
		return nil
	}
	return q.taskQuery(ids, "", func(ids []string) soql.Condition {
		return soql.And(q.sameTasks(), soql.In("WhoId", ids...))
	})
}

func (q *questions) taskQuery(values []string, key string, where func([]string) soql.Condition) []statement {
	describe := q.session.describe(salesforce.ObjectTask)
	if len(q.subjects) == 0 || len(values) == 0 || describe == nil || key == "" && (!q.sees(salesforce.ObjectTask, "WhoId") || !q.sees(salesforce.ObjectTask, "Subject")) {
		return nil // without the person or the subject no task can be written either
	}
	fields := visible(describe, []string{"Id", "WhoId", "Subject", "ActivityDate", "Description", key})
	take := each(func(x *index, r *salesforce.Record) { x.addTask(r, key) })
	reads := splitReads(values, salesforce.Query, func(values []string) *soql.Select {
		return soql.From(salesforce.ObjectTask, fields...).Where(where(values))
	})
	return statementsOf(salesforce.ObjectTask, take, reads)
}

// sameTasks narrows a query to tasks that could equal one of the batch's.
func (q *questions) sameTasks() soql.Condition {
	subjects := soql.In("Subject", q.subjects.sorted()...)
	if q.undated || len(q.days) == 0 || !q.sees(salesforce.ObjectTask, "ActivityDate") {
		return subjects
	}
	byDay := func(a, b salesforce.Date) int { return strings.Compare(a.String(), b.String()) }
	first, last := slices.MinFunc(q.days, byDay), slices.MaxFunc(q.days, byDay)
	return soql.And(soql.Ge("ActivityDate", first), soql.Le("ActivityDate", last), subjects)
}

// users compiles the query for the Users behind reps' e-mail addresses.
func (q *questions) users() []statement {
	emails := q.newReps.sorted()
	if len(emails) == 0 {
		return nil
	}
	take := func(_ *index, users []salesforce.Record) { q.session.reps.learn(emails, users) }
	reads := splitReads(emails, salesforce.Query, func(emails []string) *soql.Select {
		return soql.From(salesforce.ObjectUser, "Id", "Email", "Username").
			Where(soql.And(soql.Eq("IsActive", true), soql.In("Email", emails...))).OrderBy("Id")
	})
	return statementsOf(salesforce.ObjectUser, take, reads)
}
