package leadsync

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// Preflight checks the org and the Config against each other before leads are
// synced, with one API call as a rule; describes that did not change since the
// last one are not sent again. The next syncs use what it reads of the org.
// Run it before going live, after a change of the org or the mapping, and on a
// schedule: it finds what changed in the org since the last one, which is this
// Syncer's, or else Config.LastSchema.
//
// The error is the context's own, or a *Error when the org or the Store could not
// be asked: AUTHENTICATION and the like. Anything else wrong is a Finding.
func (s *Syncer) Preflight(ctx context.Context) (*PreflightReport, error) {
	known, err := s.sessions.refresh(ctx)
	if err != nil {
		return nil, err
	}
	report, err := checkOrg(ctx, &checkInput{
		session: known, set: s.set, owner: s.cfg.FallbackOwner, strategy: s.cfg.Strategy.Name(),
		strategies: slices.Collect(maps.Keys(s.strategies)), last: cmp.Or(s.looked.Load(), s.cfg.LastSchema),
		store: s.cfg.Store, connection: s.cfg.Connection,
	})
	if err != nil {
		return nil, err
	}
	s.looked.Store(report.Schema)
	return report, nil
}
