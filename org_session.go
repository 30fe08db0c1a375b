package leadsync

import (
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// compositeReads is how many reads fit one API call (SALESFORCE.md 0).
const compositeReads = 25

// A session is what is known of the org for some time. It is read-only once made,
// except for the reps.
type session struct {
	at        time.Time
	org, user salesforce.ID // empty where the client does not know them
	orgName   string
	sandbox   bool
	username  string
	inactive  bool // the connected user is known to be inactive
	// apiEnabled and viewsAll say that a permission set or the profile grants API
	// Enabled, and View All Data.
	apiEnabled, viewsAll bool

	describes map[salesforce.Object]*salesforce.Describe // by lower-case name; absent: hidden
	campaigns map[salesforce.ID]*campaignInfo            // by 18-character id
	// recordTypes are the describes narrowed to what a record type offers, by
	// object as above and by id; without an entry they make no difference.
	recordTypes map[salesforce.Object]map[salesforce.ID]*salesforce.Describe

	leadStatuses    []leadStatus
	assignmentRules []orgRule
	duplicateRules  []orgRule

	owner ownerInfo // of Config.FallbackOwner
	reps  reps      // filled as batches ask for them

	// unread holds why something other than a describe could not be read.
	unread map[salesforce.Object]*Error
	reads  int
}

// A campaignInfo is a linked campaign as the connected user sees it.
type campaignInfo struct {
	id       salesforce.ID
	name     string
	exists   bool
	active   bool
	statuses []memberStatus // by SortOrder
}

// A memberStatus is a row of CampaignMemberStatus.
type memberStatus struct {
	label     string
	isDefault bool
	order     int
}

// A leadStatus is a row of LeadStatus.
type leadStatus struct {
	name      string
	isDefault bool
	converted bool
}

// An orgRule is an active assignment or duplicate rule.
type orgRule struct {
	name   string
	object salesforce.Object
}

// describe returns an object's describe, nil when the connected user cannot see
// the object or the session did not ask for it.
func (s *session) describe(o salesforce.Object) *salesforce.Describe {
	return s.describes[folded(o)]
}

// campaign returns what is known of a linked campaign, nil when it is not linked.
func (s *session) campaign(id salesforce.ID) *campaignInfo { return s.campaigns[id.ID18()] }

// status returns the campaign's status of that name, compared as Salesforce
// does.
func (c *campaignInfo) status(label string) (memberStatus, bool) {
	for _, status := range c.statuses {
		if strings.EqualFold(status.label, label) {
			return status, true
		}
	}
	return memberStatus{}, false
}

// offLadder returns the campaign's statuses that a ladder lacks, nil without a
// ladder.
func (c *campaignInfo) offLadder(ladder []string) []string {
	var off []string
	for _, status := range c.statuses {
		if len(ladder) > 0 && !containsFold(ladder, status.label) {
			off = append(off, status.label)
		}
	}
	return off
}

// keyField returns the field of o that makes its creates safe to repeat, "" when
// there is none. A field that is configured but is not unique would not make
// them so: it counts as none, and preflight says so.
func (s *session) keyField(set *mappingSet, o salesforce.Object) string {
	name := set.keyFieldFor(o)
	describe := s.describe(o)
	if name == "" || describe == nil {
		return ""
	}
	field, ok := describe.Field(name)
	if !ok || !field.ExternalID || !field.Unique || !field.Createable {
		return ""
	}
	return field.Name
}

// classify is the package's, with what the session can add.
func (s *session) classify(op string, object salesforce.Object, err error) *Error {
	e := classify(op, object, err)
	if e != nil && salesforce.StatusOf(e) == "FIELD_CUSTOM_VALIDATION_EXCEPTION" {
		e.User = s.username
	}
	return e
}

// salesforceTime is how Salesforce writes a datetime (SALESFORCE.md 7).
const salesforceTime = "2006-01-02T15:04:05.000-0700"
