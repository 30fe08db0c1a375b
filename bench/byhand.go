// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync"
)

const (
	objectContact = "Contact"
	objectLead    = "Lead"
	objectMember  = "CampaignMember"
	objectTask    = "Task"
)

// A library is a Salesforce client that neither matches nor maps: byHand does the job
// with what all of them have.
type library interface {
	// query returns the rows that SOQL selects.
	query(ctx context.Context, soql string) ([]found, error)
	// insert creates rows and returns their ids, in the same order.
	insert(ctx context.Context, object string, rows []map[string]any) ([]string, error)
	// update writes fields of the rows with these Ids.
	update(ctx context.Context, object string, rows []map[string]any) error
}

// found is a row of the job's queries. Its names are those of Salesforce: some clients
// know no other.
type found struct {
	Id, Email, ContactId, LeadId string
}

// A byHand does the job with a library, in the way of a host that writes its own sync:
// without rules for what may be written over, without a memory, and with an error for the
// whole where a row is refused.
type byHand struct {
	library
	*job
	batch int // leads that are done together
	list  int // addresses in a query
}

// A person is a lead with the record that it has in Salesforce.
type person struct {
	*leadsync.Lead
	object, id string
	member     bool
}

func (b *byHand) do(ctx context.Context) error {
	for rest := b.Leads; len(rest) > 0; rest = rest[min(b.batch, len(rest)):] {
		people := make([]person, min(b.batch, len(rest)))
		for i := range people {
			people[i].Lead = rest[i]
		}
		if err := b.syncAll(ctx, people); err != nil {
			return err
		}
	}
	return nil
}

func (b *byHand) close() error { return nil }

func (b *byHand) syncAll(ctx context.Context, people []person) error {
	for _, step := range []func(context.Context, []person) error{
		b.findPeople, b.findMembers, b.writePeople, b.addMembers, b.logTasks,
	} {
		if err := step(ctx, people); err != nil {
			return err
		}
	}
	return nil
}

// findPeople looks for a Contact, and where there is none for a Lead.
func (b *byHand) findPeople(ctx context.Context, people []person) error {
	for _, object := range []string{objectContact, objectLead} {
		wanted := make(map[string]*person, len(people))
		var emails []string
		for i := range people {
			if people[i].id == "" {
				wanted[people[i].Email] = &people[i]
				emails = append(emails, people[i].Email)
			}
		}
		rows, err := b.queryAll(ctx, "SELECT Id, Email FROM "+object+" WHERE Email IN ", emails)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if p := wanted[row.Email]; p != nil {
				p.object, p.id = object, row.Id
			}
		}
	}
	return nil
}

// findMembers looks for those who are in the campaign.
func (b *byHand) findMembers(ctx context.Context, people []person) error {
	known := make(map[string]*person, len(people))
	var emails []string
	for i := range people {
		if people[i].id != "" {
			known[people[i].id] = &people[i]
			emails = append(emails, people[i].Email)
		}
	}
	rows, err := b.queryAll(ctx, "SELECT Id, ContactId, LeadId FROM CampaignMember WHERE CampaignId = '"+
		b.Campaign+"' AND Email IN ", emails)
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, id := range []string{row.ContactId, row.LeadId} {
			if p := known[id]; p != nil {
				p.member = true
			}
		}
	}
	return nil
}

// queryAll completes a statement with the addresses, so many at a time as fit.
func (b *byHand) queryAll(ctx context.Context, statement string, emails []string) (rows []found, err error) {
	for rest := emails; len(rest) > 0; rest = rest[min(b.list, len(rest)):] {
		page, err := b.query(ctx, statement+quoted(rest[:min(b.list, len(rest))]))
		if err != nil {
			return nil, err
		}
		rows = append(rows, page...)
	}
	return rows, nil
}

// quoted returns texts as a list of SOQL.
func quoted(texts []string) string {
	escaped := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var list strings.Builder
	for i, text := range texts {
		list.WriteString([]string{"('", "','"}[min(i, 1)])
		list.WriteString(escaped.Replace(text))
	}
	list.WriteString("')")
	return list.String()
}

// writePeople creates those who were not found as Leads, and completes the others.
func (b *byHand) writePeople(ctx context.Context, people []person) error {
	updates := make(map[string][]map[string]any)
	var inserts []map[string]any
	var created []*person
	for i := range people {
		p := &people[i]
		if p.id != "" {
			updates[p.object] = append(updates[p.object],
				map[string]any{"Id": p.id, "FirstName": p.FirstName, "Title": p.JobTitle})
			continue
		}
		created = append(created, p)
		inserts = append(inserts, map[string]any{"FirstName": p.FirstName, "LastName": p.LastName,
			"Email": p.Email, "Company": p.Company, "Title": p.JobTitle})
	}
	for object, rows := range updates {
		if err := b.update(ctx, object, rows); err != nil {
			return err
		}
	}
	if len(inserts) == 0 {
		return nil
	}
	ids, err := b.insert(ctx, objectLead, inserts)
	if err != nil {
		return err
	}
	if len(ids) != len(created) {
		return fmt.Errorf("%d ids for %d new Leads", len(ids), len(created))
	}
	for i, p := range created {
		p.object, p.id = objectLead, ids[i]
	}
	return nil
}

// addMembers adds to the campaign who is not in it.
func (b *byHand) addMembers(ctx context.Context, people []person) error {
	var rows []map[string]any
	for _, p := range people {
		if !p.member {
			rows = append(rows, map[string]any{"CampaignId": b.Campaign, p.object + "Id": p.id})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := b.insert(ctx, objectMember, rows)
	return err
}

// logTasks logs the activities.
func (b *byHand) logTasks(ctx context.Context, people []person) error {
	rows := make([]map[string]any, 0, len(people))
	for _, p := range people {
		for _, a := range p.Activities {
			rows = append(rows, map[string]any{"WhoId": p.id, "Subject": "Meeting", "Description": a.Notes,
				"ActivityDate": p.CapturedAt.Format("2006-01-02"), "Status": "Completed"})
		}
	}
	_, err := b.insert(ctx, objectTask, rows)
	return err
}
