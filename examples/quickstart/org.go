package main

import (
	"errors"
	"fmt"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// connect returns a client for the org that the options name, and what ends it.
func connect(opts *options, getenv func(string) string) (*salesforce.Client, func(), error) {
	address, token, disconnect := "", getenv(tokenVariable), func() {}
	config := &salesforce.Config{ClientName: "leadsync-quickstart"}
	if opts.url == nil {
		org := sftest.NewOrg(nil, sftest.WithLatency(opts.latency))
		seed(org, opts.generate)
		address, token, disconnect = org.URL(), org.Token(), org.Close
	} else {
		address = opts.url.String()
	}
	if token == "" {
		return nil, nil, errors.New("-url: the environment variable " + tokenVariable + " must hold an access token")
	}
	if opts.fake() {
		config.Hosts = hostOf(address)
	}
	client, err := salesforce.New(address, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token}), config)
	if err != nil {
		disconnect()
		return nil, nil, fmt.Errorf("-url: %w", err)
	}
	return client, disconnect, nil
}
