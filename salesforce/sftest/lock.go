package sftest

import (
	"strings"
	"time"
)

// contention is what makes rows hard to write.
type contention struct {
	locks map[string]int      // tries that still fail, by id
	met   map[string]struct{} // the locks that the call under way ran into
	slow  map[string]func(row map[string]any) time.Duration
	delay time.Duration // of the slow rows of the call under way
}

// lockParents are the fields whose parents a write locks too (SALESFORCE.md 8.9).
var lockParents = strings.Fields("AccountId CampaignId")

// LockRow makes the next tries to write a row fail with UNABLE_TO_LOCK_ROW, as
// if another process held it. Writing a Contact or an Opportunity needs the lock
// of its Account, a CampaignMember that of its Campaign. A try is one call or one
// subrequest of a composite, however many of its rows need the lock. LockRow
// panics when there is no such row; 0 tries unlock it.
func (o *Org) LockRow(object, id string, tries int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.mustFind(object, id)
	if o.contention.locks == nil {
		o.contention.locks, o.contention.met = map[string]int{}, map[string]struct{}{}
	}
	o.contention.locks[r.id] = tries
}

// SlowRows makes a call that writes rows of an object take longer, by what slow
// answers for each row: a heavy trigger. The rows are written at once, the answer
// waits. A request of 20 seconds counts towards WithLongRequests. slow must not
// call the org.
func (o *Org) SlowRows(object string, slow func(row map[string]any) time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.contention.slow == nil {
		o.contention.slow = map[string]func(map[string]any) time.Duration{}
	}
	o.contention.slow[o.object(object).name] = slow
}

// contend meets the locks that a save needs, and adds up the time it takes.
func (o *Org) contend(s *save) []*RowError {
	ids := []string{}
	if s.row != nil {
		ids = append(ids, s.row.id)
	}
	for _, name := range lockParents {
		ids = append(ids, textOf(s.after[name]))
	}
	for _, id := range ids {
		if err := o.unableToLock(id); err != nil {
			return []*RowError{err}
		}
	}
	if slow := o.contention.slow[s.obj.name]; slow != nil {
		o.contention.delay += slow(s.shown())
	}
	return nil
}

func (o *Org) unableToLock(id string) *RowError {
	if o.contention.locks[id] <= 0 {
		return nil
	}
	o.contention.met[id] = struct{}{}
	return LockedRow(id[:15])
}

// settle ends a call's work on rows: it uses up a try of each lock it met, and
// books the time of slow rows. The caller holds o.mu.
func (o *Org) settle(entry *note) {
	for id := range o.contention.met {
		o.contention.locks[id]--
	}
	clear(o.contention.met)
	entry.slow += o.contention.delay
	o.contention.delay = 0
}
