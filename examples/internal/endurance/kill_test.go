// SPDX-License-Identifier: Apache-2.0

package endurance_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// An end is how a process dies.
type end int

const (
	atAnyTime end = iota // whatever it is doing
	undone               // its request is never carried out
	unheard              // its request is carried out, and the response is lost
	late                 // its creates are carried out after the next process looked for the records
	capturing            // when its first lead is acknowledged
)

// A fate kills a process at its nth request, or at the nth one that writes.
type fate struct {
	end    end
	nth    int // 0: none
	writes bool
	after  time.Duration // of atAnyTime: this long after that request
}

// A gate sits in front of the org. It kills the process at the request that its
// fate names, and drops, delays or forwards that request.
type gate struct {
	org http.Handler

	mu      sync.Mutex
	process *os.Process
	fate    fate
	asked   int // requests of this process
	idle    *time.Timer
	// patience is how long a process may send no request before it is killed
	// anyway: its fate can no longer occur.
	patience time.Duration
	held     []heldRequest
	// soon is how long a request may be delayed past a lookup of the next process;
	// one that has been held for longer is carried out before the lookup. It is well
	// below VerifyAfter, however busy the machine.
	soon time.Duration
	met  map[end]int // processes that met their fate
	jobs int         // bulk jobs that were asked for
}

// A heldRequest is a request to be carried out late.
type heldRequest struct {
	since time.Time
	do    func()
}

