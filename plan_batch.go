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
}
