// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// OwedDigest returns the digest of values of a lead that Salesforce refused.
func OwedDigest(lead leadtype.LeadID, fields []string, values salesforce.Fields) string {
	texts := make([]string, len(fields))
	for i, field := range fields {
		v := values[field]
		if key, named := v.(salesforce.ExternalKey); named {
			v = key.Value
		}
		texts[i] = value.Canonical(v)
	}
	return value.Digest(string(lead), strings.Join(fields, "\x00"), strings.Join(texts, "\x00"))
}

// withoutOwed leaves out of what a lead wants of a record what Salesforce has refused before,
// while nothing has changed that could make it fit, and nobody has asked for it. It returns
// the fields that are left, and what is owed.
func (p *planning) withoutOwed(one *match.Match, object salesforce.Object,
	fields salesforce.Fields) (salesforce.Fields, []leadtype.OwedValue) {
	if one.Item == nil || one.Item.Last == nil || one.Item.Ask.Owed {
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

// owedOf returns what is owed to a lead of the records of an object.
func owedOf(one *match.Match, object salesforce.Object) []leadtype.OwedValue {
	return slices.DeleteFunc(slices.Clone(one.Item.Last.Owed),
		func(o leadtype.OwedValue) bool { return !o.Object.Equal(object) })
}

// onlyLeft leaves of what a lead wants of a settled record the fields of leftFields.
func (p *planning) onlyLeft(one *match.Match, object salesforce.Object, fields salesforce.Fields) salesforce.Fields {
	wanted := p.leftFields(one, object)
	fields = maps.Clone(fields)
	maps.DeleteFunc(fields, func(name string, _ any) bool { return !value.ContainsFold(wanted, name) })
	return fields
}

// leftFields returns the fields of an object for which a settled record is looked at again.
func (p *planning) leftFields(one *match.Match, object salesforce.Object) []string {
	wanted := append(p.over(one, object), unmappedFields(one, object)...)
	for _, owed := range owedOf(one, object) {
		wanted = append(wanted, owed.Fields...)
	}
	return wanted
}

// over returns the fields of an object that a person has asked to write over, with the rest
// of their addresses.
func (p *planning) over(one *match.Match, object salesforce.Object) []string {
	if one.Item == nil {
		return nil
	}
	return address.WithParts(one.Item.Ask.Of(object))
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

// addOwing adds to the accounts of a batch those of people that were found, where values of
// them are owed to leads: nothing else of such an account is written.
func addOwing(accounts []*account, people []*person) []*account {
	byID := make(map[salesforce.ID]*account)
	for _, a := range accounts {
		if a.record != nil {
			byID[a.record.ID] = a
		}
	}
	for _, u := range people {
		for i, one := range u.matches {
			if one.Owing == nil {
				continue
			}
			a := byID[one.Owing.ID]
			if a == nil {
				a = &account{record: one.Owing, change: leadtype.Unplanned}
				byID[one.Owing.ID], accounts = a, append(accounts, a)
			}
			a.owing.add(one, u.plans[i])
		}
	}
	return accounts
}

// settleOwed settles what is owed to a lead of an Account where none is planned: it is not
// owed any more where the person has left the Account, and the outcome says so; otherwise it
// stays owed.
func (p *planning) settleOwed(lead *leadtype.LeadPlan, one *match.Match) {
	planned := slices.ContainsFunc(lead.Parts, func(part leadtype.PlannedPart) bool {
		return part.Kind == leadtype.PartAccount
	})
	if lead.Err != nil || one.Item.Last == nil || planned {
		return
	}
	left := p.hasLeftAccount(one)
	for _, owed := range owedOf(one, salesforce.ObjectAccount) {
		if !left {
			p.owe(lead, []leadtype.OwedValue{owed})
			continue
		}
		for _, field := range owed.Fields {
			p.warn(lead, leadtype.Warning{Kind: leadtype.Dropped, Code: owed.Code, Object: owed.Object, Field: field,
				Reason: "is not owed any more: the person is not in the account for which it was left out"})
		}
	}
}

// hasLeftAccount reports whether the org shows that a lead's person is not in the Account that
// the lead was synced with. Where the user does not see that, it is not known.
func (p *planning) hasLeftAccount(one *match.Match) bool {
	contact, account := p.session.Describe(salesforce.ObjectContact), p.session.Describe(salesforce.ObjectAccount)
	if one.Object != salesforce.ObjectContact || one.Person == nil || contact == nil || account == nil {
		return false
	}
	_, seen := contact.Field("AccountId")
	last := one.Item.Last.AccountID
	return seen && last != "" && one.Owing == nil && !last.Equal(salesforce.ID(one.Person.Text("AccountId")))
}

// oweSkipped enters into the plan of a lead what was left out before anything is sent, and
// may fit once its rule or its field has changed.
func (p *planning) oweSkipped(lead *leadtype.LeadPlan, warnings []leadtype.Warning) {
	for _, w := range warnings {
		left := w.Kind == leadtype.Unfit || w.Kind == leadtype.Missing || w.Kind == leadtype.Locked
		if !left || w.Field == "" {
			continue
		}
		owed := leadtype.OwedValue{Kind: w.Kind, Code: w.Code, Object: w.Object, Fields: []string{w.Field}, Reason: w.Reason}
		if owed.Schema = p.schemas.Of(w.Object, owed.Fields); owed.Schema != "" {
			p.owe(lead, []leadtype.OwedValue{owed})
		}
	}
}

// isStillRefused reports whether the values are those that Salesforce refused, by the same
// rules and for the same fields.
func (p *planning) isStillRefused(lead leadtype.LeadID, owed *leadtype.OwedValue, fields salesforce.Fields) bool {
	wanted := slices.ContainsFunc(owed.Fields, func(field string) bool { return fields[field] != nil })
	return wanted && owed.Schema != "" && owed.Schema == p.schemas.Of(owed.Object, owed.Fields) &&
		owed.Digest == OwedDigest(lead, owed.Fields, fields)
}
