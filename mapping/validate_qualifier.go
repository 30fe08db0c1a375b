// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// qualifiers checks the qualifiers, in their order.
func (c *mappingCheck) qualifiers(set *Set) {
	names := make(map[string]bool)
	for i := range set.cfg.Qualifiers {
		q := &set.cfg.Qualifiers[i]
		path := fmt.Sprintf("qualifiers[%d].", i)
		switch {
		case strings.TrimSpace(q.Name) == "":
			c.add(path+"name", leadtype.RequiredFieldMissing, "", "is blank")
		case names[q.Name]:
			c.refuse(path+"name", "", "is the name of an earlier qualifier")
		}
		names[q.Name] = true
		c.qualifier(path, q)
		c.qualifierFields(path, set, i)
		c.qualifierOptions(path, q)
	}
}

func (c *mappingCheck) qualifier(path string, q *Qualifier) {
	types := []QualifierType{"", QualifierPicklist, QualifierText, QualifierNumber, QualifierBoolean, QualifierNote}
	if !slices.Contains(types, q.Type) {
		c.refuse(path+"type", "", "must be one of %s", value.Quoted(types[1:]))
	}
	policies := []UnmappedPolicy{"", HoldUnmapped, PassUnmapped, DropUnmapped}
	if !slices.Contains(policies, q.Unmapped) {
		c.refuse(path+"unmapped", "", "must be one of %s", value.Quoted(policies[1:]))
	}
	if q.Multiple && (q.Type == QualifierNumber || q.Type == QualifierBoolean) {
		c.refuse(path+"multiple", "", "does not apply to a %s, which has one answer", q.Type)
	}
	if q.Type == QualifierNote && len(q.Fields) > 0 {
		c.refuse(path+"fields", "", "do not apply to a note, which becomes a task")
	}
}

// qualifierFields checks where the answers to a qualifier go: to something that is
// written, and not to the field of another qualifier.
func (c *mappingCheck) qualifierFields(path string, set *Set, i int) {
	q := &set.cfg.Qualifiers[i]
	seen := make(map[salesforce.Object]bool)
	for _, object := range slices.Sorted(maps.Keys(q.Fields)) {
		at, field := fmt.Sprintf("%sfields[%q]", path, string(object)), q.Fields[object]
		switch {
		case !value.IsAPIName(string(object)) || !value.IsAPIName(field):
			c.add(at, leadtype.RequiredFieldMissing, field, "needs the API names of an object and a field")
		case seen[value.Folded(object)]:
			c.refuse(at, field, "differs from another object in case only")
		case q.Archived:
		case object.Equal(salesforce.ObjectCampaignMember):
			c.refuse(at, field, "must be filled by CampaignLink.Fields with the source %s", q.source())
		case value.MatchedObject(object) == "" && set.section(object) == nil:
			c.refuse(at, field, "has no section in the mapping")
		case value.ContainsFold(set.keysAndLookups(object), field):
			c.refuse(at, field, "is a key or a lookup, which the library fills")
		case slices.ContainsFunc(set.cfg.Qualifiers[:i], func(other Qualifier) bool {
			return other.meets(q) && strings.EqualFold(other.field(object), field)
		}):
			c.refuse(at, field, "is the field of an earlier qualifier of the same event")
		}
		seen[value.Folded(object)] = true
	}
}

// meets reports whether a lead may be asked both.
func (q *Qualifier) meets(other *Qualifier) bool {
	shared := slices.ContainsFunc(q.Events, func(event string) bool { return slices.Contains(other.Events, event) })
	return !q.Archived && !other.Archived && (shared || len(q.Events) == 0 || len(other.Events) == 0)
}

func (c *mappingCheck) qualifierOptions(path string, q *Qualifier) {
	seen := make(map[string]bool)
	for _, answer := range slices.Sorted(maps.Keys(q.Options)) {
		name := strings.ToLower(strings.TrimSpace(answer))
		switch {
		case name == "" || strings.TrimSpace(q.Options[answer]) == "":
			c.add(fmt.Sprintf("%soptions[%q]", path, answer), leadtype.RequiredFieldMissing, "", "needs an answer and an option")
		case seen[name]:
			c.refuse(fmt.Sprintf("%soptions[%q]", path, answer), "", "differs from another answer in case only")
		}
		seen[name] = true
	}
}
