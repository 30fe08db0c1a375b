// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	gosalesforce "github.com/k-capehart/go-salesforce/v3"
)

// A goSalesforce is the client go-salesforce, which takes no contexts.
type goSalesforce struct {
	client *gosalesforce.Salesforce
}

func newGoSalesforce(j *job) (goSalesforce, error) {
	client, err := gosalesforce.Init(gosalesforce.Creds{Domain: j.URL, ConsumerKey: "key", ConsumerSecret: "secret"})
	return goSalesforce{client}, err
}

func (g goSalesforce) query(_ context.Context, soql string) (rows []found, err error) {
	err = g.client.Query(soql, &rows)
	return rows, err
}

// idsOf returns the ids of results, or what was refused.
func idsOf(object string, results gosalesforce.SalesforceResults) ([]string, error) {
	ids := make([]string, len(results.Results))
	for i, result := range results.Results {
		if !result.Success {
			return nil, fmt.Errorf("%s %d was refused: %v", object, i, result.Errors)
		}
		ids[i] = result.Id
	}
	return ids, nil
}

// goComposites sends five collections of 200 rows a call, as many as Salesforce takes.
type goComposites struct{ goSalesforce }

const (
	collectionSize = 200
	compositeSize  = 5 * collectionSize
)

func openGoComposites(_ context.Context, j *job) (session, error) {
	client, err := newGoSalesforce(j)
	return &byHand{library: goComposites{client}, campaign: j.Campaign, leads: j.Leads,
		batch: compositeSize, list: 400}, err
}

func (g goComposites) insert(_ context.Context, object string, rows []map[string]any) ([]string, error) {
	results, err := g.client.InsertComposite(object, rows, collectionSize, false)
	if err != nil {
		return nil, err
	}
	return idsOf(object, results)
}

func (g goComposites) update(_ context.Context, object string, rows []map[string]any) error {
	results, err := g.client.UpdateComposite(object, rows, collectionSize, false)
	if err != nil {
		return err
	}
	_, err = idsOf(object, results)
	return err
}
