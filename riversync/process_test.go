// SPDX-License-Identifier: Apache-2.0

package riversync_test

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/leadsync/leadsync/internal/pgtest"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// The environment variables of a process that works until it is killed.
const (
	workerSchema = "RIVERSYNC_TEST_SCHEMA"
	workerOrg    = "RIVERSYNC_TEST_ORG"
)

// A process that is killed in the middle of a batch leaves its job running in River's eyes, and its
// leads in flight. Another resumes once the lease has run out: no lead is lost, and none doubled.
func TestAnotherProcessGoesOnForOneThatIsKilled(t *testing.T) {
	t.Parallel()
	if schema := os.Getenv(workerSchema); schema != "" {
		workUntilKilled(t, schema, os.Getenv(workerOrg))
	}
	h := newHost(t, "acme")
	p := h.process()
	p.connect("acme")
	p.capture("acme", leads(1, 12)...)
	org := h.orgs["acme"]
	reached, goOn := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(reached) })
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		if strings.Contains(r.URL.Path, "/composite") && org.Count("Lead") == 4 { // after the first batch
			once()
			<-goOn
		}
		return nil
	})
	worker := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	worker.Env = append(os.Environ(), pgtest.Variable+"="+server.DSN(t), workerSchema+"="+h.schema,
		workerOrg+"="+strings.TrimPrefix(org.URL(), "http://"))
	worker.Stdout, worker.Stderr = h.log, h.log
	require.NoError(t, worker.Start())
	h.await(func() bool {
		select {
		case <-reached:
			return true
		default:
			return false
		}
	})
	require.NoError(t, worker.Process.Kill())
	require.Error(t, worker.Wait())
	close(goOn)

	require.Equal(t, rivertype.JobStateRunning, p.only().State)
	h.exec(`UPDATE ` + h.schema + `.lease SET until = 0`) // time passes
	h.exec(`UPDATE ` + h.river() + `.river_job SET attempted_at = now() - '10 minutes'::interval`)
	h.sweeper().sweep() // the leader of River may have died with the process, and comes again after 15 seconds
	p.start()
	h.await(func() bool { return p.cleared("acme") == 12 })
	require.Equal(t, 12, org.Count("Lead"))
}

// workUntilKilled is the process that is killed. It syncs four leads at a time.
func workUntilKilled(t *testing.T, schema, org string) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), server.DSN(t))
	require.NoError(t, err)
	h := &host{t: t, pool: pool, schema: schema, log: new(syncBuffer)}
	h.process(func(c *change) {
		c.fleet.App.Hosts, c.fleet.Client.Hosts = []string{org}, []string{org}
		c.fleet.Base.BatchSize = 4
	}).start()
	<-t.Context().Done()
}

// Hosts capture and roll back while several processes sync and sweep: what is committed is synced
// once, and nothing else is.
func TestManyTransactionsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	names := []string{"acme", "globex", "initech"}
	h := newHost(t, names...)
	web := h.process()
	web.connect(names...)
	for range 2 {
		h.process(sweeps).start()
	}
	const hosts, each = 4, 15
	var group errgroup.Group
	for g := range hosts {
		group.Go(func() error {
			for i := range each {
				n := each*g + i
				err := pgx.BeginFunc(t.Context(), web.pool, func(tx pgx.Tx) error {
					_, err := web.jobs.CaptureTx(t.Context(), web.client, tx, names[n%len(names)], leads(n, 1)...)
					if err == nil && i%5 == 4 {
						return errRolledBack
					}
					return err
				})
				if err != nil && !errors.Is(err, errRolledBack) {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	h.await(func() bool {
		done := 0
		for _, name := range names {
			done += web.cleared(name)
		}
		return done == hosts*each*4/5
	})
	synced := 0
	for _, name := range names {
		synced += h.orgs[name].Count("Lead")
	}
	require.Equal(t, hosts*each*4/5, synced)
}

var errRolledBack = errors.New("the host rolls back")
