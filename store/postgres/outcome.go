// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// An outcomeList is outcomes that leads were given, of which is to be noted of which records
// they have values, for Forget, and the terms by which filters find them.
type outcomeList struct {
	sequences []int64
	earlier   []int64 // of those that had an outcome
	terms     termList
	imagesOf  []int64
	images    []string
}

// add adds an outcome of a lead, which may have had another.
func (l *outcomeList) add(sequence int64, had bool, outcome *leadtype.Outcome, terms []string) {
	l.sequences = append(l.sequences, sequence)
	if had {
		l.earlier = append(l.earlier, sequence)
	}
	l.terms.add(sequence, terms)
	for _, record := range outcome.Images() {
		l.imagesOf, l.images = append(l.imagesOf, sequence), append(l.images, escape(record))
	}
}

// write writes that in place of what is noted of the leads' earlier outcomes. The terms are looked up by lead: where
// few had an outcome when the server examined the table, it would read all such terms of the connection for each lead.
func (l *outcomeList) write(b *batch, connection int64) {
	if len(l.earlier) > 0 {
		b.exec(given(`$2::int8[]`, `sequence`)+`DELETE FROM leadsync.search USING given AS v
			WHERE search.connection = v.connection AND search.sequence = v.sequence AND term || '' < $3`,
			connection, l.earlier, stored.TermText)
		b.exec(given(`$2::int8[]`, `sequence`)+`DELETE FROM leadsync.image USING given AS v
			WHERE image.connection = v.connection AND image.sequence = v.sequence`, connection, l.earlier)
	}
	l.terms.insert(b, connection)
	if len(l.images) > 0 {
		b.exec(`INSERT INTO leadsync.image (connection, sequence, record)
			SELECT $1::int8, * FROM unnest($2::int8[], $3::text[])`,
			connection, l.imagesOf, l.images)
	}
}
