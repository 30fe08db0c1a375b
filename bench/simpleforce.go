// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"log"

	"github.com/simpleforce/simpleforce"
)

// A simple is the client simpleforce, which sends a record a call and takes no contexts.
type simple struct {
	client *simpleforce.Client
}

func openSimpleforce(_ context.Context, j *job) (session, error) {
	log.SetOutput(io.Discard) // it logs every reply to an update
	client := simpleforce.NewClient(j.URL, simpleforce.DefaultClientID, simpleforce.DefaultAPIVersion)
	client.SetSidLoc(j.Token, j.URL)
	return &byHand{library: simple{client}, job: j, batch: 1, list: 1}, nil
}

func (s simple) query(_ context.Context, soql string) ([]found, error) {
	result, err := s.client.Query(soql)
	if err != nil {
		return nil, err
	}
	rows := make([]found, len(result.Records))
	for i := range result.Records {
		record := &result.Records[i]
		rows[i] = found{Id: record.ID(), Email: record.StringField("Email"),
			ContactId: record.StringField("ContactId"), LeadId: record.StringField("LeadId")}
	}
	return rows, nil
}

func (s simple) insert(_ context.Context, object string, rows []map[string]any) ([]string, error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		created := s.object(object, row).Create()
		if created == nil {
			return nil, fmt.Errorf("row %d of %s was refused", i, object)
		}
		ids[i] = created.ID()
	}
	return ids, nil
}

func (s simple) update(_ context.Context, object string, rows []map[string]any) error {
	for i, row := range rows {
		if s.object(object, row).Update() == nil {
			return fmt.Errorf("row %d of %s was refused", i, object)
		}
	}
	return nil
}

func (s simple) object(name string, fields map[string]any) *simpleforce.SObject {
	object := s.client.SObject(name)
	for field, value := range fields {
		object.Set(field, value)
	}
	return object
}
