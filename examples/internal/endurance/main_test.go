// SPDX-License-Identifier: Apache-2.0

package endurance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// jobEnv makes this test binary run a job instead of its tests, in a separate
// process.
const jobEnv = "LEADSYNC_TEST_JOB"

func TestMain(m *testing.M) {
	text := os.Getenv(jobEnv)
	if text == "" {
		os.Exit(m.Run())
	}
	if err := do(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A job is what a child process does.
type job struct {
	// Serve serves a fake org until the process is killed; all other fields are
	// ignored.
	Serve bool
	// Worker runs a Fleet until the process is killed, if set; all other fields are ignored.
	Worker *worker

	URL, Token string // of the org
	Path       string // of the SQLite file
	Campaign   salesforce.ID
	Strategy   string // of the leads captured, "" for the default
	// Capture lists the leads of Crowd to capture one by one, each printed once it is
	// acknowledged. Leads, if set, is the number of leads to capture instead, a
	// thousand at a time.
	Capture []capture
	Crowd   crowd
	Leads   int
	// Drain ends the process when all leads are cleared; otherwise it syncs until
	// it is killed.
	Drain       bool
	VerifyAfter time.Duration
	// Bulk lets all but single leads go through bulk jobs.
	Bulk bool
	// Unsafe disables the journal and Amnesia the memory of records, for controls.
	Unsafe, Amnesia bool
	// Hoard is how many bytes the host retains per outcome, for controls.
	Hoard int
}

// A capture is a lead of a crowd as the host captures it for the Version-th time.
type capture struct{ N, Version int }

func do(text string) error {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return err
	}
	if j.Serve {
		return serve()
	}
	if j.Worker != nil {
		return j.Worker.run(context.Background())
	}
	return j.sync(context.Background())
}

// sync captures and syncs.
func (j *job) sync(ctx context.Context) error {
	store, err := sqlite.Open(j.Path, nil)
	if err != nil {
		return err
	}
	defer store.Close()
	client, err := connect(j.URL, j.Token)
	if err != nil {
		return err
	}
	cfg := &leadsync.Config{Store: store, VerifyAfter: j.VerifyAfter, Gather: leadsync.NoGather}
	if j.Campaign != "" {
		cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: j.Campaign}}
	}
	for _, strategy := range []leadsync.Strategy{
		leadsync.LeadsAndContacts, leadsync.LeadsOnly, leadsync.AccountsAndContacts} {
		if strategy.Name() == j.Strategy {
			cfg.Strategy = strategy
		}
	}
	if j.Bulk {
		cfg.BulkAbove, cfg.BatchSize = 1, 1
	}
	if j.Unsafe {
		cfg.Store = forgetfulStore{store}
	}
	if j.Amnesia {
		cfg.Store = amnesiacStore{store}
	}
	if j.Hoard > 0 {
		cfg.Sink = new(hoard).sink(j.Hoard)
	}
	syncer, err := leadsync.New(client, cfg)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- syncer.Run(running) }()
	if err := j.capture(ctx, syncer); err != nil {
		return err
	}
	if !j.Drain {
		return <-ended
	}
	stop()
	if err := <-ended; err != nil {
		return err
	}
	if j.Amnesia {
		return syncer.Drain(ctx) // some leads may wait for a person then
	}
	return drain(ctx, syncer)
}

func (j *job) capture(ctx context.Context, syncer *leadsync.Syncer) error {
	for _, c := range j.Capture {
		if _, err := syncer.Capture(ctx, j.Crowd.lead(c.N, c.Version)); err != nil {
			return err
		}
		fmt.Println(c.N, c.Version)
	}
	for first := 0; first < j.Leads; first += 1000 {
		var leads []*leadsync.Lead
		for n := first; n < min(first+1000, j.Leads); n++ {
			leads = append(leads, plainLead(n))
		}
		if _, err := syncer.Capture(ctx, leads...); err != nil {
			return err
		}
	}
	return nil
}

// drain syncs the remaining leads, all of which must clear.
func drain(ctx context.Context, syncer *leadsync.Syncer) error {
	if err := syncer.Drain(ctx); err != nil {
		return err
	}
	summary, err := syncer.Summary(ctx, leadsync.Filter{})
	if err != nil {
		return err
	}
	if summary.Stages[leadsync.Cleared] != summary.Total {
		return fmt.Errorf("not everything is cleared: %+v", summary)
	}
	return nil
}

// A hoard is a Sink that retains memory for each outcome.
type hoard [][]byte

func (h *hoard) sink(size int) leadsync.SinkFunc {
	return func(_ context.Context, outcomes []*leadsync.Outcome) error {
		for range outcomes {
			*h = append(*h, bytes.Repeat([]byte{1}, size))
		}
		return nil
	}
}

// A forgetfulStore keeps no journal.
type forgetfulStore struct{ leadsync.Store }

func (forgetfulStore) Journal(context.Context, store.Lease, map[leadsync.LeadID][]leadtype.Intent) error {
	return nil
}

// An amnesiacStore remembers no records.
type amnesiacStore struct{ leadsync.Store }

func (amnesiacStore) Records(context.Context, string,
	[]salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	return nil, nil
}

func connect(address, token string) (*salesforce.Client, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return salesforce.New(address, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}),
		&salesforce.Config{Hosts: []string{parsed.Host}})
}

// begin returns the command of a process that runs a job.
func begin(t *testing.T, j job) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(j)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), jobEnv+"="+string(text))
	return cmd
}

// sized returns the size of a test: the second number where LEADSYNC_TEST_FULL is
// set, else the first.
func sized(small, full int) int {
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		return full
	}
	return small
}
