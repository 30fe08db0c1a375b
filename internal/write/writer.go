// SPDX-License-Identifier: Apache-2.0

// Package write is the fourth and the fifth stage of a lead's way. It journals the
// creates that must not be sent twice and sends a plan's changes; then it settles each
// lead: what became of it, and which of its creates have no response. Pending remembers
// those for later batches, and Recall reads them from the Store. Recheck compares a plan
// that a host has kept with the org before it is written.
package write

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/load"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A writeClient is the writing half of a Client.
type writeClient interface {
	Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error)
}

// A Writer carries out plans and says what became of each lead. It is safe for
// concurrent use.
type Writer struct {
	Client      writeClient  // a load.Client may write plans through ingest jobs
	BulkAbove   int          // those of more leads; 0: of more than 12,000, negative: of none
	Set         *mapping.Set // nil: nothing is left out of what Salesforce refuses
	Duplicates  leadtype.DuplicatePolicy
	Owners      leadtype.OwnerPolicy
	VerifyAfter time.Duration
	Session     func() *org.Session // what is known of the org, nil before the first session
	// ReadOrg reads the org. It is called where no session is known and a value is refused that
	// its describe may let the writer leave out. It is needed with a Set.
	ReadOrg func(context.Context) (*org.Session, error)
	// Username asks for the connected user's name; nil does not know it.
	Username func(context.Context) string
	Pending  *Pending
	Memory   *Memory // nil: nothing is remembered in the process
	Now      func() time.Time
}

// An Execution is a plan while it is carried out, and what came of it.
type Execution struct {
	*Writer
	plan         *leadtype.Plan
	items        []*match.Item            // items[i] is that of plan.Leads[i]
	results      []salesforce.WriteResult // of plan.Changes
	at           time.Time                // when the answers were in
	broken       *leadtype.Error          // what the connection turned out to lack
	ended        error                    // the context's, when it left writes unsent
	journal      JournalFunc
	intents      map[leadtype.LeadID][]leadtype.Intent // that were journalled, nil without a journal
	left         map[int]*leftOut                      // of plan.Changes
	stale        []leadtype.LeadID                     // whose creates are journalled otherwise than they will be sent
	read         bool                                  // the org was read for a refusal
	username     string                                // where a rule has refused a record
	back         map[salesforce.Object][]string        // the fields that are read back
	unjournalled error                                 // why a journal of those failed
	schemas      *plan.Schemas                         // set once something is left out
	itemOf       map[leadtype.LeadID]*match.Item       // set once it is asked for
}

// Write journals the creates that must not be sent twice, and then carries out the
// plan. items[i] is the item of plan.Leads[i]; a nil journal keeps nothing. The
// error means that nothing was sent.
func (w *Writer) Write(ctx context.Context, plan *leadtype.Plan, items []*match.Item,
	journal JournalFunc) (*Execution, error) {
	x := &Execution{Writer: w, plan: plan, items: items, journal: journal}
	if journal != nil {
		x.intents = intentsOf(plan, items, w.describe)
		if err := journal(ctx, x.intents); err != nil {
			return nil, err
		}
	}
	if len(plan.Changes) > 0 {
		if err := x.send(ctx); err != nil {
			return nil, err
		}
		x.resendDuplicates(ctx)
	}
	x.at = w.Now()
	w.Pending.prune(x.at.Add(-w.VerifyAfter))
	return x, nil
}

// Forget drops what is remembered in the process of a lead.
func (w *Writer) Forget(lead leadtype.LeadID) {
	w.Pending.forget(lead)
	w.Memory.forget(lead)
}

// send sends the plan's changes.
func (x *Execution) send(ctx context.Context) error {
	writes := make([]salesforce.Write, len(x.plan.Changes))
	rejournal := x.rejournal
	for i := range x.plan.Changes {
		writes[i] = ForChange(&x.plan.Changes[i], x.Duplicates)
		writes[i].Without, writes[i].Again = x.without(i), rejournal
		writes[i].ReadBack = x.readBack(&x.plan.Changes[i])
	}
	results, err := x.carryOut(ctx, writes)
	if err = verdict.Failure(err); err != nil {
		return verdict.CallError(ctx, "write", err)
	}
	x.results = answersTo(writes, results)
	x.learnUser(ctx)
	return nil
}

