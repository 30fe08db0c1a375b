// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"iter"
	"log/slog"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Config is what a Set is made of: the fields of leadsync.Config with the same names.
type Config struct {
	// Mapper fills nothing when it is nil.
	Mapper Mapper
	// Strategies are those that the configuration names, the default first.
	Strategies  []Strategy
	Qualifiers  []Qualifier
	Campaigns   []CampaignLink
	ExternalIDs map[salesforce.Object]string
	// KeyPrefix begins the keys of records; leadsync.New takes it from the connection's
	// name where leadsync.Config.KeyPrefix is empty.
	KeyPrefix  string
	Transforms map[string]TransformFunc
	Owners     leadtype.OwnerPolicy
	LeadSource string
	// Logger gets the stack of a Mapper or a transform that panics. Nil logs nothing.
	Logger *slog.Logger
}

// A Mapper is what a Set needs of a leadsync.Mapper. Objects and Fields are asked once.
type Mapper interface {
	Objects() []salesforce.Object
	Fields(object salesforce.Object) []string
	Map(lead *leadtype.Lead, target Target) (salesforce.Fields, []leadtype.Warning, error)
}

// A Strategy is what a Set keeps of a leadsync.Strategy.
type Strategy interface {
	Name() string
	Probes(lead *leadtype.Lead) []leadtype.Probe
	NoHit(lead *leadtype.Lead) leadtype.NoHit
}

// A Set is all that a configuration says about which values go into which records. The
// stages of a sync ask it; leadsync.New makes it, and hosts do not need it. It is
// read-only and safe for concurrent use.
type Set struct {
	cfg      Config                       // with a Mapper, and its transforms in it
	own      ownMapper                    // what a host's own Mapper says of itself
	members  map[*CampaignLink]*Mapping   // the links' own rules
	rows     map[salesforce.Object][]byte // digests of what the rules say, by folded object
	linkRows map[*CampaignLink][]byte
	reasons  map[origin]string // of what rules say
	links    linkIndex
	tasks    *Mapping // for Tasks alone, nil for none

	consents []leadtype.ConsentSource
}

// NewSet returns the set of a configuration, which must not be changed afterwards.
func NewSet(cfg Config) *Set {
	switch m := cfg.Mapper.(type) {
	case nil:
		cfg.Mapper = new(Mapping)
	case *Mapping:
		if m == nil {
			m = new(Mapping)
		}
		m = m.with(cfg.Transforms, cfg.Logger)
		m.leadSource = cfg.LeadSource
		cfg.Mapper = m
	}
	s := &Set{cfg: cfg, own: askMapper(cfg), members: make(map[*CampaignLink]*Mapping, len(cfg.Campaigns)),
		links: indexLinks(cfg.Campaigns)}
	for i := range cfg.Campaigns {
		link := &cfg.Campaigns[i]
		s.members[link] = link.mapping(s.mapping(), cfg.Transforms, cfg.Logger)
	}
	s.rows, s.linkRows, s.reasons = s.digestRows(), s.digestLinks(), s.reasonsOfRules()
	s.consents = s.consentSources()
	if m := s.mapping(); m != nil {
		s.tasks = m.forTasks()
	}
	return s
}

// Config returns what the set was made of, with a Mapper that is not nil. It must not be
// changed.
func (s *Set) Config() Config { return s.cfg }

