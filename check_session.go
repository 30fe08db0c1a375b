package leadsync

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

func (c *checker) checkConnection() {
	s := c.session
	switch {
	case s.user == "":
		c.add(Finding{
			Severity: SeverityWarning,
			Reason:   "the connected user is unknown, so whether it is active and has API Enabled was not checked",
			Fix:      "Use a token whose reply has the id URL, or a client that implements Identifier.",
		})
	case s.inactive:
		c.add(Finding{Severity: SeverityError, Code: Authentication, Object: salesforce.ObjectUser, Field: "IsActive",
			Reason: "the connected user is inactive"})
	case s.unread[salesforce.ObjectPermissionSetAssignment] == nil && !s.apiEnabled:
		c.add(Finding{
			Severity: SeverityWarning, Code: ConnectionPermission, Object: salesforce.ObjectUser,
			Reason: "no visible profile or permission set grants the connected user API Enabled",
			Fix:    "Grant API Enabled in the user's profile or a permission set.",
		})
	}
}

// checkOwner checks the fallback owner.
func (c *checker) checkOwner() {
	if c.owner == "" || c.session.owner.fit {
		return
	}
	reason := "the fallback owner does not exist or is hidden from the connected user"
	if c.session.owner.exists {
		reason = "the fallback owner is an inactive user, or a group that is not a queue"
	}
	c.add(Finding{Severity: SeverityWarning, Code: OwnerInvalid, Object: ownerObject(c.owner), Path: "fallbackOwner",
		Reason: reason + "; the connected user would own the records"})
}

// checkRules names the rules of the org that act on what a sync writes.
func (c *checker) checkRules() {
	for _, rule := range c.session.assignmentRules {
		if c.written(rule.object) {
			c.add(Finding{Severity: SeverityInfo, Object: rule.object,
				Reason: fmt.Sprintf("the assignment rule %q is active; it does not run for synced records unless the "+
					"client's AutoAssign is set", rule.name)})
		}
	}
	for _, rule := range c.session.duplicateRules {
		if c.written(rule.object) {
			c.add(Finding{
				Severity: SeverityWarning, Code: DuplicateRecord, Object: rule.object,
				Reason: fmt.Sprintf("the duplicate rule %q is active and may block records", rule.name),
				Fix: "None needed if the rule blocks what it should; otherwise exempt the connected user in the " +
					"rule's conditions.",
			})
		}
	}
}

// checkSession says what could not be read, and what reading costs.
func (c *checker) checkSession() {
	for _, object := range slices.Sorted(maps.Keys(c.session.unread)) {
		if object == salesforce.ObjectCampaign || object == ownerObject(c.owner) && !c.session.owner.exists {
			continue // checkCampaigns and checkOwner say so
		}
		c.add(Finding{Severity: SeverityWarning, Object: object,
			Reason: "could not be read, so what depends on it was not checked",
			Fix:    fmt.Sprintf("Give the connected user read on %s.", object)})
	}
	if calls := (c.session.reads + compositeReads - 1) / compositeReads; calls > 1 {
		c.add(Finding{Severity: SeverityInfo,
			Reason: fmt.Sprintf("describing this org takes %d requests, %d API calls "+
				"per session instead of one", c.session.reads, calls)})
	}
}
