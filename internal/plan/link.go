// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A referral is a record that a lookup refers to: one that is there, or that an
// earlier change creates.
type referral struct {
	id     salesforce.ID
	change int // Unplanned where the id is known
}

// links returns what the lookups of a record refer to for a lead, by field. dropped
// says that the record is left out for the lead.
func (p *objectPlanning) links(r *customRecord,
	s *sharer) (links map[string]referral, dropped bool, err *leadtype.Error) {
	links = make(map[string]referral)
	for i := range r.section.Lookups {
		lookup := &r.section.Lookups[i]
		field, err := p.lookupField(r, s, lookup)
		if err != nil {
			return nil, false, err
		}
		if field == nil {
			continue
		}
		to, err := p.referral(r, s, lookup.To, field)
		switch {
		case err != nil:
			return nil, false, err
		case to != nil:
			if err := p.link(links, r, s, field, to); err != nil {
				return nil, false, err
			}
		case field.RequiredOnCreate() && !r.has(field):
			reason := fmt.Sprintf("record skipped: the field is required, and the lead has no %s for it", lookup.To)
			p.drop(s, r.describe.Name, field.Name, reason)
			return nil, true, nil
		}
	}
	return links, false, nil
}

// has reports whether there is no need of a lookup: the record is there, or a
// lead before has filled the field.
func (r *customRecord) has(field *salesforce.Field) bool {
	_, refers := r.refs[field.Name]
	return r.record != nil || refers || r.want[field.Name] != nil
}

// lookupField returns the field of a lookup, nil when the lookup is skipped.
func (p *objectPlanning) lookupField(r *customRecord, s *sharer,
	lookup *mapping.Lookup) (*salesforce.Field, *leadtype.Error) {
	field, ok := r.describe.Field(lookup.Field)
	switch {
	case ok && lookup.CreateOnly && r.has(field):
		return nil, nil
	case ok:
		return field, nil
	case p.missing == mapping.Fail:
		return nil, &leadtype.Error{Op: "plan", Object: r.describe.Name, Code: leadtype.MissingRemoteField,
			Fields: []string{lookup.Field}, Reason: value.UnseenField}
	}
	p.warn(s.plan, leadtype.Warning{Kind: leadtype.Missing, Code: leadtype.MissingRemoteField, Object: r.describe.Name,
		Field: lookup.Field, Reason: value.UnseenField})
	return nil, nil
}

// link enters what a lookup refers to, unless its field refers there already or may
// not be written.
func (p *objectPlanning) link(
	links map[string]referral, r *customRecord, s *sharer, field *salesforce.Field, to *referral,
) *leadtype.Error {
	if value.Writeable(field, r.record == nil) {
		links[field.Name] = *to
		return nil
	}
	if r.record != nil && to.change == leadtype.Unplanned && to.id.Equal(salesforce.ID(r.record.Text(field.Name))) {
		return nil
	}
	if p.locked == mapping.Fail {
		return &leadtype.Error{Op: "plan", Object: r.describe.Name, Code: leadtype.ConnectionPermission,
			Fields: []string{field.Name}, Reason: value.WhyLocked(field)}
	}
	p.warn(s.plan, leadtype.Warning{Kind: leadtype.Locked, Code: leadtype.ConnectionPermission, Object: r.describe.Name,
		Field: field.Name, Reason: value.WhyLocked(field)})
	return nil
}

// referral returns what a lookup refers to for a lead, nil when there is no such
// record or the field does not take it. The error says that the record should be
// there, and will not be.
func (p *objectPlanning) referral(
	r *customRecord, s *sharer, target mapping.LookupTarget, field *salesforce.Field,
) (*referral, *leadtype.Error) {
	object, to := salesforce.Object(target), &referral{change: leadtype.Unplanned}
	switch {
	case object.Equal(salesforce.Object(mapping.ToPerson)), object.Equal(s.person.object):
		object = s.person.object
		to.id, to.change = recordID(s.person.record), s.person.change
	case object.Equal(salesforce.ObjectAccount):
		to.id = s.plan.AccountID
		if s.person.account != nil {
			to.change = s.person.account.change
		}
	default:
		other, planned := p.custom[leadObject{value.Folded(object), s.plan.LeadID}]
		if !planned {
			return nil, nil
		}
		if other == nil {
			return nil, &leadtype.Error{Op: "plan", Object: r.describe.Name, Code: leadtype.BatchCollateral,
				Fields: []string{field.Name}, Reason: "the referenced record is not written"}
		}
		to.id, to.change = recordID(other.record), other.change
	}
	if to.id != "" {
		to.change = leadtype.Unplanned
	}
	takes := slices.ContainsFunc(field.ReferenceTo, object.Equal)
	if !takes || to.id == "" && to.change == leadtype.Unplanned {
		return nil, nil
	}
	return to, nil
}

func recordID(record *salesforce.Record) salesforce.ID {
	if record == nil {
		return ""
	}
	return record.ID
}
