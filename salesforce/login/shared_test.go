// SPDX-License-Identifier: Apache-2.0

package login_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// sharers is how many clients, or processes, share a token.
const sharers = 20

// A tokenDesk is a server for an org that counts the refresh tokens it is sent.
type tokenDesk struct {
	*httptest.Server
	org *sftest.Org

	mu   sync.Mutex
	sent map[string]int
	hold func() // before each refresh, if set
}

func newTokenDesk(t *testing.T) *tokenDesk {
	d := &tokenDesk{org: sftest.NewOrg(t), sent: map[string]int{}}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/services/oauth2/token" {
			d.count(r)
		}
		d.org.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *tokenDesk) count(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	form, _ := url.ParseQuery(string(body))
	d.mu.Lock()
	d.sent[form.Get("refresh_token")]++
	hold := d.hold
	d.mu.Unlock()
	if hold != nil {
		hold()
	}
}

// refreshes returns how many refreshes there were, and how many tokens came twice.
func (d *tokenDesk) refreshes() (all, twice int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.sent {
		all += n
		if n > 1 {
			twice++
		}
	}
	return all, twice
}

func (d *tokenDesk) token() *oauth2.Token {
	return &oauth2.Token{AccessToken: d.org.Token(), RefreshToken: d.org.RefreshToken()}
}

// sharedTokens is what one process has: an App of its own, and store in common.
func sharedTokens(address string, store login.TokenStore) (*login.Tokens, error) {
	host := strings.TrimPrefix(address, "http://")
	app, err := login.NewApp(login.AppConfig{ClientID: "c", LoginURL: address, Hosts: []string{host}})
	if err != nil {
		return nil, err
	}
	return app.RefreshShared(store), nil
}

func (d *tokenDesk) clients(t *testing.T, count int, store login.TokenStore) []*salesforce.Client {
	clients := make([]*salesforce.Client, count)
	for i := range clients {
		tokens, err := sharedTokens(d.URL, store)
		require.NoError(t, err)
		clients[i] = newClient(t, d.URL, tokens, salesforce.Config{Hosts: []string{strings.TrimPrefix(d.URL, "http://")}})
	}
	return clients
}

// callAll makes a call with every client at once and returns the errors.
func callAll(ctx context.Context, clients []*salesforce.Client) []error {
	failures := make([]error, len(clients))
	var group sync.WaitGroup
	for i, client := range clients {
		group.Go(func() { _, failures[i] = client.UserInfo(ctx) })
	}
	group.Wait()
	return failures
}

// A mapStore keeps a token in memory.
type mapStore struct {
	lock    sync.Mutex
	mu      sync.Mutex
	token   *oauth2.Token
	version int
	failure error // of CompareAndSwap
	locks   int
}

func (s *mapStore) Load(context.Context) (*oauth2.Token, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, strconv.Itoa(s.version), nil
}

func (s *mapStore) Lock(context.Context) (func(), error) {
	s.lock.Lock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.locks++
	return s.lock.Unlock, nil
}

func (s *mapStore) CompareAndSwap(_ context.Context, version string, token *oauth2.Token) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil || version != strconv.Itoa(s.version) {
		return false, s.failure
	}
	s.token, s.version = token, s.version+1
	return true, nil
}

func (s *mapStore) set(token *oauth2.Token, failure error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.failure, s.version = token, failure, s.version+1
}

func TestSharedTokenIsRefreshedOnceEachExpiry(t *testing.T) {
	t.Parallel()
	desk := newTokenDesk(t)
	clients := desk.clients(t, sharers, &mapStore{token: desk.token()})
	for round := range 20 {
		for _, err := range callAll(t.Context(), clients) {
			require.NoError(t, err)
		}
		all, twice := desk.refreshes()
		require.Equal(t, [2]int{round, 0}, [2]int{all, twice}, "round %d", round)
		desk.org.ExpireToken()
	}
}

// A lawlessStore has no lock.
type lawlessStore struct{ *mapStore }

func (lawlessStore) Lock(context.Context) (func(), error) { return func() {}, nil }

