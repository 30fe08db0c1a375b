// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// OwedDigest returns the digest of what Salesforce refused of a lead: schema is
// mapping.Set.SchemaDigest of the fields, to which the values belong.
func OwedDigest(lead leadtype.LeadID, schema string, fields []string, values salesforce.Fields) string {
	texts := make([]string, len(fields))
	for i, field := range fields {
		v := values[field]
		if key, named := v.(salesforce.ExternalKey); named {
			v = key.Value
		}
		texts[i] = value.Canonical(v)
	}
	return value.Digest(string(lead)+"\x00"+schema, strings.Join(fields, "\x00"), strings.Join(texts, "\x00"))
}

// withoutOwed leaves out of what a lead wants of a record what Salesforce has refused before,
// while nothing has changed that could make it fit. It returns the fields that are left,
// and what is owed.
func (p *planning) withoutOwed(one *match.Match, object salesforce.Object,
	fields salesforce.Fields) (salesforce.Fields, []leadtype.OwedValue) {
	if one.Item == nil || one.Item.Last == nil {
		return fields, nil
	}
	var still []leadtype.OwedValue
	for _, owed := range one.Item.Last.Owed {
		if owed.Kind != leadtype.Owed || !owed.Object.Equal(object) || !p.isStillRefused(one.Lead.ID, &owed, fields) {
			continue
		}
		fields = maps.Clone(fields)
		for _, field := range owed.Fields {
			delete(fields, field)
		}
		still = append(still, owed)
	}
	return fields, still
}

// owe enters into the plan of a lead what is owed to it, each once.
func (p *planning) owe(lead *leadtype.LeadPlan, values []leadtype.OwedValue) {
	for _, owed := range values {
		same := func(o leadtype.OwedValue) bool {
			return o.Kind == owed.Kind && o.Object.Equal(owed.Object) && slices.Equal(o.Fields, owed.Fields)
		}
		if !slices.ContainsFunc(lead.Owed, same) {
			lead.Owed = append(lead.Owed, owed)
		}
		p.warn(lead, owed.Warnings()...)
	}
}

// oweSkipped enters into the plan of a lead what was left out before anything is sent, and
// may fit once its rule or its field has changed.
func (p *planning) oweSkipped(lead *leadtype.LeadPlan, warnings []leadtype.Warning) {
	for _, w := range warnings {
		left := w.Kind == leadtype.Unfit || w.Kind == leadtype.Missing || w.Kind == leadtype.Locked
		describe := p.session.Describe(w.Object)
		if !left || w.Field == "" || describe == nil {
			continue
		}
		owed := leadtype.OwedValue{Kind: w.Kind, Code: w.Code, Object: w.Object, Fields: []string{w.Field}, Reason: w.Reason}
		owed.Digest = p.schemaDigest(describe, &owed)
		p.owe(lead, []leadtype.OwedValue{owed})
	}
}

// schemaDigest is mapping.Set.SchemaDigest of owed fields.
func (p *planning) schemaDigest(describe *salesforce.Describe, owed *leadtype.OwedValue) string {
	key := string(value.Folded(owed.Object)) + "\x00" + strings.Join(owed.Fields, "\x00")
	digest, known := p.schemas[key]
	if !known {
		digest = p.Set.SchemaDigest(describe, owed.Fields)
		p.schemas[key] = digest
	}
	return digest
}

// isStillRefused reports whether the values are those that Salesforce refused, by the same
// rules and for the same fields.
func (p *planning) isStillRefused(lead leadtype.LeadID, owed *leadtype.OwedValue, fields salesforce.Fields) bool {
	describe := p.session.Describe(owed.Object)
	wanted := false
	for _, field := range owed.Fields {
		wanted = wanted || fields[field] != nil
	}
	if describe == nil || !wanted {
		return false
	}
	return OwedDigest(lead, p.schemaDigest(describe, owed), owed.Fields, fields) == owed.Digest
}
