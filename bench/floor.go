// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A floor does the job with net/http and JSON that is written by hand: the least that a
// program can do in so few calls. It knows the job and nothing else.
type floor struct {
	*job
	client *http.Client
}

func openFloor(_ context.Context, j *job) (session, error) {
	return &floor{job: j, client: &http.Client{Transport: &http.Transport{}}}, nil
}

func (f *floor) close() error {
	f.client.CloseIdleConnections()
	return nil
}

const floorVersion = "/services/data/v62.0"

func (f *floor) do(ctx context.Context) error {
	for rest := f.Leads; len(rest) > 0; rest = rest[min(compositeSize, len(rest)):] {
		people := make([]person, min(compositeSize, len(rest)))
		for i := range people {
			people[i].Lead = rest[i]
		}
		if err := f.syncAll(ctx, people); err != nil {
			return err
		}
	}
	return nil
}

func (f *floor) syncAll(ctx context.Context, people []person) error {
	if err := f.find(ctx, people); err != nil {
		return err
	}
	var updates, inserts []*person
	for i := range people {
		if p := &people[i]; p.id != "" {
			updates = append(updates, p)
		} else {
			p.object = objectLead
			inserts = append(inserts, p)
		}
	}
	// Rows of one object together: a collection has ten stretches of one object at most.
	slices.SortStableFunc(updates, func(a, b *person) int { return strings.Compare(a.object, b.object) })
	collections := append(collectionsOf(http.MethodPatch, updates, writeUpdate),
		collectionsOf(http.MethodPost, inserts, writeLead)...)
	if err := f.write(ctx, collections); err != nil {
		return err
	}
	var members, all []*person
	for i := range people {
		all = append(all, &people[i])
		if !people[i].member {
			members = append(members, &people[i])
		}
	}
	err := f.write(ctx, collectionsOf(http.MethodPost, members, func(b *bytes.Buffer, p *person) {
		writeMember(b, p, f.Campaign)
	}))
	if err != nil {
		return err
	}
	return f.write(ctx, collectionsOf(http.MethodPost, all, writeTask))
}

// find asks for Contacts, Leads and members in one composite.
func (f *floor) find(ctx context.Context, people []person) error {
	byEmail := make(map[string]*person, len(people))
	emails := make([]string, len(people))
	for i := range people {
		byEmail[people[i].Email] = &people[i]
		emails[i] = people[i].Email
	}
	in := quoted(emails)
	var body bytes.Buffer
	body.WriteString(`{"compositeRequest":[`)
	for i, soql := range []string{
		"SELECT Id, Email FROM Contact WHERE Email IN " + in,
		"SELECT Id, Email FROM Lead WHERE Email IN " + in,
		"SELECT Id, Email FROM CampaignMember WHERE CampaignId = '" + f.Campaign + "' AND Email IN " + in,
	} {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"method":"GET","referenceId":"q%d","url":"%s/query?q=%s"}`,
			i, floorVersion, url.QueryEscape(soql))
	}
	body.WriteString("]}")
	var reply struct {
		CompositeResponse []struct {
			HTTPStatusCode int `json:"httpStatusCode"`
			Body           struct {
				Done    bool
				Records []struct{ ID, Email string }
			}
		}
	}
	if err := f.composite(ctx, &body, &reply); err != nil {
		return err
	}
	for i, answer := range reply.CompositeResponse {
		if answer.HTTPStatusCode != http.StatusOK || !answer.Body.Done {
			return fmt.Errorf("query %d was answered with status %d", i, answer.HTTPStatusCode)
		}
		for _, row := range answer.Body.Records {
			switch p := byEmail[row.Email]; {
			case p == nil:
			case i == 2:
				p.member = true
			case p.id == "":
				p.object, p.id = []string{objectContact, objectLead}[i], row.ID
			}
		}
	}
	return nil
}

// A collection is the body of up to 200 rows, and whose they are.
type collection struct {
	method string
	people []*person
	row    func(*bytes.Buffer, *person)
}

func collectionsOf(method string, people []*person, row func(*bytes.Buffer, *person)) (all []collection) {
	for rest := people; len(rest) > 0; rest = rest[min(collectionSize, len(rest)):] {
		all = append(all, collection{method, rest[:min(collectionSize, len(rest))], row})
	}
	return all
}

// write sends collections, five a call, and notes the ids of new people.
func (f *floor) write(ctx context.Context, all []collection) error {
	for rest := all; len(rest) > 0; rest = rest[min(5, len(rest)):] {
		if err := f.writeFive(ctx, rest[:min(5, len(rest))]); err != nil {
			return err
		}
	}
	return nil
}

func (f *floor) writeFive(ctx context.Context, five []collection) error {
	var body bytes.Buffer
	body.WriteString(`{"compositeRequest":[`)
	for i, c := range five {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"method":"%s","referenceId":"w%d","url":"%s/composite/sobjects","body":{"records":[`,
			c.method, i, floorVersion)
		for k, p := range c.people {
			if k > 0 {
				body.WriteByte(',')
			}
			c.row(&body, p)
		}
		body.WriteString(`]}}`)
	}
	body.WriteString("]}")
	var reply struct {
		CompositeResponse []struct {
			Body []struct {
				ID      string
				Success bool
			}
		}
	}
	if err := f.composite(ctx, &body, &reply); err != nil {
		return err
	}
	for i, answer := range reply.CompositeResponse {
		if len(answer.Body) != len(five[i].people) {
			return fmt.Errorf("collection %d has %d results for %d rows", i, len(answer.Body), len(five[i].people))
		}
		for k, result := range answer.Body {
			p := five[i].people[k]
			if !result.Success {
				return fmt.Errorf("row %d of collection %d was refused", k, i)
			}
			if p.id == "" {
				p.id = result.ID
			}
		}
	}
	return nil
}

