// SPDX-License-Identifier: Apache-2.0

package match

import (
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// TurnKeys returns the values by which a person or a company of these leads may be that of
// another batch. Batches without a common one write different people and companies, except
// where only Salesforce knows that they are the same, such as by an id and an address of
// one record.
func (m *Matcher) TurnKeys(items []*Item) []string {
	quiet := *m // a strategy that panics is logged when the lead is looked up
	quiet.Logger = nil
	keys := make([]string, 0, 4*len(items))
	for _, it := range items {
		it.clean(m.Set)
		own := *it // its turn may come when other creates are open
		m.recallOpen(&own)
		lead, corrected := own.KnownLead()
		from := len(keys)
		keys = append(keys, OwnKey(lead))
		if corrected.Record != "" {
			keys = append(keys, RecordKey(corrected.Record)) // which it may keep
		}
		it.probed, it.probes = lead, quiet.Probes(lead)
		for _, p := range it.probes {
			if text, ok := value.CleanText(p.Value, false); ok {
				p.Value = text // as it is looked up
			}
			keys = append(keys[:from], appendIdentityKey(keys[from:], nil, &p)...)
		}
		if identity.Email(lead.Email) == "" {
			keys = append(keys, namesakeKey(lead.FirstName, lead.LastName))
		}
		if quiet.noHit(lead).Account {
			keys = append(keys, CompanyKeys(lead)...)
		}
		for _, intent := range own.Intents {
			keys = append(append(keys, SentKeys(&intent.Person)...), intent.Company...)
		}
		it.turnKeys = keys[from:]
	}
	return keys
}

// SentKeys returns the values of TurnKeys for a person who is created with these fields.
func SentKeys(sent *leadtype.SentPerson) []string {
	switch {
	case sent.LastName == "":
		return nil
	case identity.Email(sent.Email) != "":
		return []string{IdentityKey(&leadtype.Probe{Object: salesforce.ObjectLead, Field: "Email", Value: sent.Email})}
	}
	return []string{namesakeKey(sent.FirstName, sent.LastName)}
}

// RecordKey returns the value of TurnKeys for a record that is named by its id.
func RecordKey(id salesforce.ID) string {
	return IdentityKey(&leadtype.Probe{Object: salesforce.ObjectLead, Field: "Id", Value: string(id)})
}

// namesakeKey identifies a person without an e-mail address, whatever the company: a
// Contact's record does not have its name.
func namesakeKey(first, last string) string {
	return NameKey("", &leadtype.SentPerson{FirstName: first, LastName: last})
}
