package leadsync

import "context"

// Apply carries out a plan that the host has kept. It first looks at the org again,
// for one API call, and refuses with STALE_REMOTE_RECORD the leads whose record has
// changed since it was planned or is gone, and those whose person is to be created
// and has been since, as far as the e-mail address tells; a change in the moment
// between that look and the write is not seen. What else is to be created is not
// looked for again; only key fields keep it from being doubled: apply a plan soon,
// and once. The outcomes are in the order of the plan's leads, the error is as of
// Sync.
func (s *Syncer) Apply(ctx context.Context, plan *Plan) ([]*Outcome, error) {
	fresh, err := recheck(ctx, s.client, plan)
	if err != nil {
		return nil, err
	}
	items := make([]*item, len(fresh.Leads))
	for i := range items {
		items[i] = new(item)
	}
	written, err := s.writer.write(ctx, fresh, items, nil)
	if err != nil {
		return nil, err
	}
	outcomes := outcomesOf(written.settle(items))
	s.record(ctx, outcomes)
	if err := written.failure(); err != nil {
		return outcomes, err
	}
	return outcomes, batchError(outcomes)
}
