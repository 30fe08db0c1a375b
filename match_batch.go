package leadsync

import (
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A matcher finds the records in Salesforce that leads belong to.
type matcher struct {
	set        *mappingSet
	strategies map[string]matchStrategy // by name
	strategy   string                   // of leads that name none
	converted  ConvertedPolicy
	ambiguous  AmbiguityPolicy
	reader     reader
	now        func() time.Time
}

// A matchStrategy is what a matcher needs of a Strategy.
type matchStrategy interface {
	Name() string
	Probes(lead *Lead) []Probe
	NoHit(lead *Lead) NoHit
}

// A matchResult is what was found for the leads of a batch.
type matchResult struct {
	matches []*match // in the order of the leads
	index   *index
	session *session
	calls   int // API calls that the reads took, without further pages
}

// A matching is the matching of one batch.
type matching struct {
	*matcher
	session   *session
	questions *questions
	index     *index
	matches   []*match
	missing   set                             // ids that a decision waits for
	asked     set                             // ids that were asked for: absent ones do not exist
	twins     map[string][]*salesforce.Record // by twinKey, of the rows so far
	written   map[string]set                  // the objects of people and accounts that a strategy can write
	hops      int                             // how often records were followed
	covered   bool                            // members and tasks of people found by id were read
	calls     int
}

// A match is what was found for one lead of a batch.
type match struct {
	lead *Lead // with the ids that earlier syncs found
	item *item

	trace MatchTrace
	// object is the person's: of the record found, or to be created.
	object salesforce.Object
	person *salesforce.Record // nil: create one
	// inAccount says that a person is created in an account: the one found, else a
	// new one.
	inAccount bool
	account   *salesforce.Record
	// fresh holds the fields by which to recognize a record that an earlier sync created:
	// those of a new record for a lead without an e-mail address, or those of a create
	// whose response was lost. twins are the records that match them.
	fresh *salesforce.Record
	draft *draft // of a new person, nil where the lookups need none
	twins []*salesforce.Record
	keys  map[*ObjectMapping]objectKey // of its records of other objects
	err   *Error
	// retryAt is when a lead with an err that waits for the host is looked at again.
	retryAt time.Time
}

// A draft is a lead mapped onto a new record before the lookups.
type draft struct {
	object salesforce.Object
	mapped
	final bool // mapping the lead again, after the lookups, would make no difference
}

// identityKeys are the values that make two leads of a batch the same person.
func (one *match) identityKeys() []string {
	if one.err != nil {
		return nil
	}
	var keys []string
	for _, p := range one.trace.Probes {
		if key := identityKey(&p.Probe); key != "" && p.Skipped == "" {
			keys = append(keys, key)
		}
	}
	if one.person != nil {
		keys = append(keys, "record\x00"+string(one.person.ID))
	}
	return keys
}

// An objectKey is the key of a lead's record of one object, or says why there is none.
type objectKey struct {
	value string // "" for a blank key
	err   *Error
}
