package leadsync

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// snapshot returns what the configuration uses of the org.
func (c *checker) snapshot() *snapshot {
	s := &snapshot{Version: snapshotVersion, Org: c.session.org, At: c.session.at, Objects: []objectSnapshot{}}
	for _, u := range c.watched() {
		if describe := c.session.describe(u.object); describe != nil {
			s.Objects = append(s.Objects, c.snapshotObject(u, describe))
		}
	}
	slices.SortFunc(s.Objects, func(a, b objectSnapshot) int { return cmp.Compare(a.Object, b.Object) })
	for _, id := range slices.Sorted(maps.Keys(c.session.campaigns)) {
		if campaign := c.session.campaigns[id]; len(campaign.statuses) > 0 {
			s.Campaigns = append(s.Campaigns, snapshotOfCampaign(campaign))
		}
	}
	return s
}

func (c *checker) snapshotObject(u use, describe *salesforce.Describe) objectSnapshot {
	used := c.usedFields(u)
	object := objectSnapshot{Object: u.object, Fields: []fieldSnapshot{}}
	for i := range describe.Fields {
		f := &describe.Fields[i]
		if blames(used, f.Name) || u.create && f.RequiredOnCreate() {
			object.Fields = append(object.Fields, snapshotOf(f))
		}
	}
	slices.SortFunc(object.Fields, func(a, b fieldSnapshot) int { return strings.Compare(a.Name, b.Name) })
	if u.create || u.update {
		object.RecordTypes, object.NewRecordType = recordTypesOf(describe)
	}
	return object
}

// watched returns the objects of a snapshot: those that a sync writes, and those
// that Rule.By names.
func (c *checker) watched() []use {
	watched := c.uses()
	for object := range c.set.references() {
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
	names := []string{c.set.keyFieldFor(u.object)}
	for object, key := range c.set.references() {
		if object.Equal(u.object) {
			names = append(names, key)
		}
	}
	switch {
	case u.object.Equal(salesforce.ObjectTask):
		return append(names, "Subject", "Description", "Status", "ActivityDate", "TaskSubtype", "WhoId", ownerField)
	case u.object.Equal(salesforce.ObjectCampaignMember):
		names = append(names, "CampaignId", "LeadId", "ContactId", "Status")
		for _, link := range c.set.openLinks() {
			for _, rule := range link.Fields {
				names = append(names, rule.Field)
			}
		}
		return names
	}
	for _, strategy := range c.set.strategies() {
		for _, probe := range strategy.Probes(sampleLead()) {
			if probe.Object.Equal(u.object) {
				names = append(names, probe.Field)
			}
		}
	}
	return append(names, c.set.filled(u.object)...)
}
