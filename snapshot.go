package leadsync

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// snapshotVersion is the version of the form that a SchemaSnapshot has.
const snapshotVersion = 1

// A SchemaSnapshot is what the schema of an org was when Preflight looked, as far
// as the Config uses it: the fields that something is written to, and those that
// the org requires. It is plain data and holds nothing of leads: keep it as JSON,
// and give it to Config.LastSchema of a later process.
type SchemaSnapshot struct {
	Version int           `json:"version"`
	Org     salesforce.ID `json:"org,omitempty"` // empty where it is not known
	At      time.Time     `json:"at"`
	// Objects are those that the connected user sees, by name.
	Objects []ObjectSnapshot `json:"objects"`
}

// An ObjectSnapshot is one object of a SchemaSnapshot.
type ObjectSnapshot struct {
	Object salesforce.Object `json:"object"`
	Fields []FieldSnapshot   `json:"fields"` // by name
}

// A FieldSnapshot is one field of a SchemaSnapshot; see salesforce.Field for what
// its parts mean.
type FieldSnapshot struct {
	Name        string               `json:"name"`
	Type        salesforce.FieldType `json:"type"`
	Length      int                  `json:"length,omitempty"`
	Precision   int                  `json:"precision,omitempty"`
	Scale       int                  `json:"scale,omitempty"`
	Digits      int                  `json:"digits,omitempty"`
	Required    bool                 `json:"required,omitempty"` // of new records
	CreateOnly  bool                 `json:"createOnly,omitempty"`
	ReadOnly    bool                 `json:"readOnly,omitempty"`
	Unique      bool                 `json:"unique,omitempty"`
	Restricted  bool                 `json:"restricted,omitempty"`
	Controller  string               `json:"controller,omitempty"`
	Options     []string             `json:"options,omitempty"` // the active ones, by name
	ReferenceTo []salesforce.Object  `json:"referenceTo,omitempty"`
}

// Fingerprint is the same for two snapshots of the same schema, whenever they were
// taken, and differs otherwise.
func (s *SchemaSnapshot) Fingerprint() string {
	plain, _ := json.Marshal(s.Objects) // plain data always marshals
	sum := sha256.Sum256(plain)
	return hex.EncodeToString(sum[:16])
}

// object returns the snapshot of an object, nil for none.
func (s *SchemaSnapshot) object(o salesforce.Object) *ObjectSnapshot {
	for i := range s.Objects {
		if folded(s.Objects[i].Object) == folded(o) {
			return &s.Objects[i]
		}
	}
	return nil
}

func (o *ObjectSnapshot) field(name string) *FieldSnapshot {
	for i := range o.Fields {
		if strings.EqualFold(o.Fields[i].Name, name) {
			return &o.Fields[i]
		}
	}
	return nil
}

// snapshot takes a picture of what the Config uses of the org.
func (p *preflight) snapshot() *SchemaSnapshot {
	s := &SchemaSnapshot{Version: snapshotVersion, Org: p.schema.org, At: p.schema.at, Objects: []ObjectSnapshot{}}
	for _, u := range p.uses() {
		describe := p.schema.describe(u.object)
		if describe == nil {
			continue
		}
		used := p.usedFields(u)
		object := ObjectSnapshot{Object: u.object, Fields: []FieldSnapshot{}}
		for i := range describe.Fields {
			f := &describe.Fields[i]
			if blames(used, f.Name) || u.create && f.RequiredOnCreate() {
				object.Fields = append(object.Fields, snapshotOf(f))
			}
		}
		slices.SortFunc(object.Fields, func(a, b FieldSnapshot) int { return strings.Compare(a.Name, b.Name) })
		s.Objects = append(s.Objects, object)
	}
	slices.SortFunc(s.Objects, func(a, b ObjectSnapshot) int { return strings.Compare(string(a.Object), string(b.Object)) })
	return s
}

