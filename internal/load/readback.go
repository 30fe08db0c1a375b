// SPDX-License-Identifier: Apache-2.0

package load

import (
	"context"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// rowsPerRead is how many records one query reads back: those of a page
// (docs/salesforce.md, Limits).
const rowsPerRead = 2000

// A reading is records of one object that are to be read back.
type reading struct {
	object salesforce.Object
	fields []string
	rows   []int // of the writes
}

// readings returns how the writes of jobs are read back.
func readings(writes []salesforce.Write, loaded func(i int) bool) (all []reading) {
	last := make(map[string]int) // by object and fields, of all
	for i := range writes {
		w := &writes[i]
		if len(w.ReadBack) == 0 || !loaded(i) {
			continue
		}
		of := strings.Join(append([]string{string(w.Object)}, w.ReadBack...), "\x00")
		at, ok := last[of]
		if !ok || len(all[at].rows) == rowsPerRead {
			at = len(all)
			last[of] = at
			all = append(all, reading{object: w.Object, fields: w.ReadBack})
		}
		all[at].rows = append(all[at].rows, i)
	}
	return all
}

// callsOf returns how many calls readings take.
func callsOf(all []reading) int {
	return (len(all) + salesforce.QueriesPerCall - 1) / salesforce.QueriesPerCall
}

// readBack reads what the org made of the values that jobs have written, where they are
// remembered. What cannot be read is not known.
func (l *load) readBack(ctx context.Context) {
	all := readings(l.writes, func(i int) bool { return l.fates[i] == done })
	if len(all) == 0 || l.stop != nil || ctx.Err() != nil {
		return
	}
	reads := make([]salesforce.Read, len(all))
	for k, r := range all {
		ids := make([]salesforce.ID, len(r.rows))
		for n, i := range r.rows {
			ids[n] = l.results[i].ID
		}
		reads[k] = salesforce.Query(soql.From(r.object, append([]string{"Id"}, r.fields...)...).Where(soql.In("Id", ids...)))
	}
	results, err := l.client.Read(ctx, reads...)
	if err != nil || len(results) != len(all) {
		return
	}
	for k, r := range all {
		l.takeBack(r, results[k].Records)
	}
}

// takeBack enters what was read of records.
func (l *load) takeBack(r reading, records []salesforce.Record) {
	found := make(map[salesforce.ID]*salesforce.Record, len(records))
	for i := range records {
		found[records[i].ID.ID18()] = &records[i]
	}
	for _, i := range r.rows {
		record := found[l.results[i].ID]
		if record == nil {
			continue
		}
		landed := make(salesforce.Fields, len(r.fields))
		for _, field := range r.fields {
			if value, read := record.Value(field); read {
				landed[field] = value
			}
		}
		l.results[i].Landed = landed
	}
}
