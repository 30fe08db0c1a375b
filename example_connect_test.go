// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"log"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// connect returns a client of a fake org, as the package's Example makes one.
func connect(org *sftest.Org) *salesforce.Client {
	tokens := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()})
	client, err := salesforce.New(org.URL(), tokens,
		&salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

// newSyncer returns a Syncer for a fake org.
func newSyncer(org *sftest.Org, cfg *leadsync.Config) *leadsync.Syncer {
	syncer, err := leadsync.New(connect(org), cfg)
	if err != nil {
		log.Fatal(err)
	}
	return syncer
}
