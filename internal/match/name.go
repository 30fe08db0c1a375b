// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// ByEmail reports whether a probe looks for people by an e-mail address, which several may
// share: then names decide whose record it found. An id or a key is one person's.
func ByEmail(p *leadtype.ProbeTrace) bool {
	return p.Key == "" && p.Object != salesforce.ObjectAccount && strings.EqualFold(p.Field, "Email")
}

// NameOf returns a lead's name.
func NameOf(lead *leadtype.Lead) identity.Name {
	return identity.Name{First: lead.FirstName, Last: lead.LastName, Company: lead.Company}
}

// NameIn returns the name that a record has.
func NameIn(record *salesforce.Record) identity.Name {
	name := identity.Name{First: record.Text("FirstName"), Last: record.Text("LastName")}
	if record.Object != salesforce.ObjectContact { // which has no such field
		name.Company = record.Text("Company")
	}
	return name
}

// A namesake remembers the name that a lead's was compared with last, which is often compared again.
type namesake struct {
	lead, other identity.Name
	names       identity.Comparison
	known       bool // false at first
}

// compare compares a lead's name with another.
func (n *namesake) compare(of *leadtype.Lead, other identity.Name) identity.Comparison {
	if lead := NameOf(of); !n.known || n.lead != lead || n.other != other {
		*n = namesake{lead, other, identity.Compare(lead, other), true}
	}
	return n.names
}

// is reports whether a lead's name is the same person's as another.
func (n *namesake) is(lead *leadtype.Lead, other identity.Name) bool {
	return n.compare(lead, other).Agreement == identity.Same
}

// WhoseName says whose a record with a name is that was found by the lead's e-mail address.
func WhoseName(lead *leadtype.Lead, name identity.Name) leadtype.Who {
	return whose(lead.Email, NameOf(lead), name)
}

// AreOthers reports whether two names at one e-mail address are two people's: the rule by
// which leads of a batch share a record, or people a membership, is that of WhoseName.
func AreOthers(email string, a, b identity.Name) bool { return whose(email, a, b) == leadtype.WhoOther }

func whose(email string, a, b identity.Name) leadtype.Who {
	return whoAgrees(identity.CompareAt(email, a, b))
}

func whoAgrees(names identity.Agreement) leadtype.Who {
	switch names {
	case identity.Doubt:
		return leadtype.WhoDoubt
	case identity.Other:
		return leadtype.WhoOther
	}
	return ""
}
