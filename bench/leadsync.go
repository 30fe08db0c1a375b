// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
)

// A syncing does the job with Sync.
type syncing struct {
	syncer *leadsync.Syncer
	leads  []*leadsync.Lead
}

func openSync(ctx context.Context, j *job) (session, error) {
	syncer, err := newSyncer(ctx, j, &leadsync.Config{})
	if err != nil {
		return nil, err
	}
	return &syncing{syncer, j.Leads}, nil
}

func (s *syncing) do(ctx context.Context) error {
	_, err := s.syncer.Sync(ctx, s.leads...)
	return err
}

func (s *syncing) close() error { return nil }

// newSyncer returns a Syncer for the org and the campaign of a job, which has read what
// it reads once per session.
func newSyncer(ctx context.Context, j *job, cfg *leadsync.Config) (*leadsync.Syncer, error) {
	address, err := url.Parse(j.URL)
	if err != nil {
		return nil, err
	}
	client, err := salesforce.New(j.URL, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: j.Token}),
		&salesforce.Config{Hosts: []string{address.Host}})
	if err != nil {
		return nil, err
	}
	cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: salesforce.ID(j.Campaign)}}
	syncer, err := leadsync.New(client, cfg)
	if err != nil {
		return nil, err
	}
	_, err = syncer.Preflight(ctx)
	return syncer, err
}
