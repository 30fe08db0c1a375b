package leadsync

import (
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// askObjects asks for the lead's records of other objects, by their keys.
func (m *matching) askObjects(one *match) {
	one.keys = make(map[*ObjectMapping]objectKey)
	for _, section := range m.set.customObjects() {
		key, field := m.objectKey(section, one.lead)
		one.keys[section] = key
		if key.value != "" {
			m.questions.want(m.session.describe(section.Object).Name, field.Name, key.value)
		}
	}
}

func (m *matching) objectKey(section *ObjectMapping, lead *Lead) (objectKey, *salesforce.Field) {
	describe := m.session.describe(section.Object)
	if describe == nil {
		return objectKey{err: unseen(section.Object)}, nil
	}
	value, field, err := m.set.keyOf(section, describe, lead)
	return objectKey{value, err}, field
}

// objects compiles the queries for records of other objects, by key.
func (q *questions) objects() []statement {
	var list []statement
	for _, section := range q.set.customObjects() {
		describe := q.session.describe(section.Object)
		if describe == nil {
			continue // planning reports it
		}
		fields := q.recordFields(describe.Name)
		for key, values := range q.wanted[describe.Name] {
			take := each(func(x *index, r *salesforce.Record) { x.add(r, []string{key}) })
			reads := splitReads(values.sorted(), salesforce.Query, func(keys []string) *soql.Select {
				return soql.From(describe.Name, fields...).Where(soql.In(key, keys...))
			})
			list = append(list, statementsOf(describe.Name, take, reads)...)
		}
	}
	return list
}
