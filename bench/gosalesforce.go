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
			return nil, fmt.Errorf("row %d of %s was refused: %v", i, object, result.Errors)
		}
		ids[i] = result.Id
	}
	return ids, nil
}

const (
	collectionSize = 200                // rows that Salesforce takes in a collection
	compositeSize  = 5 * collectionSize // and in a composite, which has five collections at most
	listSize       = 400                // addresses that a query may name: a URL has at most 16,384 bytes
)

// goComposites sends five collections a call.
type goComposites struct{ goSalesforce }

func openGoComposites(_ context.Context, j *job) (session, error) {
	client, err := newGoSalesforce(j)
	return &byHand{library: goComposites{client}, job: j, batch: compositeSize, list: listSize}, err
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

// goCollections sends a collection a call.
type goCollections struct{ goSalesforce }

func openGoCollections(_ context.Context, j *job) (session, error) {
	client, err := newGoSalesforce(j)
	return &byHand{library: goCollections{client}, job: j, batch: compositeSize, list: listSize}, err
}

func (g goCollections) insert(_ context.Context, object string, rows []map[string]any) ([]string, error) {
	results, err := g.client.InsertCollection(object, rows, collectionSize)
	if err != nil {
		return nil, err
	}
	return idsOf(object, results)
}

func (g goCollections) update(_ context.Context, object string, rows []map[string]any) error {
	results, err := g.client.UpdateCollection(object, rows, collectionSize)
	if err != nil {
		return err
	}
	_, err = idsOf(object, results)
	return err
}

// goRecords sends a record a call.
type goRecords struct{ goSalesforce }

func openGoRecords(_ context.Context, j *job) (session, error) {
	client, err := newGoSalesforce(j)
	return &byHand{library: goRecords{client}, job: j, batch: 1, list: 1}, err
}

func (g goRecords) insert(_ context.Context, object string, rows []map[string]any) ([]string, error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		result, err := g.client.InsertOne(object, row)
		if err != nil {
			return nil, err
		}
		ids[i] = result.Id
	}
	return ids, nil
}

func (g goRecords) update(_ context.Context, object string, rows []map[string]any) error {
	for _, row := range rows {
		if err := g.client.UpdateOne(object, row); err != nil {
			return err
		}
	}
	return nil
}
