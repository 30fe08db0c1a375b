// SPDX-License-Identifier: Apache-2.0

package postgres

// A termList is terms to be added to leads.
type termList struct {
	sequences []int64
	terms     []string
}

func (l *termList) add(sequence int64, terms []string) {
	for _, term := range terms {
		l.sequences, l.terms = append(l.sequences, sequence), append(l.terms, escape(term))
	}
}

func (l *termList) insert(b *batch, connection int64) {
	if len(l.terms) == 0 {
		return
	}
	b.exec(`INSERT INTO leadsync.search (connection, sequence, term)
		SELECT $1::int8, * FROM unnest($2::int8[], $3::text[])`, connection, l.sequences, l.terms)
}
