// SPDX-License-Identifier: Apache-2.0

// Package org is what is known of a Salesforce org. A Session holds the describes,
// users, campaigns and statuses that every stage of a lead's way asks; Sessions reads
// it, and keeps it for an hour. A Snapshot is the part of it that a preflight compares
// with the one before. The reads that several stages make are here too.
package org

import (
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A Session is what is known of the org for some time. It is read-only once made,
// except for the reps.
type Session struct {
	At        time.Time
	Org, User salesforce.ID // empty where the client does not know them
	OrgName   string
	Currency  string // ISO 4217 code by the org's default locale, "" where that has none
	Sandbox   bool
	Username  string
	Instance  string // the address at which people open records, "" where it is not known
	Inactive  bool   // the connected user is known to be inactive
	// APIEnabled and ViewsAll say that a permission set or the profile grants API
	// Enabled, and View All Data.
	APIEnabled, ViewsAll bool

	Describes map[salesforce.Object]*salesforce.Describe // by lower-case name; absent: hidden
	Campaigns map[salesforce.ID]*CampaignInfo            // by 18-character id
	// RecordTypes are the describes narrowed to what a record type offers, by
	// object as above and by id; without an entry they make no difference.
	RecordTypes map[salesforce.Object]map[salesforce.ID]*salesforce.Describe

	TaskStatuses    []TaskStatus // by SortOrder
	AssignmentRules []Rule
	DuplicateRules  []Rule

	Owner Owner // of Config.FallbackOwner
	Reps  Reps  // filled as batches ask for them

	// Unread holds why something other than a describe could not be read.
	Unread map[salesforce.Object]*leadtype.Error
	Reads  int // how many it took to read the session
}

// A CampaignInfo is a linked campaign as the connected user sees it.
type CampaignInfo struct {
	id       salesforce.ID
	name     string
	Exists   bool
	Active   bool
	Statuses []MemberStatus // by SortOrder
}

// A MemberStatus is a row of CampaignMemberStatus.
type MemberStatus struct {
	Label     string
	isDefault bool
	order     int
}

// A LeadStatus is a row of LeadStatus.
type LeadStatus struct {
	Name      string
	Converted bool
}

// A TaskStatus is a row of TaskStatus.
type TaskStatus struct {
	Name   string
	Closed bool
	order  int
}

// A Rule is an active assignment or duplicate rule.
type Rule struct {
	Name   string
	Object salesforce.Object
}

// Describe returns an object's describe, nil when the connected user cannot see
// the object or the session did not ask for it.
func (s *Session) Describe(o salesforce.Object) *salesforce.Describe {
	return s.Describes[value.Folded(o)]
}

// Campaign returns what is known of a linked campaign, nil when it is not linked.
func (s *Session) Campaign(id salesforce.ID) *CampaignInfo { return s.Campaigns[id.ID18()] }

// Status returns the campaign's status of that name, compared as Salesforce
// does.
func (c *CampaignInfo) Status(label string) (MemberStatus, bool) {
	for _, status := range c.Statuses {
		if value.SameName(status.Label, label) {
			return status, true
		}
	}
	return MemberStatus{}, false
}

// HasStatuses reports whether the campaign has the statuses of these names and no others.
func (c *CampaignInfo) HasStatuses(labels []string) bool {
	return len(labels) == len(c.Statuses) && !slices.ContainsFunc(labels, func(label string) bool {
		known, has := c.Status(label)
		return !has || known.Label != label
	})
}

// OffLadder returns the campaign's statuses that a ladder lacks, nil without a
// ladder.
func (c *CampaignInfo) OffLadder(ladder []string) []string {
	var off []string
	for _, status := range c.Statuses {
		if len(ladder) > 0 && !value.ContainsFold(ladder, status.Label) {
			off = append(off, status.Label)
		}
	}
	return off
}

// A DoneTask is the status of a Task that is done.
type DoneTask struct {
	Name string // "" leaves it to the org
	// Guessed says that no status closes a Task, or several do and none is Completed.
	Guessed bool
}

// DoneTask returns the status of a Task that is done: Completed if it is closed, else the
// only closed one, else the first. Where the statuses were not read it is Completed, if the
// describe has that.
func (s *Session) DoneTask(describe *salesforce.Describe) DoneTask {
	var closed []string
	for _, status := range s.TaskStatuses {
		if status.Closed && strings.EqualFold(status.Name, completed) {
			return DoneTask{Name: status.Name}
		}
		if status.Closed {
			closed = append(closed, status.Name)
		}
	}
	switch {
	case len(closed) == 1:
		return DoneTask{Name: closed[0]}
	case len(s.TaskStatuses) > 0:
		return DoneTask{Name: s.TaskStatuses[0].Name, Guessed: true}
	}
	field, ok := describe.Field("Status")
	if !ok {
		return DoneTask{}
	}
	if _, known := value.FindOption(field, completed); !known && len(field.PicklistValues) > 0 {
		return DoneTask{Guessed: true}
	}
	return DoneTask{Name: completed}
}

// completed is the status of a Task that is done in an org that has not renamed it.
const completed = "Completed"

// MinKeyLength is the length of the shortest field that can hold a key.
const MinKeyLength = 24

// KeyField returns the field of o that makes its creates safe to repeat, "" when
// there is none. A field that is configured but is not unique, or is too short for a
// key, would not make them so: it counts as none, and preflight says so.
func (s *Session) KeyField(set *mapping.Set, o salesforce.Object) string {
	name := set.KeyField(o)
	describe := s.Describe(o)
	if name == "" || describe == nil {
		return ""
	}
	field, ok := describe.Field(name)
	if !ok || !field.ExternalID || !field.Unique || !field.Createable || shorterThanKey(field) {
		return ""
	}
	return field.Name
}

// shorterThanKey reports whether a field that says its length cannot hold a key.
func shorterThanKey(field *salesforce.Field) bool {
	return field.Length > 0 && field.Length < MinKeyLength
}

// Classify is verdict.Classify, with what the session can add: the user whom a
// validation rule refused, and whether a field is refused because of a person account.
func (s *Session) Classify(op string, object salesforce.Object, err error) *leadtype.Error {
	e := verdict.Classify(op, object, err)
	if e != nil && salesforce.StatusOf(e) == "FIELD_CUSTOM_VALIDATION_EXCEPTION" {
		e.User = s.Username
	}
	if e != nil && e.Code == leadtype.DuplicateRecord {
		e.Instance = s.Instance
	}
	if e != nil && s.refusesPerson(e) {
		e.Code = leadtype.PersonAccount
	}
	return e
}

// refusesPerson reports whether fields of a Contact or an Account are refused though the
// connected user may write them: where there are person accounts, the record is, or is not,
// one. The name as a whole, which is in no describe as writable, stands for its parts.
func (s *Session) refusesPerson(e *leadtype.Error) bool {
	switch salesforce.StatusOf(e) {
	case salesforce.InvalidFieldForInsertUpdate, salesforce.InsufficientAccessOrReadonly:
	default:
		return false
	}
	describe := s.Describe(e.Object)
	if len(e.Fields) == 0 || !personaccount.Has(describe) {
		return false
	}
	return !slices.ContainsFunc(e.Fields, func(name string) bool {
		field, ok := describe.Field(name)
		return !ok || !field.Updateable && !strings.EqualFold(name, "Name")
	})
}
