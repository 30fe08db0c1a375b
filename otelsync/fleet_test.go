// SPDX-License-Identifier: Apache-2.0

package otelsync_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/otelsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

const callbackURL = "https://host.example/callback"

// connect signs in to the org as a browser does.
func connect(t *testing.T, f *fleet.Fleet, name string, org *sftest.Org) {
	t.Helper()
	begun, err := f.BeginConnect(t.Context(), name, &fleet.ConnectOptions{LoginURL: org.URL()})
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, begun.URL, nil)
	require.NoError(t, err)
	reply, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, reply.Body.Close())
	back := httptest.NewRequestWithContext(t.Context(), http.MethodGet, reply.Header.Get("Location"), nil)
	back.AddCookie(begun.Cookie)
	recorder := httptest.NewRecorder()
	f.Callback().ServeHTTP(recorder, back)
	require.Equal(t, http.StatusOK, recorder.Code, recorder.Body.String())
}

// One Telemetry tells the connections of a fleet apart, whose Syncers share one Trace and one OnCall.
func TestFleetsConnectionsAreToldApart(t *testing.T) {
	t.Parallel()
	orgs := map[string]*sftest.Org{"acme": sftest.NewOrg(t), "globex": sftest.NewOrg(t, sftest.WithNumber(2))}
	var hosts []string
	for _, org := range orgs {
		org.AddApp(sftest.App{ClientID: "host", Callback: callbackURL, PKCE: true})
		hosts = append(hosts, strings.TrimPrefix(org.URL(), "http://"))
	}
	r := newRig(t, otelsync.Config{})
	cipher, err := login.NewTokenCipher(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	f, err := fleet.New(memory.New(nil), &fleet.Config{App: login.AppConfig{ClientID: "host", Hosts: hosts},
		Cipher: cipher, RedirectURL: callbackURL, Poll: time.Millisecond,
		Base:   leadsync.Config{Trace: r.telemetry.Trace(), Gather: leadsync.NoGather},
		Client: salesforce.Config{Hosts: hosts, OnCall: r.telemetry.OnCall}})
	require.NoError(t, err)
	captured := map[string]int{"acme": 3, "globex": 2}
	for name, n := range captured {
		connect(t, f, name, orgs[name])
		_, err := f.Capture(t.Context(), name, leads(n)...)
		require.NoError(t, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	all := func() bool { return total(r.collect(t), "leadsync.leads") == 5 }
	require.Eventually(t, all, time.Minute, 5*time.Millisecond)
	cancel()
	require.NoError(t, <-done)

	r.telemetry.Watch(func(ctx context.Context, observe func(string, leadsync.Health)) error {
		for name := range captured {
			health, err := f.Health(ctx, name)
			if err != nil {
				return err
			}
			observe(name, health.Leads)
		}
		return nil
	})
	// A call outside of a batch is its connection's too.
	syncer, err := f.Syncer(t.Context(), "acme")
	require.NoError(t, err)
	_, err = syncer.Preflight(t.Context())
	require.NoError(t, err)
	data := r.collect(t)
	for name, org := range orgs {
		calls := 0
		for _, request := range org.Requests() {
			if strings.HasPrefix(request.Path, "/services/data/") {
				calls++
			}
		}
		of := "leadsync.connection=" + name
		require.Equal(t, calls, total(data, "leadsync.api.calls", of))
		require.Equal(t, captured[name], total(data, "leadsync.leads", of))
		require.Positive(t, total(data, "leadsync.api.used", of))
	}
	require.Equal(t, total(data, "leadsync.api.calls"), total(data, "leadsync.api.calls", "leadsync.connection=acme")+
		total(data, "leadsync.api.calls", "leadsync.connection=globex"), "none is without a connection")
	for _, span := range r.spans() {
		require.NotEmpty(t, attributeOf(span, "leadsync.connection"), span.Name)
	}
}
