// SPDX-License-Identifier: Apache-2.0

package match

import (
	"context"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A cover asks for keys of one form by what they begin with, rather than for each of them: most
// leads of a backfill have no record yet, and then one short statement says so of all of them.
type cover struct {
	read salesforce.Read
	take func([]salesforce.Record) // of fewer rows than coverRows: there are no others
}

const (
	// coverRows is how many rows a cover asks for: those of a page (docs/salesforce.md, Limits).
	// Where so many come, there may be more, and the keys are asked for one by one.
	coverRows = 2000
	// leastCovered is how long statements of the keys must be for a cover: those of one call.
	leastCovered = salesforce.QueriesPerCall * soql.MaxStatement
)

// readCovers asks for the keys of many new leads by what they begin with. It takes what it
// answers out of the questions. A cover that Salesforce refuses, as where a key field is
// encrypted, answers nothing.
func (m *matching) readCovers(ctx context.Context) error {
	fresh := 0
	for _, one := range m.matches {
		if one.Item.Last == nil {
			fresh++
		}
	}
	if m.leads <= largeBatch || 2*fresh < m.leads {
		return nil
	}
	covers := m.personCovers()
	if len(covers) == 0 {
		return nil
	}
	covers = append(covers, m.taskCovers()...)
	reads := make([]salesforce.Read, len(covers))
	for i := range covers {
		reads[i] = covers[i].read
	}
	m.calls += callsFor(len(reads))
	results, err := org.ReadAll(ctx, m.Reader, "match", reads)
	if err != nil {
		return err
	}
	for i, result := range results {
		if result.Err == nil && len(result.Records) < coverRows && org.CheckRows("", result.Records) == nil {
			covers[i].take(result.Records)
		}
	}
	return nil
}

// personCovers returns the covers of the keys of people and accounts, none where the keys
// themselves are short.
func (m *matching) personCovers() []cover {
	var covers []cover
	length := 0
	for _, object := range []salesforce.Object{salesforce.ObjectContact, salesforce.ObjectLead, salesforce.ObjectAccount} {
		field := KeyFieldOf(m.session, m.Set, object).Name
		own, old := keysByForm(m.questions.wanted[object][field])
		for _, keys := range [][]string{own, old} {
			if len(keys) == 0 {
				continue
			}
			for _, key := range keys {
				length += len(key) + len("'',")
			}
			if c, ok := m.coverRecords(object, field, keys); ok {
				covers = append(covers, c)
			}
		}
	}
	if length < leastCovered {
		return nil
	}
	return covers
}

// keysByForm divides keys into those of the current form and those of earlier versions.
func keysByForm(keys value.Set) (own, old []string) {
	for _, key := range keys.Sorted() {
		if strings.HasPrefix(key, keyMark) || strings.HasPrefix(key, keyHashMark) {
			own = append(own, key)
		} else {
			old = append(old, key)
		}
	}
	return own, old
}

// coverRecords returns the cover of keys of records of an object.
func (m *matching) coverRecords(object salesforce.Object, field string, keys []string) (c cover, ok bool) {
	q := m.questions
	fields, take := q.rowsOf(object)
	stems := make([]string, len(keys))
	for i, key := range keys {
		stems[i] = strings.TrimSuffix(key, ",")
	}
	condition, ok := beginsAs(field, stems)
	if !ok || len(fields) == 0 {
		return cover{}, false
	}
	return cover{
		read: salesforce.QueryAll(soql.From(object, fields...).Where(condition).Limit(coverRows)),
		take: func(records []salesforce.Record) {
			sought := make(value.Set, len(keys))
			for _, key := range keys {
				sought.Add(identity.Email(key)) // as Salesforce compares text
				delete(q.wanted[object][field], key)
			}
			for i := range records {
				if sought.Has(identity.Email(records[i].Text(field))) {
					take(m.index, &records[i])
				}
			}
		},
	}, true
}

// taskCovers returns the covers of the keys of Tasks in both forms. Once both have answered,
// nobody's Tasks are asked for by the person.
func (m *matching) taskCovers() []cover {
	q := m.questions
	key := q.taskKey.Name
	own, ok := beginsAs(key, q.taskStems.own)
	old, okOld := beginsAs(key, q.taskStems.old)
	fields, take := q.rowsOfTasks(key)
	if !ok || !okOld || len(fields) == 0 {
		return nil
	}
	open := 2
	covers := make([]cover, 0, open)
	for _, condition := range []soql.Condition{own, old} {
		covers = append(covers, cover{
			read: salesforce.Query(soql.From(salesforce.ObjectTask, fields...).Where(condition).Limit(coverRows)),
			take: func(records []salesforce.Record) {
				for i := range records {
					take(m.index, &records[i])
				}
				open--
				m.tasksKnown = open == 0
			},
		})
	}
	return covers
}
