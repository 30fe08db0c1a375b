// SPDX-License-Identifier: Apache-2.0

package endurance_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A verdict is what is wrong in the org, each as text.
type verdict struct {
	lost    []string // missing in the org, or not as the host had it last
	doubled []string // there more than once, or nobody's
	mixed   []string // data of one person on the record of another
}

// String returns the counts, and the first of each kind.
func (v *verdict) String() string {
	text := fmt.Sprintf("lost %d, doubled %d, mixed %d", len(v.lost), len(v.doubled), len(v.mixed))
	for _, found := range [][]string{v.lost, v.doubled, v.mixed} {
		text += "\n\t" + strings.Join(found[:min(5, len(found))], "\n\t")
	}
	return strings.TrimRight(text, "\n\t")
}

// A comparison holds the org against the host's list. It knows the records by the
// marks that the leads carry, by nothing that the library said.
type comparison struct {
	verdict
	crowd    crowd
	versions []int // of each lead, the last that the host captured
	object   string
	org      *sftest.Org
	// records are the rows of people, by person.
	records map[int][]map[string]any
	// owners are the people whose record a row is, by its id.
	owners map[string]int
}

// compare returns what is wrong in the org, where the people of the crowd are rows
// of object. strangers are the ids of rows that were there before.
func compare(org *sftest.Org, c crowd, versions []int, object salesforce.Object, strangers []string) *verdict {
	with := &comparison{crowd: c, versions: versions, object: string(object), org: org,
		records: make(map[int][]map[string]any), owners: make(map[string]int)}
	for _, row := range slices.Concat(org.Rows("Lead"), org.Rows("Contact")) {
		if !slices.Contains(strangers, row["Id"].(string)) {
			with.enter(row)
		}
	}
	for _, id := range strangers {
		if row := with.row(id); text(row, "Title") != strange || text(row, "Description") != "" {
			with.mixed = append(with.mixed, "the record of a stranger was written")
		}
	}
	with.people()
	with.tasks()
	with.members()
	with.accounts()
	return &with.verdict
}

// strange is the title of people who are not the host's.
const strange = "not a lead of ours"

// row returns a Lead or a Contact.
func (c *comparison) row(id string) map[string]any {
	if strings.HasPrefix(id, "003") {
		return c.org.Row("Contact", id)
	}
	return c.org.Row("Lead", id)
}

// mark finds what a lead leaves in its texts: what it is, and of which lead.
var mark = regexp.MustCompile(`(title|notes|call) of L(\d+), (\d+)`)

// people returns the persons that a text names.
func (c *comparison) named(text string) []int {
	var people []int
	for _, found := range mark.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(found[2])
		if person := c.crowd.person(n); !slices.Contains(people, person) {
			people = append(people, person)
		}
	}
	return people
}

// enter finds the person of a record.
func (c *comparison) enter(row map[string]any) {
	id, title, notes := text(row, "Id"), text(row, "Title"), text(row, "Description")
	people := c.named(title)
	if len(people) != 1 {
		c.doubled = append(c.doubled, fmt.Sprintf("%s %s is nobody's: title %q, notes %q", c.object, id, title, notes))
		return
	}
	c.owners[id] = people[0]
	c.records[people[0]] = append(c.records[people[0]], row)
	if all := c.named(title + notes); len(all) != 1 {
		c.mixed = append(c.mixed, fmt.Sprintf("%s has the title %q and the notes %q", id, title, notes))
	}
	if c.object == "Lead" != strings.HasPrefix(id, "00Q") {
		c.mixed = append(c.mixed, fmt.Sprintf("%s of person %d should be a %s", id, people[0], c.object))
	}
}

// leads are the leads of a person as they were captured last.
func (c *comparison) leads(person int) []*leadsync.Lead {
	var leads []*leadsync.Lead
	for n := person; n < len(c.versions) && c.crowd.person(n) == person; n++ {
		leads = append(leads, c.crowd.lead(n, c.versions[n]))
	}
	return leads
}

