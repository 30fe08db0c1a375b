// SPDX-License-Identifier: Apache-2.0

package endurance_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/internal/pgtest"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// A plant is a host of several workers on one PostgreSQL server, and the orgs of its customers.
type plant struct {
	t         *testing.T
	server    *pgtest.Server
	dsn       string
	pool      *pgxpool.Pool // of the test
	store     *postgres.Store
	host      *fleet.Fleet // which captures
	hosts     []string
	customers []*customer
	leaseless bool
	running   sync.WaitGroup

	mu      sync.Mutex
	toKill  int              // processes that are yet to be killed
	doomed  map[string]*doom // by process
	met     map[string]int   // kills, by how
	left    []estate         // of dead processes
	random  *rand.Rand
	strange []string // what processes did that were not killed
}

// A doom is how a process is killed.
type doom struct {
	process *os.Process
	how     string
	end     end // of a request
	nth     int // the request, among those that write unless end is atAnyTime
	after   time.Duration
}

// An estate is a connection with leads in flight that a dead process had leased.
type estate struct {
	connection string
	died       time.Time
}

func newPlant(t *testing.T, customers int) *plant {
	t.Helper()
	p := &plant{t: t, server: new(pgtest.Server), doomed: make(map[string]*doom), met: make(map[string]int),
		random: rand.New(rand.NewPCG(1, 2))}
	t.Cleanup(p.server.Stop)
	p.dsn = p.server.PrivateDSN(t)
	var err error
	p.pool, err = pgxpool.New(t.Context(), p.dsn+" pool_max_conns=8")
	require.NoError(t, err)
	t.Cleanup(p.pool.Close)
	p.store, err = postgres.New(t.Context(), p.pool, nil)
	require.NoError(t, err)
	for n := range customers {
		c := newCustomer(t, n, p.strike)
		p.customers = append(p.customers, c)
		p.hosts = append(p.hosts, strings.TrimPrefix(c.server.URL, "http://"))
	}
	t.Cleanup(p.running.Wait)
	cfg, err := fleetConfig("host", p.hosts, "")
	require.NoError(t, err)
	p.host, err = fleet.New(p.store, cfg)
	require.NoError(t, err)
	for _, c := range p.customers {
		sealed, err := cfg.Cipher.Seal(salesforce.ID(c.org.OrgID()), &oauth2.Token{AccessToken: c.org.Token()})
		require.NoError(t, err)
		require.Equal(t, p.customers[0].campaign, c.campaign)
		require.NoError(t, p.store.Connect(t.Context(), c.name(), store.Link{InstanceURL: c.server.URL,
			LoginURL: c.server.URL, Org: salesforce.ID(c.org.OrgID())}, sealed, "ada"))
	}
	return p
}

// capture captures leads of each customer, from the one of a number to the one before another,
// until the store takes them.
func (p *plant) capture(from, until int) {
	p.t.Helper()
	for _, c := range p.customers {
		var leads []*leadsync.Lead
		for n := from; n < until; n++ {
			leads = append(leads, c.lead(n))
		}
		p.retried(func() error {
			_, err := p.host.Capture(p.t.Context(), c.name(), leads...)
			return err
		})
	}
}

// retried repeats what fails while the server is down.
func (p *plant) retried(do func() error) {
	for do() != nil && p.t.Context().Err() == nil {
		time.Sleep(20 * time.Millisecond)
	}
}

// start starts a worker, which lives again as often as it is killed, until ctx ends.
func (p *plant) start(ctx context.Context, number int) {
	p.running.Go(func() {
		for life := 1; ctx.Err() == nil; life++ {
			p.live(ctx, fmt.Sprintf("w%d.%d", number, life))
		}
	})
}

// steps are the steps at which a process kills itself.
var steps = []storeStep{acquired, claimed, journalled, written, settled, released}

// live is a process from its start to its death.
func (p *plant) live(ctx context.Context, name string) {
	job := job{Worker: &worker{Name: name, DSN: p.dsn + " pool_max_conns=6 application_name=worker", Hosts: p.hosts,
		Campaign: salesforce.ID(p.customers[0].campaign), Leaseless: p.leaseless}}
	dies := p.doom(job.Worker)
	cmd := begin(p.t, job)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if _, err := cmd.StdinPipe(); err != nil { // it is closed if this process ends first
		panic(err)
	}
	p.mu.Lock() // nobody asks for it before it is known
	if err := cmd.Start(); err != nil {
		p.strange = append(p.strange, err.Error())
		p.mu.Unlock()
		return
	}
	dies.process = cmd.Process
	p.doomed[name] = dies
	p.mu.Unlock()
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait()
	}()
	p.await(ctx, dies, exited)
	p.bury(ctx, name, dies, cmd, stderr.String())
}

// patience is how long a process lives that its doom does not meet, because it has too little to do.
const patience = leaseTTL + 5*time.Second

