// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"iter"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Config is what a mapping set is made of. Its fields are those of Config.
type Config struct {
	Mapper      Mapper
	Strategies  []Strategy // that the configuration names
	Qualifiers  []Qualifier
	Campaigns   []CampaignLink
	ExternalIDs map[salesforce.Object]string
	Transforms  map[string]TransformFunc
	Owners      leadtype.OwnerPolicy
}

// A Mapper is what a mapping set needs of a Mapper.
type Mapper interface {
	Objects() []salesforce.Object
	Fields(object salesforce.Object) []string
	Map(lead *leadtype.Lead, target Target) (salesforce.Fields, []leadtype.Warning, error)
}

// A Strategy is what a mapping set keeps of a Strategy.
type Strategy interface {
	Name() string
	Probes(lead *leadtype.Lead) []leadtype.Probe
	NoHit(lead *leadtype.Lead) leadtype.NoHit
}

// A Set is all that a configuration says about which values go into which
// records. It is read-only and safe for concurrent use.
type Set struct {
	mapper      Mapper
	named       []Strategy
	qualifiers  []Qualifier
	campaigns   []CampaignLink
	externalIDs map[salesforce.Object]string
	transforms  map[string]TransformFunc
	owners      leadtype.OwnerPolicy
	members     map[*CampaignLink]*Mapping // the links' own rows
}

// NewSet returns the set of a configuration. A nil Mapper fills nothing.
func NewSet(cfg Config) *Set {
	s := &Set{
		mapper: cfg.Mapper, named: cfg.Strategies, qualifiers: cfg.Qualifiers, campaigns: cfg.Campaigns,
		externalIDs: cfg.ExternalIDs, transforms: cfg.Transforms, owners: cfg.Owners,
	}
	switch m := cfg.Mapper.(type) {
	case nil:
		s.mapper = new(Mapping)
	case *Mapping:
		if m == nil {
			m = new(Mapping)
		}
		s.mapper = m.With(cfg.Transforms)
	}
	s.members = make(map[*CampaignLink]*Mapping, len(s.campaigns))
	for i := range s.campaigns {
		link := &s.campaigns[i]
		s.members[link] = link.mapping(s.transforms)
	}
	return s
}

// Objects returns the objects that the session describes: those that people
// become under any strategy a captured lead may name, and those that are
// written beside them.
func (s *Set) Objects() []salesforce.Object {
	wanted := []salesforce.Object{
		salesforce.ObjectLead, salesforce.ObjectContact, salesforce.ObjectAccount, salesforce.ObjectTask}
	if len(s.OpenLinks()) > 0 {
		wanted = append(wanted, salesforce.ObjectCampaignMember)
	}
	wanted = append(wanted, s.mapper.Objects()...)
	for referred := range s.References() {
		wanted = append(wanted, referred)
	}
	var objects []salesforce.Object
	seen := make(map[salesforce.Object]bool)
	for _, o := range wanted {
		if !seen[value.Folded(o)] {
			seen[value.Folded(o)] = true
			objects = append(objects, o)
		}
	}
	return objects
}

// Strategies returns those that the Config names.
func (s *Set) Strategies() []Strategy { return s.named }

// CustomObjects returns the Mapper's. A host's own Mapper has none: New sees to
// that.
func (s *Set) CustomObjects() []*Section {
	if m, ok := s.mapper.(*Mapping); ok {
		return m.customObjects()
	}
	return nil
}

// CustomObject returns the section for an object that has a key, nil for another.
func (s *Set) CustomObject(o salesforce.Object) *Section {
	if m, ok := s.mapper.(*Mapping); ok {
		return m.custom(o)
	}
	return nil
}

// rowsFor returns the rows that fill an object, of the mapping or of the campaign
// links.
func (s *Set) rowsFor(object salesforce.Object) []Rule {
	if object.Equal(salesforce.ObjectCampaignMember) {
		var rules []Rule
		for _, link := range s.campaigns {
			rules = append(rules, link.Fields...)
		}
		return rules
	}
	if m, ok := s.mapper.(*Mapping); ok {
		return m.rules(object)
	}
	return nil
}

// References yields the object and the field of each row's Rule.By.
func (s *Set) References() iter.Seq2[salesforce.Object, string] {
	objects := append([]salesforce.Object{salesforce.ObjectCampaignMember}, s.mapper.Objects()...)
	return func(yield func(salesforce.Object, string) bool) {
		for _, object := range objects {
			for _, rule := range s.rowsFor(object) {
				other, field, ok := rule.by()
				if ok && rule.Write != Never && !yield(other, field) {
					return
				}
			}
		}
	}
}

