// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// controlLog is how many requests the control API keeps.
const controlLog = 10_000

// maxControl bounds the body of a request to the control API, in bytes.
const maxControl = 32 << 20

// A startFunc makes an org with a schema, nil for none.
type startFunc func(c *config, s *schema, now func() time.Time) (*sftest.Org, error)

// A control serves the control API of docs/fakeorg.json: what a test in another
// language does to the org. It holds the org, which a reset replaces.
type control struct {
	token  string
	config *config
	start  startFunc
	url    string // of the org

	changing sync.Mutex // held while the schema changes, or the org is replaced
	schemas  []*schema  // the definitions of the org, in order

	mu     sync.Mutex
	org    *sftest.Org
	clock  *clock
	faults []*fault
	taken  []*sftest.Snapshot
}

// A clock is ahead of the computer's.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// maxAhead bounds how far the clock may be ahead, so that every time is one that a row can hold.
const maxAhead = 100 * 365 * 24 * time.Hour

// advance moves the clock on.
func (c *clock) advance(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d > maxAhead-c.ahead {
		return fmt.Errorf("advance: the clock may be %s ahead at most", maxAhead)
	}
	c.ahead += d
	return nil
}

// newControl makes a control with a token of its own, and the first org.
func newControl(c *config, start startFunc) (*control, error) {
	k := &control{token: rand.Text(), config: c, start: start}
	return k, k.replace(c)
}

// replace makes an org, with a clock and no faults of its own, in place of the one of
// the moment.
func (k *control) replace(c *config) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	clock := &clock{}
	s, err := c.readSchema()
	if err != nil {
		return err
	}
	org, err := k.start(c, s, clock.now)
	if err != nil {
		return err
	}
	k.schemas = nil
	if s != nil {
		k.schemas = []*schema{s.definitions()}
	}
	org.Fail(k.fault)
	k.mu.Lock()
	old := k.org
	k.org, k.clock, k.faults, k.taken = org, clock, nil, nil
	k.mu.Unlock()
	if old != nil {
		old.Close()
	}
	return nil
}

// current returns the org of the moment.
func (k *control) current() *sftest.Org {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.org
}

// time returns the clock of the org.
func (k *control) time() *clock {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.clock
}

// listen serves the control API until stop is called, and adds its address and its
// token to what the program prints.
func (k *control) listen(ctx context.Context, addr string, ready map[string]string) (stop func(), err error) {
	listener, err := listenControl(addr)
	if err != nil {
		return nil, err
	}
	ready["control"], ready["control_token"] = "http://"+listener.Addr().String(), k.token
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = serve(ctx, listener, k.handler())
	}()
	return func() {
		cancel()
		<-done
	}, nil
}

// serveOrg passes a request to the org of the moment.
func (k *control) serveOrg(w http.ResponseWriter, r *http.Request) {
	k.current().Handler().ServeHTTP(w, r)
}

// A route is one operation of the control API.
type route struct {
	method, path string
	serve        func(k *control, r *http.Request, body []byte) (any, error)
}

// routes are the operations, as docs/fakeorg.json describes them.
func routes() []route {
	return []route{
		{"GET", "/org", (*control).about},
		{"POST", "/reset", (*control).reset},
		{"POST", "/limits", (*control).setLimits},
		{"POST", "/expire", (*control).expire},
		{"POST", "/refuse-tokens", (*control).refuseTokens},
		{"POST", "/clock", (*control).moveClock},
		{"POST", "/schema", (*control).addSchema},
		{"PUT", "/faults", (*control).setFaults},
		{"DELETE", "/faults", (*control).clearFaults},
		{"POST", "/lock", (*control).lock},
		{"POST", "/slow", (*control).slow},
		{"POST", "/fail-bulk", (*control).failBulk},
		{"GET", "/requests", (*control).requests},
		{"DELETE", "/requests", (*control).forgetRequests},
		{"GET", "/rows/{object}", (*control).rows},
		{"POST", "/rows/{object}", (*control).insertRow},
		{"PATCH", "/rows/{object}/{id}", (*control).updateRow},
		{"DELETE", "/rows/{object}/{id}", (*control).deleteRow},
		{"POST", "/rows/{object}/{id}/undelete", (*control).undeleteRow},
		{"POST", "/snapshot", (*control).snapshot},
		{"POST", "/restore", (*control).restore},
		{"POST", "/merge", (*control).merge},
		{"POST", "/convert", (*control).convert},
	}
}

