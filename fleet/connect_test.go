// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

func TestSignInIsBoundToItsBrowserAndWorksOnce(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f, other := h.process(), h.process()
	begun, another := h.begin(f, "acme"), h.begin(f, "acme")
	require.True(t, begun.Cookie.HttpOnly && begun.Cookie.Secure)
	require.Equal(t, http.SameSiteLaxMode, begun.Cookie.SameSite)
	require.Equal(t, "/salesforce/callback", begun.Cookie.Path)
	address := h.signIn(begun)
	forged := *begun.Cookie
	forged.Value = another.Cookie.Value

	for name, cookies := range map[string][]*http.Cookie{"no cookie": nil, "of another sign-in": {another.Cookie}} {
		reply := h.comeBack(f, address, cookies...)
		require.Equal(t, http.StatusBadRequest, reply.Code, name)
		require.Contains(t, reply.Body.String(), "Begin to connect again", name)
	}
	reply := h.comeBack(other, address, begun.Cookie) // in another process
	require.Equal(t, http.StatusOK, reply.Code, reply.Body.String())
	require.Contains(t, reply.Body.String(), "Connected to ")
	require.Equal(t, "no-store", reply.Header().Get("Cache-Control"))
	require.Negative(t, reply.Result().Cookies()[0].MaxAge)
	reply = h.comeBack(f, address, begun.Cookie)
	require.Equal(t, http.StatusBadRequest, reply.Code, "twice")

	reply = h.comeBack(f, h.signIn(another), &forged)
	require.Equal(t, http.StatusBadRequest, reply.Code, "the cookie of another browser")
	history, err := h.store.History(t.Context(), "acme", "")
	require.NoError(t, err)
	require.Len(t, history, 1)
	require.Equal(t, []string{"connected", "ada"}, []string{string(history[0].Kind), history[0].By})
}

func TestCallbackAnswersWhatItIsNotFor(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	for name, address := range map[string]string{
		"nothing":        callbackURL,
		"unknown state":  callbackURL + "?code=c&state=s",
		"two states":     callbackURL + "?state=a&state=b",
		"hostile":        callbackURL + "?state=%00%ff%0a&error=<script>",
		"malformed":      callbackURL + "?%zz",
		"refused by one": callbackURL + "?error=access_denied&state=s",
	} {
		reply := h.comeBack(f, address)
		require.Equal(t, http.StatusBadRequest, reply.Code, name)
		require.Contains(t, reply.Body.String(), "Begin to connect again", name)
		require.NotContains(t, reply.Body.String(), "<script>")
	}
	recorder := httptest.NewRecorder()
	f.Callback().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodPost, callbackURL, nil))
	require.Equal(t, http.StatusMethodNotAllowed, recorder.Code)

	// The user refuses.
	begun := h.begin(f, "acme")
	state := begunState(t, begun)
	reply := h.comeBack(f, callbackURL+"?error=access_denied&error_description=no&state="+state, begun.Cookie)
	require.Equal(t, http.StatusBadRequest, reply.Code)
	require.Contains(t, reply.Body.String(), "access_denied")
}

// What Salesforce says of a token in a word is a refusal and no outage, and the browser is told what to do.
func TestATokenThatIsRefusedAtTheEndOfASignInIsTold(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"Bad_OAuth_Token", "Wrong_Org"} {
		h := newHost(t, "acme")
		var got error
		f := h.process()
		asking := h.process(func(c *fleet.Config) {
			c.Connected = func(_ http.ResponseWriter, _ *http.Request, _ string, _ store.Link, err error) { got = err }
		})
		h.orgs["acme"].Fail(func(r *http.Request, _ int) *sftest.Fault {
			if strings.HasSuffix(r.URL.Path, "/userinfo") {
				return &sftest.Fault{Status: http.StatusForbidden, Body: word}
			}
			return nil
		})
		begun := h.begin(f, "acme")
		reply := h.comeBack(f, h.signIn(begun), begun.Cookie)
		require.Equal(t, http.StatusBadRequest, reply.Code)
		require.Contains(t, reply.Body.String(), "AUTHENTICATION")
		begun = h.begin(asking, "acme")
		h.comeBack(asking, h.signIn(begun), begun.Cookie)
		require.ErrorIs(t, got, leadsync.Authentication)
		var failure *leadsync.Error
		require.ErrorAs(t, got, &failure)
		require.Contains(t, reply.Body.String(), failure.Fix())
	}
}

// begunState returns the state that a sign-in was begun with.
func begunState(t *testing.T, begun *fleet.SignIn) string {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, begun.URL, nil)
	return request.URL.Query().Get("state")
}

func TestSignInEndsAfterAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	now := time.Now()
	h.store = memory.New(func() time.Time { return now })
	f := h.process()
	begun := h.begin(f, "acme")
	now = now.Add(15 * time.Minute)
	reply := h.comeBack(f, h.signIn(begun), begun.Cookie)
	require.Equal(t, http.StatusBadRequest, reply.Code)
	require.Equal(t, 15*60, begun.Cookie.MaxAge)
}

// A customer who connects again with another org gets nothing of theirs there.
func TestConnectionTakesNoOtherOrg(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "globex")
	var got error
	f := h.process(func(c *fleet.Config) {
		c.Connected = func(w http.ResponseWriter, _ *http.Request, name string, _ store.Link, err error) {
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write([]byte(name))
			got = err
		}
	})
	begun := h.begin(f, "acme")
	require.Equal(t, "acme", h.comeBack(f, h.signIn(begun), begun.Cookie).Body.String())
	require.NoError(t, got)

	begun, err := f.BeginConnect(t.Context(), "acme", &fleet.ConnectOptions{LoginURL: h.orgs["globex"].URL()})
	require.NoError(t, err)
	before := h.orgs["globex"].RefreshToken()
	reply := h.comeBack(f, h.signIn(begun), begun.Cookie)
	require.Equal(t, http.StatusTeapot, reply.Code)
	require.ErrorContains(t, got, "another org")
	require.Equal(t, before, h.orgs["globex"].RefreshToken(), "its grant is revoked")
	health, err := f.Health(t.Context(), "acme")
	require.NoError(t, err)
	require.EqualValues(t, h.orgs["acme"].OrgID(), health.Connection.Link.Org)
}

func TestConnectNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	begin := func(f *fleet.Fleet, login string) error {
		_, err := f.BeginConnect(t.Context(), "acme", &fleet.ConnectOptions{LoginURL: login})
		return err
	}
	requireRefused(t, begin(h.process(), "https://evil.example"), "LoginURL")
	requireRefused(t, begin(h.process(), "http://login.salesforce.com"), "LoginURL")
	requireRefused(t, begin(h.process(func(c *fleet.Config) { c.RedirectURL = "" }), ""), "RedirectURL")
	requireRefused(t, begin(h.process().By("a\x00b"), ""), "by")
	require.NoError(t, begin(h.process(), ""))
	require.NoError(t, begin(h.process(), fleet.SandboxLogin))
}

func TestRefusedCallsSayToCorrectTheCall(t *testing.T) {
	t.Parallel()
	f := newHost(t).process()
	_, connect := f.BeginConnect(t.Context(), "acme", &fleet.ConnectOptions{LoginURL: "https://evil.example"})
	_, capture := f.Capture(t.Context(), "")
	_, health := f.Health(t.Context(), "")
	_, drain := f.Drain(t.Context(), "", 1)
	for _, err := range []error{connect, capture, health, drain, f.SetSettings(t.Context(), "acme", nil, 0),
		f.Resume(t.Context(), ""), f.Disconnect(t.Context(), ""), fleet.CheckName("")} {
		require.Contains(t, fixOf(t, err), "Correct the call.", err)
	}
}

// After a change of the key no wait helps: the customer has to connect again, or the key to come back.
func TestTokenOfAnotherKeyNeedsAPerson(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	h.connect(f, "acme")
	h.capture(f, "acme", 1)
	cipher, err := login.NewTokenCipher(bytes.Repeat([]byte{9}, 32))
	require.NoError(t, err)
	changed := h.process(func(c *fleet.Config) { c.Cipher = cipher })
	left := h.drain(changed, "acme", 1, fleet.LeftIncident)
	require.Equal(t, leadsync.Authentication, left.Code)
	health, err := changed.Health(t.Context(), "acme")
	require.NoError(t, err)
	require.Contains(t, health.Incident.Err.Reason, "Config.Cipher")
	require.Equal(t, 1, health.Leads.States[store.StateQueued], "the lead waits")

	h.connect(changed, "acme")
	h.run(changed)
	h.cleared(changed, "acme", 1)
}

