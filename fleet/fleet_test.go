// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// callbackURL is where browsers come back to.
const callbackURL = "https://host.example/salesforce/callback"

// A host is one that embeds a Fleet: several processes on one Store, and the orgs of its customers.
type host struct {
	t     *testing.T
	store *memory.Store
	orgs  map[string]*sftest.Org // by connection
	log   *syncBuffer
}

// newHost returns a host whose customers have orgs.
func newHost(t *testing.T, names ...string) *host {
	t.Helper()
	h := &host{t: t, store: memory.New(nil), orgs: make(map[string]*sftest.Org), log: new(syncBuffer)}
	for i, name := range names {
		h.orgs[name] = sftest.NewOrg(t, sftest.WithNumber(uint8(i+1)))
		h.orgs[name].AddApp(sftest.App{ClientID: "host", Callback: callbackURL, PKCE: true})
	}
	return h
}

// process returns a Fleet as one process of the host has it.
func (h *host) process(change ...func(*fleet.Config)) *fleet.Fleet {
	h.t.Helper()
	return h.processOn(h.store, change...)
}

// processOn is process with a Store of its own.
func (h *host) processOn(kept fleet.Store, change ...func(*fleet.Config)) *fleet.Fleet {
	h.t.Helper()
	var hosts []string
	for _, org := range h.orgs {
		hosts = append(hosts, strings.TrimPrefix(org.URL(), "http://"))
	}
	cipher, err := login.NewTokenCipher(bytes.Repeat([]byte{7}, 32))
	require.NoError(h.t, err)
	cfg := &fleet.Config{App: login.AppConfig{ClientID: "host", Hosts: hosts}, Cipher: cipher, RedirectURL: callbackURL,
		Client: salesforce.Config{Hosts: hosts}, Poll: 5 * time.Millisecond,
		Base: leadsync.Config{Gather: leadsync.NoGather}, Logger: slog.New(slog.NewTextHandler(h.log, nil))}
	for _, c := range change {
		c(cfg)
	}
	f, err := fleet.New(kept, cfg)
	require.NoError(h.t, err)
	return f
}

// begin begins to connect a customer's org.
func (h *host) begin(f *fleet.Fleet, name string) *fleet.SignIn {
	h.t.Helper()
	begun, err := f.By("ada").BeginConnect(h.t.Context(), name, &fleet.ConnectOptions{LoginURL: h.orgs[name].URL()})
	require.NoError(h.t, err)
	return begun
}

// signIn is the browser at Salesforce: it returns where it is sent back to.
func (h *host) signIn(begun *fleet.SignIn) string {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, begun.URL, nil)
	require.NoError(h.t, err)
	reply, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(h.t, err)
	require.NoError(h.t, reply.Body.Close())
	back, err := reply.Location()
	require.NoError(h.t, err)
	return back.String()
}

// comeBack is the browser that follows Salesforce back to the host.
func (h *host) comeBack(f *fleet.Fleet, address string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	h.t.Helper()
	request := httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, address, nil)
	for _, c := range cookies {
		request.AddCookie(c)
	}
	recorder := httptest.NewRecorder()
	f.Callback().ServeHTTP(recorder, request)
	return recorder
}

// connect connects a customer's org.
func (h *host) connect(f *fleet.Fleet, names ...string) {
	h.t.Helper()
	for _, name := range names {
		begun := h.begin(f, name)
		reply := h.comeBack(f, h.signIn(begun), begun.Cookie)
		require.Equal(h.t, http.StatusOK, reply.Code, reply.Body.String())
	}
}

// run starts Run and returns what ends it.
func (h *host) run(f *fleet.Fleet) (stop func()) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(h.t, <-done)
	})
	h.t.Cleanup(stop)
	return stop
}

// capture captures n leads, numbered from 1.
func (h *host) capture(f *fleet.Fleet, name string, n int) {
	h.t.Helper()
	leads := make([]*leadsync.Lead, n)
	for i := range leads {
		leads[i] = lead(i + 1)
	}
	_, err := f.Capture(h.t.Context(), name, leads...)
	require.NoError(h.t, err)
}

func lead(i int) *leadsync.Lead {
	return &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprintf("L%d", i)), LastName: fmt.Sprintf("Person%d", i),
		Email: fmt.Sprintf("p%d@canary.example", i), Company: "Canary"}
}

// stages counts the leads of a connection by stage.
func (h *host) stages(f *fleet.Fleet, name string) map[leadsync.Stage]int {
	h.t.Helper()
	syncer, err := f.Syncer(h.t.Context(), name)
	require.NoError(h.t, err)
	summary, err := syncer.Summary(h.t.Context(), leadsync.Filter{})
	require.NoError(h.t, err)
	return summary.Stages
}

// cleared waits until a connection has n cleared leads.
func (h *host) cleared(f *fleet.Fleet, name string, n int) {
	h.t.Helper()
	done := func() bool { return h.stages(f, name)[leadsync.Cleared] == n }
	require.Eventually(h.t, done, time.Minute, 5*time.Millisecond, "%s", h.log)
}