// handler answers the control API to those who have its token.
func (k *control) handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes() {
		mux.HandleFunc(r.method+" "+r.path, func(w http.ResponseWriter, req *http.Request) { k.serveRoute(r, w, req) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if subtle.ConstantTimeCompare([]byte(token), []byte(k.token)) != 1 {
			refuse(w, http.StatusUnauthorized, "the control token is missing or wrong")
			return
		}
		if _, route := mux.Handler(r); route == "" {
			w = &noRoute{ResponseWriter: w, r: r}
		}
		mux.ServeHTTP(w, r)
	})
}

// serveRoute carries out an operation.
func (k *control) serveRoute(route route, w http.ResponseWriter, r *http.Request) {
	var answer any
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControl))
	if err == nil {
		err = guarded(func() (err error) {
			answer, err = route.serve(k, r, body)
			return err
		})
	}
	if err == nil {
		reply(w, http.StatusOK, answer)
		return
	}
	status := http.StatusBadRequest
	if of := (*statusError)(nil); errors.As(err, &of) {
		status = of.status
	}
	refuse(w, status, err.Error())
}

// A statusError is answered with a status other than 400.
type statusError struct {
	status int
	text   string
}

// Error implements error.
func (e *statusError) Error() string { return e.text }

// A noRoute makes the 404 and 405 of a mux an error of the control API.
type noRoute struct {
	http.ResponseWriter
	r *http.Request
}

// WriteHeader implements http.ResponseWriter.
func (n *noRoute) WriteHeader(status int) {
	text := "there is nothing at " + n.r.URL.Path
	if allowed := n.Header().Get("Allow"); allowed != "" {
		text = n.r.URL.Path + " takes " + allowed + ", not " + n.r.Method
	}
	refuse(n.ResponseWriter, status, text)
}

// Write implements io.Writer: the text of the mux is dropped.
func (n *noRoute) Write(text []byte) (int, error) { return len(text), nil }

func refuse(w http.ResponseWriter, status int, why string) {
	reply(w, status, map[string]string{"error": why})
}

func reply(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

// listenControl listens for the control API, which is for this computer only.
func listenControl(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, errors.New("-control must be an address of this computer only, such as 127.0.0.1:0")
	}
	return net.Listen("tcp", addr)
}

func (k *control) about(*http.Request, []byte) (any, error) {
	org := k.current()
	return map[string]string{
		"url": k.url, "token": org.Token(), "refresh_token": org.RefreshToken(), "org_id": org.OrgID(),
		"user_id": org.UserID(), "now": k.time().now().UTC().Format(time.RFC3339),
	}, nil
}

// reset starts the org anew, as the flags say, with other limits if the request has
// some. Its clock, faults and requests start anew too.
func (k *control) reset(r *http.Request, body []byte) (any, error) {
	var limits struct {
		APICalls, PageSize, StorageRows *int
		Session, Latency                *string
		Rotate                          *bool
	}
	if err := decodeBody(body, &limits); err != nil {
		return nil, err
	}
	c := *k.config
	c.apiLimit = value(limits.APICalls, c.apiLimit)
	c.pageSize = value(limits.PageSize, c.pageSize)
	c.storage = value(limits.StorageRows, c.storage)
	c.rotate = value(limits.Rotate, c.rotate)
	if err := readDurations(
		given{"session", limits.Session, &c.session}, given{"latency", limits.Latency, &c.latency},
	); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := k.replace(&c); err != nil {
		return nil, err
	}
	return k.about(r, nil)
}

// A given is a duration that a request may have.
type given struct {
	name string
	text *string // nil for none
	into *time.Duration
}

// readDurations reads the durations that are given.
func readDurations(all ...given) (err error) {
	for _, g := range all {
		if g.text == nil {
			continue
		}
		if *g.into, err = duration(g.name, *g.text); err != nil {
			return err
		}
	}
	return nil
}

// duration reads a member of a request that is a duration.
func duration(name, text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if d < 0 {
		return 0, fmt.Errorf("%s: must not be negative", name)
	}
	return d, nil
}

