// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/pgtest"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// actAsMain makes the test binary run the host itself, so that a test can kill it.
const actAsMain = "HOST_TEST_MAIN"

var server pgtest.Server

func TestMain(m *testing.M) {
	if os.Getenv(actAsMain) != "" {
		o, err := parse(os.Args[1:], os.Getenv)
		if err == nil {
			o.base = leadsync.Config{LeaseTTL: 10 * time.Second, Gather: leadsync.NoGather}
			err = run(context.Background(), o, os.Stdout)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

// A host is the processes of a host and the orgs of its two customers.
type host struct {
	t       *testing.T
	address string
	args    []string
	orgs    map[string]*sftest.Org
	browser *http.Client

	mu     sync.Mutex
	writes int    // requests that write, of all orgs
	killAt int    // the write at which kill is called, 0 for none
	kill   func() // ends the process that syncs
}

func newHost(t *testing.T, args ...string) *host {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	h := &host{t: t, address: address(t), orgs: make(map[string]*sftest.Org),
		browser: &http.Client{Jar: jar}}
	var trusted []string
	for i, name := range []string{"acme", "globex"} {
		org := sftest.NewOrg(t, sftest.WithNumber(uint8(i+1)), sftest.WithAPILimit(1_000_000))
		org.AddApp(sftest.App{ClientID: "host", Callback: "http://" + h.address + callbackPath, PKCE: true})
		org.Fail(h.meet)
		h.orgs[name] = org
		trusted = append(trusted, strings.TrimPrefix(org.URL(), "http://"))
	}
	h.args = append([]string{"-app", "host", "-trust", strings.Join(trusted, ",")}, args...)
	return h
}

// meet is called for each request that reaches an org.
func (h *host) meet(r *http.Request, _ int) *sftest.Fault {
	body, _ := io.ReadAll(r.Body)
	if !bytes.Contains(body, []byte(`"method":"P`)) {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.writes++; h.writes != h.killAt {
		return nil
	}
	h.kill()
	return &sftest.Fault{DropAfter: true}
}

// start starts a process and returns what kills it.
func (h *host) start(args ...string) (kill func()) {
	h.t.Helper()
	cmd := exec.CommandContext(h.t.Context(), os.Args[0], append(args, h.args...)...)
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	cmd.Env = append(os.Environ(), actAsMain+"=1", "HOST_KEY="+key)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(h.t, err)
	require.NoError(h.t, cmd.Start())
	ready := make([]byte, len("listening on"))
	_, err = io.ReadFull(stdout, ready)
	require.NoError(h.t, err)
	ended := sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	h.t.Cleanup(ended)
	return ended
}

// call calls the api and reads what it answers.
func (h *host) call(method, path string, in, out any) int {
	h.t.Helper()
	body, err := json.Marshal(in)
	require.NoError(h.t, err)
	request, err := http.NewRequestWithContext(context.WithoutCancel(h.t.Context()), method, "http://"+h.address+path,
		bytes.NewReader(body))
	require.NoError(h.t, err)
	reply, err := h.browser.Do(request)
	require.NoError(h.t, err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	require.NoError(h.t, err)
	if out != nil {
		require.NoError(h.t, json.Unmarshal(text, out), string(text))
	}
	return reply.StatusCode
}

// connect is a person who connects a customer's org with a browser.
func (h *host) connect(customer string) {
	h.t.Helper()
	reply, err := h.browser.PostForm("http://"+h.address+"/"+customer+"/connect",
		url.Values{"loginUrl": {h.orgs[customer].URL()}})
	require.NoError(h.t, err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	require.NoError(h.t, err)
	require.Equal(h.t, http.StatusOK, reply.StatusCode, string(text))
	require.Contains(h.t, string(text), "Connected to")
}

// capture sends leads from one number to another, as web hooks do.
func (h *host) capture(customer string, from, to int) {
	h.t.Helper()
	var leads []map[string]string
	for i := from; i <= to; i++ {
		leads = append(leads, map[string]string{"id": fmt.Sprintf("L%d", i), "lastName": fmt.Sprintf("Person%d", i),
			"email": fmt.Sprintf("p%d@%s.example", i, customer), "company": "Visitors"})
	}
	var took struct{ Report struct{ New int } }
	require.Equal(h.t, http.StatusOK, h.call(http.MethodPost, "/"+customer+"/leads", leads, &took))
	require.Equal(h.t, len(leads), took.Report.New)
}

// cleared waits until a customer's leads are n cleared ones.
func (h *host) cleared(customer string, n int) {
	h.t.Helper()
	var got struct{ Stages map[string]int }
	require.Eventually(h.t, func() bool {
		got.Stages = nil
		h.call(http.MethodPost, "/"+customer+"/summary", struct{}{}, &got)
		return got.Stages["cleared"] == n
	}, 2*time.Minute, 50*time.Millisecond, "%s %v", customer, &got)
}

// requireOnce requires that each of a customer's n people is in their org, once, and none of another's.
func (h *host) requireOnce(customer string, n int) {
	h.t.Helper()
	emails := make(map[string]int)
	for _, row := range h.orgs[customer].Rows("Lead") {
		emails[row["Email"].(string)]++
	}
	require.Len(h.t, emails, n)
	for i := 1; i <= n; i++ {
		require.Equal(h.t, 1, emails[fmt.Sprintf("p%d@%s.example", i, customer)], "%s %d", customer, i)
	}
}

// revoke ends the customer's grant in their org.
func (h *host) revoke(customer string) {
	h.t.Helper()
	org := h.orgs[customer]
	reply, err := h.browser.PostForm(org.URL()+"/services/oauth2/revoke", url.Values{"token": {org.RefreshToken()}})
	require.NoError(h.t, err)
	require.NoError(h.t, reply.Body.Close())
	org.ExpireToken()
}

// A customer sends leads before and after connecting, the process that syncs is killed while the org carries out its
// write, and the org revokes the grant.
func (h *host) walk(kill func(), restart func() (kill func())) {
	h.t.Helper()
	h.capture("acme", 1, 30)
	h.connect("acme")
	h.cleared("acme", 30)

	h.mu.Lock()
	h.kill, h.killAt = kill, h.writes+1
	h.mu.Unlock()
	h.capture("acme", 31, 90)
	h.capture("globex", 1, 40)
	killed := func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.writes >= h.killAt
	}
	require.Eventually(h.t, killed, time.Minute, 10*time.Millisecond)
	restart()
	h.connect("globex")
	h.cleared("globex", 40)
	h.cleared("acme", 90)

	h.revoke("acme")
	h.capture("acme", 91, 100)
	var health struct {
		Incident struct{ Error struct{ Code string } }
	}
	require.Eventually(h.t, func() bool {
		h.call(http.MethodGet, "/acme/health", nil, &health)
		return health.Incident.Error.Code == "AUTHENTICATION"
	}, time.Minute, 50*time.Millisecond)
	h.connect("acme")
	h.cleared("acme", 100)
	h.requireOnce("acme", 100)
	h.requireOnce("globex", 40)
}

func TestHostServesTwoCustomersFromAFile(t *testing.T) {
	t.Parallel()
	h := newHost(t, "-db", filepath.Join(t.TempDir(), "leads.db"))
	start := func() func() { return h.start("-addr", h.address) }
	h.walk(start(), start)
}

// address returns one that nobody listens on.
func address(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

func TestPrometheusReadsTheMetricsOfAllCustomers(t *testing.T) {
	t.Parallel()
	metrics := address(t)
	h := newHost(t, "-db", filepath.Join(t.TempDir(), "leads.db"), "-metrics", metrics)
	h.start("-addr", h.address)
	h.connect("acme")
	h.capture("acme", 1, 3)
	h.capture("globex", 1, 2)
	h.cleared("acme", 3)
	reply, err := h.browser.Get("http://" + metrics + "/metrics")
	require.NoError(t, err)
	defer reply.Body.Close()
	page, err := io.ReadAll(reply.Body)
	require.NoError(t, err)
	for _, line := range []string{
		`leadsync_leads_total{leadsync_action="created",leadsync_connection="acme",leadsync_stage="cleared"} 3`,
		`leadsync_backlog_leads{leadsync_connection="globex",leadsync_state="queued"} 2`,
		`leadsync_api_calls_total{`,
	} {
		require.Contains(t, string(page), line)
	}
}

func TestPagesShowAllCustomers(t *testing.T) {
	t.Parallel()
	h := newHost(t, "-db", filepath.Join(t.TempDir(), "leads.db"))
	h.start("-addr", h.address)
	h.connect("acme")
	h.capture("acme", 1, 3)
	h.capture("globex", 1, 2)
	h.cleared("acme", 3)
	for path, said := range map[string][]string{
		"":                         {"c/acme/reconciliation", "c/globex/reconciliation", "Not connected"},
		"c/acme/reconciliation":    {"3 cleared, 0 failed, 0 in Pre-Sync of 3", "Connected"},
		"c/globex/reconciliation":  {"0 cleared, 0 failed, 2 in Pre-Sync of 2"},
		"c/acme/connect":           {"Connect again"},
		"c/nobody/reconciliation/": {"Not found"},
	} {
		reply, err := h.browser.Get("http://" + h.address + "/salesforce/ui/" + path)
		require.NoError(t, err)
		page, err := io.ReadAll(reply.Body)
		require.NoError(t, err)
		require.NoError(t, reply.Body.Close())
		for _, text := range said {
			require.Contains(t, string(page), text, path)
		}
	}
}

// database makes a database of the private server.
func database(t *testing.T, name string) string {
	t.Helper()
	dsn := server.PrivateDSN(t)
	on, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, on.Close(context.WithoutCancel(t.Context()))) }()
	_, err = on.Exec(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	return dsn + " dbname=" + name
}

func TestHostServesTwoCustomersFromPostgreSQL(t *testing.T) {
	t.Parallel()
	h := newHost(t, "-postgres", database(t, "plain"))
	h.start("-addr", h.address, "-idle")
	worker := func() func() { return h.start("-addr", "127.0.0.1:0", "-url", "http://"+h.address) }
	h.walk(worker(), worker)
}

// Two workers and one process for the web share a database, and River schedules.
func TestHostServesTwoCustomersByJobsOfRiver(t *testing.T) {
	t.Parallel()
	h := newHost(t, "-river", "-postgres", database(t, "river"))
	h.start("-addr", h.address, "-idle")
	worker := func() func() { return h.start("-addr", "127.0.0.1:0", "-url", "http://"+h.address) }
	first, second := worker(), worker()
	h.walk(func() { first(); second() }, worker)
}

func TestHostRefusesWhatIsNotForIt(t *testing.T) {
	t.Parallel()
	h := newHost(t, "-db", filepath.Join(t.TempDir(), "leads.db"))
	h.start("-addr", h.address)
	type answer struct {
		Error struct {
			Code   string
			Fields []string
		}
		Fix string
	}
	type settings struct {
		Revision int            `json:"revision"`
		Settings map[string]int `json:"settings"`
	}
	for name, c := range map[string]struct {
		method, path string
		in           any
		status       int
		field        string
	}{
		"no list":           {http.MethodPost, "/acme/leads", 3, 422, "body"},
		"no lead":           {http.MethodPost, "/acme/leads", []any{map[string]int{"id": 3}}, 422, "body"},
		"misspelt":          {http.MethodPost, "/acme/leads", []any{map[string]string{"lastNam": "x"}}, 422, "body"},
		"too long":          {http.MethodPost, "/acme/leads", strings.Repeat("a", 9<<20), 422, "body"},
		"unknown setting":   {http.MethodPut, "/acme/settings", settings{0, map[string]int{"nope": 1}}, 422, "nope"},
		"changed meanwhile": {http.MethodPut, "/acme/settings", settings{7, map[string]int{"version": 1}}, 409, "revision"},
		"unknown mode":      {http.MethodPut, "/acme/mode", "manuel", 422, "mode"},
		"unknown stage":     {http.MethodPost, "/acme/push", map[string]any{"stages": []string{"clear"}}, 422, "stages[0]"},
		"not connected":     {http.MethodPost, "/acme/preflight", nil, 409, ""},
		"long name":         {http.MethodGet, "/" + strings.Repeat("a", 300) + "/health", nil, 422, "connection"},
	} {
		var got answer
		require.Equal(t, c.status, h.call(c.method, c.path, c.in, &got), "%s %v", name, got)
		if c.field != "" {
			require.Equal(t, []string{c.field}, got.Error.Fields, name)
		}
		require.NotEmpty(t, got.Error.Code, name)
		require.NotEmpty(t, got.Fix, name)
		require.NotContains(t, got.Fix, "change the mapping", name)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+h.address+"/acme/push",
		strings.NewReader("{}"))
	require.NoError(t, err)
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	reply, err := h.browser.Do(request)
	require.NoError(t, err)
	require.NoError(t, reply.Body.Close())
	require.Equal(t, http.StatusForbidden, reply.StatusCode)
}

func TestTrustedHostsAreSeparatedByCommas(t *testing.T) {
	t.Parallel()
	for trust, want := range map[string][]string{"": {}, "a:1": {"a:1"}, "a:1, b:2,": {"a:1", "b:2"}} {
		o, err := parse([]string{"-trust", trust}, func(string) string { return "" })
		require.NoError(t, err)
		require.Equal(t, want, o.hosts, trust)
	}
}

func TestHostRefusesACommandLineThatCannotWork(t *testing.T) {
	t.Parallel()
	for arg, names := range map[string]string{"-url=nonsense": "-url", "-url=https://": "-url", "-url=http://a b": "-url",
		"-river": "-postgres", "leads": `"leads"`} {
		_, err := parse([]string{arg}, func(string) string { return "" })
		require.ErrorContains(t, err, names, arg)
	}
	o := &options{addr: "127.0.0.1:0", app: "host", db: filepath.Join(t.TempDir(), "leads.db")}
	err := run(t.Context(), o, io.Discard)
	require.ErrorContains(t, err, "HOST_KEY")
}

// Who embeds the library writes no more than this, but for the demo and the text of -h.
func TestHostHasFewerThan350LinesOfCode(t *testing.T) {
	t.Parallel()
	lines := 0
	for _, name := range []string{"main.go", "api.go", "river.go"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				lines++
			}
		}
	}
	require.Less(t, lines, 350)
}
