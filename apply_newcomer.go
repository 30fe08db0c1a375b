package leadsync

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
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

// newcomers returns the plan's.
func (p *Plan) newcomers() []newcomer {
	searched := make(map[LeadID][]salesforce.Object)
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
		email := identity.Email(c.after("Email"))
		if !c.Create || c.Kind != PartPerson || email == "" {
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

// candidates are the ids of the records that the plan knew, such as a converted Lead.
func (p *Plan) candidates() set {
	known := make(set)
	for _, lead := range p.Leads {
		for _, probe := range lead.Trace.Probes {
			for _, c := range probe.Candidates {
				known.add(string(c.ID))
			}
		}
	}
	return known
}

// after is the text that a field is to hold.
func (c *Change) after(field string) string {
	for _, f := range c.Fields {
		if strings.EqualFold(f.Field, field) {
			text, _ := f.After.(string)
			return text
		}
	}
	return ""
}

// readNewcomers asks for the records with the newcomers' addresses that were created
// since the plan was made.
func (p *Plan) readNewcomers(newcomers []newcomer) []salesforce.Read {
	emails := make(map[salesforce.Object]set)
	for _, n := range newcomers {
		for _, object := range n.objects {
			put(emails, object, n.email)
		}
	}
	var reads []salesforce.Read
	for _, object := range slices.Sorted(maps.Keys(emails)) {
		reads = append(reads, splitReads(emails[object].sorted(), salesforce.Query, func(emails []string) *soql.Select {
			return soql.From(object, "Id", "Email", "SystemModstamp").Where(soql.And(
				soql.In("Email", emails...), soql.Ge("CreatedDate", p.At.Add(-clockSkew))))
		})...)
	}
	return reads
}

// emailKey is what tells a person by e-mail address.
func emailKey(object salesforce.Object, email string) valueKey {
	return valueKey{object, "email", identity.Email(email)}
}

// put adds a value to the set of an object.
func put(sets map[salesforce.Object]set, object salesforce.Object, value string) {
	if sets[object] == nil {
		sets[object] = make(set)
	}
	sets[object].add(value)
}
