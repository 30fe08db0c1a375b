// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// A use is how a sync uses an object.
type use struct {
	object         salesforce.Object
	create, update bool
	mapped         bool // the Mapper fills it
}

// A sample is what a strategy does with a lead that has everything.
type sample struct {
	strategy string // its name
	noHit    leadtype.NoHit
	probes   []leadtype.Probe
}

// askStrategies asks each strategy for its sample. One that panics would fail its leads.
func (c *checker) askStrategies() {
	for i, strategy := range c.Set.Config().Strategies {
		s, lead := sample{strategy: fmt.Sprint(i)}, sampleLead()
		p := hook.Call(c.Set.Config().Logger, hook.Hook{Kind: "strategy", For: string(lead.ID)}, func() {
			s.strategy = strategy.Name()
			s.noHit, s.probes = strategy.NoHit(lead), strategy.Probes(lead)
		})
		if p == nil {
			c.samples = append(c.samples, s)
			continue
		}
		p.Hook.Name = s.strategy
		advice := c.Advisor.Error(&leadtype.Error{Code: leadtype.Unknown, Err: p})
		c.add(preflight.Finding{Severity: preflight.SeverityError, Code: leadtype.Unknown,
			Reason:      p.Reason() + " with a sample lead; its stack is in the log",
			Description: advice.Description, Fix: advice.Fix})
	}
}

// uses returns the objects that a sync writes, by what the strategies do with a lead
// that has everything.
func (c *checker) uses() []use {
	var uses []use
	add := func(u use) {
		if !slices.ContainsFunc(uses, func(other use) bool { return other.object.Equal(u.object) }) {
			uses = append(uses, u)
		}
	}
	for _, s := range c.samples {
		add(use{s.noHit.Person, true, true, true})
		if s.noHit.Account {
			add(use{salesforce.ObjectAccount, true, true, true})
		}
	}
	// An object that is only matched is updated, never created.
	for _, s := range c.samples {
		for _, probe := range s.probes {
			add(use{probe.Object, false, true, true})
		}
	}
	for _, o := range c.Set.MapperObjects() {
		if value.IsCustom(o) { // Lead, Contact and Account only where a strategy uses them
			add(use{o, true, true, true})
		}
	}
	add(use{object: salesforce.ObjectTask, create: true}) // see checkTasks for what the Mapper fills
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