// health waits until a connection's health is as wanted.
func (h *host) health(f *fleet.Fleet, name string, wanted func(fleet.Health) bool) {
	h.t.Helper()
	require.Eventually(h.t, func() bool {
		health, err := f.Health(h.t.Context(), name)
		require.NoError(h.t, err)
		return wanted(health)
	}, time.Minute, 5*time.Millisecond)
}

// A syncBuffer is a bytes.Buffer for concurrent use.
type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

func TestLeadsWaitUntilTheirCustomerConnects(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "globex")
	f := h.process()
	h.run(f)
	h.capture(f, "acme", 3)
	h.capture(f, "globex", 2)
	require.NoError(t, f.CaptureActivities(t.Context(), "acme", "L1",
		leadsync.Activity{ID: "A1", Kind: leadsync.ActivityNote, Notes: "Met."}))
	h.connect(f, "globex")
	h.cleared(f, "globex", 2)
	require.Equal(t, map[leadsync.Stage]int{leadsync.PreSync: 3}, h.stages(f, "acme"))
	require.Zero(t, h.orgs["acme"].Calls())

	h.connect(f, "acme")
	h.cleared(f, "acme", 3)
	require.Equal(t, 3, h.orgs["acme"].Count("Lead"))
	require.Equal(t, 2, h.orgs["globex"].Count("Lead"))
	require.Equal(t, 1, h.orgs["acme"].Count("Task"))
	health, err := f.Health(t.Context(), "acme")
	require.NoError(t, err)
	require.True(t, health.Connected)
	require.Nil(t, health.Incident)
	require.Equal(t, salesforce.ID(h.orgs["acme"].OrgID()), health.Connection.Org)
	require.Equal(t, "integration@fake.example", health.Connection.Link.User)
	h.health(f, "acme", func(health fleet.Health) bool {
		return len(health.Calls) > 0 && health.Calls[0].Calls > 0
	})
	listed, err := f.Connections(t.Context(), "", 10)
	require.NoError(t, err)
	require.Len(t, listed, 2)
}

// Pages of a host show a connection as JSON.
func TestHealthIsReadableJSON(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	h.connect(f, "acme")
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{LeadSource: "Fair"}, 0))
	require.NoError(t, h.store.SetIncident(t.Context(), "acme",
		[]byte(`{"error":{"op":"run","code":"AUTHENTICATION"},"at":"2026-01-02T03:04:05Z"}`)))
	type shown struct {
		Settings struct {
			Number   int
			Settings struct{ LeadSource string }
		}
		Incident struct{ Error struct{ Code string } }
	}
	var health struct {
		Connection shown
		Incident   struct{ Error struct{ Code string } }
	}
	read, err := f.Health(t.Context(), "acme")
	require.NoError(t, err)
	text, err := json.Marshal(read)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &health))
	require.Equal(t, "Fair", health.Connection.Settings.Settings.LeadSource)
	require.Equal(t, 1, health.Connection.Settings.Number)
	require.Equal(t, "AUTHENTICATION", health.Connection.Incident.Error.Code)
	require.Equal(t, "AUTHENTICATION", health.Incident.Error.Code)

	h.capture(f, "globex", 1) // nothing is kept of it but its lead
	listed, err := f.Connections(t.Context(), "", 10)
	require.NoError(t, err)
	text, err = json.Marshal(listed)
	require.NoError(t, err)
	var all []shown
	require.NoError(t, json.Unmarshal(text, &all))
	require.Len(t, all, 2)
	require.Equal(t, "Fair", all[0].Settings.Settings.LeadSource)
}

func TestHealthOfEachConnectionIsObserved(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	f := h.process()
	for i := range 101 { // more than are listed at a time
		h.capture(f, fmt.Sprintf("c%03d", i), 1+i%2)
	}
	require.NoError(t, h.store.SetMode(t.Context(), "c100", leadsync.Disabled, ""))
	require.NoError(t, h.store.SetSettings(t.Context(), "c050", 0, []byte(`{"nope": 1}`), ""))
	var names []string
	queued := 0
	err := f.EachHealth(t.Context(), func(connection string, health leadsync.Health) {
		names = append(names, connection)
		queued += health.States[store.StateQueued]
	})
	require.ErrorIs(t, err, leadsync.DataValueValidation, "of one with settings that cannot be read")
	require.Len(t, names, 100)
	require.True(t, slices.IsSorted(names))
	require.Equal(t, 150, queued)
}

// What the Store keeps of a connection, and what is logged, gives no token away, and no data of a lead.
func TestTokensAreSealedAndNotLogged(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	stop := h.run(f)
	h.connect(f, "acme")
	h.capture(f, "acme", 1)
	h.cleared(f, "acme", 1)
	stop()
	kept, err := h.store.Connection(t.Context(), "acme")
	require.NoError(t, err)
	listed, err := f.Connections(t.Context(), "", 1)
	require.NoError(t, err)
	health, err := f.Health(t.Context(), "acme")
	require.NoError(t, err)
	texts := fmt.Sprint(string(kept.Token.Sealed), listed, health, h.log)
	for _, secret := range []string{h.orgs["acme"].Token(), h.orgs["acme"].RefreshToken(), "canary"} {
		require.NotContains(t, texts, secret)
	}
	require.Nil(t, listed[0].Token.Sealed)
	require.Nil(t, health.Connection.Token.Sealed)
}