// people checks that each person has one record, which says what their leads said
// last.
func (c *comparison) people() {
	for n := range c.versions {
		if c.crowd.person(n) != n {
			continue
		}
		rows := c.records[n]
		if len(rows) == 0 {
			c.lost = append(c.lost, fmt.Sprintf("person %d", n))
			continue
		}
		if len(rows) > 1 {
			c.doubled = append(c.doubled, fmt.Sprintf("person %d has %d records", n, len(rows)))
		}
		c.values(rows[0], c.leads(n))
	}
}

// values compares a record with the leads of its person.
func (c *comparison) values(row map[string]any, leads []*leadsync.Lead) {
	fields := map[string]func(*leadsync.Lead) string{
		"FirstName": func(l *leadsync.Lead) string { return l.FirstName },
		"LastName":  func(l *leadsync.Lead) string { return l.LastName },
		"Title":     func(l *leadsync.Lead) string { return l.JobTitle },
		"Email":     func(l *leadsync.Lead) string { return l.Email },
	}
	if c.object == "Lead" {
		fields["Company"] = func(l *leadsync.Lead) string { return l.Company }
	}
	for field, of := range fields {
		if !slices.ContainsFunc(leads, func(l *leadsync.Lead) bool { return of(l) == text(row, field) }) {
			c.lost = append(c.lost, fmt.Sprintf("%s of %s has the %s %q, not %q", row["Id"], leads[0].ID, field,
				text(row, field), of(leads[0])))
		}
	}
	for _, l := range leads {
		switch strings.Count(text(row, "Description")+"\n", l.Notes+"\n") {
		case 0:
			c.lost = append(c.lost, fmt.Sprintf("the notes of %s: %q", l.ID, text(row, "Description")))
		case 1:
		default:
			c.doubled = append(c.doubled, "the notes of "+string(l.ID))
		}
	}
}

// tasks checks that each activity is one Task, on the record of its person.
func (c *comparison) tasks() {
	got := make(map[string]int)
	for _, row := range c.org.Rows("Task") {
		description := text(row, "Description")
		got[description]++
		owner, known := c.owners[text(row, "WhoId")]
		if people := c.named(description); len(people) != 1 || !known || people[0] != owner {
			c.mixed = append(c.mixed, fmt.Sprintf("the Task %q is on the record of person %d (%t)", description, owner, known))
		}
	}
	for n, version := range c.versions {
		for _, a := range c.crowd.lead(n, version).Activities {
			c.count("the Task "+a.Notes, got[a.Notes])
			delete(got, a.Notes)
		}
	}
	for description := range got {
		c.doubled = append(c.doubled, fmt.Sprintf("the Task %q is no lead's", description))
	}
}

// members checks that each person is one member.
func (c *comparison) members() {
	got := make(map[int]int)
	for _, row := range c.org.Rows("CampaignMember") {
		person, known := c.owners[text(row, c.object+"Id")]
		if !known {
			c.doubled = append(c.doubled, "a membership that is nobody's")
			continue
		}
		got[person]++
	}
	for person := range c.records {
		c.count(fmt.Sprintf("the membership of person %d", person), got[person])
	}
}

// accounts checks that each company of a Contact is one Account, and that of the
// Contact's person at some time.
func (c *comparison) accounts() {
	if c.object != "Contact" {
		return
	}
	names, got := make(map[string]string), make(map[string]int)
	for _, row := range c.org.Rows("Account") {
		names[text(row, "Id")] = text(row, "Name")
		got[text(row, "Name")]++
	}
	for name, n := range got {
		c.count("the Account "+name, n)
	}
	for person, rows := range c.records {
		var companies []string
		for version := 1; version <= c.versions[person]; version++ {
			companies = append(companies, c.crowd.lead(person, version).Company)
		}
		for _, row := range rows {
			if name := names[text(row, "AccountId")]; !slices.Contains(companies, name) {
				c.mixed = append(c.mixed, fmt.Sprintf("person %d is in the Account %q", person, name))
			}
		}
	}
}

// count notes what should be in the org once.
func (v *verdict) count(what string, n int) {
	switch {
	case n == 0:
		v.lost = append(v.lost, what)
	case n > 1:
		v.doubled = append(v.doubled, fmt.Sprintf("%s, %d times", what, n))
	}
}

// text returns a field of a row, "" for none.
func text(row map[string]any, field string) string {
	text, _ := row[field].(string)
	return text
}
