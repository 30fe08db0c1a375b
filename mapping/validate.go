// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Validate returns what is wrong with m, in the order of its rules; nil when
// nothing is. Without describes it checks m by itself; with describes also
// each section against its object's, and Rule.By against that of the object which
// it names. An object that is not among them is reported as missing. A cycle of
// lookups is reported at each lookup of it.
func (m *Mapping) Validate(describes map[salesforce.Object]*salesforce.Describe) []Issue {
	c := mappingCheck{mapping: m, describes: describes}
	if m.Version < 0 || m.Version > Version {
		c.refuse("version", "", "must be %d, the version that this library reads", Version)
	}
	c.policies("", m.TooLong, m.Locked, m.Missing)
	seen := make(map[string]bool)
	for i, section := range m.Sections {
		c.object = section.Object
		path := fmt.Sprintf("objects[%d]", i)
		name := strings.ToLower(string(section.Object))
		switch {
		case !value.IsAPIName(name):
			c.add(path+".object", leadtype.RequiredFieldMissing, "", "is not the API name of an object")
		case seen[name]:
			c.refuse(path+".object", "", "already has a section")
		case !m.ofMember && value.MatchedObject(section.Object) == "" && !value.IsCustom(section.Object):
			c.refuse(path+".object", "",
				"cannot have a section: CampaignLink.Fields fill members, and tasks come from activities")
		}
		seen[name] = true
		var describe *salesforce.Describe
		if describes != nil {
			if describe = describeOf(describes, section.Object); describe == nil {
				c.add(path+".object", leadtype.MissingRemoteField, "", value.UnseenField)
			}
		}
		if value.IsAPIName(name) {
			c.section(path, &m.Sections[i])
		}
		if describe != nil {
			c.sectionFields(path, &m.Sections[i], describe)
		}
		c.rules(path, section.Rules, describe)
	}
	return c.issues
}
