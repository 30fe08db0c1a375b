package leadsync

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// snapshotVersion is the version of the form that a snapshot has.
const snapshotVersion = 1

// A snapshot is what the schema of an org was when Preflight looked, as far as the
// configuration uses it: the fields that are written to, those that the org requires,
// and those by which Rule.By names a record. It is what a Schema holds: its JSON is
// kept by hosts.
type snapshot struct {
	Version int           `json:"version"`
	Org     salesforce.ID `json:"org,omitempty"` // empty where it is not known
	At      time.Time     `json:"at"`
	// Objects are those that the connected user sees, by name.
	Objects []objectSnapshot `json:"objects"`
	// Campaigns are the linked ones whose statuses are known, by id.
	Campaigns []campaignSnapshot `json:"campaigns,omitempty"`
}

// An objectSnapshot is one object of a snapshot.
type objectSnapshot struct {
	Object salesforce.Object `json:"object"`
	Fields []fieldSnapshot   `json:"fields"` // by name
	// RecordTypes are those that the connected user may give, by name, and without
	// the master. NewRecordType is that of records created without one.
	RecordTypes   []string `json:"recordTypes,omitempty"`
	NewRecordType string   `json:"newRecordType,omitempty"`
}

// A campaignSnapshot is a linked campaign of a snapshot.
type campaignSnapshot struct {
	ID       salesforce.ID `json:"id"`
	Statuses []string      `json:"statuses"` // of members, by name
	Default  string        `json:"default,omitempty"`
}

// A fieldSnapshot is one field of a snapshot; see salesforce.Field for what its
// parts mean.
type fieldSnapshot struct {
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

// fingerprint is the same for two snapshots of the same schema, whenever they were
// taken, and differs otherwise.
func (s *snapshot) fingerprint() string {
	plain, _ := json.Marshal([]any{s.Objects, s.Campaigns}) // plain data always marshals
	sum := sha256.Sum256(plain)
	return hex.EncodeToString(sum[:16])
}

// object returns the snapshot of an object, nil for none.
func (s *snapshot) object(o salesforce.Object) *objectSnapshot {
	for i := range s.Objects {
		if s.Objects[i].Object.Equal(o) {
			return &s.Objects[i]
		}
	}
	return nil
}

func (o *objectSnapshot) field(name string) *fieldSnapshot {
	for i := range o.Fields {
		if strings.EqualFold(o.Fields[i].Name, name) {
			return &o.Fields[i]
		}
	}
	return nil
}

func snapshotOfCampaign(c *campaignInfo) campaignSnapshot {
	s := campaignSnapshot{ID: c.id}
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

func snapshotOf(f *salesforce.Field) fieldSnapshot {
	s := fieldSnapshot{
		Name: f.Name, Type: f.Type, Length: f.Length, Precision: f.Precision, Scale: f.Scale, Digits: f.Digits,
		Required: f.RequiredOnCreate(), CreateOnly: f.Createable && !f.Updateable, ReadOnly: !f.Createable && !f.Updateable,
		Unique: f.Unique, Key: f.ExternalID || f.IDLookup, Restricted: f.RestrictedPicklist,
		Controller: f.ControllerName, ReferenceTo: f.ReferenceTo,
	}
	for _, option := range f.PicklistValues {
		if option.Active {
			s.Options = append(s.Options, option.Value)
		}
	}
	slices.Sort(s.Options)
	return s
}