// The control: without the lock two clients send the same token, and lose the connection.
func TestSharedTokenNeedsItsLock(t *testing.T) {
	t.Parallel()
	desk := newTokenDesk(t)
	var waiting sync.WaitGroup
	waiting.Add(sharers)
	desk.hold = func() {
		waiting.Done()
		waiting.Wait()
	}
	clients := desk.clients(t, sharers, lawlessStore{&mapStore{token: desk.token()}})
	desk.org.ExpireToken()
	refused := 0
	for _, err := range callAll(t.Context(), clients) {
		var e *salesforce.Error
		if errors.As(err, &e) && e.Code == salesforce.InvalidGrant {
			refused++
		}
	}
	all, twice := desk.refreshes()
	require.Equal(t, sharers, all)
	require.Equal(t, 1, twice)
	require.Equal(t, sharers-1, refused)
	require.Empty(t, desk.org.RefreshToken(), "the grant has ended")
}

// Else another process would send the token that was used.
func TestSharedTokenKeepsItsLockUntilItIsStored(t *testing.T) {
	t.Parallel()
	desk := newTokenDesk(t)
	down := errors.New("database is down")
	store := &mapStore{token: desk.token()}
	clients := desk.clients(t, 2, store)
	for _, err := range callAll(t.Context(), clients) {
		require.NoError(t, err)
	}
	desk.org.ExpireToken()
	store.mu.Lock()
	store.failure = down
	store.mu.Unlock()
	for range 3 {
		_, err := clients[0].UserInfo(t.Context())
		require.ErrorIs(t, err, down)
	}
	impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := clients[1].UserInfo(impatient)
	require.ErrorIs(t, err, context.DeadlineExceeded, "the lock is held")
	store.mu.Lock()
	store.failure = nil
	store.mu.Unlock()
	for _, err := range callAll(t.Context(), clients) {
		require.NoError(t, err)
	}
	all, twice := desk.refreshes()
	require.Equal(t, [2]int{1, 0}, [2]int{all, twice})
	require.Equal(t, desk.org.RefreshToken(), store.token.RefreshToken)
}

func TestSharedTokenYieldsToANewerOne(t *testing.T) {
	t.Parallel()
	desk := newTokenDesk(t)
	store := &mapStore{token: desk.token()}
	clients := desk.clients(t, 1, store)
	desk.org.ExpireToken()
	// The customer connects again while the token is refreshed.
	again := &oauth2.Token{AccessToken: "00D000000000001!again", RefreshToken: "again"}
	desk.hold = func() { store.set(again, nil) }
	_, err := clients[0].UserInfo(t.Context())
	require.Error(t, err, "the org does not know the token that the test stored")
	require.Equal(t, again, store.token)
	require.True(t, store.lock.TryLock(), "the lock is free")
}

func TestSharedTokenReportsItsStore(t *testing.T) {
	t.Parallel()
	desk := newTokenDesk(t)
	store := new(mapStore)
	tokens, err := sharedTokens(desk.URL, store)
	require.NoError(t, err)
	_, err = tokens.Token()
	var refused *oauth2.RetrieveError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, string(salesforce.InvalidGrant), refused.ErrorCode)
	require.True(t, store.lock.TryLock(), "the lock is free")
	store.lock.Unlock()

	for name, broken := range map[string]brokenStore{
		"load token: load": {store, errors.New("load"), nil},
		"lock token: lock": {store, nil, errors.New("lock")},
	} {
		tokens, err := sharedTokens(desk.URL, broken)
		require.NoError(t, err)
		_, err = tokens.Token()
		require.EqualError(t, err, name)
		require.True(t, store.lock.TryLock(), "the lock is free")
		store.lock.Unlock()
	}

	// A token of another process is taken as it is, and only a refresh token will do.
	store.set(desk.token(), nil)
	token, err := tokens.Token()
	require.NoError(t, err)
	require.Equal(t, desk.org.Token(), token.AccessToken)
	all, _ := desk.refreshes()
	require.Zero(t, all)
	store.set(&oauth2.Token{RefreshToken: desk.org.RefreshToken()}, nil)
	tokens, err = sharedTokens(desk.URL, store)
	require.NoError(t, err)
	token, err = tokens.Token()
	require.NoError(t, err)
	require.Equal(t, store.token.AccessToken, token.AccessToken)
}

type brokenStore struct {
	*mapStore
	load, lock error
}

func (s brokenStore) Load(ctx context.Context) (*oauth2.Token, string, error) {
	if s.load != nil {
		return nil, "", s.load
	}
	return s.mapStore.Load(ctx)
}

func (s brokenStore) Lock(ctx context.Context) (func(), error) {
	if s.lock != nil {
		return nil, s.lock
	}
	return s.mapStore.Lock(ctx)
}