func TestNewNamesTheFieldAtFault(t *testing.T) {
	t.Parallel()
	cipher, err := login.NewTokenCipher(make([]byte, 32))
	require.NoError(t, err)
	good := fleet.Config{App: login.AppConfig{ClientID: "host"}, Cipher: cipher}
	_, err = fleet.New(memory.New(nil), &good)
	require.NoError(t, err)
	for _, address := range []string{"", "http://127.0.0.1:8080/back", "https://host.example"} {
		good.RedirectURL = address
		_, err = fleet.New(memory.New(nil), &good)
		require.NoError(t, err, address)
	}
	for field, change := range map[string]func(*fleet.Config){
		"Config.App.ClientID":   func(c *fleet.Config) { c.App.ClientID = "" },
		"Config.App.LoginURL":   func(c *fleet.Config) { c.App.LoginURL = "https://salesforce.example" },
		"Config.Cipher":         func(c *fleet.Config) { c.Cipher = nil },
		"Config.Workers":        func(c *fleet.Config) { c.Workers = -1 },
		"Config.Poll":           func(c *fleet.Config) { c.Poll = -1 },
		"Config.NewID":          func(c *fleet.Config) { c.NewID = func() string { return "" } },
		"Config.RedirectURL":    func(c *fleet.Config) { c.RedirectURL = "nonsense" },
		"Config.Base.BatchSize": func(c *fleet.Config) { c.Base.BatchSize = 3000 },
	} {
		bad := good
		change(&bad)
		_, err := fleet.New(memory.New(nil), &bad)
		requireRefused(t, err, field)
	}
	_, err = fleet.New(nil, &good)
	requireRefused(t, err, "store")
	_, err = fleet.New(memory.New(nil), nil)
	requireRefused(t, err, "Config.App.ClientID")
}

// requireRefused requires a typed error that names the field.
func requireRefused(t *testing.T, err error, field string) {
	t.Helper()
	var refused *leadsync.Error
	require.ErrorAs(t, err, &refused, field)
	require.Equal(t, leadsync.DataValueValidation, refused.Code, err)
	require.Equal(t, []string{field}, refused.Fields)
}

func TestNamesOfConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	f := newHost(t).process()
	for _, name := range []string{"", strings.Repeat("x", 256), "a\x00b", "a\nb", "\xff"} {
		for _, call := range []func() error{
			func() error { _, err := f.Capture(t.Context(), name, lead(1)); return err },
			func() error { return f.CaptureActivities(t.Context(), name, "L1") },
			func() error { _, err := f.Syncer(t.Context(), name); return err },
			func() error { _, err := f.BeginConnect(t.Context(), name, nil); return err },
			func() error { return f.Disconnect(t.Context(), name) },
			func() error { _, _, err := f.Settings(t.Context(), name); return err },
			func() error { return f.SetSettings(t.Context(), name, new(leadsync.Settings), 0) },
			func() error { return f.SetMode(t.Context(), name, leadsync.Manual) },
			func() error { return f.Resume(t.Context(), name) },
			func() error { _, err := f.Health(t.Context(), name); return err },
		} {
			requireRefused(t, call(), "connection")
		}
	}
	_, err := f.Capture(t.Context(), "Müller & Söhne \U0001F680 'x'; --", lead(1))
	require.NoError(t, err)
	listed, err := f.Connections(t.Context(), "", 10)
	require.NoError(t, err)
	require.Len(t, listed, 1)
}

func TestCaptureRefusesOnlyTheLeadAtFault(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	f := h.process()
	for _, mode := range []leadsync.Mode{leadsync.Automatic, leadsync.Manual} {
		require.NoError(t, f.SetMode(t.Context(), "acme", mode))
		report, err := f.Capture(t.Context(), "acme", new(leadsync.Lead),
			&leadsync.Lead{ID: leadsync.LeadID(mode), Email: "a@b.example"})
		var batch *leadsync.BatchError
		require.ErrorAs(t, err, &batch)
		require.Len(t, batch.Failed, 1)
		require.Equal(t, 1, report.New)
	}
}

var _ fleet.Store = struct {
	store.Store
	store.Connections
}{}

func TestSyncersThatNobodyAsksForAreGivenUp(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	f := h.process(func(c *fleet.Config) { c.Now = now })
	h.capture(f, "acme", 1)
	h.capture(f, "globex", 1)
	ahead.Store(int64(40 * time.Minute))
	h.capture(f, "acme", 1)
	ahead.Store(int64(80 * time.Minute))
	h.capture(f, "initech", 1)
	require.Equal(t, 2, f.Members(), "acme and initech")
	h.capture(f, "globex", 1) // as before
	require.Equal(t, 3, f.Members())
}
