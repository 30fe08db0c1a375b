// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// MapperObjects returns the objects that the Mapper fills.
func (s *Set) MapperObjects() []salesforce.Object { return s.mapper.Objects() }

// HostFields names the fields of an object that a host's own Mapper fills, nil for
// a Mapping.
func (s *Set) HostFields(object salesforce.Object) []string {
	if s.mapping() != nil {
		return nil
	}
	return s.mapper.Fields(object)
}

// AllQualifiers returns the qualifiers, archived ones too.
func (s *Set) AllQualifiers() []Qualifier { return s.qualifiers }

// AllLinks returns the campaign links, archived ones too.
func (s *Set) AllLinks() []CampaignLink { return s.campaigns }

// DefaultKeys reports whether the key fields are those of the default name.
func (s *Set) DefaultKeys() bool { return s.externalIDs == nil }

// A RowIssue is what is wrong with a row.
type RowIssue struct {
	Issue
	Skipped bool // the row is skipped with a warning; leads do not fail by it
}

// MappingIssues returns what is wrong with the rows of the Mapping, with paths in the
// JSON of Settings; nil for a host's own Mapper.
func (s *Set) MappingIssues(describes map[salesforce.Object]*salesforce.Describe) []RowIssue {
	if m := s.mapping(); m != nil {
		return rowIssues(m, describes, "", "mapping.")
	}
	return nil
}

// LinkIssues returns what is wrong with the rows of link i.
func (s *Set) LinkIssues(i int, describes map[salesforce.Object]*salesforce.Describe) []RowIssue {
	rows := s.members[&s.campaigns[i]]
	return rowIssues(rows, describes, "objects[0].rules", fmt.Sprintf("campaigns[%d].fields", i))
}

// rowIssues returns what is wrong with the rows of a mapping, own being replaced by
// prefix at the start of its paths.
func rowIssues(m *Mapping, describes map[salesforce.Object]*salesforce.Describe, own, prefix string) []RowIssue {
	var issues []RowIssue
	for _, issue := range m.Validate(describes) {
		skipped := skipsRow(m, &issue)
		issue.Path = prefix + strings.TrimPrefix(issue.Path, own)
		issues = append(issues, RowIssue{issue, skipped})
	}
	return issues
}

// skipsRow reports whether the row at fault is skipped by the policies.
func skipsRow(m *Mapping, issue *Issue) bool {
	rule := m.rule(issue.Object, issue.Field) // the zero Rule for a lookup
	switch {
	case strings.HasSuffix(issue.Path, "].key"): // without its key there is no record
		return false
	case issue.Code == leadtype.ConnectionPermission:
		return cmp.Or(rule.Locked, m.Locked, Skip) != Fail
	case issue.Code == leadtype.MissingRemoteField:
		return cmp.Or(rule.Missing, m.Missing, Fail) != Fail
	}
	return false
}

// Rule returns the Mapping's row for a field, the zero Rule when there is none.
func (s *Set) Rule(o salesforce.Object, field string) Rule {
	if m := s.mapping(); m != nil {
		return m.rule(o, field)
	}
	return Rule{}
}

// DescribeForNew returns a target's describe for new records, whose record type a row may
// choose.
func (s *Set) DescribeForNew(target Target) *salesforce.Describe {
	return target.ofRecordType(s.Rule(target.Object, value.RecordTypeField).Constant)
}

// SectionPath returns where the section of an object is in the JSON of Settings.
func (s *Set) SectionPath(o salesforce.Object) string {
	i := slices.IndexFunc(s.mapping().Sections, func(section Section) bool { return section.Object.Equal(o) })
	return fmt.Sprintf("mapping.objects[%d]", i)
}

// SectionKey returns the key field of a section, false when the field cannot be one.
// byLeadID says that no row fills it, so that it holds the lead's id.
func (s *Set) SectionKey(
	section *Section, describe *salesforce.Describe,
) (field *salesforce.Field, byLeadID, ok bool) {
	field, err := section.keyField(describe)
	return field, section.keyRow() == nil, err == nil
}

// LookupFits reports whether a field may hold what the lookup refers to.
func (s *Set) LookupFits(l *Lookup, field *salesforce.Field) bool {
	return l.To.takes(field.ReferenceTo)
}

// LookupFilledBy reports whether a lookup may have something to refer to where the
// person is of an object.
func (s *Set) LookupFilledBy(l *Lookup, person salesforce.Object, field *salesforce.Field) bool {
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

// StatusesOf yields the statuses that a link names, with where it does.
func (s *Set) StatusesOf(link *CampaignLink) iter.Seq2[string, string] { return link.statuses() }

// KeyPaths are the paths to the keys by which rows name the records that fields of
// the object refer to. other returns the describes of those.
func (s *Set) KeyPaths(
	object salesforce.Object, describe *salesforce.Describe, other func(salesforce.Object) *salesforce.Describe,
) []string {
	var paths []string
	for _, rule := range s.rowsFor(object) {
		field, ok := describe.Field(rule.Field)
		if !ok || rule.By == "" || rule.Write == Never {
			continue
		}
		if key, err := rule.otherKey(field, other); err == nil {
			paths = append(paths, value.PathTo(field, key))
		}
	}
	return paths
}

// ReadsKey reports whether a path, a relationship and a key, can be read of the record
// that a field refers to.
func (s *Set) ReadsKey(
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