// composite sends a body and decodes the reply.
func (f *floor) composite(ctx context.Context, body *bytes.Buffer, reply any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.URL+floorVersion+"/composite", body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+f.Token)
	req.Header.Set("Content-Type", "application/json")
	res, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("a composite was answered with status %d", res.StatusCode)
	}
	return json.Unmarshal(text, reply)
}

func writeUpdate(b *bytes.Buffer, p *person) {
	b.WriteString(`{"attributes":{"type":"`)
	b.WriteString(p.object)
	b.WriteString(`"},"id":"`)
	b.WriteString(p.id)
	b.WriteString(`","FirstName":`)
	writeText(b, p.FirstName)
	b.WriteString(`,"Title":`)
	writeText(b, p.JobTitle)
	b.WriteByte('}')
}

func writeLead(b *bytes.Buffer, p *person) {
	b.WriteString(`{"attributes":{"type":"Lead"},"FirstName":`)
	writeText(b, p.FirstName)
	b.WriteString(`,"LastName":`)
	writeText(b, p.LastName)
	b.WriteString(`,"Email":`)
	writeText(b, p.Email)
	b.WriteString(`,"Company":`)
	writeText(b, p.Company)
	b.WriteString(`,"Title":`)
	writeText(b, p.JobTitle)
	b.WriteByte('}')
}

func writeMember(b *bytes.Buffer, p *person, campaign string) {
	b.WriteString(`{"attributes":{"type":"CampaignMember"},"CampaignId":"`)
	b.WriteString(campaign)
	b.WriteString(`","`)
	b.WriteString(p.object)
	b.WriteString(`Id":"`)
	b.WriteString(p.id)
	b.WriteString(`"}`)
}

func writeTask(b *bytes.Buffer, p *person) {
	b.WriteString(`{"attributes":{"type":"Task"},"WhoId":"`)
	b.WriteString(p.id)
	b.WriteString(`","Subject":"Meeting","Status":"Completed","ActivityDate":"`)
	b.Write(p.CapturedAt.AppendFormat(b.AvailableBuffer(), "2006-01-02"))
	b.WriteString(`","Description":`)
	var notes string
	if len(p.Activities) > 0 {
		notes = p.Activities[0].Notes
	}
	writeText(b, notes)
	b.WriteByte('}')
}

// writeText writes a text as JSON. The texts of the job are printable ASCII.
func writeText(b *bytes.Buffer, text string) {
	b.Write(strconv.AppendQuote(b.AvailableBuffer(), text))
}
