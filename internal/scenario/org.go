package scenario

import (
	"net/url"
	"testing"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// ClientOf connects to a fake org, and repeats without waiting.
func ClientOf(t testing.TB, org *sftest.Org) *salesforce.Client {
	t.Helper()
	address, err := url.Parse(org.URL())
	if err != nil {
		t.Fatal(err)
	}
	client, err := salesforce.New(org.URL(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{Hosts: []string{address.Host}, JitterFunc: func() float64 { return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// SyncerOf returns a Syncer for a fake org.
func SyncerOf(t testing.TB, org *sftest.Org, cfg *leadsync.Config) *leadsync.Syncer {
	t.Helper()
	syncer, err := leadsync.New(ClientOf(t, org), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return syncer
}

// SyncOne syncs one lead that must clear.
func SyncOne(t testing.TB, syncer *leadsync.Syncer, lead *leadsync.Lead) *leadsync.Outcome {
	t.Helper()
	outcomes, err := syncer.Sync(t.Context(), lead)
	if err != nil {
		t.Fatal(err)
	}
	if len(outcomes) != 1 || outcomes[0].Stage != leadsync.Cleared {
		t.Fatalf("the lead did not clear: %v", outcomes)
	}
	return outcomes[0]
}

// WritesOf returns how many rows the requests so far wrote.
func WritesOf(org *sftest.Org) int {
	n := 0
	for _, r := range org.Requests() {
		n += r.Writes
	}
	return n
}
