package leadsync

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// checkSectionKey says what upserts by the key of a section need; what keeps the
// field from being a key at all is for Validate.
func (p *preflight) checkSectionKey(section *ObjectMapping) {
	describe := p.schema.describe(section.Object)
	if describe == nil {
		return
	}
	field, err := section.keyField(describe)
	switch {
	case err != nil:
	case !field.Unique:
		p.add(p.sharedKey(section.Object, field))
	case section.keyRow() == nil && field.Length < maxLeadID:
		p.add(Finding{Severity: SeverityWarning, Code: DataValueValidation, Object: section.Object, Field: field.Name,
			Reason: fmt.Sprintf("the key holds %d characters; a lead with a longer id fails", field.Length),
			Fix:    fmt.Sprintf("Make the field Text(%d), or map a shorter source to it.", maxLeadID)})
	}
}

// sharedKey is the finding for a key that is not unique: only a user with View All
// Data may upsert by it (SALESFORCE.md 1).
func (p *preflight) sharedKey(object salesforce.Object, field *salesforce.Field) Finding {
	f := Finding{Severity: SeverityWarning, Code: ConnectionPermission, Object: object, Field: field.Name,
		Fix: "Make the field Unique, or give the connected user View All Data."}
	switch {
	case p.schema.user == "" || p.schema.unread[salesforce.ObjectPermissionSetAssignment] != nil:
		f.Reason = "the key is not unique: only a user with View All Data may upsert by it, and somebody may give two records the same"
	case p.schema.viewsAll:
		f.Code, f.Fix = AmbiguousMatch, "Make the field Unique."
		f.Reason = "the key is not unique: somebody may give two records the same, and the connected user may upsert by it only as long as it has View All Data"
	default:
		f.Severity = SeverityError
		f.Reason = "the key is not unique, and nothing is seen to give the connected user View All Data, without which it may not upsert by it"
	}
	return f
}

// checkSectionLookups names the lookups that the org requires and that some people
// of the strategies cannot fill: their leads' records are dropped.
func (p *preflight) checkSectionLookups(section *ObjectMapping) {
	describe := p.schema.describe(section.Object)
	if describe == nil {
		return
	}
	mapping := p.cfg.Mapper.(*Mapping)
	place := slices.IndexFunc(mapping.Sections, func(o ObjectMapping) bool { return o.Object.Equal(section.Object) })
	for i := range section.Lookups {
		lookup := &section.Lookups[i]
		field, ok := describe.Field(lookup.Field)
		if !ok || !field.RequiredOnCreate() || !lookup.To.takes(field.ReferenceTo) {
			continue // or Validate says what is wrong
		}
		for _, u := range p.uses() {
			if person := matchedObject(u.object); person == salesforce.ObjectAccount || person == "" || lookup.filledBy(person, field) {
				continue
			}
			p.add(Finding{Severity: SeverityWarning, Code: RequiredFieldMissing, Object: section.Object, Field: field.Name,
				Path:   fmt.Sprintf("mapping.objects[%d].lookups[%d]", place, i),
				Reason: fmt.Sprintf("the org requires the field, and a lead whose person is a %s has no %s for it: its record is dropped", u.object, lookup.To),
				Fix:    "Nothing, if only the other leads are to have one; or make the field optional in Salesforce."})
		}
	}
}

// filledBy reports whether a lookup may have something to refer to where the
// person is of an object.
func (l *Lookup) filledBy(person salesforce.Object, field *salesforce.Field) bool {
	switch to := salesforce.Object(l.To); {
	case to.Equal(salesforce.Object(ToPerson)):
		return slices.Contains(field.ReferenceTo, person)
	case to.Equal(salesforce.ObjectLead), to.Equal(salesforce.ObjectContact):
		return to.Equal(person)
	case to.Equal(salesforce.ObjectAccount):
		return person == salesforce.ObjectContact
	}
	return true
}
