package leadsync

import (
	"context"
	"io"
)

// Summary counts the captured leads that match the filter. After and Limit are
// ignored. The Store does the counting, at one moment: however many leads there are,
// only one of each cause is loaded, and a few more where the fix names the options
// that a picklist lacks.
//
// The Filter of a group or a cause selects the leads that were counted, except those
// that have changed since: Push with it retries exactly those. The error is a *Error
// around the store's, or the context's own.
func (s *Syncer) Summary(ctx context.Context, filter Filter) (Summary, error) {
	summary, err := readSummary(ctx, s.cfg.Store, s.cfg.Connection, filter)
	return summary, storeError(ctx, "summarize", err)
}

// Events counts the captured leads that match the filter by event and stage, in
// order of the event's id. After and Limit are ignored. Summary with an event's
// Filter says more of one event. The error is a *Error around the store's, or the
// context's own.
func (s *Syncer) Events(ctx context.Context, filter Filter) ([]EventCount, error) {
	counts, err := s.cfg.Store.CountEvents(ctx, s.cfg.Connection, filter)
	return counts, storeError(ctx, "count the events", err)
}

// ExportCSV writes the captured leads that match the filter as WriteEntriesCSV
// does, in order of first capture, without ever holding more than a page of them.
// It reads them twice, first to learn which columns there are; leads captured after
// that are left out. opts may be nil.
//
// The error is the context's own, or a *Error around the store's or w's; with
// ROW_CONTENTION, a lead was given a field in between that has no column. What was
// written is then incomplete: export again.
func (s *Syncer) ExportCSV(ctx context.Context, w io.Writer, filter Filter, opts *CSVOptions) error {
	return exportCSV(w, func(each func([]Entry) error) error { return s.pages(ctx, "export", filter, each) }, opts)
}
