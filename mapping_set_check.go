package leadsync

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// This file is what a check of the org asks of a set.

// mapperObjects returns the objects that the Mapper fills.
func (s *mappingSet) mapperObjects() []salesforce.Object { return s.mapper.Objects() }

// hostFields names the fields of an object that a host's own Mapper fills, nil for
// a Mapping.
func (s *mappingSet) hostFields(object salesforce.Object) []string {
	if s.mapping() != nil {
		return nil
	}
	return s.mapper.Fields(object)
}

// allQualifiers returns the qualifiers, archived ones too.
func (s *mappingSet) allQualifiers() []Qualifier { return s.qualifiers }

// allLinks returns the campaign links, archived ones too.
func (s *mappingSet) allLinks() []CampaignLink { return s.campaigns }

// defaultKeys reports whether the key fields are those of the default name.
func (s *mappingSet) defaultKeys() bool { return s.externalIDs == nil }

// A rowIssue is what is wrong with a row.
type rowIssue struct {
	MappingIssue
	Skipped bool // the row is skipped with a warning; leads do not fail by it
}

// mappingIssues returns what is wrong with the rows of the Mapping, with paths in the
// JSON of Settings; nil for a host's own Mapper.
func (s *mappingSet) mappingIssues(describes map[salesforce.Object]*salesforce.Describe) []rowIssue {
	if m := s.mapping(); m != nil {
		return rowIssues(m, describes, "", "mapping.")
	}
	return nil
}

// linkIssues returns what is wrong with the rows of link i.
func (s *mappingSet) linkIssues(i int, describes map[salesforce.Object]*salesforce.Describe) []rowIssue {
	rows := s.members[&s.campaigns[i]]
	return rowIssues(rows, describes, "objects[0].rules", fmt.Sprintf("campaigns[%d].fields", i))
}

// rowIssues returns what is wrong with the rows of a mapping, own being replaced by
// prefix at the start of its paths.
func rowIssues(m *Mapping, describes map[salesforce.Object]*salesforce.Describe, own, prefix string) []rowIssue {
	var issues []rowIssue
	for _, issue := range m.Validate(describes) {
		skipped := skipsRow(m, &issue)
		issue.Path = prefix + strings.TrimPrefix(issue.Path, own)
		issues = append(issues, rowIssue{issue, skipped})
	}
	return issues
}

// skipsRow reports whether the row at fault is skipped by the policies.
func skipsRow(m *Mapping, issue *MappingIssue) bool {
	rule := m.rule(issue.Object, issue.Field) // the zero Rule for a lookup
	switch {
	case strings.HasSuffix(issue.Path, "].key"): // without its key there is no record
		return false
	case issue.Code == ConnectionPermission:
		return cmp.Or(rule.Locked, m.Locked, Skip) != Fail
	case issue.Code == MissingRemoteField:
		return cmp.Or(rule.Missing, m.Missing, Fail) != Fail
	}
	return false
}

// rule returns the Mapping's row for a field, the zero Rule when there is none.
func (s *mappingSet) rule(o salesforce.Object, field string) Rule {
	if m := s.mapping(); m != nil {
		return m.rule(o, field)
	}
	return Rule{}
}

// describeForNew returns a target's describe for new records, whose record type a row may
// choose.
func (s *mappingSet) describeForNew(target Target) *salesforce.Describe {
	return target.ofRecordType(s.rule(target.Object, recordTypeField).Constant)
}

// sectionPath returns where the section of an object is in the JSON of Settings.
func (s *mappingSet) sectionPath(o salesforce.Object) string {
	i := slices.IndexFunc(s.mapping().Sections, func(section ObjectMapping) bool { return section.Object.Equal(o) })
	return fmt.Sprintf("mapping.objects[%d]", i)
}

// sectionKey returns the key field of a section, false when the field cannot be one.
// byLeadID says that no row fills it, so that it holds the lead's id.
func (s *mappingSet) sectionKey(
	section *ObjectMapping, describe *salesforce.Describe,
) (field *salesforce.Field, byLeadID, ok bool) {
	field, err := section.keyField(describe)
	return field, section.keyRow() == nil, err == nil
}

// lookupFits reports whether a field may hold what the lookup refers to.
func (s *mappingSet) lookupFits(l *Lookup, field *salesforce.Field) bool {
	return l.To.takes(field.ReferenceTo)
}

// lookupFilledBy reports whether a lookup may have something to refer to where the
// person is of an object.
func (s *mappingSet) lookupFilledBy(l *Lookup, person salesforce.Object, field *salesforce.Field) bool {
	switch to := salesforce.Object(l.To); {
	case to.Equal(salesforce.Object(ToPerson)):
		return slices.Contains(field.ReferenceTo, person)
	case to.Equal(salesforce.ObjectLead), to.Equal(salesforce.ObjectContact):
		return to.Equal(person)
	case to.Equal(salesforce.ObjectAccount):
		return person == salesforce.ObjectContact
	}
	return true
}

// statusesOf yields the statuses that a link names, with where it does.
func (s *mappingSet) statusesOf(link *CampaignLink) iter.Seq2[string, string] { return link.statuses() }

// keyPaths are the paths to the keys by which rows name the records that fields of
// the object refer to. other returns the describes of those.
func (s *mappingSet) keyPaths(
	object salesforce.Object, describe *salesforce.Describe, other func(salesforce.Object) *salesforce.Describe,
) []string {
	var paths []string
	for _, rule := range s.rowsFor(object) {
		field, ok := describe.Field(rule.Field)
		if !ok || rule.By == "" || rule.Write == Never {
			continue
		}
		if key, err := rule.otherKey(field, other); err == nil {
			paths = append(paths, pathTo(field, key))
		}
	}
	return paths
}

// readsKey reports whether a path, a relationship and a key, can be read of the record
// that a field refers to.
func (s *mappingSet) readsKey(
	field *salesforce.Field, path string, other func(salesforce.Object) *salesforce.Describe,
) bool {
	_, key, named := strings.Cut(path, ".")
	if !named || len(field.ReferenceTo) == 0 {
		return false
	}
	rule := Rule{By: string(field.ReferenceTo[0]) + "." + key}
	_, err := rule.otherKey(field, other)
	return err == nil
}
