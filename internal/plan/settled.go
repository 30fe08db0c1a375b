// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strconv"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// partDigest returns what decides, beside the org, what a lead wants of a record; see
// leadtype.Part. A revert of the record changes it.
func (p *planning) partDigest(one *match.Match, object salesforce.Object, record *salesforce.Record) string {
	return p.sinceRevert(p.Set.PartDigest(object, one.Captured()), record)
}

// sinceRevert adds to a digest when the record was last reverted.
func (p *planning) sinceRevert(digest string, record *salesforce.Record) string {
	if record == nil || digest == "" {
		return digest
	}
	memory := p.records[record.ID.ID18()]
	if at := memory.RevertedAt(); !at.IsZero() {
		digest += "." + strconv.FormatInt(at.Unix(), 36)
	}
	return digest
}

// isSettled reports whether a part of a lead is done: an earlier sync has written or
// compared the record, and nothing that decides what the lead wants of it has changed
// since. Then the record is left as it is, whatever others have made of it.
func (p *planning) isSettled(one *match.Match, kind leadtype.PartKind, record *salesforce.Record, digest string) bool {
	last := one.Item.Last
	if last == nil || record == nil || record.ID == "" || digest == "" || one.Item.MayHaveWritten() {
		return false
	}
	if memory := p.records[record.ID.ID18()]; memory.MayChange() {
		return false
	}
	i := slices.IndexFunc(last.Parts, func(p leadtype.Part) bool {
		return p.Kind == kind && p.Object.Equal(record.Object) && p.ID.Equal(record.ID) && p.Err == nil && p.Digest == digest
	})
	return i >= 0 && !slices.ContainsFunc(last.Warnings, func(w leadtype.Warning) bool {
		return w.Object.Equal(record.Object) && w.Kind == leadtype.Doubt // which a new name of the record may end
	})
}

// isLeft reports whether something is left to do for a record of an object that is settled:
// the fields of leftFields.
func isLeft(one *match.Match, object salesforce.Object) bool {
	return one.Item.Owes(object) || len(unmappedFields(one, object)) > 0
}

// unmappedFields returns the fields of an object for which a text of the lead had no value:
// once the record has changed, one may fit. Nothing else of a settled record is written then,
// else two leads that were captured at one time would write over each other in turns.
func unmappedFields(one *match.Match, object salesforce.Object) (fields []string) {
	for _, w := range one.Item.Last.Warnings {
		if w.Kind == leadtype.Unmapped && w.Field != "" && w.Object.Equal(object) {
			fields = append(fields, w.Field)
		}
	}
	return fields
}

// rulesChanged reports whether an earlier sync has done a part of a lead under other rules.
func rulesChanged(one *match.Match, kind leadtype.PartKind, record *salesforce.Record, digest string) bool {
	return one.Item.Last != nil && record != nil && record.ID != "" &&
		slices.ContainsFunc(one.Item.Last.Parts, func(p leadtype.Part) bool {
			return p.Kind == kind && p.ID.Equal(record.ID) && mapping.RulesChanged(p.Digest, digest)
		})
}

// replacedByRules warns of the values of a record that the connection wrote, and that it
// replaces because the rules have changed since.
func (p *planning) replacedByRules(record *salesforce.Record, held *heldRecord,
	fields salesforce.Fields) []leadtype.Warning {
	var warnings []leadtype.Warning
	for _, name := range value.SortedKeys(fields) {
		field, ok := p.session.Describe(record.Object).Field(name)
		before, _ := record.Value(name)
		if !ok || value.IsBlank(before) || value.SameValue(field, before, fields[name]) {
			continue
		}
		if hold, _ := held.Holds(field, before); hold == leadtype.HoldOurs {
			warnings = append(warnings, leadtype.Warning{Kind: leadtype.RuleChanged, Object: record.Object, Field: field.Name,
				Reason: "replaces what was written before, because the mapping has changed since"})
		}
	}
	return warnings
}

// carrySettled keeps the warnings about the fields of a record that is left as it is.
func (p *planning) carrySettled(lead *leadtype.LeadPlan, one *match.Match, object salesforce.Object) {
	for _, w := range one.Item.Last.Warnings {
		if w.Field != "" && w.Object.Equal(object) && w.Kind != leadtype.OwnerReplaced && w.Kind != leadtype.RuleChanged {
			p.warn(lead, w)
		}
	}
}
