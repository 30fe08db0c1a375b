// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A Mapper says which of a lead's values are written to which fields of a record. Hosts
// usually need no other than *Mapping. It must do no I/O, and must be safe for concurrent
// use.
//
// A Map or Users that panics fails its lead; see Config.Logger. Map is called once for
// each record that may be written for a lead. Users are looked
// up before that, together with the records: a Mapper that needs some may have a method
// Users(lead *Lead, object salesforce.Object) []string that returns their e-mail
// addresses. A Mapper without it whose Fields refer to Users is called once more, with a
// Target for a new record, to see which addresses it wants.
type Mapper interface {
	// Objects returns the objects whose records it fills, of Lead, Contact and Account.
	// Only a *Mapping may have others. New asks for them and for Fields; later changes
	// are not seen.
	Objects() []salesforce.Object
	// Fields returns the API names of the fields of object that Map may return. They
	// are read with the record, so that Map knows their current values.
	Fields(object salesforce.Object) []string
	// Map returns the values that the record should have, converted to what the fields
	// take (see mapping.Convert). It may include values that the record has already: only
	// differences are written. The error is a *Error that names the fields at fault. Any
	// other error becomes UNKNOWN, and its text is logged: it must have no value of the
	// lead.
	Map(lead *Lead, target mapping.Target) (salesforce.Fields, []leadtype.Warning, error)
}

// A Mapping is a Mapper that is plain data: rules of which each takes a value of the lead
// to a field. A host can keep it as JSON and let administrators edit it. See
// [mapping.Mapping].
type Mapping = mapping.Mapping

// A Rule is one line of a Mapping: where a value comes from, the field that it is written
// to, and how. See [mapping.Rule].
type Rule = mapping.Rule

// DefaultMapping returns the recommended rules for Lead, Contact and Account, in a new
// Mapping that the caller may change. See [mapping.Default].
func DefaultMapping() *Mapping { return mapping.Default() }

// mappingSet returns what the configuration, which may lack its defaults, says about
// which values go into which records.
func (c *Config) mappingSet() *mapping.Set {
	cfg := mapping.Config{
		Mapper: c.Mapper, Qualifiers: c.Qualifiers, Campaigns: c.Campaigns, ExternalIDs: c.ExternalIDs,
		KeyPrefix: c.keyPrefix(), Transforms: c.Transforms, Owners: c.Owners, Logger: c.Logger,
		LeadSource: c.LeadSource,
	}
	for _, strategy := range append([]Strategy{c.Strategy}, c.Strategies...) {
		if strategy != nil {
			cfg.Strategies = append(cfg.Strategies, strategy)
		}
	}
	return mapping.NewSet(cfg)
}