// usedFields names the fields of an object that a sync reads or writes for the
// Config.
func (p *preflight) usedFields(u use) []string {
	names := []string{p.cfg.keyFieldFor(u.object)}
	switch folded(u.object) {
	case folded(salesforce.ObjectTask):
		return append(names, "Subject", "Description", "Status", "ActivityDate", "TaskSubtype", "WhoId", ownerField)
	case folded(salesforce.ObjectCampaignMember):
		names = append(names, "CampaignId", "LeadId", "ContactId", "Status")
		for _, link := range p.cfg.openLinks() {
			for _, rule := range link.Fields {
				names = append(names, rule.Field)
			}
		}
		return names
	}
	for _, strategy := range p.cfg.strategies() {
		for _, probe := range strategy.Probes(sampleLead()) {
			if folded(probe.Object) == folded(u.object) {
				names = append(names, probe.Field)
			}
		}
	}
	return append(names, p.cfg.filled(u.object)...)
}

func snapshotOf(f *salesforce.Field) FieldSnapshot {
	s := FieldSnapshot{
		Name: f.Name, Type: f.Type, Length: f.Length, Precision: f.Precision, Scale: f.Scale, Digits: f.Digits,
		Required: f.RequiredOnCreate(), CreateOnly: f.Createable && !f.Updateable, ReadOnly: !f.Createable && !f.Updateable,
		Unique: f.Unique, Restricted: f.RestrictedPicklist, Controller: f.ControllerName, ReferenceTo: f.ReferenceTo,
	}
	for _, option := range f.PicklistValues {
		if option.Active {
			s.Options = append(s.Options, option.Value)
		}
	}
	slices.Sort(s.Options)
	return s
}

// checkChanges says what changed in the org since the last preflight.
func (p *preflight) checkChanges(last, now *SchemaSnapshot) {
	if last == nil || last.Version != snapshotVersion || last.Org != "" && now.Org != "" && last.Org != now.Org {
		return
	}
	for _, before := range last.Objects {
		after := now.object(before.Object)
		if after == nil {
			if p.schema.describe(before.Object) == nil && slices.ContainsFunc(p.uses(), func(u use) bool { return folded(u.object) == folded(before.Object) }) {
				p.changed(SeverityWarning, before.Object, "", "the object is gone, or hidden from the connected user")
			}
			continue
		}
		for i := range before.Fields {
			p.compareField(&before.Fields[i], after)
		}
		for i := range after.Fields {
			f := &after.Fields[i]
			used := slices.ContainsFunc(p.uses(), func(u use) bool {
				return folded(u.object) == folded(after.Object) && blames(p.usedFields(u), f.Name)
			})
			if before.field(f.Name) == nil && !used { // it is here for being required alone
				p.changed(SeverityWarning, after.Object, f.Name, "required now")
			}
		}
	}
}

func (p *preflight) changed(severity Severity, object salesforce.Object, field string, what ...string) {
	f := Finding{Severity: severity, Object: object, Field: field, Reason: "changed since the last preflight: " + strings.Join(what, "; ")}
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
	if breaks, eases := before.differences(after); len(breaks) > 0 {
		p.changed(SeverityWarning, object.Object, after.Name, append(breaks, eases...)...)
	} else if len(eases) > 0 {
		p.changed(SeverityInfo, object.Object, after.Name, eases...)
	}
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
	if !strings.EqualFold(f.Controller, now.Controller) {
		breaks = append(breaks, "another field decides which options fit")
	}
	if !slices.Equal(f.ReferenceTo, now.ReferenceTo) {
		breaks = append(breaks, fmt.Sprintf("refers to %s", now.ReferenceTo))
	}
	if gone := without(f.Options, now.Options); len(gone) > 0 {
		breaks = append(breaks, fmt.Sprintf("options gone: %q", gone))
	}
	if added := without(now.Options, f.Options); len(added) > 0 {
		eases = append(eases, fmt.Sprintf("new options: %q", added))
	}
	return breaks, eases
}

// without returns those of list that are not in other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}
