// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/store"
)

// NearPage is the query for the page of groups among the leads of the next sequences.
func NearPage(g Groups, f store.Filter, from, until int64) (string, []any) {
	unchanged, args := sinceVersion(f)
	args = slices.Concat(g.Args, []any{from, until}, args, []any{f.Limit})
	return `SELECT id FROM lead WHERE tally IN (SELECT id FROM tally WHERE ` + g.Text + `) AND sequence BETWEEN ? AND ?` +
		unchanged + ` ORDER BY sequence` + Descending(f) + ` LIMIT ?`, args
}

// FarPage is the query for the page by the groups whose first leads come first.
func FarPage(g Groups, f store.Filter) (string, []any) {
	unchanged, version := sinceVersion(f)
	first := `SELECT %s FROM lead WHERE lead.tally = %s AND lead.sequence ` + Onward(f) + ` ?` + unchanged +
		` ORDER BY lead.sequence` + Descending(f) + ` LIMIT `
	after := []any{Edge(f)}
	return `WITH groups AS MATERIALIZED (SELECT * FROM (SELECT tally.id AS own,
			(` + fmt.Sprintf(first, `sequence`, `tally.id`) + `1) AS head FROM tally WHERE ` + g.Text + `)
			WHERE head IS NOT NULL ORDER BY head` + Descending(f) + ` LIMIT ?)
		SELECT page.id FROM groups CROSS JOIN lead AS page ON page.id IN (` + fmt.Sprintf(first, `id`, `groups.own`) + `?)
		ORDER BY page.sequence` + Descending(f) + ` LIMIT ?`,
		slices.Concat(after, version, g.Args, []any{f.Limit}, after, version, []any{f.Limit, f.Limit})
}

// sinceVersion is Filter.Version in SQL.
func sinceVersion(f store.Filter) (string, []any) {
	if f.Version == 0 {
		return "", nil
	}
	return ` AND NOT EXISTS (SELECT 1 FROM history WHERE history.lead = lead.id AND history.id > ?)`, []any{f.Version}
}
