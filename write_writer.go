package leadsync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A writeClient is the writing half of a Client.
type writeClient interface {
	Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error)
}

// A writer carries out plans and says what became of each lead. It is safe for
// concurrent use.
type writer struct {
	client      writeClient
	duplicates  DuplicatePolicy
	owners      OwnerPolicy
	verifyAfter time.Duration
	session     func() *session // what is known of the org, nil before the first session
	pending     *pending
	now         func() time.Time
}

// An execution is a plan while it is carried out, and what came of it.
type execution struct {
	*writer
	plan    *Plan
	results []salesforce.WriteResult // of plan.Changes
	at      time.Time                // when the answers were in
	broken  *Error                   // what the connection turned out to lack
	ended   error                    // the context's, when it left writes unsent
}

// write journals the creates that must not be sent twice, and then carries out the
// plan. items[i] is the item of plan.Leads[i]; a nil journal keeps nothing. The
// error means that nothing was sent.
func (w *writer) write(ctx context.Context, plan *Plan, items []*item, journal journalFunc) (*execution, error) {
	if journal != nil {
		if err := journal(ctx, intentsOf(plan, items)); err != nil {
			return nil, err
		}
	}
	x := &execution{writer: w, plan: plan}
	if len(plan.Changes) > 0 {
		if err := x.send(ctx); err != nil {
			return nil, err
		}
		x.resendDuplicates(ctx)
	}
	x.at = w.now()
	w.pending.prune(x.at.Add(-w.verifyAfter))
	return x, nil
}

// send sends the plan's changes.
func (x *execution) send(ctx context.Context) error {
	writes := make([]salesforce.Write, len(x.plan.Changes))
	for i := range x.plan.Changes {
		writes[i] = x.writeOf(&x.plan.Changes[i])
	}
	results, err := x.client.Write(ctx, writes...)
	if err != nil {
		return callError(ctx, "write", err)
	}
	if len(results) != len(writes) {
		// It is unknown which of them were carried out.
		lost := salesforce.WriteResult{Err: &Error{Op: "write", Code: UncertainWrite,
			Reason: fmt.Sprintf("the client answered %d of %d writes", len(results), len(writes))}}
		results = slices.Repeat([]salesforce.WriteResult{lost}, len(writes))
	}
	x.results = results
	return nil
}

// failure returns what stopped the execution before its end, nil for nothing.
func (x *execution) failure() error {
	if x.broken == nil {
		return x.ended
	}
	return forLead(x.broken, "")
}
