package leadsync

import (
	"cmp"
	"iter"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// MappingConfig is what a mapping set is made of. Its fields are those of Config.
type MappingConfig struct {
	Mapper      setMapper
	Strategies  []setStrategy // that the configuration names
	Qualifiers  []Qualifier
	Campaigns   []CampaignLink
	ExternalIDs map[salesforce.Object]string
	Transforms  map[string]TransformFunc
	Owners      OwnerPolicy
}

// A setMapper is what a mapping set needs of a Mapper.
type setMapper interface {
	Objects() []salesforce.Object
	Fields(object salesforce.Object) []string
	Map(lead *Lead, target Target) (salesforce.Fields, []Warning, error)
}

// A setStrategy is what a mapping set keeps of a Strategy.
type setStrategy interface {
	Name() string
	Probes(lead *Lead) []Probe
	NoHit(lead *Lead) NoHit
}

// A mappingSet is all that a configuration says about which values go into which
// records. It is read-only and safe for concurrent use.
type mappingSet struct {
	mapper      setMapper
	named       []setStrategy
	qualifiers  []Qualifier
	campaigns   []CampaignLink
	externalIDs map[salesforce.Object]string
	transforms  map[string]TransformFunc
	owners      OwnerPolicy
	members     map[*CampaignLink]*Mapping // the links' own rows
}

// NewMappingSet returns the set of a configuration. A nil Mapper fills nothing.
func NewMappingSet(cfg MappingConfig) *mappingSet {
	s := &mappingSet{
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

// objects returns the objects that the session describes: those that people
// become under any strategy a captured lead may name, and those that are
// written beside them.
func (s *mappingSet) objects() []salesforce.Object {
	wanted := []salesforce.Object{
		salesforce.ObjectLead, salesforce.ObjectContact, salesforce.ObjectAccount, salesforce.ObjectTask}
	if len(s.openLinks()) > 0 {
		wanted = append(wanted, salesforce.ObjectCampaignMember)
	}
	wanted = append(wanted, s.mapper.Objects()...)
	for referred := range s.references() {
		wanted = append(wanted, referred)
	}
	var objects []salesforce.Object
	seen := make(map[salesforce.Object]bool)
	for _, o := range wanted {
		if !seen[folded(o)] {
			seen[folded(o)] = true
			objects = append(objects, o)
		}
	}
	return objects
}

// strategies returns those that the Config names.
func (s *mappingSet) strategies() []setStrategy { return s.named }

// customObjects returns the Mapper's. A host's own Mapper has none: New sees to
// that.
func (s *mappingSet) customObjects() []*ObjectMapping {
	if m, ok := s.mapper.(*Mapping); ok {
		return m.customObjects()
	}
	return nil
}

// customObject returns the section for an object that has a key, nil for another.
func (s *mappingSet) customObject(o salesforce.Object) *ObjectMapping {
	if m, ok := s.mapper.(*Mapping); ok {
		return m.custom(o)
	}
	return nil
}

// rowsFor returns the rows that fill an object, of the mapping or of the campaign
// links.
func (s *mappingSet) rowsFor(object salesforce.Object) []Rule {
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

// references yields the object and the field of each row's Rule.By.
func (s *mappingSet) references() iter.Seq2[salesforce.Object, string] {
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

// openLinks returns the campaign links that take people.
func (s *mappingSet) openLinks() []CampaignLink {
	return slices.DeleteFunc(slices.Clone(s.campaigns), func(l CampaignLink) bool { return l.Archived })
}

// filled names the fields of an object that rows, answers, keys and lookups fill.
func (s *mappingSet) filled(object salesforce.Object) []string {
	fields := slices.Clone(s.mapper.Fields(object))
	for i := range s.qualifiers {
		if q := &s.qualifiers[i]; !q.Archived {
			fields = append(fields, q.field(object))
		}
	}
	if section := s.customObject(object); section != nil {
		fields = append(append(fields, section.Key), section.lookupFields()...)
	}
	return fields
}

// read names the fields of an object whose current values decide what is written.
func (s *mappingSet) read(object salesforce.Object) []string {
	if object.Equal(salesforce.ObjectCampaignMember) {
		var fields []string
		for _, rule := range s.rowsFor(object) {
			fields = append(fields, rule.Field)
		}
		return fields
	}
	fields := slices.Clone(s.mapper.Fields(object))
	if section := s.customObject(object); section != nil {
		fields = append(fields, section.lookupFields()...)
	}
	for i := range s.qualifiers {
		fields = append(fields, s.qualifiers[i].field(object))
	}
	return fields
}

// mapMember returns what a campaign link wants of the lead's membership.
func (s *mappingSet) mapMember(link *CampaignLink, lead *Lead, target Target) (salesforce.Fields, []Warning, *Error) {
	fields, warnings, err := s.members[link].Map(lead, target)
	if err != nil {
		return nil, nil, mapError(lead.ID, target.Object, err)
	}
	if err := checkWhole(lead, target, fields); err != nil {
		return nil, nil, err
	}
	return fields, warnings, nil
}

// activities returns a lead's activities and its answers to note qualifiers.
func (s *mappingSet) activities(lead *Lead) []Activity {
	return append(slices.Clone(lead.Activities), noteAnswers(s.qualifiers, lead)...)
}

// keyOf returns the key of a lead's record of a section, and the field that holds
// it. The key is "" when it is blank.
func (s *mappingSet) keyOf(
	section *ObjectMapping, describe *salesforce.Describe, lead *Lead,
) (string, *salesforce.Field, *Error) {
	field, err := section.keyField(describe)
	if err != nil {
		return "", nil, err
	}
	key, err := s.mapper.(*Mapping).keyOf(section, field, lead)
	return key, field, err
}

// lookupPolicies say what happens to a lookup whose field is not there, or may not be
// written.
func (s *mappingSet) lookupPolicies() (missing, locked Policy) {
	m, ok := s.mapper.(*Mapping)
	if !ok {
		return Fail, Skip
	}
	return cmp.Or(m.Missing, Fail), cmp.Or(m.Locked, Skip)
}

// fillsRestricted reports whether something is mapped to a restricted picklist.
func (s *mappingSet) fillsRestricted(object salesforce.Object, d *salesforce.Describe) bool {
	return slices.ContainsFunc(s.filled(object), func(name string) bool {
		field, ok := d.Field(name)
		return ok && field.RestrictedPicklist
	})
}

// keyFieldName is the key field that is used where Config.ExternalIDs is nil.
const keyFieldName = "LeadsyncKey__c"

// keyFieldFor returns the name of the key field that o should have.
func (s *mappingSet) keyFieldFor(o salesforce.Object) string {
	if s.externalIDs == nil {
		return keyFieldName
	}
	for object, name := range s.externalIDs {
		if object.Equal(o) {
			return name
		}
	}
	return ""
}

// keysAndLookups are the fields of an object that no answer may fill.
func (s *mappingSet) keysAndLookups(object salesforce.Object) []string {
	if section := s.customObject(object); section != nil {
		return append(section.lookupFields(), section.Key)
	}
	return []string{s.keyFieldFor(object)}
}

// mapping returns the Mapper where it is a Mapping, nil for a host's own.
func (s *mappingSet) mapping() *Mapping {
	m, _ := s.mapper.(*Mapping)
	return m
}