// meet sets the fate of the next process.
func (g *gate) meet(p *os.Process, f fate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f.end == capturing {
		f.nth = 0
	}
	g.process, g.fate, g.asked = p, f, 0
	g.idle = nil
	if f.nth > 0 {
		g.idle = time.AfterFunc(10*g.patience, func() { _ = p.Kill() }) // it takes long to start
	}
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	body = unpacked(r, body)
	carryOut := func(body []byte) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		again := r.Clone(r.Context())
		again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		again.Header.Del("Content-Encoding")
		g.org.ServeHTTP(answer, again)
		return answer
	}
	writes := writing.Match(body)
	struck, looked := g.strike(writes, r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/jobs/ingest"))
	switch struck {
	case undone:
		panic(http.ErrAbortHandler)
	case late:
		creates, updates := apart(body)
		if updates != nil {
			carryOut(updates)
		}
		g.hold(func() { carryOut(creates) })
		panic(http.ErrAbortHandler)
	case unheard:
		carryOut(body)
		panic(http.ErrAbortHandler)
	case atAnyTime:
	}
	if looked {
		g.release(g.soon)
	}
	answer := carryOut(body)
	if looked {
		g.release(0)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// unpacked returns a body as it was before it was compressed.
func unpacked(r *http.Request, body []byte) []byte {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return body
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	text, _ := io.ReadAll(unzipped)
	return text
}

// apart splits a composite request into what it creates and what it updates, nil for
// nothing. An update that overtakes a newer one is beyond what a client can know: here
// none comes late.
func apart(body []byte) (creates, updates []byte) {
	var whole struct {
		AllOrNone        bool              `json:"allOrNone"`
		CompositeRequest []json.RawMessage `json:"compositeRequest"`
	}
	if json.Unmarshal(body, &whole) != nil || len(whole.CompositeRequest) == 0 {
		return body, nil
	}
	parts := make(map[bool][]json.RawMessage) // by whether it updates
	for _, part := range whole.CompositeRequest {
		updating := strings.Contains(string(part), `"method":"PATCH"`)
		parts[updating] = append(parts[updating], part)
	}
	if len(parts[true]) == 0 {
		return body, nil
	}
	pack := func(requests []json.RawMessage) []byte {
		packed, _ := json.Marshal(map[string]any{"allOrNone": whole.AllOrNone, "compositeRequest": requests})
		return packed
	}
	return pack(parts[false]), pack(parts[true])
}

// strike kills the process if its fate is due at this request. It returns what to
// do with the request, and whether the request looks for people.
func (g *gate) strike(writes, job bool) (end, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked++
	if job {
		g.jobs++
	}
	if g.fate.nth == 0 {
		return atAnyTime, g.asked > 1 && !writes // the first request is the session's
	}
	g.idle.Reset(g.patience)
	if !g.fate.writes || writes {
		g.fate.nth--
	}
	if g.fate.nth > 0 {
		return atAnyTime, g.asked > 1 && !writes
	}
	g.met[g.fate.end]++
	if g.fate.end == atAnyTime {
		g.idle.Reset(g.fate.after)
		return atAnyTime, false
	}
	_ = g.process.Kill()
	return g.fate.end, false
}

func (g *gate) hold(do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = append(g.held, heldRequest{time.Now(), do})
}

// release has the org carry out the requests that were held for that long.
func (g *gate) release(age time.Duration) {
	g.mu.Lock()
	ripe := 0 // how many of held, which is in order of age
	for ripe < len(g.held) && time.Since(g.held[ripe].since) >= age {
		ripe++
	}
	due := g.held[:ripe]
	g.held = g.held[ripe:]
	g.mu.Unlock()
	for _, request := range due {
		request.do()
	}
}

// A run is a host that is killed repeatedly.
type run struct {
	t      *testing.T
	org    *sftest.Org
	gate   *gate
	job    job // of each process
	random *rand.Rand
	// versions are how often each lead of the host's list was captured, and safe those
	// that were acknowledged.
	versions   []int
	safe       map[capture]bool
	strangers  []string // people who were there before, and look like some of the crowd
	object     salesforce.Object
	recaptures bool
}

// A setting is what the kinds of run differ in.
type setting struct {
	strategy  string
	object    salesforce.Object // of the people that the strategy creates
	keyFields bool
	crowd     crowd
	bulk      bool
}

func newRun(t *testing.T, s setting, opts ...sftest.Option) *run {
	t.Helper()
	org := sftest.NewOrg(t, append(opts, sftest.WithAPILimit(1_000_000), sftest.WithLogSize(0))...)
	if s.keyFields {
		org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
	campaign := org.Insert("Campaign", map[string]any{"Name": "Expo", "IsActive": true})
	var strangers []string
	for _, object := range []string{"Lead", "Contact"} {
		for _, n := range []int{3, 28} {
			strangers = append(strangers, addStranger(org, object, s.crowd.lead(n, 1)))
		}
	}
	const verifyAfter = 10 * time.Second // far longer than a process takes from its lookup to its creates
	g := &gate{org: org.Handler(), met: make(map[end]int), patience: 400 * time.Millisecond, soon: verifyAfter / 2}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return &run{
		t: t, org: org, gate: g, random: rand.New(rand.NewPCG(1, 2)), safe: make(map[capture]bool), object: s.object,
		recaptures: s.crowd != crowd{}, strangers: strangers,
		job: job{URL: server.URL, Token: org.Token(), Campaign: salesforce.ID(campaign), Strategy: s.strategy, Crowd: s.crowd,
			Bulk: s.bulk, Path: filepath.Join(t.TempDir(), "leads.db"), VerifyAfter: verifyAfter},
	}
}

// addStranger adds a person of yesterday whose name and company are those of a lead.
func addStranger(org *sftest.Org, object string, lead *leadsync.Lead) string {
	fields := map[string]any{"FirstName": lead.FirstName, "LastName": lead.LastName, "Title": strange,
		"CreatedDate": time.Now().Add(-24 * time.Hour)}
	if object == "Lead" {
		fields["Company"] = lead.Company
	}
	return org.Insert(object, fields)
}

// next returns the next capture of a lead.
func (r *run) next(n int) capture {
	if n == len(r.versions) {
		r.versions = append(r.versions, 0)
	}
	r.versions[n]++
	return capture{n, r.versions[n]}
}

// killAnyhow kills a process in a random way.
func (r *run) killAnyhow() {
	ends := []end{atAnyTime, undone, unheard, late, capturing}
	r.kill(fate{end: ends[r.random.IntN(len(ends))], nth: 1 + r.random.IntN(3), writes: r.random.IntN(3) > 0,
		after: time.Duration(r.random.IntN(20)) * time.Millisecond})
	// Sometimes carry out the held requests before the next process looks. The org
	// never carries one out later than VerifyAfter.
	if r.random.IntN(2) == 0 {
		r.gate.release(0)
	}
}

// kill starts a process with three more leads, and every other time one of the last
// with other data, and kills it as f says.
func (r *run) kill(f fate) {
	j := r.job
	for range 3 {
		j.Capture = append(j.Capture, r.next(len(r.versions)))
	}
	if r.recaptures && r.random.IntN(2) == 0 {
		j.Capture = append(j.Capture, r.next(len(r.versions)-1-r.random.IntN(min(15, len(r.versions)))))
	}
	r.process(j, f)
}

// finish starts a process with the leads that were never acknowledged, and lets it
// finish.
func (r *run) finish() {
	j := r.job
	j.Drain = true
	for n, version := range r.versions {
		if last := (capture{n, version}); !r.safe[last] {
			j.Capture = append(j.Capture, last)
		}
	}
	code := r.process(j, fate{})
	require.Zero(r.t, code)
	r.gate.release(0)
}

// process runs a process and notes what it acknowledged.
func (r *run) process(j job, f fate) (code int) {
	cmd := begin(r.t, j)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(r.t, err)
	require.NoError(r.t, cmd.Start())
	r.gate.meet(cmd.Process, f)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var done capture
		_, err := fmt.Sscan(lines.Text(), &done.N, &done.Version)
		require.NoError(r.t, err)
		r.safe[done] = true
		if f.end == capturing {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	require.Empty(r.t, stderr.String())
	return cmd.ProcessState.ExitCode()
}

// compare returns what is wrong in the org.
func (r *run) compare() *verdict {
	return compare(r.org, r.job.Crowd, r.versions, r.object, r.strangers)
}

// settings are the strategies of the library, without key fields and with them.
func settings() []setting {
	var all []setting
	for _, keyFields := range []bool{false, true} {
		c := hardCrowd
		for _, strategy := range []string{"leads-and-contacts", "leads-only", "accounts-and-contacts"} {
			s := setting{strategy: strategy, object: "Lead", keyFields: keyFields, crowd: c}
			if strategy == "accounts-and-contacts" {
				s.object = "Contact"
			}
			all = append(all, s)
			if s.bulk = keyFields && s.object == "Lead" && strategy != "leads-only"; s.bulk {
				all = append(all, s)
			}
		}
	}
	return all
}

// TestKilledProcessesLoseDoubleAndMixNothing repeatedly kills (-9) a process that
// captures and syncs a hard crowd on the same SQLite file, and compares the host's
// list with the org.
func TestKilledProcessesLoseDoubleAndMixNothing(t *testing.T) {
	t.Parallel()
	for _, s := range settings() {
		t.Run(fmt.Sprintf("%s/key fields %t/jobs %t", s.strategy, s.keyFields, s.bulk), func(t *testing.T) {
			t.Parallel()
			kills := sized(5, 90) // 270 without key fields, and as many with them
			r := newRun(t, s)
			for range kills {
				r.killAnyhow()
			}
			acknowledged := len(r.safe)
			r.finish()
			found := r.compare()
			captures := 0
			for _, versions := range r.versions {
				captures += versions
			}
			t.Logf("%d kills, at requests %v; %d leads, %d captures, %d acknowledged; lost %d, doubled %d, mixed %d", kills,
				r.gate.met, len(r.versions), captures, acknowledged, len(found.lost), len(found.doubled), len(found.mixed))
			require.Zero(t, len(found.lost)+len(found.doubled)+len(found.mixed), "%v", found)
			require.Equal(t, s.bulk, r.gate.jobs > 0)
			if kills >= 100 { // with few kills some cases may not occur
				require.Less(t, acknowledged, captures, "no process was killed while it captured")
				require.Greater(t, r.gate.met[late], kills/20, "hardly any request came late")
			}
		})
	}
}

// TestKilledProcessesDoubleWithoutTheJournal is the control: creates that are
// repeated at once, without a journal, do produce duplicates.
func TestKilledProcessesDoubleWithoutTheJournal(t *testing.T) {
	t.Parallel()
	r := newRun(t, setting{strategy: "leads-and-contacts", object: "Lead"}, sftest.WithResends())
	r.job.Unsafe, r.job.VerifyAfter = true, 1
	r.gate.soon, r.gate.patience = time.Hour, time.Hour // each process eventually writes
	kills := sized(5, 50)
	for range kills {
		r.kill(fate{end: late, nth: 1, writes: true})
	}
	r.finish()
	found := r.compare()
	t.Logf("%d kills; lost %d, doubled %d", kills, len(found.lost), len(found.doubled))
	require.Empty(t, found.lost)
	require.NotEmpty(t, found.doubled)
}

// TestKilledProcessesMixWithoutTheMemoryOfRecords is the control of the namesakes: a create
// that was never carried out is given the record of another lead.
func TestKilledProcessesMixWithoutTheMemoryOfRecords(t *testing.T) {
	t.Parallel()
	r := newRun(t, setting{strategy: "leads-only", object: "Lead", crowd: crowd{Alike: true}})
	r.job.Amnesia = true
	r.gate.patience = time.Hour // each process eventually writes
	for _, f := range []fate{{end: undone, nth: 1, writes: true}, {nth: 1, writes: true, after: 2 * time.Second}} {
		j := r.job
		j.Capture = []capture{r.next(len(r.versions))}
		r.process(j, f)
	}
	r.finish()
	found := r.compare()
	require.NotEmpty(t, found.mixed)
}
