// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A use is how a sync uses an object.
type use struct {
	object         salesforce.Object
	create, update bool
	mapped         bool // the Mapper fills it
}

// uses returns the objects that a sync writes. The strategies are asked what they
// do with a lead that has everything.
func (c *checker) uses() []use {
	var uses []use
	add := func(u use) {
		if !slices.ContainsFunc(uses, func(other use) bool { return other.object.Equal(u.object) }) {
			uses = append(uses, u)
		}
	}
	for _, strategy := range c.Set.Config().Strategies {
		hit := strategy.NoHit(sampleLead())
		add(use{hit.Person, true, true, true})
		if hit.Account {
			add(use{salesforce.ObjectAccount, true, true, true})
		}
	}
	// An object that is only matched is updated, never created.
	for _, strategy := range c.Set.Config().Strategies {
		for _, probe := range strategy.Probes(sampleLead()) {
			add(use{probe.Object, false, true, true})
		}
	}
	for _, o := range c.Set.Config().Mapper.Objects() {
		if value.MatchedObject(o) == "" { // Lead, Contact and Account only where a strategy uses them
			add(use{o, true, true, true})
		}
	}
	add(use{object: salesforce.ObjectTask, create: true})
	if len(c.Set.OpenLinks()) > 0 {
		add(use{object: salesforce.ObjectCampaignMember, create: true, update: true})
	}
	return uses
}

// sampleLead makes a strategy use all of its probes.
func sampleLead() *leadtype.Lead {
	return &leadtype.Lead{
		ID: "preflight", FirstName: "Pre", LastName: "Flight", Email: "pre@flight.example",
		Company: "Flight", Website: "flight.example",
		ContactID: "003000000000001AAA", LeadID: "00Q000000000001AAA", AccountID: "001000000000001AAA",
	}
}

// useOf returns how a sync uses an object, and whether it does.
func (c *checker) useOf(o salesforce.Object) (use, bool) {
	uses := c.uses()
	i := slices.IndexFunc(uses, func(u use) bool { return u.object.Equal(o) })
	if i < 0 {
		return use{}, false
	}
	return uses[i], true
}

// written reports whether a sync writes an object that the user can see. What is
// wrong with the object itself is checkObjects' to say.
func (c *checker) written(o salesforce.Object) bool {
	_, used := c.useOf(o)
	return used && c.Session.Describe(o) != nil
}

// missing returns the rights that the use needs and the connected user does not
// have.
func (u use) missing(describe *salesforce.Describe) []string {
	var missing []string
	if describe != nil && u.create && !describe.Createable {
		missing = append(missing, "create")
	}
	if describe != nil && u.update && !describe.Updateable {
		missing = append(missing, "edit")
	}
	return missing
}
