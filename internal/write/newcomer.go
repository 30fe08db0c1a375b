// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A newcomer is a person whom a plan creates because no record had the e-mail
// address.
type newcomer struct {
	change  int
	email   string
	objects []salesforce.Object // that were searched for the address
}

// newcomersOf returns the newcomers of a plan.
func newcomersOf(p *leadtype.Plan) []newcomer {
	searched := make(map[leadtype.LeadID][]salesforce.Object)
	for _, lead := range p.Leads {
		for _, probe := range lead.Trace.Probes {
			if strings.EqualFold(probe.Field, "Email") && probe.Skipped == "" {
				searched[lead.LeadID] = append(searched[lead.LeadID], probe.Object)
			}
		}
	}
	var newcomers []newcomer
	for i := range p.Changes {
		c := &p.Changes[i]
		email := identity.Email(newText(c, "Email"))
		if !c.Create || c.Kind != leadtype.PartPerson || email == "" {
			continue
		}
		n := newcomer{change: i, email: email}
		for _, id := range c.Leads {
			n.objects = append(n.objects, searched[id]...)
		}
		newcomers = append(newcomers, n)
	}
	return newcomers
}

// newText returns the text that a change writes to a field.
func newText(c *leadtype.Change, field string) string {
	for _, f := range c.Fields {
		if strings.EqualFold(f.Field, field) {
			text, _ := f.After.(string)
			return text
		}
	}
	return ""
}

// newcomerReads asks for the records with the newcomers' addresses that were
// created since the plan was made.
func newcomerReads(p *leadtype.Plan, newcomers []newcomer) []objectRead {
	emails := make(map[salesforce.Object]value.Set)
	for _, n := range newcomers {
		for _, object := range n.objects {
			put(emails, object, n.email)
		}
	}
	return readsFor(emails, func(object salesforce.Object, emails []string) *soql.Select {
		return soql.From(object, "Id", "Email", "SystemModstamp").Where(soql.And(
			soql.In("Email", emails...), soql.Ge("CreatedDate", p.At.Add(-plan.ClockSkew))))
	})
}

// staleCreates returns the creates of newcomers who exist since, by index, and why
// they are not carried out.
func staleCreates(p *leadtype.Plan, newcomers []newcomer, rows []salesforce.Record) map[int]string {
	exists, known := make(map[match.ValueKey]bool), candidatesOf(p)
	for _, row := range rows {
		if !known.Has(string(row.ID)) {
			exists[emailKey(row.Object, row.Text("Email"))] = true
		}
	}
	stale := make(map[int]string)
	for _, n := range newcomers {
		if slices.ContainsFunc(n.objects, func(o salesforce.Object) bool { return exists[emailKey(o, n.email)] }) {
			stale[n.change] = createdSince
		}
	}
	return stale
}

// candidatesOf returns the ids of the records that the plan knew, such as a
// converted Lead.
func candidatesOf(p *leadtype.Plan) value.Set {
	known := make(value.Set)
	for _, lead := range p.Leads {
		for _, probe := range lead.Trace.Probes {
			for _, c := range probe.Candidates {
				known.Add(string(c.ID))
			}
		}
	}
	return known
}

// emailKey returns the key of a person by e-mail address.
func emailKey(object salesforce.Object, email string) match.ValueKey {
	return match.ValueKey{Object: object, Field: "email", Value: identity.Email(email)}
}
