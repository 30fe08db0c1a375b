package leadsync

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// A use is how a sync uses an object.
type use struct {
	object         salesforce.Object
	create, update bool
	mapped         bool // the Mapper fills it
}

// uses returns the objects that a sync writes. The strategies are asked what they
// do with a lead that has everything.
func (c *checker) uses() []use {
	var uses []use
	add := func(u use) {
		if !slices.ContainsFunc(uses, func(other use) bool { return other.object.Equal(u.object) }) {
			uses = append(uses, u)
		}
	}
	for _, strategy := range c.set.strategies() {
		hit := strategy.NoHit(sampleLead())
		add(use{hit.Person, true, true, true})
		if hit.Account {
			add(use{salesforce.ObjectAccount, true, true, true})
		}
	}
	// An object that is only matched is updated, never created.
	for _, strategy := range c.set.strategies() {
		for _, probe := range strategy.Probes(sampleLead()) {
			add(use{probe.Object, false, true, true})
		}
	}
	for _, o := range c.set.mapperObjects() {
		if matchedObject(o) == "" { // Lead, Contact and Account only where a strategy uses them
			add(use{o, true, true, true})
		}
	}
	add(use{object: salesforce.ObjectTask, create: true})
	if len(c.set.openLinks()) > 0 {
		add(use{object: salesforce.ObjectCampaignMember, create: true, update: true})
	}
	return uses
}

// sampleLead makes a strategy use all of its probes.
func sampleLead() *Lead {
	return &Lead{
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
	return used && c.session.describe(o) != nil
}

func (c *checker) checkObjects() {
	for _, u := range c.uses() {
		finding := Finding{Severity: SeverityError, Code: ConnectionPermission, Object: u.object}
		if u.object == salesforce.ObjectTask {
			finding.Severity = SeverityWarning // leads without activities are synced
		}
		describe := c.session.describe(u.object)
		missing := strings.Join(u.missing(describe), " and ")
		switch {
		case describe == nil && isOwn(u.object):
			finding.Code, finding.Reason = MissingRemoteField, unseen(u.object).Reason
			finding.Fix = "Create the object, or give the connected user access to it; or remove it from the mapping."
		case describe == nil:
			finding.Reason = "the object is hidden from the connected user"
			finding.Fix = fmt.Sprintf("Give the connected user read, create and edit on %s.", u.object)
		case missing != "":
			finding.Reason = "the connected user may not " + missing + " the object"
			finding.Fix = fmt.Sprintf("Give the connected user %s on %s.", missing, u.object)
		default:
			continue
		}
		c.add(finding)
	}
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

// checkProbes looks for the fields that strategies match by.
func (c *checker) checkProbes() {
	seen := make(map[string]bool)
	for _, strategy := range c.set.strategies() {
		for _, probe := range strategy.Probes(sampleLead()) {
			key := strings.ToLower(string(probe.Object) + "." + probe.Field)
			describe := c.session.describe(probe.Object)
			if seen[key] || describe == nil || strings.EqualFold(probe.Field, "Id") {
				continue
			}
			seen[key] = true
			if _, ok := describe.Field(probe.Field); !ok {
				c.add(Finding{Severity: SeverityError, Code: MissingRemoteField, Object: probe.Object, Field: probe.Field,
					Reason: fmt.Sprintf("the strategy %s matches by a field that %s", strategy.Name(), goneOrHidden)})
			}
		}
	}
}

// goneOrHidden is what can be said of what the connected user does not see.
const goneOrHidden = "does not exist or is hidden from the connected user"

// checkKeyFields says of each object that is created whether its creates are
// safe to repeat.
func (c *checker) checkKeyFields() {
	for _, u := range c.uses() {
		if section := c.set.customObject(u.object); section != nil {
			c.checkSectionKey(section)
			c.checkSectionLookups(section)
			continue
		}
		if u.create && u.object != salesforce.ObjectCampaignMember { // a member is unique by itself
			c.checkKeyField(u.object)
		}
	}
}

func (c *checker) checkKeyField(object salesforce.Object) {
	name, describe := c.set.keyFieldFor(object), c.session.describe(object)
	if name == "" || describe == nil {
		return
	}
	field, exists := describe.Field(name)
	finding := Finding{Object: object, Field: name}
	switch usable := c.session.keyField(c.set, object) != ""; {
	case usable && field.Length < maxLeadID:
		finding.Severity = SeverityWarning
		finding.Reason = fmt.Sprintf("the key field takes %d characters; a lead with a longer id cannot be "+
			"created", field.Length)
		finding.Fix = fmt.Sprintf("Make the field Text(%d).", maxLeadID)
	case usable:
		finding.Severity, finding.Reason = SeverityInfo, "creates carry a unique key and are never duplicated"
	case exists:
		finding.Severity = SeverityWarning
		finding.Reason = "the key field is not an External ID, not unique or not writable, so it is not used"
		finding.Fix = "Make the field External ID and Unique, and give the connected user edit on it."
	case c.set.defaultKeys():
		finding.Severity = SeverityInfo
		finding.Reason = "there is no key field; after a lost response the record is searched for before it is " +
			"created again"
		finding.Fix = fmt.Sprintf("For creates that are safe to repeat, add the field as Text(%d), External ID, "+
			"Unique.", maxLeadID)
	default:
		finding.Severity, finding.Code = SeverityError, MissingRemoteField
		finding.Reason = "the key field of Config.ExternalIDs " + goneOrHidden
	}
	c.add(finding)
}
