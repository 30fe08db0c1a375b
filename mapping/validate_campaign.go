// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// campaigns checks the links, in their order.
func (c *mappingCheck) campaigns(set *Set, describes map[salesforce.Object]*salesforce.Describe) {
	for i := range set.cfg.Campaigns {
		path, link := fmt.Sprintf("campaigns[%d].", i), &set.cfg.Campaigns[i]
		c.campaign(path, link)
		if len(link.Fields) > 0 {
			c.take(path+"fields", "objects[0].rules", set.members[link].Validate(describes))
		}
		if !link.Archived && link.CampaignID != "" {
			c.ladder(path, link, set.Ladder(link.CampaignID))
		}
	}
}

// ladder holds a link against the ladder of its campaign.
func (c *mappingCheck) ladder(path string, link *CampaignLink, ladder []string) {
	if len(link.Ladder) > 0 && !slices.EqualFunc(link.Ladder, ladder, strings.EqualFold) {
		c.refuse(path+"ladder", "", "differs from the ladder of an earlier link: a campaign has one ladder")
		return
	}
	rungs := make(value.Set)
	for _, rung := range ladder {
		rungs.Add(value.FoldName(rung))
	}
	for where, status := range link.Statuses() {
		if len(ladder) > 0 && strings.TrimSpace(status) != "" && !rungs.Has(value.FoldName(status)) {
			c.refuse(path+where, "",
				"is not on the campaign's ladder, so members could be moved neither to it nor from it")
		}
	}
}

// campaign checks a link.
func (c *mappingCheck) campaign(path string, link *CampaignLink) {
	if id, err := salesforce.ParseID(string(link.CampaignID)); err != nil ||
		value.ObjectOfID(id) != salesforce.ObjectCampaign {
		c.refuse(path+"campaignId", "", "is not the id of a campaign")
	}
	if link.MinScans < 0 {
		c.refuse(path+"minScans", "", "must not be negative")
	}
	if link.StatusBy != nil {
		c.statusBy(path+"statusBy.", link.StatusBy)
	}
	for where, status := range link.Statuses() {
		if strings.TrimSpace(status) == "" {
			c.add(path+where, leadtype.RequiredFieldMissing, "", "is blank")
		}
	}
	rungs := make(value.Set)
	for i, status := range link.Ladder {
		if rungs.Has(value.FoldName(status)) {
			c.refuse(fmt.Sprintf("%sladder[%d]", path, i), "", "is on the ladder already")
		}
		rungs.Add(value.FoldName(status))
	}
	for i, rule := range link.Fields {
		if value.ContainsFold(linkFields(), rule.Field) {
			c.refuse(fmt.Sprintf("%sfields[%d].field", path, i), rule.Field,
				"is filled by the link itself: see status and statusBy")
		}
	}
}

func (c *mappingCheck) statusBy(path string, by *StatusBy) {
	if strings.TrimSpace(by.Qualifier) == "" {
		c.add(path+"qualifier", leadtype.RequiredFieldMissing, "", "is blank")
	}
	if len(by.Statuses) == 0 {
		c.add(path+"statuses", leadtype.RequiredFieldMissing, "", "has no status for an answer")
	}
	seen := make(map[string]bool)
	for _, answer := range slices.Sorted(maps.Keys(by.Statuses)) {
		name := strings.ToLower(strings.TrimSpace(answer))
		switch at := fmt.Sprintf("%sstatuses[%q]", path, answer); {
		case name == "":
			c.add(at, leadtype.RequiredFieldMissing, "", "needs an answer")
		case seen[name]:
			c.refuse(at, "", "differs from another answer in case only")
		}
		seen[name] = true
	}
}
