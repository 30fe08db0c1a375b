// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// sortFindings puts errors first, and of one severity what stops most leads.
func (c *checker) sortFindings() {
	shares := c.shares()
	slices.SortStableFunc(c.findings, func(a, b preflight.Finding) int {
		if r := cmp.Compare(rank(a.Severity), rank(b.Severity)); r != 0 || a.Severity == preflight.SeverityInfo {
			return r
		}
		return cmp.Or(cmp.Compare(shareOf(shares, &a), shareOf(shares, &b)),
			cmp.Compare(depthOf(&a), depthOf(&b)))
	})
}

func rank(s preflight.Severity) int {
	return slices.Index([]preflight.Severity{preflight.SeverityError, preflight.SeverityWarning,
		preflight.SeverityInfo}, s)
}

// The shares of leads that a finding concerns, the largest first.
const (
	shareAll      = iota // the connection, or the person that the default strategy creates
	shareMany            // people that are found, and what other strategies create
	shareAccounts        // their companies
	shareSections        // the records beside them
	shareEvents          // leads of a linked event
	shareTasks           // leads with activities
	shareSome            // what is known of single leads
)

// shares returns which share of the leads writes an object, by its folded name.
func (c *checker) shares() map[string]int {
	shares := make(map[string]int)
	for i, u := range c.uses() {
		share := shareSections
		switch name := u.object; {
		case name.Equal(salesforce.ObjectTask):
			share = shareTasks
		case name.Equal(salesforce.ObjectCampaignMember):
			share = shareEvents
		case name.Equal(salesforce.ObjectAccount):
			share = shareAccounts
		case name.Equal(salesforce.ObjectLead), name.Equal(salesforce.ObjectContact):
			share = shareMany
			if i == 0 {
				share = shareAll
			}
		}
		shares[strings.ToLower(string(u.object))] = share
	}
	return shares
}

func shareOf(shares map[string]int, f *preflight.Finding) int {
	if share, ok := shares[strings.ToLower(string(f.Object))]; ok {
		return share
	}
	switch f.Object {
	case salesforce.ObjectUser, salesforce.ObjectOrganization:
		return shareAll
	case salesforce.ObjectCampaign, salesforce.ObjectCampaignMemberStatus:
		return shareEvents
	case "":
		if f.Path == "" {
			return shareAll
		}
	}
	return shareSome
}

// depthOf is 0 for a finding that concerns every record of an object, and greater for one
// that depends on what a lead has.
func depthOf(f *preflight.Finding) int {
	switch {
	case f.Field == "":
		return 0
	case f.Code == leadtype.RequiredFieldMissing, f.Code == leadtype.Authentication:
		return 1
	case f.Code == leadtype.MissingRemoteField, f.Code == leadtype.ConnectionPermission:
		return 2
	}
	return 3
}
