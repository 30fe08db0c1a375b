// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// checkAddresses says of each address that rules fill how its states and countries are
// written, where State and Country/Territory picklists are on. Constants and defaults that
// are no options are found by Mapping.Validate.
func (c *checker) checkAddresses(object salesforce.Object, describe *salesforce.Describe) {
	var seen []address.Field
	for _, name := range c.Set.MapperFields(object) {
		at, ok := address.Of(name)
		if !ok || slices.ContainsFunc(seen, at.Same) {
			continue
		}
		seen = append(seen, at)
		if _, on := address.PicklistsOf(describe, at); on && c.mapping() != nil {
			c.checkCodes(object, at)
		}
	}
}

func (c *checker) checkCodes(object salesforce.Object, at address.Field) {
	code := at.Name(address.Country, true)
	mapped := func(part address.Part) bool {
		return c.fills(object, at.Name(part, false)) || c.fills(object, at.Name(part, true))
	}
	switch {
	case mapped(address.Country):
		c.add(preflight.Finding{Severity: preflight.SeverityInfo, Object: object, Field: code,
			Reason: "State and Country/Territory picklists are on: countries and states are written as codes, whichever way " +
				"leads spell them; an address whose country is not an active option is left out, with a warning"})
	case mapped(address.State):
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Object: object, Field: code,
			Reason: "State and Country/Territory picklists are on, and no rule gives the country of the address: a state is " +
				"written only where one country alone has it",
			Fix: c.fix("country", "field", string(object)+"."+at.Name(address.Country, false))})
	}
}

// fills reports whether a rule of the mapping fills a field.
func (c *checker) fills(object salesforce.Object, field string) bool {
	rule := c.ruleFor(object, field)
	return rule.Field != "" && rule.Write != mapping.Never
}
