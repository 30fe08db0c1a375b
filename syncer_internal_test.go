package leadsync

import (
	"crypto/rand"
	"log/slog"
	"testing"
	"time"
)

type namedStrategy string

func (n namedStrategy) Name() string         { return string(n) }
func (n namedStrategy) Probes(*Lead) []Probe { return nil }
func (n namedStrategy) NoHit(*Lead) NoHit    { return NoHit{} }

func newTestSyncer(t *testing.T, cfg Config) *Syncer {
	t.Helper()
	if cfg.Strategy == nil {
		cfg.Strategy = namedStrategy("leads-and-contacts")
	}
	if cfg.Mode == "" {
		cfg.Mode = Automatic
	}
	if cfg.BatchSize == 0 {
		cfg.BatchSize = 1000
	}
	if cfg.Poll == 0 {
		cfg.Poll = time.Second
	}
	if cfg.LeaseTTL == 0 {
		cfg.LeaseTTL = 5 * time.Minute
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Connection, cfg.Now, cfg.NewID = "default", time.Now, rand.Text
	return &Syncer{cfg: cfg}
}
