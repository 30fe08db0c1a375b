// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// snapshot returns what the configuration uses of the org.
func (c *checker) snapshot() *org.Snapshot {
	s := &org.Snapshot{Version: org.SnapshotVersion, Org: c.Session.Org, At: c.Session.At, Objects: []org.ObjectSnapshot{}}
	for _, u := range c.watched() {
		if describe := c.Session.Describe(u.object); describe != nil {
			s.Objects = append(s.Objects, c.snapshotObject(u, describe))
		}
	}
	slices.SortFunc(s.Objects, func(a, b org.ObjectSnapshot) int { return cmp.Compare(a.Object, b.Object) })
	for _, id := range slices.Sorted(maps.Keys(c.Session.Campaigns)) {
		if campaign := c.Session.Campaigns[id]; len(campaign.Statuses) > 0 {
			s.Campaigns = append(s.Campaigns, org.SnapshotCampaign(campaign))
		}
	}
	return s
}

func (c *checker) snapshotObject(u use, describe *salesforce.Describe) org.ObjectSnapshot {
	used := c.usedFields(u)
	object := org.ObjectSnapshot{Object: u.object, Fields: []org.FieldSnapshot{}}
	for i := range describe.Fields {
		f := &describe.Fields[i]
		if value.ContainsFold(used, f.Name) || u.create && f.RequiredOnCreate() {
			object.Fields = append(object.Fields, org.SnapshotField(f))
		}
	}
	slices.SortFunc(object.Fields, func(a, b org.FieldSnapshot) int { return strings.Compare(a.Name, b.Name) })
	if u.create || u.update {
		object.RecordTypes, object.NewRecordType = org.RecordTypesOf(describe)
	}
	return object
}

// watched returns the objects of a snapshot: those that a sync writes, and those
// that Rule.By names.
func (c *checker) watched() []use {
	watched := c.uses()
	for object := range c.Set.References() {
		if !slices.ContainsFunc(watched, func(u use) bool { return u.object.Equal(object) }) {
			watched = append(watched, use{object: object})
		}
	}
	return watched
}

// watchedUse returns how a sync uses an object of a snapshot, and whether it does.
func (c *checker) watchedUse(o salesforce.Object) (use, bool) {
	watched := c.watched()
	i := slices.IndexFunc(watched, func(u use) bool { return u.object.Equal(o) })
	if i < 0 {
		return use{}, false
	}
	return watched[i], true
}

// usedFields names the fields of an object that a sync reads or writes.
func (c *checker) usedFields(u use) []string {
	names := []string{c.Set.KeyField(u.object)}
	for object, key := range c.Set.References() {
		if object.Equal(u.object) {
			names = append(names, key)
		}
	}
	switch {
	case u.object.Equal(salesforce.ObjectTask):
		return append(names, "Subject", "Description", "Status", "ActivityDate", "TaskSubtype", "WhoId", value.OwnerField)
	case u.object.Equal(salesforce.ObjectCampaignMember):
		names = append(names, "CampaignId", "LeadId", "ContactId", "Status")
		for _, link := range c.Set.OpenLinks() {
			for _, rule := range link.Fields {
				names = append(names, rule.Field)
			}
		}
		return names
	}
	for _, s := range c.samples {
		for _, probe := range s.probes {
			if probe.Object.Equal(u.object) {
				names = append(names, probe.Field)
			}
		}
	}
	return append(names, c.Set.FilledFields(u.object)...)
}
