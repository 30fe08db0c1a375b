// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"github.com/leadsync/leadsync/leadtype"
)

// An outcomeList is outcomes that leads were given, of which is to be noted of which records
// they have values, for Forget, and the terms by which filters find them.
type outcomeList struct {
	earlier     []int64 // leads that had an outcome
	gone, terms termList
	imagesOf    []int64
	images      []string
}

// add adds an outcome of a lead, with its terms and those of another that the lead may have had.
func (l *outcomeList) add(sequence int64, had bool, gone string, outcome *leadtype.Outcome, terms []string) {
	if had {
		l.earlier = append(l.earlier, sequence)
	}
	l.gone.add(sequence, gone)
	l.terms.add(sequence, array(escapeAll(terms)))
	for _, record := range outcome.Images() {
		l.imagesOf, l.images = append(l.imagesOf, sequence), append(l.images, escape(record))
	}
}

// write writes that in place of what is noted of the leads' earlier outcomes.
func (l *outcomeList) write(b *batch, connection int64) {
	l.gone.remove(b, connection)
	if len(l.earlier) > 0 {
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
