package leadsync

import (
	"context"

	"github.com/leadsync/leadsync/salesforce"
)

// A checkInput is what is checked: an org against a configuration.
type checkInput struct {
	session *session
	set     *mappingSet
	owner   salesforce.ID // Config.FallbackOwner
	// strategy is the name of Config.Strategy; strategies are those that captured
	// leads may name.
	strategy   string
	strategies []string
	last       *Schema // of the Preflight before, nil for none
	// store holds the leads of connection that wait.
	store      entryLister
	connection string
}

// An entryLister is the part of a Store that a check needs.
type entryLister interface {
	List(ctx context.Context, connection string, filter Filter) ([]Entry, error)
}

// A checker collects findings.
type checker struct {
	*checkInput
	findings []Finding
}

// add notes a finding. One with a code and no fix gets the code's.
func (c *checker) add(f Finding) {
	if f.Fix == "" && f.Code != "" {
		f.Fix = f.Code.Fix()
	}
	c.findings = append(c.findings, f)
}

// goneOrHidden is what can be said of what the connected user does not see.
const goneOrHidden = "does not exist or is hidden from the connected user"
