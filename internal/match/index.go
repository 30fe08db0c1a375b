// SPDX-License-Identifier: Apache-2.0

package match

import (
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// An Index holds the records that were read for a batch, by the values that they are
// found by.
type Index struct {
	byID    map[salesforce.ID]*salesforce.Record
	byValue map[ValueKey][]*salesforce.Record
	room    []*salesforce.Record // where the records of a value are as a rule: one
	// members of campaigns, by person's id and by e-mail address, which several may have.
	members map[MemberKey][]*salesforce.Record
	// Movable are Tasks of corrected leads, by id.
	Movable map[salesforce.ID]*salesforce.Record
	// Tasks are the Tasks without a key, those with the same content together; Keyed are
	// those with a key, by its exact text.
	Tasks map[TaskKey][]salesforce.ID
	Keyed map[string]KeyedTask
	// contents are the keys of Tasks, by person.
	contents map[salesforce.ID][]TaskKey
	// Logged are all Tasks of the records that an open create may have left, by person.
	Logged map[salesforce.ID][]LoggedTask
}

// A LoggedTask is a Task in Salesforce: what tells whose it is.
type LoggedTask struct {
	TaskKey
	Key string // what the key field holds, where there is one
}

// A MemberKey names a person in a campaign by record id or by folded e-mail
// address.
type MemberKey struct {
	Campaign salesforce.ID
	Person   string
}

// A TaskKey is what makes two unkeyed tasks the same.
type TaskKey struct {
	Who                        salesforce.ID
	Subject, Date, Description string
}

// Digest is of what a Task of a lead holds, on whichever record it is.
func (k TaskKey) Digest(lead leadtype.LeadID) string {
	return value.Digest(string(lead), string(salesforce.ObjectTask), k.Subject+"\x00"+k.Date+"\x00"+k.Description)
}

// A KeyedTask is a Task with a key.
type KeyedTask struct {
	ID salesforce.ID
	TaskKey
}

func newIndex() *Index {
	return &Index{
		byID:    make(map[salesforce.ID]*salesforce.Record),
		byValue: make(map[ValueKey][]*salesforce.Record),
		members: make(map[MemberKey][]*salesforce.Record),
		Movable: make(map[salesforce.ID]*salesforce.Record),
		Tasks:   make(map[TaskKey][]salesforce.ID),
		Keyed:   make(map[string]KeyedTask),

		contents: make(map[salesforce.ID][]TaskKey),
		Logged:   make(map[salesforce.ID][]LoggedTask),
	}
}

// expect makes room for so many records.
func (x *Index) expect(rows int) {
	x.room = make([]*salesforce.Record, 0, rows)
	if len(x.byID) == 0 {
		x.byID = make(map[salesforce.ID]*salesforce.Record, rows)
		x.byValue = make(map[ValueKey][]*salesforce.Record, rows)
	}
}

// list returns the records of a value with another one.
func (x *Index) list(of []*salesforce.Record, record *salesforce.Record) []*salesforce.Record {
	n := len(x.room)
	if len(of) > 0 || n == cap(x.room) {
		return append(of, record)
	}
	x.room = append(x.room, record)
	return x.room[n : n+1 : n+1]
}

// add takes in a person or an account under its id and the fields named. A
// record that came before is left as it is.
func (x *Index) add(record *salesforce.Record, fields []string) {
	if record.ID == "" || x.byID[record.ID] != nil {
		return
	}
	x.byID[record.ID] = record
	for _, field := range fields {
		folded := foldValue(record.Object, field, record.Text(field))
		if folded == "" {
			continue
		}
		key := ValueKey{record.Object, lowerField(field), folded}
		x.byValue[key] = x.list(x.byValue[key], record)
	}
}

// Holders returns the records whose key field holds exactly the key.
func (x *Index) Holders(object salesforce.Object, field, key string) []*salesforce.Record {
	var holders []*salesforce.Record
	for _, record := range x.Find(object, field, key) {
		if holdsKey(record, field, key) {
			holders = append(holders, record)
		}
	}
	return holders
}

// holdsKey reports whether a record has exactly the key, whatever the database takes for
// equal.
func holdsKey(record *salesforce.Record, field, key string) bool {
	return strings.TrimSpace(record.Text(field)) == key
}

// Record returns the record with an id, as it was read; nil for none.
func (x *Index) Record(id salesforce.ID) *salesforce.Record { return x.byID[id.ID18()] }

// Find returns the records whose field equals value.
func (x *Index) Find(object salesforce.Object, field, value string) []*salesforce.Record {
	return x.byValue[ValueKey{object, lowerField(field), foldValue(object, field, value)}]
}

// lowerField returns the name of a field in lower case.
func lowerField(field string) string {
	switch field { // those that each lead is found by, without a copy
	case "Id":
		return "id"
	case "Email":
		return "email"
	}
	return strings.ToLower(field)
}

func (x *Index) addMember(member *salesforce.Record) {
	if x.byID[member.ID] == nil {
		x.byID[member.ID] = member
	}
	campaign := salesforce.ID(member.Text("CampaignId")).ID18()
	for _, path := range []string{"LeadId", "ContactId"} {
		if id := member.Text(path); id != "" {
			key := MemberKey{campaign, string(salesforce.ID(id).ID18())}
			x.members[key] = append(x.members[key], member)
		}
	}
	for _, path := range []string{"Lead.Email", "Contact.Email"} {
		if email := identity.Email(member.Text(path)); email != "" {
			key := MemberKey{campaign, email}
			x.members[key] = append(x.members[key], member)
		}
	}
}

// Member returns the membership of a person in a campaign: of the record, else of another
// record with one of the e-mail addresses, unless it has another person's name. It is nil
// for none.
func (x *Index) Member(campaign, person salesforce.ID, emails []string, name identity.Name) *salesforce.Record {
	if person != "" {
		if list := x.members[MemberKey{campaign, string(person)}]; len(list) > 0 {
			return list[len(list)-1]
		}
	}
	for _, email := range emails {
		for _, member := range slices.Backward(x.members[MemberKey{campaign, email}]) {
			if !AreOthers(email, memberName(member), name) {
				return member
			}
		}
	}
	return nil
}

// memberName returns the name of a member's person, as far as it was read.
func memberName(member *salesforce.Record) identity.Name {
	for _, path := range []string{"Lead.", "Contact."} {
		name := identity.Name{First: member.Text(path + "FirstName"), Last: member.Text(path + "LastName")}
		if name.Last != "" {
			return name
		}
	}
	return identity.Name{}
}

func (x *Index) addTask(task *salesforce.Record, keyField string) {
	key := contentOf(task)
	if keyField != "" {
		x.Keyed[task.Text(keyField)] = KeyedTask{task.ID, key}
		return
	}
	if len(x.Tasks[key]) == 0 {
		x.contents[key.Who] = append(x.contents[key.Who], key)
	}
	if !slices.Contains(x.Tasks[key], task.ID) {
		x.Tasks[key] = append(x.Tasks[key], task.ID)
	}
}

// TasksOn returns the keys in Tasks of those on a record.
func (x *Index) TasksOn(record salesforce.ID) []TaskKey { return x.contents[record.ID18()] }

// addLogged takes in a Task of a record that an open create may have left.
func (x *Index) addLogged(task *salesforce.Record, keyField string) {
	logged := LoggedTask{TaskKey: contentOf(task)}
	if keyField != "" {
		logged.Key = task.Text(keyField)
	}
	x.Logged[logged.Who] = append(x.Logged[logged.Who], logged)
	if logged.Key == "" {
		keyField = ""
	}
	x.addTask(task, keyField)
}

func contentOf(task *salesforce.Record) TaskKey {
	return TaskKey{
		Who:         salesforce.ID(task.Text("WhoId")).ID18(),
		Subject:     task.Text("Subject"),
		Date:        task.Text("ActivityDate"),
		Description: value.StoredText(task.Text("Description")),
	}
}

// modified returns when the record was last changed, zero when it does not say.
func modified(record *salesforce.Record) time.Time {
	t, _ := record.Time("LastModifiedDate")
	return t
}
