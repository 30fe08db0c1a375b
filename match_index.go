package leadsync

import (
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/salesforce"
)

// An index holds the records that were read for a batch, by the values that they are
// found by.
type index struct {
	byID    map[salesforce.ID]*salesforce.Record
	byValue map[valueKey][]*salesforce.Record
	// members of campaigns, by person's id and by e-mail address.
	members map[memberKey]*salesforce.Record
	// tasks are the Tasks without a key, those with the same content together; taskIDs
	// are those with our key.
	tasks   map[taskKey][]salesforce.ID
	taskIDs map[string]salesforce.ID
}

// A memberKey names a person in a campaign by record id or by folded e-mail
// address.
type memberKey struct {
	campaign salesforce.ID
	person   string
}

// A taskKey is what makes two unkeyed tasks the same.
type taskKey struct {
	who                        salesforce.ID
	subject, date, description string
}

func newIndex() *index {
	return &index{
		byID:    make(map[salesforce.ID]*salesforce.Record),
		byValue: make(map[valueKey][]*salesforce.Record),
		members: make(map[memberKey]*salesforce.Record),
		tasks:   make(map[taskKey][]salesforce.ID),
		taskIDs: make(map[string]salesforce.ID),
	}
}

// add takes in a person or an account under its id and the fields named. A
// record that came before is left as it is.
func (x *index) add(record *salesforce.Record, fields []string) {
	if record.ID == "" || x.byID[record.ID] != nil {
		return
	}
	x.byID[record.ID] = record
	for _, field := range fields {
		value := foldValue(record.Object, field, record.Text(field))
		if value == "" {
			continue
		}
		key := valueKey{record.Object, strings.ToLower(field), value}
		x.byValue[key] = append(x.byValue[key], record)
	}
}

// find returns the records whose field equals value.
func (x *index) find(object salesforce.Object, field, value string) []*salesforce.Record {
	return x.byValue[valueKey{object, strings.ToLower(field), foldValue(object, field, value)}]
}

func (x *index) addMember(member *salesforce.Record) {
	campaign := salesforce.ID(member.Text("CampaignId")).ID18()
	for _, path := range []string{"LeadId", "ContactId"} {
		if id := member.Text(path); id != "" {
			x.members[memberKey{campaign, string(salesforce.ID(id).ID18())}] = member
		}
	}
	for _, path := range []string{"Lead.Email", "Contact.Email"} {
		if email := identity.Email(member.Text(path)); email != "" {
			x.members[memberKey{campaign, email}] = member
		}
	}
}

// member returns the membership of a person in a campaign: of the record, else
// of another record with one of the e-mail addresses.
func (x *index) member(campaign, person salesforce.ID, emails []string) *salesforce.Record {
	if person != "" {
		if m := x.members[memberKey{campaign, string(person)}]; m != nil {
			return m
		}
	}
	for _, email := range emails {
		if m := x.members[memberKey{campaign, email}]; m != nil {
			return m
		}
	}
	return nil
}

func (x *index) addTask(task *salesforce.Record, keyField string) {
	if keyField != "" {
		x.taskIDs[strings.ToLower(task.Text(keyField))] = task.ID
		return
	}
	key := taskKey{
		who:         salesforce.ID(task.Text("WhoId")).ID18(),
		subject:     task.Text("Subject"),
		date:        task.Text("ActivityDate"),
		description: foldText(task.Text("Description")),
	}
	if !slices.Contains(x.tasks[key], task.ID) {
		x.tasks[key] = append(x.tasks[key], task.ID)
	}
}

// modified returns when the record was last changed, zero when it does not say.
func modified(record *salesforce.Record) time.Time {
	t, _ := time.Parse(salesforceTime, record.Text("LastModifiedDate"))
	return t
}
