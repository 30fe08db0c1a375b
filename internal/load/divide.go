// SPDX-License-Identifier: Apache-2.0

package load

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// callsOfJob is how many API calls a job takes at least: to create it, to upload its data, to
// close it, to look at it, and for its results. It takes another look, or more, where it has not
// ended at the first one.
const callsOfJob = 5

// Calls returns how many API calls Write takes when nothing fails, each job has ended when it is
// first looked at, and the org keeps values as they were written.
func Calls(writes []salesforce.Write, least int) int {
	d := divide(writes, least)
	loaded := make([]bool, len(writes))
	calls := 0
	for _, g := range d.groups {
		if calls += callsOfJob; g.kind.op == salesforce.OpUpdate {
			calls-- // the results of updates are needed only where some failed
		}
		for _, i := range g.rows {
			loaded[i] = true
		}
	}
	var rest []salesforce.Write
	place := make(map[int]int)
	for i := range writes {
		if loaded[i] {
			continue
		}
		w := writes[i]
		refs := w.Refs
		w.Refs = nil
		for _, ref := range refs {
			if at, isLeft := place[ref.Write]; isLeft {
				w.Refs = append(w.Refs, salesforce.Ref{Field: ref.Field, Write: at})
			}
		}
		place[i] = len(rest)
		rest = append(rest, w)
	}
	all, kinds := readings(writes, func(i int) bool { return loaded[i] })
	calls += callsOf(sampled(len(all), kinds))
	if len(rest) > 0 {
		calls += salesforce.EstimateCalls(rest)
	}
	return calls
}

// A division says which writes go in which job.
type division struct {
	groups []*group        // in the order of their jobs
	behind map[target]bool // the records that writes outside of the jobs write to
}

// A group is the writes of one job.
type group struct {
	kind   kind
	rows   []int
	level  int  // of the rows that refer to most others
	needed bool // rows of a job refer to some of its rows
}

// A kind is what the rows of a job have in common.
type kind struct {
	op     salesforce.Op
	object string // in lower case
	key    string // of an upsert, and the unique field of a create
}

// A target is a record that a write names.
type target struct {
	id  salesforce.ID
	key string
}

func targetOf(w *salesforce.Write) (at target, has bool) {
	switch w.Op {
	case salesforce.OpUpdate, salesforce.OpDelete:
		return target{id: w.ID.ID18()}, true
	case salesforce.OpUpsert:
		return target{key: strings.ToLower(string(w.Object) + "\x00" + w.Key.Field + "\x00" + w.Key.Value)}, true
	}
	return target{}, false
}

// divide assigns writes to jobs.
func divide(writes []salesforce.Write, least int) *division {
	d := &division{behind: make(map[target]bool)}
	groups := make(map[kind]*group)
	in := make([]*group, len(writes))
	levels := make([]int, len(writes))
	for i := range writes {
		w := &writes[i]
		for _, ref := range w.Refs {
			levels[i] = max(levels[i], levels[ref.Write]+1)
		}
		if !fits(w) {
			if at, has := targetOf(w); has {
				d.behind[at] = true
			}
			continue
		}
		k := kindOf(w)
		if groups[k] == nil {
			groups[k] = &group{kind: k}
		}
		g := groups[k]
		g.rows, g.level = append(g.rows, i), max(g.level, levels[i])
		in[i] = g
	}
	d.choose(writes, slices.Collect(maps.Values(groups)), in, least)
	return d
}

// choose keeps the groups that are worth a job, and those that they refer to, in order.
func (d *division) choose(writes []salesforce.Write, groups []*group, in []*group, least int) {
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.level, a.level), cmp.Compare(b.rows[0], a.rows[0]))
	})
	for _, g := range groups { // children first
		if len(g.rows) < least && !g.needed {
			continue
		}
		for _, i := range g.rows {
			for _, ref := range writes[i].Refs {
				if parent := in[ref.Write]; parent != nil && parent != g {
					parent.needed = true
				}
			}
		}
		d.groups = append(d.groups, g)
	}
	slices.Reverse(d.groups)
}

// fits reports whether a write may go in a job: it may be repeated, and it asks for nothing that
// jobs cannot do.
func fits(w *salesforce.Write) bool {
	if w.Alone || w.UpdateOnly || w.AutoAssign || w.AllowDuplicate && mayHaveRule(w.Object) {
		return false
	}
	switch w.Op {
	case salesforce.OpCreate:
		return isMember(w) || w.UniqueField != "" && hasText(w.Fields, w.UniqueField)
	case salesforce.OpUpdate:
		return len(w.Fields)+len(w.Refs) > 0
	case salesforce.OpUpsert:
		return !isNumber(w.Key.Value)
	}
	return false
}

// isNumber reports whether a key may be that of a number field: in results numbers are written
// otherwise than they were sent (docs/salesforce.md, Bulk API).
func isNumber(key string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(key), 64)
	return err == nil
}

// hasText reports whether a field has a text.
func hasText(fields salesforce.Fields, name string) bool {
	for field, value := range fields {
		if strings.EqualFold(field, name) {
			text, ok := value.(string)
			return ok && !isNumber(text)
		}
	}
	return false
}

// mayHaveRule reports whether a duplicate rule may be about an object: those of Salesforce are
// about people, accounts and custom objects.
func mayHaveRule(object salesforce.Object) bool {
	return !object.Equal(salesforce.ObjectCampaignMember) && !object.Equal(salesforce.ObjectTask)
}

// The fields that identify a membership.
const campaignField, leadField, contactField = "CampaignId", "LeadId", "ContactId"

func isMember(w *salesforce.Write) bool {
	return w.Op == salesforce.OpCreate && w.UniqueField == "" && w.Object.Equal(salesforce.ObjectCampaignMember)
}

func kindOf(w *salesforce.Write) kind {
	return kind{op: w.Op, object: strings.ToLower(string(w.Object)),
		key: strings.ToLower(cmp.Or(w.Key.Field, w.UniqueField))}
}
