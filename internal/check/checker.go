// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"context"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// An Input is what is checked: an org against a configuration.
type Input struct {
	Session *org.Session
	Set     *mapping.Set
	Owner   salesforce.ID // Config.FallbackOwner
	// PersonLeads is Config.PersonLeads.
	PersonLeads bool
	// Converted is Config.Converted.
	Converted leadtype.ConvertedPolicy
	// AutoAssign is Config.AutoAssign.
	AutoAssign bool
	// Extra is what was asked for beside the session, nil for nothing: LeadStatuses where the
	// mapping fills Lead.Status.
	Extra *org.Extra
	// Usage is of the org's API calls, zero where it is not known.
	Usage salesforce.Usage
	// Strategy is the name of Config.Strategy; Strategies are those that captured
	// leads may name.
	Strategy   string
	Strategies []string
	Last       *preflight.Schema // of the Preflight before, nil for none
	// Advisor words what people read; nil is English.
	Advisor *leadtype.Advisor
	// Store holds the waiting leads of Connection; nil for none.
	Store      Lister
	Connection string
}

// A Lister is the part of a Store that a check needs.
type Lister interface {
	List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error)
}

// A checker collects findings.
type checker struct {
	*Input
	samples  []sample
	findings []preflight.Finding
}

// add notes a finding. What it does not say of its code is what a lead's error would say,
// and one with a fix gets the place in Setup. options are those that a restricted picklist lacks.
func (c *checker) add(f preflight.Finding, options ...string) {
	if f.Code != "" {
		e := &leadtype.Error{Code: f.Code, Object: f.Object, Fields: fieldsOf(f), Reason: f.Reason}
		if len(options) > 0 {
			e.Options = map[string][]string{f.Field: options}
		}
		advice := c.Advisor.Error(e)
		f.Description, f.Fix, f.Help = cmp.Or(f.Description, advice.Description), cmp.Or(f.Fix, advice.Fix), advice.Help
	}
	if f.Doc == "" && f.Fix != "" {
		f.Doc = c.docOf(&f)
	}
	c.findings = append(c.findings, f)
}

// fix words what to do where only a preflight says it: name is a key of the catalogue without
// its preflight., args are the place holders and what goes into them.
func (c *checker) fix(name string, args ...string) string {
	text := leadtype.Text{Key: "preflight." + name, Args: make(map[string]string)}
	for i := 1; i < len(args); i += 2 {
		text.Args[args[i-1]] = args[i]
	}
	return c.Advisor.Text(text)
}

// goneOrHidden is what can be said of what the connected user does not see.
const goneOrHidden = "does not exist or is hidden from the connected user"

// fieldsOf returns the field of a finding, nil for none.
func fieldsOf(f preflight.Finding) []string {
	if f.Field == "" {
		return nil
	}
	return []string{f.Field}
}
