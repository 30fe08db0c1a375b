package leadsync

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// checkChanges says what changed in the org since the last preflight.
func (p *preflight) checkChanges(last, now *SchemaSnapshot) {
	if last == nil || last.Version != snapshotVersion || last.Org != "" && now.Org != "" && last.Org != now.Org {
		return
	}
	for i := range last.Objects {
		p.compareObject(&last.Objects[i], now.object(last.Objects[i].Object))
	}
	for _, before := range last.Campaigns {
		i := slices.IndexFunc(now.Campaigns, func(c CampaignSnapshot) bool { return c.ID == before.ID })
		if i < 0 {
			continue // checkCampaigns says so, or it is linked no more
		}
		after := now.Campaigns[i]
		breaks, eases := listChanges("statuses", before.Statuses, after.Statuses)
		if before.Default != after.Default {
			breaks = append(breaks, fmt.Sprintf("the default is %s, was %s", after.Default, before.Default))
		}
		p.differs(salesforce.ObjectCampaignMember, "Status", fmt.Sprintf("campaign %s: ", after.ID), breaks, eases)
	}
}

// compareObject holds an object against what it is now, nil when it is gone or used
// no more.
func (p *preflight) compareObject(before, after *ObjectSnapshot) {
	if after == nil {
		if p.schema.describe(before.Object) == nil && slices.ContainsFunc(p.watched(), func(u use) bool { return u.object.Equal(before.Object) }) {
			p.changed(SeverityWarning, before.Object, "", "the object is gone, or hidden from the connected user")
		}
		return
	}
	for i := range before.Fields {
		p.compareField(&before.Fields[i], after)
	}
	for i := range after.Fields {
		f := &after.Fields[i]
		used := slices.ContainsFunc(p.watched(), func(u use) bool {
			return u.object.Equal(after.Object) && blames(p.usedFields(u), f.Name)
		})
		if before.field(f.Name) == nil && !used { // it is here for being required alone
			p.changed(SeverityWarning, after.Object, f.Name, "required now")
		}
	}
	breaks, eases := listChanges("record types", before.RecordTypes, after.RecordTypes)
	if before.NewRecordType != after.NewRecordType {
		breaks = append(breaks, fmt.Sprintf("new records are of the type %s, were %s", cmp.Or(after.NewRecordType, "Master"), cmp.Or(before.NewRecordType, "Master")))
	}
	p.differs(after.Object, recordTypeField, "", breaks, eases)
}

// differs notes what changed: a warning where a sync may break.
func (p *preflight) differs(object salesforce.Object, field, prefix string, breaks, eases []string) {
	severity := SeverityInfo
	if len(breaks) > 0 {
		severity = SeverityWarning
	}
	if all := append(breaks, eases...); len(all) > 0 {
		p.changed(severity, object, field, prefix+strings.Join(all, "; "))
	}
}

// listChanges says which members of a list went, and which came.
func listChanges(what string, before, now []string) (breaks, eases []string) {
	if gone := without(before, now); len(gone) > 0 {
		breaks = append(breaks, what+" gone: "+quoted(gone))
	}
	if added := without(now, before); len(added) > 0 {
		eases = append(eases, "new "+what+": "+quoted(added))
	}
	return breaks, eases
}

func (p *preflight) changed(severity Severity, object salesforce.Object, field, what string) {
	f := Finding{Severity: severity, Object: object, Field: field, Reason: "changed since the last preflight: " + what}
	if severity == SeverityWarning {
		f.Fix = "See whether what is mapped to it still fits."
	}
	p.add(f)
}

// compareField holds a field against what it is now.
func (p *preflight) compareField(before *FieldSnapshot, object *ObjectSnapshot) {
	after := object.field(before.Name)
	if after == nil {
		if _, there := p.schema.describe(object.Object).Field(before.Name); !there {
			p.changed(SeverityWarning, object.Object, before.Name, "the field is gone, or hidden from the connected user")
		}
		return // else it is used no more
	}
	breaks, eases := before.differences(after)
	p.differs(object.Object, after.Name, "", breaks, eases)
}

// differences says in words what changed: what may break a sync, and what does
// not.
func (f *FieldSnapshot) differences(now *FieldSnapshot) (breaks, eases []string) {
	if f.Type != now.Type {
		breaks = append(breaks, fmt.Sprintf("type %s, was %s", now.Type, f.Type))
	}
	for _, n := range []struct {
		what        string
		before, now int
	}{
		{"length", f.Length, now.Length}, {"digits", f.Digits, now.Digits}, {"scale", f.Scale, now.Scale},
		{"digits before the decimal point", f.Precision - f.Scale, now.Precision - now.Scale},
	} {
		text := fmt.Sprintf("%s %d, was %d", n.what, n.now, n.before)
		if n.now < n.before {
			breaks = append(breaks, text)
		} else if n.now > n.before {
			eases = append(eases, text)
		}
	}
	for _, b := range []struct {
		what        string
		before, now bool
	}{
		{"required", f.Required, now.Required}, {"read-only", f.ReadOnly, now.ReadOnly}, {"writable on create only", f.CreateOnly, now.CreateOnly},
		{"unique", f.Unique, now.Unique}, {"restricted to its options", f.Restricted, now.Restricted},
	} {
		if b.now && !b.before {
			breaks = append(breaks, b.what+" now")
		} else if b.before && !b.now {
			eases = append(eases, "no longer "+b.what)
		}
	}
	if f.Key && !now.Key {
		breaks = append(breaks, "no longer an External ID")
	}
	if !strings.EqualFold(f.Controller, now.Controller) {
		breaks = append(breaks, "another field decides which options fit")
	}
	if !slices.Equal(f.ReferenceTo, now.ReferenceTo) {
		breaks = append(breaks, fmt.Sprintf("refers to %s", now.ReferenceTo))
	}
	gone, added := listChanges("options", f.Options, now.Options)
	return append(breaks, gone...), append(eases, added...)
}

// without returns those of list that are not in other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}
