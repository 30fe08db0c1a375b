// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

func (c *checker) checkConnection() {
	s := c.Session
	switch {
	case s.User == "":
		c.add(preflight.Finding{
			Severity: preflight.SeverityWarning,
			Reason:   "the connected user is unknown, so whether it is active and has API Enabled was not checked",
			Fix:      c.fix("user"),
		})
	case s.Inactive:
		c.add(preflight.Finding{Severity: preflight.SeverityError, Code: leadtype.Authentication,
			Object: salesforce.ObjectUser, Field: "IsActive", Reason: "the connected user is inactive"})
	case s.Unread[salesforce.ObjectPermissionSetAssignment] == nil && !s.APIEnabled:
		c.add(preflight.Finding{
			Severity: preflight.SeverityWarning, Code: leadtype.ConnectionPermission, Object: salesforce.ObjectUser,
			Reason: "no visible profile or permission set grants the connected user API Enabled",
		})
	}
}

// checkOwner checks the fallback owner.
func (c *checker) checkOwner() {
	if c.Owner == "" || c.Session.Owner.Fit {
		return
	}
	reason := "the fallback owner does not exist or is hidden from the connected user"
	if c.Session.Owner.Exists {
		reason = "the fallback owner is an inactive user, or a group that is not a queue"
	}
	c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.OwnerInvalid,
		Object: org.OwnerObject(c.Owner), Path: "fallbackOwner",
		Reason: reason + "; the connected user would own the records"})
}

// checkRules names the rules of the org that act on what a sync writes.
func (c *checker) checkRules() {
	c.checkAssignment()
	for _, rule := range c.Session.DuplicateRules {
		if c.written(rule.Object) {
			c.add(preflight.Finding{
				Severity: preflight.SeverityWarning, Code: leadtype.DuplicateRecord, Object: rule.Object,
				Reason: fmt.Sprintf("the duplicate rule %q is active and may block records", rule.Name),
				Fix:    c.fix("duplicate-rule", "rule", value.Quoted([]string{rule.Name})),
			})
		}
	}
}

// checkAssignment says whether the org's assignment rules decide who owns new Leads.
func (c *checker) checkAssignment() {
	forLeads := false
	for _, rule := range c.Session.AssignmentRules {
		forLeads = forLeads || rule.Object.Equal(salesforce.ObjectLead)
		if !c.written(rule.Object) {
			continue
		}
		does := "does not run for synced records; autoAssign lets it decide who owns new Leads without an owner"
		if c.AutoAssign {
			does = "decides who owns new Leads without an owner, and changes no other record"
		}
		c.add(preflight.Finding{Severity: preflight.SeverityInfo, Object: rule.Object,
			Reason: fmt.Sprintf("the assignment rule %q is active; it %s", rule.Name, does)})
	}
	known := c.Session.Unread[salesforce.ObjectAssignmentRule] == nil
	if c.AutoAssign && known && !forLeads && c.written(salesforce.ObjectLead) {
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Object: salesforce.ObjectLead, Path: "autoAssign",
			Reason: "the org has no active assignment rule for Leads, so the connected user owns those without an owner",
			Fix:    c.fix("assignment-rule"), Doc: setupLeadAssignment})
	}
}

// unread is the finding for an object that the connected user may not read.
func (c *checker) unread(object salesforce.Object) preflight.Finding {
	return preflight.Finding{Severity: preflight.SeverityWarning, Object: object,
		Reason: "could not be read, so what depends on it was not checked",
		Fix:    c.fix("unread", "object", string(object))}
}

// checkSession says what could not be read, and what reading costs.
func (c *checker) checkSession() {
	for _, object := range slices.Sorted(maps.Keys(c.Session.Unread)) {
		if object == salesforce.ObjectCampaign || object == org.OwnerObject(c.Owner) && !c.Session.Owner.Exists {
			continue // checkCampaigns and checkOwner say so
		}
		c.add(c.unread(object))
	}
	if calls := (c.Session.Reads + salesforce.ReadsPerCall - 1) / salesforce.ReadsPerCall; calls > 1 {
		c.add(preflight.Finding{Severity: preflight.SeverityInfo,
			Reason: fmt.Sprintf("describing this org takes %d requests, %d API calls "+
				"per session instead of one", c.Session.Reads, calls)})
	}
}
