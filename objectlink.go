package leadsync

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// A referral is a record that a lookup refers to: one that is there, or that an
// earlier change creates.
type referral struct {
	id     salesforce.ID
	change int // Unplanned where the id is known
}

// links returns what the lookups of a record refer to for a lead, by field, or
// that the record is dropped for the lead.
func (p *planning) links(r *customRecord, s *sharer) (links map[string]referral, dropped bool, err *Error) {
	links = make(map[string]referral)
	for i := range r.section.Lookups {
		lookup := &r.section.Lookups[i]
		field, err := p.lookupField(r, s, lookup.Field)
		if err != nil {
			return nil, false, err
		}
		if field == nil || lookup.CreateOnly && r.has(field) {
			continue
		}
		to, err := p.referral(s, lookup.To, field)
		if err != nil {
			return nil, false, err
		}
		if to == nil {
			if field.RequiredOnCreate() && !r.has(field) {
				s.drop(r.describe.Name, field.Name, fmt.Sprintf("the record was dropped: it needs the field, and the lead has no %s for it", lookup.To))
				return nil, true, nil
			}
			continue
		}
		may, err := p.mayRefer(r, s, field, to)
		if err != nil {
			return nil, false, err
		}
		if may {
			links[field.Name] = *to
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

// lookupField returns a lookup's field, nil when it is skipped.
func (p *planning) lookupField(r *customRecord, s *sharer, name string) (*salesforce.Field, *Error) {
	field, ok := r.describe.Field(name)
	if ok {
		return field, nil
	}
	if cmp.Or(p.mapping().Missing, Fail) == Fail {
		return nil, &Error{Code: MissingRemoteField, Fields: []string{name}, Reason: unseenField}
	}
	warn(s.plan, Warning{Code: MissingRemoteField, Object: r.describe.Name, Field: name, Reason: unseenField})
	return nil, nil
}

// mayRefer reports whether a lookup is written.
func (p *planning) mayRefer(r *customRecord, s *sharer, field *salesforce.Field, to *referral) (bool, *Error) {
	if writeable(field, r.record == nil) {
		return true, nil
	}
	if r.record != nil && to.change == Unplanned && to.id.Equal(salesforce.ID(r.record.Text(field.Name))) {
		return false, nil // it refers there already
	}
	if cmp.Or(p.mapping().Locked, Skip) == Fail {
		return false, &Error{Code: ConnectionPermission, Fields: []string{field.Name}, Reason: lockedField}
	}
	warn(s.plan, Warning{Code: ConnectionPermission, Object: r.describe.Name, Field: field.Name, Reason: lockedField})
	return false, nil
}

// mapping is the Mapper of a Config that has other objects.
func (p *planning) mapping() *Mapping {
	m, _ := p.set.mapper.(*Mapping)
	return m
}

// referral returns what a lookup refers to for a lead, nil when there is no such
// record or the field does not take it. The error says that the record should be
// there, and will not be.
func (p *planning) referral(s *sharer, target LookupTarget, field *salesforce.Field) (*referral, *Error) {
	object, to := salesforce.Object(target), &referral{change: Unplanned}
	switch {
	case object.Equal(salesforce.Object(ToPerson)), object.Equal(s.unit.object):
		object = s.unit.object
		to.id, to.change = recordID(s.unit.record), s.unit.change
	case object.Equal(salesforce.ObjectAccount):
		to.id = s.plan.AccountID
		if s.unit.account != nil {
			to.change = s.unit.account.change
		}
	default:
		r, planned := p.custom[ofLead{folded(object), s.plan.LeadID}]
		if !planned {
			return nil, nil
		}
		if r == nil {
			return nil, &Error{Code: BatchCollateral, Fields: []string{field.Name}, Reason: "a record that it hangs on is not written"}
		}
		to.id, to.change = recordID(r.record), r.change
	}
	if to.id != "" {
		to.change = Unplanned
	}
	takes := slices.ContainsFunc(field.ReferenceTo, object.Equal)
	if !takes || to.id == "" && to.change == Unplanned {
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