// answersTo returns the results of writes. Where a Client returns more or fewer, it is unknown which were carried
// out, and a record that it has created and does not name has to be looked for.
func answersTo(writes []salesforce.Write, results []salesforce.WriteResult) []salesforce.WriteResult {
	unknown := func(reason string) salesforce.WriteResult {
		return salesforce.WriteResult{Err: &leadtype.Error{Op: "write", Code: leadtype.UncertainWrite, Reason: reason}}
	}
	if len(results) != len(writes) {
		lost := unknown(fmt.Sprintf("the client returned %d results for %d writes", len(results), len(writes)))
		return slices.Repeat([]salesforce.WriteResult{lost}, len(writes))
	}
	for i := range results {
		results[i].Err = verdict.Failure(results[i].Err)
		if _, err := salesforce.ParseID(string(results[i].ID)); err != nil && results[i].Err == nil && writes[i].ID == "" {
			results[i] = unknown("the client does not name the record that it has written")
		}
	}
	return results
}

// learnUser asks for the connected user's name where a validation rule has refused a record.
func (x *Execution) learnUser(ctx context.Context) {
	refused := slices.ContainsFunc(x.results, func(r salesforce.WriteResult) bool {
		return salesforce.StatusOf(r.Err) == salesforce.FieldCustomValidationException
	})
	if refused && x.Username != nil {
		x.username = x.Username(ctx)
	}
}

// readBack returns the fields of a change's record whose values are remembered, nil for none.
// Records of one object have the same slice.
func (x *Execution) readBack(change *leadtype.Change) []string {
	remembered := func(f leadtype.FieldChange) bool { return f.CapturedAt != nil }
	if change.PersonAccount != "" || x.Set == nil || !slices.ContainsFunc(change.Fields, remembered) {
		return nil
	}
	fields, known := x.back[change.Object]
	if !known {
		if describe := x.describe(change.Object); describe != nil {
			for _, name := range x.Set.Remembered(change.Object) {
				if field, ok := describe.Field(name); ok {
					fields = append(fields, field.Name)
				}
			}
		}
		if x.back == nil {
			x.back = make(map[salesforce.Object][]string)
		}
		x.back[change.Object] = fields
	}
	return fields
}

// describe is that of the session.
func (w *Writer) describe(object salesforce.Object) *salesforce.Describe {
	if session := w.Session(); session != nil {
		return session.Describe(object)
	}
	return nil
}

// described is describe. A kept plan may be applied by a process that has not read the org:
// then that is done once. Where it fails, the refusal stands.
func (x *Execution) described(ctx context.Context, object salesforce.Object) *salesforce.Describe {
	if x.Session() == nil && !x.read {
		x.read = true
		if _, err := x.ReadOrg(ctx); err != nil {
			return nil
		}
	}
	return x.describe(object)
}

// without returns the salesforce.Write.Without of a change: it takes the fields out of the
// change that Salesforce refuses the record for, where their rules say so.
func (x *Execution) without(at int) func(context.Context, *salesforce.Error, []salesforce.StatusCode) []string {
	return func(ctx context.Context, refusal *salesforce.Error, codes []salesforce.StatusCode) []string {
		change := &x.plan.Changes[at]
		if x.Set == nil || x.left[at] != nil || !new(refused).take(codes) {
			return nil
		}
		left := refusedFields(x.Set, x.described(ctx, change.Object), change, ofContact(change, refusal), codes)
		if len(left) == 0 {
			return nil
		}
		change.Fields = slices.DeleteFunc(slices.Clone(change.Fields), func(f leadtype.FieldChange) bool {
			return slices.ContainsFunc(left, func(out leadtype.FieldChange) bool { return out.Field == f.Field })
		})
		if isJournalled(change) || !change.Create {
			x.stale = append(x.stale, change.Leads...)
		}
		if x.left == nil {
			x.left = make(map[int]*leftOut)
			x.schemas = plan.NewSchemas(x.Set, x.Session())
		}
		x.left[at] = &leftOut{fields: left, refusal: refusal}
		sent := make(salesforce.Fields)
		for i := range left {
			putField(sent, &left[i])
		}
		return slices.Sorted(maps.Keys(sent))
	}
}