// required says which members a request lacks: names and values take turns.
func required(members ...string) error {
	for i := 0; i < len(members); i += 2 {
		if members[i+1] == "" {
			return fmt.Errorf("%s: it is required", members[i])
		}
	}
	return nil
}

// setLimits changes the limits that are given, and returns all.
func (k *control) setLimits(_ *http.Request, body []byte) (any, error) {
	var sent struct {
		APICalls, LongRequests, StorageRows *int
		Session, Latency                    *string
	}
	if err := decodeBody(body, &sent); err != nil {
		return nil, err
	}
	org := k.current()
	l := org.Limits()
	l.APICalls = value(sent.APICalls, l.APICalls)
	l.LongRequests = value(sent.LongRequests, l.LongRequests)
	l.StorageRows = value(sent.StorageRows, l.StorageRows)
	if err := readDurations(
		given{"session", sent.Session, &l.Session}, given{"latency", sent.Latency, &l.Latency},
	); err != nil {
		return nil, err
	}
	org.SetLimits(l)
	return map[string]any{
		"apiCalls": l.APICalls, "longRequests": l.LongRequests, "storageRows": l.StorageRows,
		"session": l.Session.String(), "latency": l.Latency.String(),
	}, nil
}

// value returns what is given, else the default.
func value[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}

// decodeBody decodes a body that may be empty.
func decodeBody(body []byte, into any) error {
	if len(strings.TrimSpace(string(body))) == 0 {
		return nil
	}
	return decode(body, into)
}

func (k *control) expire(r *http.Request, _ []byte) (any, error) {
	k.current().ExpireToken()
	return k.about(r, nil)
}

// refusals are the names of what /refuse-tokens takes.
func refusals() map[string]sftest.TokenRefusal {
	return map[string]sftest.TokenRefusal{
		"app-not-installed": sftest.AppNotInstalled, "app-must-be-installed": sftest.AppMustBeInstalled,
		"app-blocked": sftest.AppBlocked, "app-access-denied": sftest.AppAccessDenied,
		"app-not-approved": sftest.AppNotApproved, "not-approved-by-user": sftest.NotApprovedByUser,
		"ip-restricted": sftest.IPRestricted, "inactive-user": sftest.InactiveUser,
		"inactive-organization": sftest.InactiveOrganization, "password-expired": sftest.PasswordExpired,
		"authentication-failure": sftest.AuthenticationFailure, "token-expired": sftest.TokenExpired,
		"token-in-use": sftest.TokenInUse, "rate-limited": sftest.RateLimited, "unknown-error": sftest.UnknownError,
	}
}

func (k *control) refuseTokens(_ *http.Request, body []byte) (any, error) {
	var sent struct {
		Why   string
		Times *int
	}
	if err := decode(body, &sent); err != nil {
		return nil, err
	}
	if err := required("why", sent.Why); err != nil {
		return nil, err
	}
	if sent.Times == nil {
		return nil, errors.New("times: it is required; negative for all, 0 for none any more")
	}
	why, known := refusals()[sent.Why]
	if !known {
		return nil, fmt.Errorf("why: %q is none of the refusals", sent.Why)
	}
	k.current().RefuseTokens(why, *sent.Times)
	return struct{}{}, nil
}

func (k *control) moveClock(r *http.Request, body []byte) (any, error) {
	var sent struct{ Advance string }
	if err := decode(body, &sent); err != nil {
		return nil, err
	}
	if err := required("advance", sent.Advance); err != nil {
		return nil, err
	}
	d, err := duration("advance", sent.Advance)
	if err != nil {
		return nil, err
	}
	if err := k.time().advance(d); err != nil {
		return nil, err
	}
	return k.about(r, nil)
}

// addSchema adds a schema to the org: all of it, or nothing if something is wrong.
func (k *control) addSchema(_ *http.Request, body []byte) (any, error) {
	s := &schema{}
	if err := decode(body, s); err != nil {
		return nil, err
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	t := newTrial(k.config, k.schemas)
	defer t.org.Close()
	if err := t.add(s); err != nil {
		return nil, err
	}
	org := k.current()
	if err := s.taken(org); err != nil {
		return nil, err
	}
	if err := s.apply(org); err != nil {
		return nil, err
	}
	k.schemas = append(k.schemas, s.definitions())
	return struct{}{}, nil
}
