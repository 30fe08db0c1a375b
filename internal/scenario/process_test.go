// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/turn"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A process is a Syncer that runs, and that can be killed or stopped for a while
// at any of its calls to the store or the org. What is left of it then is what
// it wrote.
type process struct {
	syncer *leadsync.Syncer
	ctx    context.Context // ends with the process
	syncs  sync.WaitGroup  // calls of Sync under way
	cancel context.CancelFunc
	done   chan error

	mu      sync.Mutex
	fate    fate
	dead    bool
	resumes time.Time // it is stopped until then
}

// A fate befalls a process at one of its next calls: that of a name, and of
// those the one after so many others.
type fate struct {
	call   string
	others int
	what   doom
	pause  time.Duration // of stopped
}

// calls are the names of a process's calls.
var calls = []string{"capture", "acquire", "claim", "read", "journal", "write", "settle"}

// A doom is what becomes of a process.
type doom int

const (
	unharmed     doom = iota
	killedBefore      // it dies, and the call is not made
	killedAfter       // the call is made, and it dies
	stopped           // it is paused, as by SIGSTOP, before the call
)

// errKilled is what the remains of a process get. Nobody sees it.
var errKilled = errors.New("the process is dead")

// start runs a process on a store and with a client of its own.
func start(ctx context.Context, cfg leadsync.Config, client func(*process) leadsync.Client) *process {
	p := &process{done: make(chan error, 1)}
	p.ctx, p.cancel = context.WithCancel(turn.Apart(ctx))
	cfg.Store = &processStore{Store: cfg.Store, p: p}
	syncer, err := leadsync.New(client(p), &cfg)
	if err != nil {
		panic(err)
	}
	p.syncer = syncer
	go func() { p.done <- p.syncer.Run(p.ctx) }()
	return p
}

// meet gives the process a fate, in place of one that has not come yet.
func (p *process) meet(f fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fate = f
}

func (p *process) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead
}

func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	p.cancel()
}

// call makes one call, unless the process does not live to make it. The error
// says that it does not, or does not live to see the answer.
func (p *process) call(name string, do func()) error {
	now := p.doomAt(name)
	if now == killedBefore {
		p.kill()
	}
	if err := p.wake(); err != nil {
		return err
	}
	do()
	if now == killedAfter {
		p.kill()
	}
	return p.wake()
}

// doomAt returns what becomes of the process at a call.
func (p *process) doomAt(name string) doom {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fate.call != name {
		return unharmed
	}
	if p.fate.others > 0 {
		p.fate.others--
		return unharmed
	}
	if p.fate.what == stopped {
		p.resumes = time.Now().Add(p.fate.pause)
	}
	now := p.fate.what
	p.fate = fate{}
	return now
}

// wake waits while the process is stopped.
func (p *process) wake() error {
	p.mu.Lock()
	resumes := p.resumes
	p.mu.Unlock()
	time.Sleep(time.Until(resumes))
	if !p.alive() {
		return errKilled
	}
	return nil
}

// A modelClient is an org as a process reaches it, call by call.
type modelClient interface {
	Read(reads []salesforce.Read) []salesforce.ReadResult
	Write(writes []salesforce.Write, call []int, results []salesforce.WriteResult)
}

// A processClient is the Client of a process. It sends what refers to other
// writes in a later call, as salesforce.Client does, and nothing once the context
// has ended.
type processClient struct {
	p       *process
	org     modelClient
	latency time.Duration // of each call
}

func (c *processClient) Read(ctx context.Context,
	reads ...salesforce.Read) (results []salesforce.ReadResult, err error) {
	err = c.p.call("read", func() {
		time.Sleep(c.latency)
		if ctx.Err() == nil {
			results = c.org.Read(reads)
		}
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return results, nil
}

func (c *processClient) Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
	results := make([]salesforce.WriteResult, len(writes))
	depth := make([]int, len(writes))
	for level, left := 0, len(writes); left > 0; level++ {
		var call []int
		for i, w := range writes {
			for _, ref := range w.Refs {
				depth[i] = max(depth[i], depth[ref.Write]+1)
			}
			if depth[i] != level {
				continue
			}
			left--
			if results[i].Err = notSent(w, results); results[i].Err == nil {
				call = append(call, i)
			}
		}
		if len(call) == 0 {
			continue
		}
		err := c.p.call("write", func() {
			time.Sleep(c.latency)
			if ctx.Err() == nil {
				c.org.Write(writes, call, results)
				return
			}
			for _, i := range call {
				results[i].Err = fmt.Errorf("%w: %w", salesforce.ErrNotSent, ctx.Err())
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}

// notSent says whether a write has to wait for one that failed.
func notSent(w salesforce.Write, results []salesforce.WriteResult) error {
	for _, ref := range w.Refs {
		if results[ref.Write].Err != nil {
			return fmt.Errorf("%w: write %d failed", salesforce.ErrNotSent, ref.Write)
		}
	}
	return nil
}

// A processStore is the Store of a process.
type processStore struct {
	leadsync.Store
	p *process
}

func (s *processStore) Capture(ctx context.Context, connection string,
	leads []store.Captured) (report store.CaptureReport, err error) {
	dead := s.p.call("capture", func() { report, err = s.Store.Capture(ctx, connection, leads) })
	return report, errors.Join(dead, err)
}

func (s *processStore) Acquire(ctx context.Context, connection, owner string,
	ttl time.Duration) (lease store.Lease, err error) {
	dead := s.p.call("acquire", func() { lease, err = s.Store.Acquire(ctx, connection, owner, ttl) })
	return lease, errors.Join(dead, err)
}

func (s *processStore) Claim(ctx context.Context, lease store.Lease, limit int) (claimed []store.Claimed, err error) {
	dead := s.p.call("claim", func() { claimed, err = s.Store.Claim(ctx, lease, limit) })
	return claimed, errors.Join(dead, err)
}

func (s *processStore) Journal(ctx context.Context, lease store.Lease,
	intents map[leadsync.LeadID][]leadtype.Intent) (err error) {
	dead := s.p.call("journal", func() { err = s.Store.Journal(ctx, lease, intents) })
	return errors.Join(dead, err)
}

func (s *processStore) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) (stale []leadsync.LeadID, err error) {
	dead := s.p.call("settle", func() { stale, err = s.Store.Settle(ctx, lease, settlements) })
	return stale, errors.Join(dead, err)
}

func (s *processStore) Push(ctx context.Context, connection string, filter leadsync.Filter,
	by string, asks ...leadtype.Ask) (n int, err error) {
	dead := s.p.call("push", func() { n, err = s.Store.Push(ctx, connection, filter, by, asks...) })
	return n, errors.Join(dead, err)
}

func (s *processStore) Due(ctx context.Context, connection string) (wait time.Duration, waits bool, err error) {
	dead := s.p.call("due", func() { wait, waits, err = s.Store.Due(ctx, connection) })
	return wait, waits, errors.Join(dead, err)
}

func (s *processStore) Release(ctx context.Context, lease store.Lease) (err error) {
	dead := s.p.call("release", func() { err = s.Store.Release(ctx, lease) })
	return errors.Join(dead, err)
}