// await waits until a process has been killed, and kills it when it is time.
func (p *plant) await(ctx context.Context, dies *doom, exited <-chan struct{}) {
	var late <-chan time.Time
	if dies.how != "" {
		late = time.After(patience)
	}
	select {
	case <-exited:
		return
	case <-late:
		p.mu.Lock()
		dies.how = "idle"
		p.mu.Unlock()
	case <-ctx.Done():
	}
	_ = dies.process.Kill()
	<-exited
}

// doom decides how a process is to be killed.
func (p *plant) doom(w *worker) *doom {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := new(doom)
	if p.toKill == 0 {
		return d
	}
	p.toKill--
	d.nth = 1 + p.random.IntN(sized(2, 6))
	switch p.random.IntN(4) {
	case 0:
		d.how, d.end, d.nth = "at any time", atAnyTime, 1+p.random.IntN(sized(8, 20))
		d.after = time.Duration(p.random.IntN(30)) * time.Millisecond
	case 1:
		d.how, d.end = "undone", undone
	case 2:
		d.how, d.end = "unheard", unheard
	default:
		w.Step, w.Nth = steps[p.random.IntN(len(steps))], int64(d.nth)
		d.how, d.nth = string(w.Step), 0
	}
	return d
}

// strike kills a process if a request of it is the one that it is to die of.
func (p *plant) strike(process string, writes bool) end {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.doomed[process]
	if d == nil || d.nth == 0 || d.end != atAnyTime && !writes {
		return atAnyTime
	}
	if d.nth--; d.nth > 0 {
		return atAnyTime
	}
	if d.end == atAnyTime {
		time.AfterFunc(d.after, func() { _ = d.process.Kill() })
		return atAnyTime
	}
	_ = d.process.Kill()
	return d.end
}

