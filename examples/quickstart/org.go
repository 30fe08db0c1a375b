// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// connect returns a client for the org of the options, that org where it is in this process,
// and a function that closes it.
func connect(opts *options, getenv func(string) string) (*salesforce.Client, *sftest.Org, func(), error) {
	if opts.url == nil {
		org := startOrg(opts)
		client, err := connectTo(org)
		return client, org, org.Close, err
	}
	token := &oauth2.Token{AccessToken: getenv(tokenVariable)}
	if token.AccessToken == "" {
		return nil, nil, nil, errors.New("-url: the environment variable " + tokenVariable + " must hold an access token")
	}
	client, err := newClient(opts.url.String(), token, opts.fake())
	if err != nil {
		return nil, nil, nil, fmt.Errorf("-url: %w", err)
	}
	return client, nil, func() {}, nil
}

// connectTo returns a client for an org in this process.
func connectTo(org *sftest.Org) (*salesforce.Client, error) {
	token := &oauth2.Token{AccessToken: org.Token()}
	identity := map[string]any{"id": "https://login.salesforce.com/id/" + org.OrgID() + "/" + org.UserID()}
	return newClient(org.URL(), token.WithExtra(identity), true)
}

// startOrg starts a fake org in which some of the leads exist.
func startOrg(opts *options) *sftest.Org {
	org := sftest.NewOrg(nil, sftest.WithNumber(0), sftest.WithLatency(opts.latency), sftest.WithAPILimit(5_000_000))
	if opts.generate > 0 {
		demoorg.SeedMix(org, opts.generate)
	} else {
		demoorg.Seed(org)
		demoorg.SeedFilled(org)
	}
	return org
}

// newClient returns a client for the org at address. Plain HTTP is
// allowed only for one on this machine.
func newClient(address string, token *oauth2.Token, local bool) (*salesforce.Client, error) {
	config := &salesforce.Config{ClientName: "leadsync-quickstart"}
	if u, err := url.Parse(address); err == nil && local {
		config.Hosts = []string{u.Host}
	}
	return salesforce.New(address, oauth2.StaticTokenSource(token), config)
}
