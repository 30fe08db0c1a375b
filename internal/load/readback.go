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

// readings returns how the writes of jobs are read back: first one reading of each object and
// fields, then the second ones. Each has rows from the first to the last, so that it is a sample.
func readings(writes []salesforce.Write, loaded func(i int) bool) (all []reading, kinds int) {
	place := make(map[string]int)
	var whole []reading
	for i := range writes {
		w := &writes[i]
		if len(w.ReadBack) == 0 || !loaded(i) {
			continue
		}
		of := strings.Join(append([]string{string(w.Object)}, w.ReadBack...), "\x00")
		at, ok := place[of]
		if !ok {
			at = len(whole)
			place[of] = at
			whole = append(whole, reading{object: w.Object, fields: w.ReadBack})
		}
		whole[at].rows = append(whole[at].rows, i)
	}
	for nth, more := 0, true; more; nth++ {
		more = false
		for _, r := range whole {
			parts := (len(r.rows) + rowsPerRead - 1) / rowsPerRead
			if nth >= parts {
				continue
			}
			more = true
			part := reading{object: r.object, fields: r.fields}
			for at := nth; at < len(r.rows); at += parts {
				part.rows = append(part.rows, r.rows[at])
			}
			all = append(all, part)
		}
	}
	return all, len(whole)
}

// sampled returns how many of so many readings are read at first: those of one call, or of as
// many as have one of each kind.
func sampled(readings, kinds int) int {
	return min(readings, callsOf(kinds)*salesforce.QueriesPerCall)
}

// callsOf returns how many calls so many readings take.
func callsOf(readings int) int {
	return (readings + salesforce.QueriesPerCall - 1) / salesforce.QueriesPerCall
}

// readBack reads what the org made of the values that jobs have written, where they are
// remembered: of a sample, and of all where the sample differs. What cannot be read is not known.
func (l *load) readBack(ctx context.Context) {
	all, kinds := readings(l.writes, func(i int) bool { return l.fates[i] == done })
	if len(all) == 0 || l.stop != nil || ctx.Err() != nil {
		return
	}
	first := sampled(len(all), kinds)
	if differs, ok := l.read(ctx, all[:first]); ok && differs && first < len(all) {
		_, _ = l.read(ctx, all[first:])
	}
}

// read reads records back, and reports whether one does not hold what was written.
func (l *load) read(ctx context.Context, some []reading) (differs, ok bool) {
	reads := make([]salesforce.Read, len(some))
	for k, r := range some {
		ids := make([]salesforce.ID, len(r.rows))
		for n, i := range r.rows {
			ids[n] = l.results[i].ID
		}
		reads[k] = salesforce.Query(soql.From(r.object, append([]string{"Id"}, r.fields...)...).Where(soql.In("Id", ids...)))
	}
	results, err := l.client.Read(ctx, reads...)
	if err != nil || len(results) != len(some) {
		return false, false
	}
	for k, r := range some {
		l.takeBack(r, results[k].Records)
	}
	for _, r := range some {
		for _, i := range r.rows {
			if landed := l.results[i].Landed; landed != nil && (l.differs == nil || l.differs(i, landed)) {
				return true, true
			}
		}
	}
	return false, true
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
