package leadsync

import (
	"cmp"
	"context"
	"slices"
)

// checkOrg returns what it finds, errors first. The error is the context's own, or
// a *Error around the store's.
func checkOrg(ctx context.Context, in *checkInput) (*PreflightReport, error) {
	c := &checker{checkInput: in}
	c.checkConnection()
	c.checkObjects()
	c.checkProbes()
	c.checkMapping()
	c.checkQualifiers()
	c.checkCampaigns()
	c.checkOwner()
	c.checkKeyFields()
	c.checkRules()
	c.checkSession()
	look := c.snapshot()
	c.checkChanges(look)
	if err := c.checkWaiting(ctx); err != nil {
		return nil, err
	}
	slices.SortStableFunc(c.findings, func(a, b Finding) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	return &PreflightReport{
		At: in.session.at, Org: in.session.org, OrgName: in.session.orgName, Sandbox: in.session.sandbox,
		User: in.session.user, Username: in.session.username, Findings: c.findings, Schema: schemaOf(look),
	}, nil
}

func rank(s Severity) int {
	return slices.Index([]Severity{SeverityError, SeverityWarning, SeverityInfo}, s)
}
