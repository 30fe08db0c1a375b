// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

func (c *checker) checkObjects() {
	for _, u := range c.uses() {
		finding := preflight.Finding{Severity: preflight.SeverityError, Code: leadtype.ConnectionPermission, Object: u.object}
		if u.object == salesforce.ObjectTask {
			finding.Severity = preflight.SeverityWarning // leads without activities are synced
		}
		describe := c.Session.Describe(u.object)
		missing := strings.Join(u.missing(describe), " and ")
		switch {
		case describe == nil && verdict.IsOwn(u.object):
			finding.Code, finding.Reason = leadtype.MissingRemoteField, verdict.Unseen(u.object).Reason
		case describe == nil:
			finding.Reason = "the object is hidden from the connected user"
		case missing != "":
			finding.Reason = "the connected user may not " + missing + " the object"
		default:
			continue
		}
		c.add(finding)
	}
}

// checkProbes looks for the fields that strategies match by.
func (c *checker) checkProbes() {
	seen := make(map[string]bool)
	for _, s := range c.samples {
		for _, probe := range s.probes {
			key := strings.ToLower(string(probe.Object) + "." + probe.Field)
			describe := c.Session.Describe(probe.Object)
			if seen[key] || describe == nil || strings.EqualFold(probe.Field, "Id") {
				continue
			}
			seen[key] = true
			finding := preflight.Finding{Severity: preflight.SeverityError, Code: leadtype.MissingRemoteField,
				Object: probe.Object, Field: probe.Field,
				Reason: fmt.Sprintf("the strategy %s asks for a field that %s", s.strategy, value.UnseenProbe)}
			if field, ok := describe.Field(probe.Field); ok {
				if field.Filterable {
					continue
				}
				finding.Code = leadtype.DataValueValidation
				finding.Reason = fmt.Sprintf("the strategy %s matches by a field that %s", s.strategy, value.Unsearchable)
			}
			c.add(finding)
		}
	}
	c.checkNamesakes()
}

// checkNamesakes looks for last names by which no record can be searched: a lead without an
// e-mail address is not synced then, unless its record has a key.
func (c *checker) checkNamesakes() {
	for _, u := range c.uses() {
		describe := c.Session.Describe(u.object)
		if !u.create || describe == nil || u.object != salesforce.ObjectLead && u.object != salesforce.ObjectContact ||
			c.Session.KeyField(c.Set, u.object) != "" {
			continue
		}
		if field, ok := describe.Field("LastName"); ok && !field.Filterable {
			c.add(preflight.Finding{Severity: preflight.SeverityWarning, Code: leadtype.DataValueValidation, Object: u.object,
				Field: field.Name, Reason: "leads without an e-mail address fail: the field " + value.Unsearchable})
		}
	}
}

// checkKeyFields says of each object that is created whether its creates are
// safe to repeat.
func (c *checker) checkKeyFields() {
	for _, u := range c.uses() {
		if section, path := c.section(u.object); section != nil {
			c.checkSectionKey(section)
			c.checkSectionLookups(section, path)
			continue
		}
		if u.create && u.object != salesforce.ObjectCampaignMember { // a member is unique by itself
			c.checkKeyField(u.object)
		}
	}
	c.checkKeyPrefix()
}

// longestKey is the length of a field that holds any key in full.
const longestKey = 255

// checkKeyPrefix warns where the keys of this system could be those of another.
func (c *checker) checkKeyPrefix() {
	keyed := slices.ContainsFunc(c.uses(), func(u use) bool {
		return u.create && c.Session.KeyField(c.Set, u.object) != ""
	})
	if keyed && c.Set.Config().KeyPrefix == "" {
		c.add(preflight.Finding{Severity: preflight.SeverityWarning,
			Reason: "the keys do not say which system wrote them: two systems that write to this org and use the same " +
				"lead ids would take each other's records",
			Fix: c.fix("key-prefix")})
	}
}

func (c *checker) checkKeyField(object salesforce.Object) {
	name, describe := c.Set.KeyField(object), c.Session.Describe(object)
	if name == "" || describe == nil {
		return
	}
	field, exists := describe.Field(name)
	finding := preflight.Finding{Object: object, Field: name}
	switch usable := c.Session.KeyField(c.Set, object) != ""; {
	case usable:
		finding.Severity, finding.Reason = preflight.SeverityInfo, "creates carry a unique key and are never duplicated"
	case exists && field.Length > 0 && field.Length < org.MinKeyLength:
		finding.Severity = preflight.SeverityWarning
		finding.Reason = fmt.Sprintf("the key field takes %d characters, which is too short for a key, so it is not used",
			field.Length)
		finding.Fix = c.fix("key-length", "field", string(object)+"."+name, "length", strconv.Itoa(longestKey))
	case exists:
		finding.Severity = preflight.SeverityWarning
		finding.Reason = "the key field is not an External ID, not unique or not writable, so it is not used"
		finding.Fix = c.fix("key-field", "field", string(object)+"."+name)
	case c.Set.Config().ExternalIDs == nil:
		finding.Severity = preflight.SeverityInfo
		finding.Reason = "there is no key field; after a lost response the record is searched for before it is " +
			"created again, and another process cannot find the record of a lead without an e-mail address"
		finding.Fix = c.fix("key-missing", "field", string(object)+"."+name, "length", strconv.Itoa(longestKey))
	default:
		finding.Severity, finding.Code = preflight.SeverityError, leadtype.MissingRemoteField
		finding.Reason = "the key field of Config.ExternalIDs " + goneOrHidden
	}
	c.add(finding)
}
