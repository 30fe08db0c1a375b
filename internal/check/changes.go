// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// schemaOf returns a snapshot as hosts keep it.
func schemaOf(s *org.Snapshot) *preflight.Schema {
	schema := new(preflight.Schema)
	plain, _ := json.Marshal(s) // plain data always marshals
	_ = schema.UnmarshalJSON(plain)
	return schema
}

// snapshotIn returns the snapshot that a Schema holds, nil for no Schema.
func snapshotIn(schema *preflight.Schema) *org.Snapshot {
	if schema == nil {
		return nil
	}
	s := new(org.Snapshot)
	plain, _ := schema.MarshalJSON()
	_ = json.Unmarshal(plain, s) // it was one
	return s
}

// checkChanges says what changed in the org since the last preflight.
func (c *checker) checkChanges(now *org.Snapshot) {
	last := snapshotIn(c.Last)
	if last == nil || last.Version != org.SnapshotVersion || last.Org != "" && now.Org != "" && last.Org != now.Org {
		return
	}
	for i := range last.Objects {
		c.compareObject(&last.Objects[i], now.Object(last.Objects[i].Object))
	}
	campaigns := make(map[salesforce.ID]*org.CampaignSnapshot, len(now.Campaigns))
	for i := range now.Campaigns {
		campaigns[now.Campaigns[i].ID] = &now.Campaigns[i]
	}
	for i := range last.Campaigns {
		// One that is gone is reported by checkCampaigns, or is no longer linked.
		if after := campaigns[last.Campaigns[i].ID]; after != nil {
			c.compareCampaign(&last.Campaigns[i], after)
		}
	}
}

func (c *checker) compareCampaign(before, after *org.CampaignSnapshot) {
	breaks, eases := org.ListChanges("statuses", before.Statuses, after.Statuses)
	if before.Default != after.Default {
		breaks = append(breaks, fmt.Sprintf("the default is %s, was %s", after.Default, before.Default))
	}
	c.differs(salesforce.ObjectCampaignMember, "Status", fmt.Sprintf("campaign %s: ", after.ID), breaks, eases)
}

// compareObject compares an object with what it is now, nil when it is gone or no
// longer used.
func (c *checker) compareObject(before, after *org.ObjectSnapshot) {
	if after == nil {
		if _, used := c.watchedUse(before.Object); used && c.Session.Describe(before.Object) == nil {
			c.changed(preflight.SeverityWarning, before.Object, "",
				"the object was deleted or is hidden from the connected user")
		}
		return
	}
	for i := range before.Fields {
		c.compareField(&before.Fields[i], after)
	}
	c.compareRequired(before, after)
	breaks, eases := org.ListChanges("record types", before.RecordTypes, after.RecordTypes)
	if before.NewRecordType != after.NewRecordType {
		breaks = append(breaks, fmt.Sprintf("new records get the record type %s, was %s",
			cmp.Or(after.NewRecordType, "Master"), cmp.Or(before.NewRecordType, "Master")))
	}
	c.differs(after.Object, value.RecordTypeField, "", breaks, eases)
}

// compareRequired looks for fields that are in the snapshot only because the org
// requires them now.
func (c *checker) compareRequired(before, after *org.ObjectSnapshot) {
	u, used := c.watchedUse(after.Object)
	for _, f := range after.Fields {
		if before.Field(f.Name) == nil && (!used || !value.ContainsFold(c.usedFields(u), f.Name)) {
			c.changed(preflight.SeverityWarning, after.Object, f.Name, "now required")
		}
	}
}

// compareField compares a field with what it is now.
func (c *checker) compareField(before *org.FieldSnapshot, object *org.ObjectSnapshot) {
	after := object.Field(before.Name)
	if after == nil {
		if _, exists := c.Session.Describe(object.Object).Field(before.Name); !exists {
			c.changed(preflight.SeverityWarning, object.Object, before.Name,
				"the field was deleted or is hidden from the connected user")
		}
		return // else it is no longer used
	}
	breaks, eases := before.Differences(after)
	c.differs(object.Object, after.Name, "", breaks, eases)
}

// differs notes what changed: a warning where it may break a sync.
func (c *checker) differs(object salesforce.Object, field, prefix string, breaks, eases []string) {
	severity := preflight.SeverityInfo
	if len(breaks) > 0 {
		severity = preflight.SeverityWarning
	}
	if all := append(breaks, eases...); len(all) > 0 {
		c.changed(severity, object, field, prefix+strings.Join(all, "; "))
	}
}

func (c *checker) changed(severity preflight.Severity, object salesforce.Object, field, what string) {
	f := preflight.Finding{Severity: severity, Object: object, Field: field,
		Reason: "changed since the last preflight: " + what}
	if severity == preflight.SeverityWarning {
		f.Fix = c.fix("changed")
	}
	c.add(f)
}
