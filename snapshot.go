package leadsync

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// snapshotVersion is the version of the form that a SchemaSnapshot has.
const snapshotVersion = 1

// A SchemaSnapshot is what the schema of an org was when Preflight looked, as far
// as the Config uses it: the fields that something is written to, those that the
// org requires, and those by which Rule.By names a record. It is plain data and
// holds nothing of leads: keep it as JSON, and give it to Config.LastSchema of a
// later process.
type SchemaSnapshot struct {
	Version int           `json:"version"`
	Org     salesforce.ID `json:"org,omitempty"` // empty where it is not known
	At      time.Time     `json:"at"`
	// Objects are those that the connected user sees, by name.
	Objects []ObjectSnapshot `json:"objects"`
	// Campaigns are the linked ones whose statuses are known, by id.
	Campaigns []CampaignSnapshot `json:"campaigns,omitempty"`
}

// An ObjectSnapshot is one object of a SchemaSnapshot.
type ObjectSnapshot struct {
	Object salesforce.Object `json:"object"`
	Fields []FieldSnapshot   `json:"fields"` // by name
	// RecordTypes are those that the connected user may give, by name, and without
	// the master. NewRecordType is that of records created without one.
	RecordTypes   []string `json:"recordTypes,omitempty"`
	NewRecordType string   `json:"newRecordType,omitempty"`
}

// A CampaignSnapshot is a linked campaign of a SchemaSnapshot.
type CampaignSnapshot struct {
	ID       salesforce.ID `json:"id"`
	Statuses []string      `json:"statuses"` // of members, by name
	Default  string        `json:"default,omitempty"`
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
	Key         bool                 `json:"key,omitempty"` // an External ID, or an idLookup field
	Restricted  bool                 `json:"restricted,omitempty"`
	Controller  string               `json:"controller,omitempty"`
	Options     []string             `json:"options,omitempty"` // the active ones, by name
	ReferenceTo []salesforce.Object  `json:"referenceTo,omitempty"`
}

// Fingerprint is the same for two snapshots of the same schema, whenever they were
// taken, and differs otherwise.
func (s *SchemaSnapshot) Fingerprint() string {
	plain, _ := json.Marshal([]any{s.Objects, s.Campaigns}) // plain data always marshals
	sum := sha256.Sum256(plain)
	return hex.EncodeToString(sum[:16])
}

// object returns the snapshot of an object, nil for none.
func (s *SchemaSnapshot) object(o salesforce.Object) *ObjectSnapshot {
	for i := range s.Objects {
		if s.Objects[i].Object.Equal(o) {
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
	for _, u := range p.watched() {
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
		if u.create || u.update {
			object.RecordTypes, object.NewRecordType = recordTypesOf(describe)
		}
		slices.SortFunc(object.Fields, func(a, b FieldSnapshot) int { return strings.Compare(a.Name, b.Name) })
		s.Objects = append(s.Objects, object)
	}
	slices.SortFunc(s.Objects, func(a, b ObjectSnapshot) int { return strings.Compare(string(a.Object), string(b.Object)) })
	for _, id := range slices.Sorted(maps.Keys(p.schema.campaigns)) {
		if campaign := p.schema.campaigns[id]; len(campaign.statuses) > 0 {
			s.Campaigns = append(s.Campaigns, snapshotOfCampaign(campaign))
		}
	}
	return s
}

func snapshotOfCampaign(c *campaignInfo) CampaignSnapshot {
	s := CampaignSnapshot{ID: c.id}
	for _, status := range c.statuses {
		s.Statuses = append(s.Statuses, status.label)
		if status.isDefault {
			s.Default = status.label
		}
	}
	slices.Sort(s.Statuses)
	return s
}

func recordTypesOf(d *salesforce.Describe) (names []string, ofNew string) {
	for _, t := range d.RecordTypes {
		if t.Master || !t.Active || !t.Available {
			continue
		}
		names = append(names, t.DeveloperName)
		if t.Default {
			ofNew = t.DeveloperName
		}
	}
	slices.Sort(names)
	return names, ofNew
}

// watched are the objects of a snapshot: those that a sync writes, and those that
// Rule.By names.
func (p *preflight) watched() []use {
	watched := p.uses()
	for object := range p.set.references() {
		if !slices.ContainsFunc(watched, func(u use) bool { return u.object.Equal(object) }) {
			watched = append(watched, use{object: object})
		}
	}
	return watched
}

// usedFields names the fields of an object that a sync reads or writes for the
// Config.
func (p *preflight) usedFields(u use) []string {
	names := []string{p.set.keyFieldFor(u.object)}
	for object, key := range p.set.references() {
		if object.Equal(u.object) {
			names = append(names, key)
		}
	}
	switch {
	case u.object.Equal(salesforce.ObjectTask):
		return append(names, "Subject", "Description", "Status", "ActivityDate", "TaskSubtype", "WhoId", ownerField)
	case u.object.Equal(salesforce.ObjectCampaignMember):
		names = append(names, "CampaignId", "LeadId", "ContactId", "Status")
		for _, link := range p.set.openLinks() {
			for _, rule := range link.Fields {
				names = append(names, rule.Field)
			}
		}
		return names
	}
	for _, strategy := range p.set.strategies() {
		for _, probe := range strategy.Probes(sampleLead()) {
			if probe.Object.Equal(u.object) {
				names = append(names, probe.Field)
			}
		}
	}
	return append(names, p.set.filled(u.object)...)
}

func snapshotOf(f *salesforce.Field) FieldSnapshot {
	s := FieldSnapshot{
		Name: f.Name, Type: f.Type, Length: f.Length, Precision: f.Precision, Scale: f.Scale, Digits: f.Digits,
		Required: f.RequiredOnCreate(), CreateOnly: f.Createable && !f.Updateable, ReadOnly: !f.Createable && !f.Updateable,
		Unique: f.Unique, Key: f.ExternalID || f.IDLookup, Restricted: f.RestrictedPicklist, Controller: f.ControllerName, ReferenceTo: f.ReferenceTo,
	}
	for _, option := range f.PicklistValues {
		if option.Active {
			s.Options = append(s.Options, option.Value)
		}
	}
	slices.Sort(s.Options)
	return s
}
