package leadsync

import "context"

// Revert undoes what syncs have done. outcomes are theirs, in any order: those
// that Sync and Apply return or that the Sink was given, kept as JSON or not.
// What several of them did to one record is undone last first.
//
// A field gets the value that it had before where it still holds what was
// written; one that has been changed since is left alone and listed, and so
// is a record that was merged away, or that is gone and was not the run's. A
// created record counts as changed when its SystemModstamp is over a minute past
// the last of outcomes that touched it, which leaves the org's own automation its
// time. A second Revert changes nothing.
//
// It spends one reading of the records, and one call of the writes, which with
// Delete is one for each level of children. A change in the moment between is not
// seen. The Store is not updated: a lead that is pushed again is synced again, but
// for Tasks that were deleted, which count as logged.
//
// The error is the context's own, or a *Error, when the connection stopped the
// work: without a report nothing was written; with one, it says how far Revert
// came. Records that could not be reverted are in RevertReport.Left.
func (s *Syncer) Revert(ctx context.Context, outcomes []*Outcome, opts RevertOptions) (*RevertReport, error) {
	u := &undoer{client: s.client, sessions: s.sessions, set: s.set, writer: s.writer, now: s.cfg.Now}
	return u.revert(ctx, outcomes, opts)
}