// rejournal journals the writes that go again without a field as they will be sent: all of
// a call at once. It is the salesforce.Write.Again of each.
func (x *Execution) rejournal(ctx context.Context) error {
	if x.journal == nil || len(x.stale) == 0 {
		return x.unjournalled
	}
	stale := make(map[leadtype.LeadID]bool, len(x.stale))
	for _, lead := range x.stale {
		stale[lead] = true
	}
	of := &leadtype.Plan{At: x.plan.At, Changes: x.plan.Changes}
	var items []*match.Item
	for i, lead := range x.plan.Leads {
		if stale[lead.LeadID] {
			of.Leads, items = append(of.Leads, lead), append(items, x.items[i])
		}
	}
	x.stale = nil
	intents := intentsOf(of, items, x.describe)
	maps.Copy(x.intents, intents)
	x.unjournalled = x.journal(ctx, intents)
	return x.unjournalled
}

// rowsWorthAJob is how many rows a job has at least: it takes six calls or so, and a call of
// Client.Write carries 1,000 rows.
const rowsWorthAJob = 6000

// bulkAbove is the Writer.BulkAbove where it is 0: jobs take fewer calls for more leads, with
// memberships and Tasks.
const bulkAbove = 12_000

// inJobs reports whether a plan of so many leads is written through ingest jobs: new people of
// the org have keys then.
func (w *Writer) inJobs(leads int) bool {
	session := w.Session()
	if !w.isMany(leads) || session == nil || w.Set == nil {
		return false
	}
	return session.KeyField(w.Set, salesforce.ObjectLead) != "" || session.KeyField(w.Set, salesforce.ObjectContact) != ""
}

// isMany reports whether so many leads are worth jobs.
func (w *Writer) isMany(leads int) bool {
	_, loads := w.Client.(load.Client)
	return loads && w.BulkAbove >= 0 && leads > cmp.Or(w.BulkAbove, bulkAbove)
}

// leastRows is how many rows a job has at least. Where fewer leads than usual are loaded, their
// jobs are smaller.
func (w *Writer) leastRows() int { return max(1, min(rowsWorthAJob, cmp.Or(w.BulkAbove, bulkAbove)/2)) }

// carryOut sends writes: through ingest jobs where there are many leads, else in calls.
func (x *Execution) carryOut(ctx context.Context, writes []salesforce.Write) ([]salesforce.WriteResult, error) {
	client, loads := x.Client.(load.Client)
	if !loads || !x.inJobs(len(x.plan.Leads)) {
		return x.Client.Write(ctx, writes...)
	}
	opts := load.Options{Least: x.leastRows(), Journal: load.JournalOf(ctx), Differs: x.differs}
	return load.Write(ctx, client, opts, writes...)
}

// differs reports whether automation of the org has changed a value of a change.
func (x *Execution) differs(change int, landed salesforce.Fields) bool {
	differs := false
	eachRemembered(&x.plan.Changes[change], x.describe, func(field *salesforce.Field, f *leadtype.FieldChange) {
		if now, read := landed[field.Name]; read && len(f.Appended) == 0 {
			differs = differs || value.Loose(field, now) != value.Loose(field, f.After)
		}
	})
	return differs
}

// Calls returns how many API calls the writes of a plan take when nothing fails, and each job,
// if there are any, has ended when it is first looked at.
func (w *Writer) Calls(plan *leadtype.Plan) int {
	x := &Execution{Writer: w, plan: plan}
	jobs := w.inJobs(len(plan.Leads))
	writes := make([]salesforce.Write, len(plan.Changes))
	for i := range plan.Changes {
		writes[i] = ForChange(&plan.Changes[i], w.Duplicates)
		if jobs {
			writes[i].ReadBack = x.readBack(&plan.Changes[i])
		}
	}
	if jobs {
		return load.Calls(writes, w.leastRows())
	}
	return salesforce.EstimateCalls(writes)
}

// batchesTogether is how many batches are loaded at once at most. All of their leads are held in
// memory, which takes some 16 KB each at the peak.
const batchesTogether = 150

// Together returns how many of so many leads go through the stages together: a batch, or as many
// as are loaded at once where they are written through jobs. For many leads it reads the org
// where no session is known.
func (w *Writer) Together(ctx context.Context, leads, batch int) int {
	if w.isMany(leads) && w.Session() == nil {
		_, _ = w.ReadOrg(ctx) // what fails, fails again where it is reported
	}
	if together := batchesTogether * batch; w.inJobs(leads) && w.isMany(together) {
		return together
	}
	return batch
}

// ClaimedTogether is Together for leads that are claimed. A host of small memory must not find
// itself with so many batches because its org could not be reached for a while, so that
// BulkAbove has to say it.
func (w *Writer) ClaimedTogether(ctx context.Context, leads, batch int) int {
	if w.BulkAbove == 0 {
		return batch
	}
	return w.Together(ctx, leads, batch)
}
