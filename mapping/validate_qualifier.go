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
	names, filled := make(map[string]bool), make(filledFields)
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
		c.qualifierFields(path, set, q, filled)
		c.checkValues(q.Options, path+"options", "", "answer", "option")
	}
}

func (c *mappingCheck) qualifier(path string, q *Qualifier) {
	types := []QualifierType{"", QualifierPicklist, QualifierText, QualifierNumber, QualifierBoolean, QualifierNote}
	if !slices.Contains(types, q.Type) {
		c.refuse(path+"type", "", "must be one of %s", value.Quoted(types[1:]))
	}
	c.checkUnmapped(path+"unmapped", "", q.Unmapped)
	if q.Multiple && (q.Type == QualifierNumber || q.Type == QualifierBoolean) {
		c.refuse(path+"multiple", "", "does not apply to a %s, which has one answer", q.Type)
	}
	if q.Type == QualifierNote && len(q.Fields) > 0 {
		c.refuse(path+"fields", "", "do not apply to a note, which becomes a task")
	}
}

// qualifierFields checks where the answers to a qualifier go: to something that is
// written, and not to the field of another qualifier.
func (c *mappingCheck) qualifierFields(path string, set *Set, q *Qualifier, filled filledFields) {
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
		case filled.meet(object, field, q):
			c.refuse(at, field, "is the field of an earlier qualifier of the same event")
		}
		seen[value.Folded(object)] = true
	}
	filled.add(q)
}

// answeredConsents warns of answers that go into an opt-out or a consent which no rule says
// to be one.
func (c *mappingCheck) answeredConsents(set *Set, describes map[salesforce.Object]*salesforce.Describe) {
	for i := range set.cfg.Qualifiers {
		q := &set.cfg.Qualifiers[i]
		for _, object := range slices.Sorted(maps.Keys(q.Fields)) {
			describe := describeOf(describes, object)
			if describe == nil || q.Archived {
				continue
			}
			field, ok := describe.Field(q.Fields[object])
			if !ok || consentRule(field) == "" || consentRow(set.rulesFor(object), field, describe) != nil {
				continue
			}
			c.object = object
			c.warn(fmt.Sprintf("qualifiers[%d].fields[%q]", i, string(object)), field.Name, fmt.Sprintf("the field looks like "+
				"an opt-out or a consent and has no rule in the mapping: answers are written as under %s", consentRule(field)))
		}
	}
	c.object = ""
}

// filledFields has the events whose leads have answers for a field, by object and field.
type filledFields map[salesforce.Object]map[string]*events

// events are some events, or all of them.
type events struct {
	all   bool
	named map[string]bool
}

// meet reports whether a lead may be asked an earlier qualifier of the field and q.
func (f filledFields) meet(object salesforce.Object, field string, q *Qualifier) bool {
	earlier := f[value.Folded(object)][value.FoldName(field)]
	return earlier != nil && (earlier.all || len(q.Events) == 0 ||
		slices.ContainsFunc(q.Events, func(event string) bool { return earlier.named[event] }))
}

// add enters the fields of a qualifier.
func (f filledFields) add(q *Qualifier) {
	if q.Archived {
		return
	}
	for object, name := range q.Fields {
		fields := f[value.Folded(object)]
		if fields == nil {
			fields = make(map[string]*events)
			f[value.Folded(object)] = fields
		}
		of := fields[value.FoldName(name)]
		if of == nil {
			of = &events{named: make(map[string]bool)}
			fields[value.FoldName(name)] = of
		}
		of.all = of.all || len(q.Events) == 0
		for _, event := range q.Events {
			of.named[event] = true
		}
	}
}

// checkValues reports what is wrong with a map of texts, such as answers, to values, such as
// options.
func (c *mappingCheck) checkValues(m value.Values, path, field, text, target string) {
	seen := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		folded := strings.ToLower(strings.TrimSpace(name))
		at := fmt.Sprintf("%s[%q]", path, name)
		switch {
		case folded == "" || strings.TrimSpace(m[name]) == "":
			c.add(at, leadtype.RequiredFieldMissing, field, "needs both: the %s and the %s", text, target)
		case seen[folded]:
			c.refuse(at, field, "is an earlier %s in other case", text)
		}
		seen[folded] = true
	}
}

// checkUnmapped reports a policy that there is not.
func (c *mappingCheck) checkUnmapped(path, field string, policy UnmappedPolicy) {
	policies := []UnmappedPolicy{"", HoldUnmapped, PassUnmapped, DropUnmapped}
	if !slices.Contains(policies, policy) {
		c.refuse(path, field, "must be one of %s", value.Quoted(policies[1:]))
	}
}
