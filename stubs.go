package leadsync

import "context"

// What main has already; goes with the merge.

type retry int

const (
	retryNever retry = iota
	retryOnce
	retryLimited
	retrySlowly
	retrySoon
	retryVerified
	retryPaused
)

func (c Code) retry() retry {
	switch c {
	case RowContention, RateLimit, RemoteUnavailable, BatchCollateral:
		return retrySoon
	case RecordLocked:
		return retrySlowly
	case StaleRemoteRecord, RemoteAutomation:
		return retryOnce
	case UncertainWrite:
		return retryVerified
	case Unknown:
		return retryLimited
	case Authentication, StorageLimit:
		return retryPaused
	}
	return retryNever
}

func (e *Error) pauses() bool { return e.Code.retry() == retryPaused }

func (e *Error) forLead(id LeadID) *Error {
	own := *e
	own.LeadID = id
	return &own
}

func (s *Syncer) record(ctx context.Context, outcomes []*Outcome) {
	if s.cfg.Sink != nil && len(outcomes) > 0 {
		_ = s.cfg.Sink.Record(context.WithoutCancel(ctx), outcomes)
	}
}
