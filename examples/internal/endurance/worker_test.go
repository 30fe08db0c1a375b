// SPDX-License-Identifier: Apache-2.0

package endurance_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// leaseTTL is how long a dead worker holds a connection: the shortest time that there is.
const leaseTTL = 10 * time.Second

// processHeader is the header in which the requests of a worker have its name.
const processHeader = "X-Process"

// A worker is the job of a process that runs a Fleet until it is killed.
type worker struct {
	Name     string
	DSN      string
	Hosts    []string // of the orgs
	Campaign salesforce.ID
	// Step is the step of the store at which the process kills itself, the Nth time, if it is set.
	Step storeStep
	Nth  int64
	// Leaseless has all workers lease as one owner, for controls.
	Leaseless bool
}

// A storeStep is a moment in the work on a batch.
type storeStep string

const (
	acquired   storeStep = "acquired" // before the claim
	claimed    storeStep = "claimed"
	journalled storeStep = "journalled" // before the write
	written    storeStep = "written"    // before it is settled
	settled    storeStep = "settled"
	released   storeStep = "released"
)

func (w *worker) run(ctx context.Context) error {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test ends, however it does
		os.Exit(1)
	}()
	kept, err := postgres.Open(ctx, w.DSN, nil)
	for err != nil { // the server may be starting
		time.Sleep(50 * time.Millisecond)
		kept, err = postgres.Open(ctx, w.DSN, nil)
	}
	mortal := &mortalStore{Store: kept, step: w.Step}
	mortal.left.Store(w.Nth)
	var in fleet.Store = mortal
	if w.Leaseless {
		in = leaselessStore{mortal}
	}
	cfg, err := fleetConfig(w.Name, w.Hosts, w.Campaign)
	if err != nil {
		return err
	}
	f, err := fleet.New(in, cfg)
	if err != nil {
		return err
	}
	return f.Run(ctx)
}

// fleetConfig returns the Config of a process.
func fleetConfig(name string, hosts []string, campaign salesforce.ID) (*fleet.Config, error) {
	cipher, err := login.NewTokenCipher(bytes.Repeat([]byte{7}, 32))
	cfg := &fleet.Config{
		App: login.AppConfig{ClientID: "host", Hosts: hosts}, Cipher: cipher,
		Client:  salesforce.Config{Hosts: hosts, HTTPClient: &http.Client{Transport: signed(name)}},
		Workers: 2, Poll: 100 * time.Millisecond,
		NewID: func() string { return name + "/" + rand.Text() },
		Base:  leadsync.Config{Gather: leadsync.NoGather, BatchSize: 25, LeaseTTL: leaseTTL, VerifyAfter: verifySoon},
	}
	if campaign != "" {
		cfg.Base.Campaigns = []leadsync.CampaignLink{{CampaignID: campaign}}
	}
	return cfg, err
}

// verifySoon is the VerifyAfter of workers. It is far longer than an org takes for a request that
// it has got.
const verifySoon = 3 * time.Second

// signed is a transport whose requests have the name of their process.
type signed string

func (s signed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(processHeader, string(s))
	return http.DefaultTransport.RoundTrip(r)
}

// A mortalStore ends its process at a step.
type mortalStore struct {
	*postgres.Store
	step storeStep
	left atomic.Int64
}

func (s *mortalStore) at(step storeStep) {
	if step != s.step || s.left.Add(-1) != 0 {
		return
	}
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {} // until it takes effect
}

func (s *mortalStore) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	lease, err := s.Store.Acquire(ctx, connection, owner, ttl)
	if err == nil {
		s.at(acquired)
	}
	return lease, err
}

func (s *mortalStore) Claim(ctx context.Context, lease store.Lease, limit int) ([]store.Claimed, error) {
	leads, err := s.Store.Claim(ctx, lease, limit)
	if len(leads) > 0 {
		s.at(claimed)
	}
	return leads, err
}

func (s *mortalStore) Journal(ctx context.Context, lease store.Lease,
	intents map[leadtype.LeadID][]leadtype.Intent) error {
	err := s.Store.Journal(ctx, lease, intents)
	s.at(journalled)
	return err
}

func (s *mortalStore) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	s.at(written)
	stale, err := s.Store.Settle(ctx, lease, settlements)
	s.at(settled)
	return stale, err
}

func (s *mortalStore) Release(ctx context.Context, lease store.Lease) error {
	err := s.Store.Release(ctx, lease)
	s.at(released)
	return err
}

// A leaselessStore has all workers lease as one owner, and none sees that a connection is held.
type leaselessStore struct{ *mortalStore }

func (s leaselessStore) Acquire(ctx context.Context, connection, _ string, ttl time.Duration) (store.Lease, error) {
	return s.mortalStore.Acquire(ctx, connection, "all", ttl)
}

func (s leaselessStore) DueConnections(ctx context.Context, after string, limit int) ([]string, error) {
	all, err := s.ListConnections(ctx, after, limit)
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return names, err
}
