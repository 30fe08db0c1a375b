// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// AskFor returns what a preflight of a configuration asks for beside the session.
func AskFor(set *mapping.Set, asks []preflight.Ask) org.Ask {
	return org.Ask{
		LeadStatuses:    value.ContainsFold(set.MapperFields(salesforce.ObjectLead), "Status"),
		Limits:          slices.Contains(asks, preflight.AskStorage),
		ValidationRules: slices.Contains(asks, preflight.AskValidationRules),
	}
}

// checkExtra says what only a preflight asks the org for.
func (c *checker) checkExtra() {
	if c.Extra == nil {
		return
	}
	c.checkSharing()
	c.checkQueue()
	c.checkValidationRules()
	c.checkLimits()
}

// checkSharing finds people and companies that matching does not see.
func (c *checker) checkSharing() {
	const organization, objectPermissions = salesforce.ObjectOrganization, org.ObjectObjectPermissions
	if c.Extra.Unread[organization] != nil && c.Session.Unread[organization] == nil { // else checkSession says so
		f := c.unread(organization)
		f.Doc = setupPermissionSets
		f.Reason = "the org's sharing could not be read: whether records are hidden from the connected user, and are " +
			"created again, was not checked"
		c.add(f)
	}
	var hidden []salesforce.Object
	for _, s := range c.samples {
		for _, probe := range s.probes {
			name := value.MatchedObject(probe.Object)
			private := slices.Contains(c.Extra.Private, name) && !slices.ContainsFunc(c.Extra.ViewsAll, name.Equal)
			if private && !slices.Contains(hidden, name) {
				hidden = append(hidden, name)
			}
		}
	}
	for _, object := range hidden {
		if c.Extra.Unread[objectPermissions] != nil {
			c.add(c.unread(objectPermissions))
			return
		}
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Object: object,
			Reason: "sharing is private, and no visible profile or permission set grants the connected user View All: " +
				"records that are not shared with it are not found, and are created again",
			Fix: c.fix("sharing", "object", string(object)), Doc: setupPermissionSets})
	}
}

// checkQueue finds objects whose records the fallback owner may not own.
func (c *checker) checkQueue() {
	if !c.Extra.WasRead(org.ObjectQueueSobject) {
		return
	}
	takesLeads := slices.ContainsFunc(c.Extra.QueueTakes, salesforce.ObjectLead.Equal)
	if use, used := c.useOf(salesforce.ObjectLead); used && use.create && !takesLeads {
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.OwnerInvalid,
			Object: value.ObjectGroup, Path: "fallbackOwner",
			Reason: "the fallback owner is a queue that does not take Leads: Salesforce refuses it as their owner",
			Fix:    c.fix("queue")})
	}
}

// checkValidationRules names the active validation rules of what is written.
func (c *checker) checkValidationRules() {
	if c.Extra.Unread[org.ObjectValidationRule] != nil {
		c.add(preflight.Finding{Severity: preflight.SeverityInfo, Object: org.ObjectValidationRule,
			Reason: "the validation rules could not be read: that needs View Setup and Configuration"})
		return
	}
	for _, u := range c.uses() {
		var names []string
		for _, rule := range c.Extra.ValidationRules {
			if rule.Object.Equal(u.object) {
				names = append(names, rule.Name)
			}
		}
		if len(names) > 0 && c.written(u.object) {
			c.add(preflight.Finding{Severity: preflight.SeverityInfo, Code: leadtype.DataValueValidation, Object: u.object,
				Reason: "active validation rules may refuse records: " + value.Quoted(names),
				Doc:    "Setup > Object Manager > " + labelOf(u.object) + " > Validation Rules"})
		}
	}
}

// fewCalls and fewStorage are the shares that are left, in percent, below which preflight warns.
const (
	fewCalls   = 10
	fewStorage = 5
)

// checkLimits says where API calls or storage run out.
func (c *checker) checkLimits() {
	if used := c.Usage; used.Limit > 0 && (used.Limit-used.Used)*100 < used.Limit*fewCalls {
		c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.RateLimit,
			Object: salesforce.ObjectOrganization,
			Reason: fmt.Sprintf("%d of the org's %d API calls of 24 hours are left", max(0, used.Limit-used.Used), used.Limit),
			Fix:    c.fix("calls"), Doc: "Setup > Company Information"})
	}
	storage, ok := c.Extra.Limits["DataStorageMB"]
	if !ok || storage.Max <= 0 || storage.Remaining*100 >= storage.Max*fewStorage {
		if c.Extra.Unread[org.ObjectLimits] != nil {
			c.add(preflight.Finding{Severity: preflight.SeverityInfo, Reason: "the org's limits could not be read"})
		}
		return
	}
	f := preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.StorageLimit,
		Object: salesforce.ObjectOrganization, Doc: "Setup > Storage Usage",
		Reason: fmt.Sprintf("%d MB of the org's %d MB of data storage are left", max(0, storage.Remaining), storage.Max)}
	if storage.Remaining <= 0 {
		f.Severity = preflight.SeverityError
	}
	c.add(f)
}
