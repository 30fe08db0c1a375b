package leadsync

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// campaigns checks the links, in their order.
func (c *mappingCheck) campaigns(set *mappingSet, describes map[salesforce.Object]*salesforce.Describe) {
	for i := range set.campaigns {
		path, link := fmt.Sprintf("campaigns[%d].", i), &set.campaigns[i]
		c.campaign(path, link, set.transforms, describes)
		if !link.Archived && link.CampaignID != "" {
			c.ladder(path, link, ladderOf(set.campaigns, link.CampaignID))
		}
	}
}

// ladder holds a link against the ladder of its campaign.
func (c *mappingCheck) ladder(path string, link *CampaignLink, ladder []string) {
	if len(link.Ladder) > 0 && !slices.EqualFunc(link.Ladder, ladder, strings.EqualFold) {
		c.add(path+"ladder", DataValueValidation, "", "is not that of an earlier link to the campaign: a campaign has one ladder")
		return
	}
	for where, status := range link.statuses() {
		if len(ladder) > 0 && strings.TrimSpace(status) != "" && !containsFold(ladder, status) {
			c.add(path+where, DataValueValidation, "", "is not on the ladder of the campaign, so that members could not be moved to it, nor from it")
		}
	}
}

// campaign checks a link.
func (c *mappingCheck) campaign(path string, link *CampaignLink, transforms map[string]TransformFunc, describes map[salesforce.Object]*salesforce.Describe) {
	if id, err := salesforce.ParseID(string(link.CampaignID)); err != nil || objectOfID(id) != salesforce.ObjectCampaign {
		c.add(path+"campaignId", DataValueValidation, "", "is not the id of a campaign")
	}
	if link.MinScans < 0 {
		c.add(path+"minScans", DataValueValidation, "", "must not be negative")
	}
	if link.StatusBy != nil {
		c.statusBy(path+"statusBy.", link.StatusBy)
	}
	for where, status := range link.statuses() {
		if strings.TrimSpace(status) == "" {
			c.add(path+where, RequiredFieldMissing, "", "is blank")
		}
	}
	for i, status := range link.Ladder {
		if containsFold(link.Ladder[:i], status) {
			c.add(fmt.Sprintf("%sladder[%d]", path, i), DataValueValidation, "", "is on the ladder already")
		}
	}
	for i, rule := range link.Fields {
		if containsFold(linkFields(), rule.Field) {
			c.add(fmt.Sprintf("%sfields[%d].field", path, i), DataValueValidation, rule.Field, "is filled by the link itself: see status and statusBy")
		}
	}
	if len(link.Fields) > 0 {
		c.take(path+"fields", "objects[0].rules", link.mapping(transforms).Validate(describes))
	}
}

// linkFields are the fields of a member that a link fills itself.
func linkFields() []string { return []string{"Status", "CampaignId", "LeadId", "ContactId"} }

func (c *mappingCheck) statusBy(path string, by *StatusBy) {
	if strings.TrimSpace(by.Qualifier) == "" {
		c.add(path+"qualifier", RequiredFieldMissing, "", "is blank")
	}
	if len(by.Statuses) == 0 {
		c.add(path+"statuses", RequiredFieldMissing, "", "names no status for an answer")
	}
	seen := make(map[string]bool)
	for _, answer := range slices.Sorted(maps.Keys(by.Statuses)) {
		name := strings.ToLower(strings.TrimSpace(answer))
		switch at := fmt.Sprintf("%sstatuses[%q]", path, answer); {
		case name == "":
			c.add(at, RequiredFieldMissing, "", "needs an answer")
		case seen[name]:
			c.add(at, DataValueValidation, "", "differs from another answer in case only")
		}
		seen[name] = true
	}
}
