// SPDX-License-Identifier: Apache-2.0

package org

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// SnapshotVersion is the version of the form that a snapshot has.
const SnapshotVersion = 1

// A Snapshot is the schema of an org at the time of a Preflight, limited to what the
// configuration uses: the fields that are written to, those that the org requires,
// and those by which Rule.By names a record. It is what a Schema holds: its JSON is
// kept by hosts.
type Snapshot struct {
	Version int           `json:"version"`
	Org     salesforce.ID `json:"org,omitempty"` // empty where it is not known
	At      time.Time     `json:"at"`
	// Objects are those that the connected user sees, by name.
	Objects []ObjectSnapshot `json:"objects"`
	// Campaigns are the linked ones whose statuses are known, by id.
	Campaigns []CampaignSnapshot `json:"campaigns,omitempty"`
}

// An ObjectSnapshot is one object of a snapshot.
type ObjectSnapshot struct {
	Object salesforce.Object `json:"object"`
	Fields []FieldSnapshot   `json:"fields"` // by name
	// RecordTypes are those that the connected user may give, by name, and without
	// the master. NewRecordType is that of records created without one.
	RecordTypes   []string `json:"recordTypes,omitempty"`
	NewRecordType string   `json:"newRecordType,omitempty"`
}

// A CampaignSnapshot is a linked campaign of a snapshot.
type CampaignSnapshot struct {
	ID       salesforce.ID `json:"id"`
	Statuses []string      `json:"statuses"` // of members, by name
	Default  string        `json:"default,omitempty"`
}

// A FieldSnapshot is one field of a snapshot; see salesforce.Field for what its
// parts mean.
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
func (s *Snapshot) Fingerprint() string {
	plain, _ := json.Marshal([]any{s.Objects, s.Campaigns}) // plain data always marshals
	sum := sha256.Sum256(plain)
	return hex.EncodeToString(sum[:16])
}

// Object returns the snapshot of an object, nil for none.
func (s *Snapshot) Object(o salesforce.Object) *ObjectSnapshot {
	for i := range s.Objects {
		if s.Objects[i].Object.Equal(o) {
			return &s.Objects[i]
		}
	}
	return nil
}

// Field returns the field of the given name, in any case, or nil.
func (o *ObjectSnapshot) Field(name string) *FieldSnapshot {
	for i := range o.Fields {
		if strings.EqualFold(o.Fields[i].Name, name) {
			return &o.Fields[i]
		}
	}
	return nil
}

// SnapshotCampaign keeps the member statuses of a campaign.
func SnapshotCampaign(c *CampaignInfo) CampaignSnapshot {
	s := CampaignSnapshot{ID: c.id}
	for _, status := range c.Statuses {
		s.Statuses = append(s.Statuses, status.Label)
		if status.isDefault {
			s.Default = status.Label
		}
	}
	slices.Sort(s.Statuses)
	return s
}

// RecordTypesOf returns the record types that the connected user may assign, sorted,
// and the one that new records get.
func RecordTypesOf(d *salesforce.Describe) (names []string, ofNew string) {
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

// SnapshotField keeps what a later check compares of a field.
func SnapshotField(f *salesforce.Field) FieldSnapshot {
	s := FieldSnapshot{
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
