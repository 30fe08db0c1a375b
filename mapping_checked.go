package leadsync

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// rows returns the Mapper where it is a Mapping, nil for a host's own.
func (s *mappingSet) rows() *Mapping {
	m, _ := s.mapper.(*Mapping)
	return m
}

// rule returns the row for a field, the zero Rule when there is none.
func (m *Mapping) rule(o salesforce.Object, field string) Rule {
	for _, rule := range m.rules(o) {
		if strings.EqualFold(rule.Field, field) {
			return rule
		}
	}
	return Rule{}
}

// filledBy reports whether a lookup may have something to refer to where the
// person is of an object.
func (l *Lookup) filledBy(person salesforce.Object, field *salesforce.Field) bool {
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

// statuses yields the statuses that a link names, with where it does.
func (l *CampaignLink) statuses() iter.Seq2[string, string] {
	return func(yield func(where, status string) bool) {
		if l.Status != "" && !yield("status", l.Status) {
			return
		}
		if l.StatusBy != nil {
			for _, answer := range slices.Sorted(maps.Keys(l.StatusBy.Statuses)) {
				if !yield(fmt.Sprintf("statusBy.statuses[%q]", answer), l.StatusBy.Statuses[answer]) {
					return
				}
			}
		}
		for i, status := range l.Ladder {
			if !yield(fmt.Sprintf("ladder[%d]", i), status) {
				return
			}
		}
	}
}