func TestDisconnectRevokesAndKeepsTheLeads(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	h.run(f)
	require.NoError(t, f.Disconnect(t.Context(), "acme"), "is not connected")
	h.connect(f, "acme")
	h.capture(f, "acme", 1)
	h.cleared(f, "acme", 1)
	require.NoError(t, f.By("bo").Disconnect(t.Context(), "acme"))
	calls := h.orgs["acme"].Calls()
	h.capture(f, "acme", 2)
	syncer, err := f.Syncer(t.Context(), "acme")
	require.NoError(t, err)
	_, err = syncer.Preflight(t.Context())
	require.ErrorIs(t, err, leadsync.Authentication)
	require.Equal(t, calls, h.orgs["acme"].Calls())
	health, err := f.Health(t.Context(), "acme")
	require.NoError(t, err)
	require.False(t, health.Connected)
	h.connect(f, "acme")
	h.cleared(f, "acme", 2)
}

func TestDisconnectSaysThatTheGrantIsNotRevoked(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	h.connect(f, "acme")
	h.orgs["acme"].Fail(func(*http.Request, int) *sftest.Fault { return &sftest.Fault{Status: 503} })
	require.ErrorIs(t, f.Disconnect(t.Context(), "acme"), leadsync.RemoteUnavailable)
	health, err := f.Health(t.Context(), "acme")
	require.NoError(t, err)
	require.False(t, health.Connected, "the token is dropped all the same")
}

// A refusingStore says that a lock was refused.
type refusingStore struct {
	*memory.Store
	refused chan struct{}
	once    *sync.Once
}

func (s refusingStore) LockToken(ctx context.Context, name, owner string, ttl time.Duration) error {
	err := s.Store.LockToken(ctx, name, owner, ttl)
	if errors.Is(err, store.ErrTokenLocked) {
		s.once.Do(func() { close(s.refused) })
	}
	return err
}

// The successor of the token that another process refreshes is the one to be revoked.
func TestDisconnectWaitsForTheEndOfARefresh(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	kept := refusingStore{h.store, make(chan struct{}), new(sync.Once)}
	f := h.processOn(kept)
	h.connect(f, "acme")
	require.NoError(t, h.store.LockToken(t.Context(), "acme", "another", time.Hour))
	ended := make(chan error, 1)
	go func() { ended <- f.Disconnect(t.Context(), "acme") }()
	<-kept.refused
	c, err := h.store.Connection(t.Context(), "acme")
	require.NoError(t, err)
	require.NotZero(t, c.Token.Version, "it waits")
	require.NoError(t, h.store.SwapToken(t.Context(), "acme", c.Token.Version, []byte("unreadable")))
	require.NoError(t, h.store.UnlockToken(t.Context(), "acme", "another"))
	require.ErrorIs(t, <-ended, leadsync.RemoteUnavailable, "the successor, which cannot be read here")
	c, err = h.store.Connection(t.Context(), "acme")
	require.NoError(t, err)
	require.Zero(t, c.Token.Version)
}

func TestSettingsEndAnIncident(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	h.connect(f, "acme")
	at, err := time.Now().MarshalText()
	require.NoError(t, err)
	require.NoError(t, h.store.SetIncident(t.Context(), "acme",
		[]byte(`{"error":{"op":"run","code":"DATA_VALUE_VALIDATION"},"at":"`+string(at)+`"}`)))
	h.drain(f, "acme", 1, fleet.LeftIncident)
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{LeadSource: "Fair"}, 0))
	h.capture(f, "acme", 1)
	left, err := f.Drain(t.Context(), "acme", 1)
	require.NoError(t, err)
	require.NotEqual(t, fleet.LeftIncident, left.State)
	h.run(f)
	h.cleared(f, "acme", 1)
}

// A sandbox that was refreshed is another org.
func TestConnectionMovesToAnotherOrgThatIsMeant(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "globex")
	f := h.process()
	h.connect(f, "acme")
	h.run(f)
	h.capture(f, "acme", 1)
	h.cleared(f, "acme", 1)
	require.NoError(t, f.Disconnect(t.Context(), "acme"))
	h.capture(f, "acme", 2)

	begun, err := f.By("ada").BeginConnect(t.Context(), "acme",
		&fleet.ConnectOptions{LoginURL: h.orgs["globex"].URL(), AnotherOrg: true})
	require.NoError(t, err)
	reply := h.comeBack(f, h.signIn(begun), begun.Cookie)
	require.Equal(t, http.StatusOK, reply.Code, reply.Body.String())

	h.cleared(f, "acme", 2)
	require.Equal(t, 1, h.orgs["acme"].Count("Lead"))
	require.Equal(t, 1, h.orgs["globex"].Count("Lead"), "the lead that was not synced yet")
	syncer, err := f.Syncer(t.Context(), "acme")
	require.NoError(t, err)
	steps, err := syncer.History(t.Context(), "")
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(steps, func(s store.Step) bool {
		return s.Kind == store.StepRebound && s.By == "ada"
	}))
}
