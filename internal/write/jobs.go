// SPDX-License-Identifier: Apache-2.0

package write

import (
	"cmp"
	"context"

	"github.com/leadsync/leadsync/internal/load"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

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
	return load.Write(ctx, client, load.Options{Least: x.leastRows(), Journal: load.JournalOf(ctx)}, writes...)
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
// memory, which takes some 20 KB each at the peak.
const batchesTogether = 100

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
// itself with a hundred batches because its org could not be reached for a while, so that
// BulkAbove has to say it.
func (w *Writer) ClaimedTogether(ctx context.Context, leads, batch int) int {
	if w.BulkAbove == 0 {
		return batch
	}
	return w.Together(ctx, leads, batch)
}
