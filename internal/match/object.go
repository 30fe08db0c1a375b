// SPDX-License-Identifier: Apache-2.0

package match

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// askObjects asks for the lead's records of other objects, by their keys.
func (m *matching) askObjects(one *Match) {
	sections := m.Set.CustomSections()
	if len(sections) > 0 {
		one.Keys = make(map[*mapping.Section]ObjectKey, len(sections))
	}
	for _, section := range sections {
		key, field := m.objectKey(section, one.Captured())
		one.Keys[section] = key
		if key.Value != "" {
			m.questions.want(m.session.Describe(section.Object).Name, field.Name, key.Value)
		}
	}
}

func (m *matching) objectKey(section *mapping.Section, lead *leadtype.Lead) (ObjectKey, *salesforce.Field) {
	describe := m.session.Describe(section.Object)
	if describe == nil {
		return ObjectKey{Err: verdict.Unseen(section.Object)}, nil
	}
	value, field, err := m.Set.KeyOf(section, describe, lead)
	return ObjectKey{value, err}, field
}

// objects compiles the queries for records of other objects, by key.
func (q *questions) objects() []statement {
	var list []statement
	for _, section := range q.set.CustomSections() {
		describe := q.session.Describe(section.Object)
		if describe == nil {
			continue // planning reports it
		}
		fields := q.recordFields(describe.Name)
		for _, key := range slices.Sorted(maps.Keys(q.wanted[describe.Name])) {
			take := each(func(x *Index, r *salesforce.Record) { x.add(r, []string{key}) })
			keys := q.wanted[describe.Name][key].Sorted()
			reads := org.SplitReads(keys, salesforce.Query, func(keys []string) *soql.Select {
				return soql.From(describe.Name, fields...).Where(soql.In(key, keys...))
			})
			list = append(list, statementsOf(describe.Name, take, reads)...)
		}
	}
	return list
}