// bury notes how a process has died, and what it leaves.
func (p *plant) bury(ctx context.Context, name string, d *doom, cmd *exec.Cmd, said string) {
	died := time.Now()
	p.mu.Lock()
	delete(p.doomed, name)
	if cmd.ProcessState.Exited() {
		p.strange = append(p.strange, fmt.Sprintf("%s exited: %s", name, said))
	}
	if d.how != "" {
		p.met[d.how]++
	}
	p.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	var left map[string]time.Time
	p.retried(func() (err error) {
		left, err = p.leases(`owner LIKE $1 || '/%' AND EXISTS (
			SELECT FROM leadsync.lead WHERE lead.connection = lease.connection AND state = 'in-flight')`, name)
		return err
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	for connection, until := range left {
		p.left = append(p.left, estate{connection, died})
		if until.After(died.Add(leaseTTL + time.Second)) { // what it had asked for may come a little later
			p.strange = append(p.strange, fmt.Sprintf("%s is held for %s", connection, until.Sub(died)))
		}
	}
}

// leases returns until when leases run that are as a condition says, by connection.
func (p *plant) leases(condition string, args ...any) (map[string]time.Time, error) {
	rows, err := p.pool.Query(p.t.Context(), `SELECT name, until FROM leadsync.lease JOIN leadsync.connection
		ON id = connection WHERE `+condition, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[string]time.Time)
	for rows.Next() {
		var name string
		var until int64
		if err := rows.Scan(&name, &until); err != nil {
			return nil, err
		}
		found[name] = time.UnixMicro(until)
	}
	return found, rows.Err()
}

// waits returns how long it took, from the death of a process, until another one had taken over
// its leads, shortest first.
func (p *plant) waits() []time.Duration {
	p.t.Helper()
	var waits []time.Duration
	for _, e := range p.left {
		var at *int64
		require.NoError(p.t, p.pool.QueryRow(p.t.Context(), `SELECT min(at) FROM leadsync.history JOIN leadsync.connection
			ON connection.id = history.connection WHERE name = $1 AND change IN ('unclaimed', 'settled') AND at > $2`,
			e.connection, e.died.UnixMicro()).Scan(&at))
		if at == nil {
			continue // the server ended a settlement that it had received before the death
		}
		waits = append(waits, time.UnixMicro(*at).Sub(e.died))
	}
	slices.Sort(waits)
	return waits
}

// killed returns how many processes have been killed.
func (p *plant) killed() (killed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.met {
		killed += n
	}
	return killed
}

// open returns how many leads are not cleared.
func (p *plant) open() (open int, err error) {
	err = p.pool.QueryRow(p.t.Context(), `SELECT count(*) FROM leadsync.lead WHERE stage <> 'cleared'`).Scan(&open)
	return open, err
}

// state tells what the leads and the connections of the store are at.
func (p *plant) state() (text string) {
	_ = p.pool.QueryRow(p.t.Context(), `SELECT 'leads ' || (SELECT jsonb_object_agg(state, n) FROM (
			SELECT stage || ' ' || state || ' ' || code AS state, count(*) AS n FROM leadsync.lead GROUP BY 1) AS leads)::text ||
		', incidents ' || coalesce((SELECT string_agg(convert_from(incident, 'UTF8'), ', ') FROM leadsync.profile), 'none')`).
		Scan(&text)
	return text
}

// examine returns what is wrong in the orgs, and how many writes crossed those of another process.
func (p *plant) examine(leads int) (found *verdict, crossed int) {
	found = new(verdict)
	for _, c := range p.customers {
		c.examine(leads, found)
		crossed += c.crossings()
	}
	return found, crossed
}

// An ordeal is what workers go through.
type ordeal struct {
	customers, leads        int // leads of each customer
	kills, restarts, rounds int // rounds in which the leads are captured
	cuts                    int // how often the connections to the server were cut
}

// drive captures leads, restarts the server and cuts its connections while workers are killed, until
// all leads are cleared.
func (p *plant) drive(o *ordeal) {
	captured, restarted := 0, 0
	p.until(func() bool {
		killed := p.killed()
		if captured < o.rounds && killed >= captured*o.kills/o.rounds {
			p.capture(captured*o.leads/o.rounds, (captured+1)*o.leads/o.rounds)
			captured++
		}
		if restarted < o.restarts && killed > (restarted+1)*o.kills/(o.restarts+1) {
			restarted++
			p.restart(restarted)
		}
		if killed > o.cuts*10 {
			o.cuts++
			p.cut()
		}
		open, err := p.open()
		return err == nil && open == 0 && captured == o.rounds && restarted == o.restarts && killed == o.kills
	})
}

// writers returns how many processes wrote to an org, on average.
func (p *plant) writers() float64 {
	n := 0
	for _, c := range p.customers {
		n += c.processes()
	}
	return float64(n) / float64(len(p.customers))
}

// TestWorkersOnOneServerLoseDoubleAndMixNothing kills workers repeatedly, restarts their server
// and cuts its connections, while leads are captured.
func TestWorkersOnOneServerLoseDoubleAndMixNothing(t *testing.T) {
	t.Parallel()
	o := &ordeal{customers: sized(12, 200), leads: sized(25, 150), kills: sized(6, 300), restarts: sized(1, 3),
		rounds: sized(3, 10)}
	began := time.Now()
	p := newPlant(t, o.customers)
	p.toKill = o.kills
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for n := range 3 {
		p.start(ctx, n)
	}
	p.drive(o)
	stop()
	p.running.Wait()
	waits := p.waits()
	require.NotEmpty(t, waits, "no process was killed in the middle of its work")
	found, crossed := p.examine(o.leads)
	t.Logf("%+v in %s; kills %v; lost %d, doubled %d, mixed %d, crossed %d; %.1f processes wrote to an org; after the "+
		"death of a process, another took over its leads after %s to %s, half of %d connections after %s", *o,
		time.Since(began), p.met, len(found.lost), len(found.doubled), len(found.mixed), crossed, p.writers(),
		waits[0], waits[len(waits)-1], len(waits), waits[len(waits)/2])
	require.Empty(t, p.strange)
	require.Zero(t, len(found.lost)+len(found.doubled)+len(found.mixed), "%v", found)
	require.Zero(t, crossed)

	// The control: what is missing in an org, there twice, or in another one, is seen.
	first := p.customers[0].org
	rows := first.Rows("Lead")
	first.Delete("Lead", text(rows[0], "Id"))
	for i, org := range []*sftest.Org{first, p.customers[1].org} {
		row := rows[1+i]
		org.Insert("Lead", map[string]any{"LastName": row["LastName"], "Email": row["Email"], "Company": "Example"})
	}
	found, _ = p.examine(o.leads)
	require.NotEmpty(t, found.lost)
	require.NotEmpty(t, found.doubled)
	require.NotEmpty(t, found.mixed)
}

// until polls until something is so.
func (p *plant) until(so func() bool) {
	p.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Minute); !so(); <-tick.C {
		if time.Now().After(deadline) {
			p.t.Fatalf("not done: %d kills, %s", p.killed(), p.state())
		}
	}
}

// restart restarts the server, every other time like a machine that fails.
func (p *plant) restart(n int) {
	how := p.server.Restart
	if n%2 == 0 {
		how = p.server.Crash
	}
	require.NoError(p.t, how())
}

// cut cuts the connections of the workers to the server.
func (p *plant) cut() {
	p.retried(func() error {
		_, err := p.pool.Exec(p.t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = 'worker'`)
		return err
	})
}

// The control: workers that hold no lease write to one org at the same time.
func TestWorkersWithoutLeasesAreSeenToCross(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 1)
	p.leaseless = true
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for n := range 3 {
		p.start(ctx, n)
	}
	captured := 0
	p.until(func() bool {
		p.capture(captured, captured+200)
		captured += 200
		return p.customers[0].crossings() > 0
	})
	stop()
}
