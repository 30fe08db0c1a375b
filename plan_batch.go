package leadsync

import (
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A planner turns what was found for a batch into a Plan. It does no I/O.
type planner struct {
	set         *mappingSet
	owners      OwnerPolicy
	fallback    salesforce.ID // owns the new records that nobody else owns
	verifyAfter time.Duration
	pending     pendingCreates
	now         func() time.Time
}

// A pendingCreates knows the creates of all leads whose response was lost.
type pendingCreates interface {
	// Last returns the latest create among own and those of the keys, nil for none. One
	// that carried the key does not count.
	Last(own *Intent, keys []string, key string) *Intent
}

// A planning is the planning of one batch.
type planning struct {
	*planner
	session *session
	index   *index
	at      time.Time
	result  *Plan

	adopted map[salesforce.ID]bool     // twins that a lead of this batch has taken
	done    map[donePart]salesforce.ID // tasks that earlier syncs logged
	logged  map[salesforce.ID]bool     // tasks in Salesforce that stand for an activity already
	joined  map[memberKey]joining      // members to be created, by e-mail address
	custom  map[ofLead]*customRecord   // of the leads that have one; nil where it failed
}
