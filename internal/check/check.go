// SPDX-License-Identifier: Apache-2.0

// Package check holds an org against a configuration: it is the engine of Preflight. It
// is not on the way of a lead, but finds before the first sync what would make leads
// fail, and afterwards what has changed in the org since the last preflight.
package check

import (
	"context"

	"github.com/leadsync/leadsync/preflight"
)

// Run checks what the input says and returns the findings, errors first. The error is
// the context's own, or a *Error around the store's.
func Run(ctx context.Context, in *Input) (*preflight.Report, error) {
	c := &checker{Input: in}
	c.askStrategies()
	c.checkConnection()
	c.checkObjects()
	c.checkProbes()
	c.checkMapping()
	c.checkTasks()
	c.checkQualifiers()
	c.checkAnsweredConsents()
	c.checkPersonAccounts()
	c.checkConverted()
	c.checkCampaigns()
	c.checkOwner()
	c.checkKeyFields()
	c.checkRules()
	c.checkExtra()
	c.checkSession()
	now := c.snapshot()
	c.checkChanges(now)
	if err := c.checkWaiting(ctx); err != nil {
		return nil, err
	}
	c.sortFindings()
	return &preflight.Report{
		At: in.Session.At, Org: in.Session.Org, OrgName: in.Session.OrgName, Sandbox: in.Session.Sandbox,
		User: in.Session.User, Username: in.Session.Username, Findings: c.findings, Schema: schemaOf(now),
	}, nil
}