// Objects returns the objects that the session describes: those that people
// become under any strategy a captured lead may name, and those that are
// written beside them.
func (s *Set) Objects() []salesforce.Object {
	wanted := []salesforce.Object{
		salesforce.ObjectLead, salesforce.ObjectContact, salesforce.ObjectAccount, salesforce.ObjectTask}
	if len(s.OpenLinks()) > 0 {
		wanted = append(wanted, salesforce.ObjectCampaignMember)
	}
	wanted = append(wanted, s.MapperObjects()...)
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

// CustomSections returns the sections of the Mapping for objects other than Lead,
// Contact and Account, each after those that its lookups refer to. A host's own Mapper
// has none: New sees to that.
func (s *Set) CustomSections() []*Section {
	if m := s.mapping(); m != nil {
		return m.customSections()
	}
	return nil
}

// section returns the custom section for an object, nil for another.
func (s *Set) section(o salesforce.Object) *Section {
	if m := s.mapping(); m != nil {
		return m.custom(o)
	}
	return nil
}

// rulesFor returns the rules that fill an object, of the mapping or of the campaign
// links.
func (s *Set) rulesFor(object salesforce.Object) []Rule {
	if object.Equal(salesforce.ObjectCampaignMember) {
		var rules []Rule
		for _, link := range s.cfg.Campaigns {
			rules = append(rules, link.Fields...)
		}
		return rules
	}
	if m, ok := s.cfg.Mapper.(*Mapping); ok {
		return m.rules(object)
	}
	return nil
}

// References yields the object and the field of each rule's Rule.By.
func (s *Set) References() iter.Seq2[salesforce.Object, string] {
	objects := append([]salesforce.Object{salesforce.ObjectCampaignMember}, s.MapperObjects()...)
	return func(yield func(salesforce.Object, string) bool) {
		for _, object := range objects {
			for _, rule := range s.rulesFor(object) {
				other, field, ok := rule.by()
				if ok && rule.refers() && rule.isUsed() && !yield(other, field) {
					return
				}
			}
		}
	}
}

// OpenLinks returns the campaign links that take people.
func (s *Set) OpenLinks() []CampaignLink {
	return slices.DeleteFunc(slices.Clone(s.cfg.Campaigns), func(l CampaignLink) bool { return l.Archived })
}

// FilledFields names the fields of an object that rules, answers, keys and lookups fill.
func (s *Set) FilledFields(object salesforce.Object) []string {
	fields := s.MapperFields(object)
	for i := range s.cfg.Qualifiers {
		if q := &s.cfg.Qualifiers[i]; !q.Archived {
			fields = append(fields, q.field(object))
		}
	}
	if section := s.section(object); section != nil {
		fields = append(append(fields, section.Key), section.lookupFields()...)
	}
	return fields
}

// ReadFields names the fields of an object whose current values decide what is written.
func (s *Set) ReadFields(object salesforce.Object) []string {
	if object.Equal(salesforce.ObjectCampaignMember) {
		var fields []string
		for _, rule := range s.rulesFor(object) {
			fields = append(fields, rule.Field)
		}
		return fields
	}
	fields := s.MapperFields(object)
	if s.mapping() != nil {
		fields = address.WithParts(fields)
	}
	if section := s.section(object); section != nil {
		fields = append(fields, section.lookupFields()...)
	}
	for i := range s.cfg.Qualifiers {
		fields = append(fields, s.cfg.Qualifiers[i].field(object))
	}
	return fields
}

// LookupPolicies say what happens to a lookup whose field is not there, or may not be
// written.
func (s *Set) LookupPolicies() (missing, locked Policy) {
	m, ok := s.cfg.Mapper.(*Mapping)
	if !ok {
		return Fail, Skip
	}
	return cmp.Or(m.Missing, Fail), cmp.Or(m.Locked, Skip)
}

// KeyFieldName is the key field that is used where leadsync.Config.ExternalIDs is nil.
const KeyFieldName = "LeadsyncKey__c"

// KeyField returns the name of the key field that o should have.
func (s *Set) KeyField(o salesforce.Object) string {
	if s.cfg.ExternalIDs == nil {
		return KeyFieldName
	}
	for object, name := range s.cfg.ExternalIDs {
		if object.Equal(o) {
			return name
		}
	}
	return ""
}

// keysAndLookups are the fields of an object that no answer may fill.
func (s *Set) keysAndLookups(object salesforce.Object) []string {
	if section := s.section(object); section != nil {
		return append(section.lookupFields(), section.Key)
	}
	return []string{s.KeyField(object)}
}

// mapping returns the Mapper where it is a Mapping, nil for a host's own.
func (s *Set) mapping() *Mapping {
	m, _ := s.cfg.Mapper.(*Mapping)
	return m
}

// An ownMapper is what a host's own Mapper says of itself.
type ownMapper struct {
	objects []salesforce.Object
	fields  map[salesforce.Object][]string // by folded object
	failed  *leadtype.Error                // it panicked
}

// askMapper asks a host's own Mapper once: what it fills must not change between the
// moment when records are read and the one when they are compared. The zero ownMapper is
// that of a Mapping.
func askMapper(cfg Config) (own ownMapper) {
	if _, ok := cfg.Mapper.(*Mapping); ok {
		return own
	}
	p := hook.Call(cfg.Logger, hook.Hook{Kind: "Mapper"}, func() {
		own.objects = slices.Clone(cfg.Mapper.Objects())
		own.fields = make(map[salesforce.Object][]string)
		for _, object := range []salesforce.Object{
			salesforce.ObjectLead, salesforce.ObjectContact, salesforce.ObjectAccount} {
			own.fields[value.Folded(object)] = slices.Clone(cfg.Mapper.Fields(object))
		}
	})
	if p != nil {
		own.failed = &leadtype.Error{Op: "new", Code: leadtype.Unknown, Reason: p.Reason(), Err: p}
	}
	return own
}

// MapperFailed is the error of a Mapper that panicked when it was asked for its objects
// and fields, nil for any other.
func (s *Set) MapperFailed() *leadtype.Error { return s.own.failed }

// MapperObjects returns the objects that the Mapper fills.
func (s *Set) MapperObjects() []salesforce.Object {
	if m := s.mapping(); m != nil {
		return m.Objects()
	}
	return s.own.objects
}

// HasSection reports whether the Mapper fills an object.
func (s *Set) HasSection(object salesforce.Object) bool {
	if m := s.mapping(); m != nil {
		return slices.ContainsFunc(m.Sections, func(section Section) bool { return section.Object.Equal(object) })
	}
	return slices.ContainsFunc(s.own.objects, object.Equal)
}

// MapperFields returns the fields of an object that the Mapper fills, in a new slice.
func (s *Set) MapperFields(object salesforce.Object) []string {
	if m := s.mapping(); m != nil {
		return slices.Clone(m.Fields(object))
	}
	return slices.Clone(s.own.fields[value.Folded(object)])
}

// Remembered returns the fields of an object of which a connection remembers what it last
// wrote: those whose rules depend on it, and the e-mail address of a person.
func (s *Set) Remembered(object salesforce.Object) []string {
	var fields []string
	if object.Equal(salesforce.ObjectLead) || object.Equal(salesforce.ObjectContact) {
		fields = append(fields, "Email")
	}
	for _, rule := range s.rulesFor(object) {
		if rule.remembers() && !value.ContainsFold(fields, rule.Field) {
			fields = append(fields, rule.Field)
		}
	}
	for _, field := range s.answeredFields(object) {
		if !value.ContainsFold(fields, field) {
			fields = append(fields, field)
		}
	}
	return address.WithParts(fields)
}

// Overwritten returns the fields of an object of which nothing is remembered but in which form
// a lead wrote its value: those that rules overwrite, and those of a host's own Mapper.
func (s *Set) Overwritten(object salesforce.Object) []string {
	fields := s.own.fields[value.Folded(object)]
	for _, rule := range s.rulesFor(object) {
		if rule.overwrites() {
			fields = append(fields, rule.Field)
		}
	}
	remembered := s.Remembered(object)
	return slices.DeleteFunc(slices.Clone(fields), func(name string) bool { return value.ContainsFold(remembered, name) })
}

// RemembersAny reports whether a rule of the mapping or an answer depends on what was last
// written.
func (s *Set) RemembersAny() bool {
	m := s.mapping()
	return slices.ContainsFunc(s.cfg.Qualifiers, func(q Qualifier) bool { return !q.Archived && len(q.Fields) > 0 }) ||
		m != nil && slices.ContainsFunc(m.Sections, func(section Section) bool {
			return slices.ContainsFunc(section.Rules, func(r Rule) bool { return r.remembers() })
		})
}

// answeredFields returns the fields of an object that answers fill.
func (s *Set) answeredFields(object salesforce.Object) []string {
	var fields []string
	for i := range s.cfg.Qualifiers {
		q := &s.cfg.Qualifiers[i]
		if field := q.field(object); field != "" && !q.Archived && q.Type != QualifierNote {
			fields = append(fields, field)
		}
	}
	return fields
}

// Consents returns the fields of an object that are opt-outs or consents, by their rules,
// or by their name or label where answers fill them.
func (s *Set) Consents(object salesforce.Object, describe *salesforce.Describe) []string {
	var fields []string
	for _, rule := range s.rulesFor(object) {
		if rule.ofConsent() {
			fields = append(fields, rule.Field)
		}
	}
	if describe == nil {
		return fields
	}
	for _, name := range s.answeredFields(object) {
		if field, ok := describe.Field(name); ok && consentRule(field) != "" {
			fields = append(fields, field.Name)
		}
	}
	return fields
}

// ConsentSources returns where leads say an opt-out or a consent: in the sources of rules
// under Raise and Lower, and in answers that go into such a field, or into a checkbox that is
// a consent by its name. A source whose rule transforms it is none: what it says is known
// only when the lead is mapped. It must not be changed.
func (s *Set) ConsentSources() []leadtype.ConsentSource { return s.consents }

func (s *Set) consentSources() []leadtype.ConsentSource {
	var sources []leadtype.ConsentSource
	add := func(source string, values map[string]string, writes ...WriteRule) {
		if !strings.HasPrefix(source, value.PrefixCustom) && !strings.HasPrefix(source, value.PrefixQualifier) {
			return
		}
		for _, write := range writes {
			if write.isConsent() {
				sources = append(sources, leadtype.ConsentSource{Source: source, Keep: write == Raise, Values: values})
			}
		}
	}
	for _, object := range append([]salesforce.Object{salesforce.ObjectCampaignMember}, s.MapperObjects()...) {
		for _, rule := range s.rulesFor(object) {
			if s.readsAsSaid(&rule) {
				add(rule.Source, rule.Values, rule.Write, rule.Own)
			}
		}
	}
	for i := range s.cfg.Qualifiers {
		q := &s.cfg.Qualifiers[i]
		for object, name := range q.Fields {
			field := &salesforce.Field{Name: name, Type: salesforce.TypeBoolean}
			switch row := consentRow(s.rulesFor(object), field, nil); {
			case q.Archived:
			case row != nil:
				add(q.source(), q.Options, row.Write, row.Own)
			case q.fillsBox(name):
				add(q.source(), q.Options, consentRule(field))
			}
		}
	}
	return sources
}

// readsAsSaid reports whether the transforms of a rule leave a yes and a no as they are.
func (s *Set) readsAsSaid(rule *Rule) bool {
	return !slices.ContainsFunc(rule.Transforms, func(name string) bool {
		return s.cfg.Transforms[name] != nil || !slices.Contains([]string{"trim", "lower", "upper"}, name)
	})
}

// reasonsOfRules returns the texts of all origins that there are.
func (s *Set) reasonsOfRules() map[origin]string {
	reasons := make(map[origin]string)
	for _, object := range append([]salesforce.Object{salesforce.ObjectCampaignMember}, s.MapperObjects()...) {
		for _, rule := range s.rulesFor(object) {
			reasons[rule.origin()] = rule.origin().String()
		}
	}
	return reasons
}

// digestRows returns digests of all that decides, beside the lead, what the Mapping wants
// of an object's records. There is none for a host's own Mapper.
func (s *Set) digestRows() map[salesforce.Object][]byte {
	m := s.mapping()
	if m == nil {
		return nil
	}
	rows := make(map[salesforce.Object][]byte, len(m.Sections))
	for _, section := range m.Sections {
		of := *m
		of.Sections = []Section{section}
		text, err := json.Marshal(struct {
			Mapping    *Mapping
			Qualifiers []Qualifier
			Owners     leadtype.OwnerPolicy
		}{&of, s.cfg.Qualifiers, s.cfg.Owners})
		if err != nil {
			continue // the part is always planned then
		}
		sum := sha256.Sum256(text)
		rows[value.Folded(section.Object)] = sum[:]
	}
	return rows
}

// PartDigest returns a short digest of all that decides what the Mapping wants of an
// object's record for a lead, but for the record and the org: it has changed if another
// value may be written. It is empty for a host's own Mapper, which may decide by anything.
func (s *Set) PartDigest(object salesforce.Object, lead *leadtype.Lead) string {
	rows := s.rows[value.Folded(object)]
	if rows == nil {
		return ""
	}
	var buffer [1024]byte
	text := appendSources(appendLead(buffer[:0], lead), s.rulesFor(object), lead)
	for i := range s.cfg.Qualifiers {
		if q := &s.cfg.Qualifiers[i]; q.asks(lead) {
			text = appendValue(text, lead.Answers[q.Name])
		} else {
			text = appendValue(text, nil)
		}
	}
	return partDigest(rows, text)
}