// OpenLinks returns the campaign links that take people.
func (s *Set) OpenLinks() []CampaignLink {
	return slices.DeleteFunc(slices.Clone(s.campaigns), func(l CampaignLink) bool { return l.Archived })
}

// Filled names the fields of an object that rows, answers, keys and lookups fill.
func (s *Set) Filled(object salesforce.Object) []string {
	fields := slices.Clone(s.mapper.Fields(object))
	for i := range s.qualifiers {
		if q := &s.qualifiers[i]; !q.Archived {
			fields = append(fields, q.field(object))
		}
	}
	if section := s.CustomObject(object); section != nil {
		fields = append(append(fields, section.Key), section.lookupFields()...)
	}
	return fields
}

// Read names the fields of an object whose current values decide what is written.
func (s *Set) Read(object salesforce.Object) []string {
	if object.Equal(salesforce.ObjectCampaignMember) {
		var fields []string
		for _, rule := range s.rowsFor(object) {
			fields = append(fields, rule.Field)
		}
		return fields
	}
	fields := slices.Clone(s.mapper.Fields(object))
	if section := s.CustomObject(object); section != nil {
		fields = append(fields, section.lookupFields()...)
	}
	for i := range s.qualifiers {
		fields = append(fields, s.qualifiers[i].field(object))
	}
	return fields
}

// MapMember returns what a campaign link wants of the lead's membership.
func (s *Set) MapMember(link *CampaignLink, lead *leadtype.Lead,
	target Target) (salesforce.Fields, []leadtype.Warning, *leadtype.Error) {
	fields, warnings, err := s.members[link].Map(lead, target)
	if err != nil {
		return nil, nil, verdict.MapError(lead.ID, target.Object, err)
	}
	if err := checkWhole(lead, target, fields); err != nil {
		return nil, nil, err
	}
	return fields, warnings, nil
}

// Activities returns a lead's activities and its answers to note qualifiers.
func (s *Set) Activities(lead *leadtype.Lead) []leadtype.Activity {
	return append(slices.Clone(lead.Activities), noteAnswers(s.qualifiers, lead)...)
}

// KeyOf returns the key of a lead's record of a section, and the field that holds
// it. The key is "" when it is blank.
func (s *Set) KeyOf(
	section *Section, describe *salesforce.Describe, lead *leadtype.Lead,
) (string, *salesforce.Field, *leadtype.Error) {
	field, err := section.keyField(describe)
	if err != nil {
		return "", nil, err
	}
	key, err := s.mapper.(*Mapping).keyOf(section, field, lead)
	return key, field, err
}

// LookupPolicies say what happens to a lookup whose field is not there, or may not be
// written.
func (s *Set) LookupPolicies() (missing, locked Policy) {
	m, ok := s.mapper.(*Mapping)
	if !ok {
		return Fail, Skip
	}
	return cmp.Or(m.Missing, Fail), cmp.Or(m.Locked, Skip)
}

// FillsRestricted reports whether something is mapped to a restricted picklist.
func (s *Set) FillsRestricted(object salesforce.Object, d *salesforce.Describe) bool {
	return slices.ContainsFunc(s.Filled(object), func(name string) bool {
		field, ok := d.Field(name)
		return ok && field.RestrictedPicklist
	})
}

// KeyFieldName is the key field that is used where Config.ExternalIDs is nil.
const KeyFieldName = "LeadsyncKey__c"

// KeyFieldFor returns the name of the key field that o should have.
func (s *Set) KeyFieldFor(o salesforce.Object) string {
	if s.externalIDs == nil {
		return KeyFieldName
	}
	for object, name := range s.externalIDs {
		if object.Equal(o) {
			return name
		}
	}
	return ""
}

// keysAndLookups are the fields of an object that no answer may fill.
func (s *Set) keysAndLookups(object salesforce.Object) []string {
	if section := s.CustomObject(object); section != nil {
		return append(section.lookupFields(), section.Key)
	}
	return []string{s.KeyFieldFor(object)}
}

// mapping returns the Mapper where it is a Mapping, nil for a host's own.
func (s *Set) mapping() *Mapping {
	m, _ := s.mapper.(*Mapping)
	return m
}
