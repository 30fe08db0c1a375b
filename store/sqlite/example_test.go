// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/sqlite"
)

// A lead captured by one process is synced by the next.
func ExampleOpen() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	tokens := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()})
	client, err := salesforce.New(org.URL(), tokens,
		&salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "leads")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	process := func(work func(*leadsync.Syncer) error) {
		store, err := sqlite.Open(filepath.Join(dir, "leads.db"), nil)
		if err != nil {
			log.Fatal(err)
		}
		defer store.Close() // after Run and the handlers have ended
		syncer, err := leadsync.New(client, &leadsync.Config{Store: store})
		if err != nil {
			log.Fatal(err)
		}
		if err := work(syncer); err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	process(func(syncer *leadsync.Syncer) error {
		_, err := syncer.Capture(ctx,
			&leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com", Company: "Engines"})
		return err
	})
	process(func(syncer *leadsync.Syncer) error { return syncer.Drain(ctx) }) // a service calls Run
	fmt.Println(org.Rows("Lead")[0]["LastName"])
	// Output: Lovelace
}
