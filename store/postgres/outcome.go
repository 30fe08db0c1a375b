// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// An outcomeList is outcomes that leads were given, of which is to be noted of which records
// they have values, for Forget, and the terms by which filters find them.
type outcomeList struct {
	earlier     []int64  // leads that had an outcome
	lasts       []string // that outcome
	gone, terms termList
	added       newTerms
	imagesOf    []int64
	images      []string
}

// add adds an outcome of a lead, with its terms, and the last one that the lead may have had, with those of it.
func (l *outcomeList) add(sequence int64, last, gone string, outcome *leadtype.Outcome, terms []string) {
	if last != "" {
		l.earlier, l.lasts = append(l.earlier, sequence), append(l.lasts, last)
	}
	l.gone.add(sequence, gone)
	set := &termSet{list: escapeAll(terms)}
	l.terms.add(sequence, set.row())
	l.added.add(sequence, set)
	for _, record := range outcome.Images() {
		l.imagesOf, l.images = append(l.imagesOf, sequence), append(l.images, escape(record))
	}
}

// write writes that in place of what is noted of the leads' earlier outcomes, which their history keeps.
func (l *outcomeList) write(ctx context.Context, b *batch, t *transaction) error {
	connection := t.id
	l.gone.remove(b, connection)
	countWarnings(b, connection, l.gone, l.terms)
	if len(l.earlier) > 0 {
		if err := l.keep(ctx, b, t); err != nil {
			return err
		}
		b.exec(given(`$2::int8[]`, `sequence`)+`DELETE FROM leadsync.image USING given AS v
			WHERE image.connection = v.connection AND image.sequence = v.sequence`, connection, l.earlier)
	}
	l.added.insert(b, connection)
	if len(l.images) > 0 {
		b.exec(`INSERT INTO leadsync.image (connection, sequence, record)
			SELECT $1::int8, * FROM unnest($2::int8[], $3::text[])`,
			connection, l.imagesOf, l.images)
	}
	return nil
}

// keep gives the steps of the history that refer to the last outcomes of leads their own copies of them, because the
// leads get others. Of a lead whose step was pruned, or has its own, there is none.
func (l *outcomeList) keep(ctx context.Context, b *batch, t *transaction) error {
	var of, ids []int64
	var steps []string
	last := make(map[int64]string, len(l.earlier))
	for i, sequence := range l.earlier {
		last[sequence] = l.lasts[i]
	}
	err := t.query(ctx, func(rows pgx.Rows) error {
		var sequence, id int64
		var step string
		if err := rows.Scan(&sequence, &id, &step); err != nil {
			return err
		}
		own, err := stored.StepJSON(step, last[sequence])
		of, ids, steps = append(of, sequence), append(ids, id), append(steps, own)
		return err
	}, given(`$2::int8[]`, `sequence`)+`SELECT sequence, one.id, one.outcome FROM given CROSS JOIN LATERAL (
			SELECT id, outcome FROM leadsync.history WHERE history.connection = given.connection
				AND history.sequence = given.sequence AND `+refersToLast+` LIMIT 1) AS one`, t.id, l.earlier)
	if err != nil || len(ids) == 0 {
		return err
	}
	setSteps(b, t.id, of, ids, steps)
	return nil
}

// setSteps sets the outcomes of steps of leads.
func setSteps(b *batch, connection int64, sequences, ids []int64, outcomes []string) {
	b.exec(given(`$2::int8[], $3::int8[], $4::text[]`, `sequence, id, outcome`)+
		`UPDATE leadsync.history SET outcome = v.outcome FROM given AS v
		WHERE history.connection = v.connection AND history.sequence = v.sequence AND history.id = v.id`,
		connection, sequences, ids, outcomes)
}

// stepOutcome is what the step of a history has of the outcome that its lead gets.
func stepOutcome(to *stored.Outcome) string {
	if to.Given {
		return stored.LastOutcome
	}
	return ""
}

// refersToLast is the condition that a step of the history refers to the last outcome of its lead.
const refersToLast = `left(history.outcome, 1) = '` + stored.LastOutcome + `'`
