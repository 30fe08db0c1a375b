// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

func (c *checker) checkCampaigns() {
	describes := c.forNew()
	for i, link := range c.Set.Config().Campaigns {
		if link.Archived {
			continue
		}
		path := fmt.Sprintf("campaigns[%d]", i)
		c.addIssues(c.Set.LinkIssues(i, describes))
		campaign := c.Session.Campaign(link.CampaignID)
		if campaign == nil || !campaign.Exists {
			c.add(preflight.Finding{
				Severity: preflight.SeverityError, Code: leadtype.CampaignStatus, Object: salesforce.ObjectCampaign,
				Path:   path + ".campaignId",
				Reason: "the campaign " + goneOrHidden,
			})
			continue
		}
		if !campaign.Active {
			c.add(preflight.Finding{Severity: preflight.SeverityInfo, Object: salesforce.ObjectCampaign, Path: path,
				Reason: "the campaign is inactive; members can still be added"})
		}
		c.checkMemberFields(&link, path)
		if c.Session.Unread[salesforce.ObjectCampaignMemberStatus] == nil { // else checkSession says so
			c.checkStatuses(&link, campaign, path)
		}
	}
}

// plainMember are the fields that a member has without rules.
var plainMember = []string{"CampaignId", "LeadId", "ContactId", "Status"}

// checkMemberFields finds fields of members that the org requires and that a link does not fill.
func (c *checker) checkMemberFields(link *mapping.CampaignLink, path string) {
	describe := c.Session.Describe(salesforce.ObjectCampaignMember)
	if describe == nil {
		return
	}
	filled := slices.Clone(plainMember)
	for i := range link.Fields {
		if link.Fields[i].Write != mapping.Never {
			filled = append(filled, link.Fields[i].Field)
		}
	}
	for i := range describe.Fields {
		field := &describe.Fields[i]
		if field.RequiredOnCreate() && !value.ContainsFold(filled, field.Name) {
			c.add(preflight.Finding{Severity: preflight.SeverityError, Code: leadtype.RequiredFieldMissing,
				Object: salesforce.ObjectCampaignMember, Field: field.Name, Path: path + ".fields",
				Reason: "the org requires a field of campaign members that the link does not fill, so that people do not join"})
		}
	}
}

// checkStatuses checks the member statuses that a link names against those of the
// campaign.
func (c *checker) checkStatuses(link *mapping.CampaignLink, campaign *org.CampaignInfo, path string) {
	finding := preflight.Finding{Object: salesforce.ObjectCampaignMember, Field: "Status"}
	if off := campaign.OffLadder(link.Ladder); len(off) > 0 {
		finding.Severity, finding.Path = preflight.SeverityInfo, path+".ladder"
		finding.Reason = "members keep a status that is not on the ladder: " + value.Quoted(off)
		c.add(finding)
	}
	for where, status := range link.Statuses() {
		if _, ok := campaign.Status(status); !ok {
			finding.Severity, finding.Code, finding.Path = preflight.SeverityError, leadtype.CampaignStatus, path+"."+where
			finding.Reason = fmt.Sprintf("the campaign has no member status %q; Salesforce would silently use the "+
				"default status instead", status)
			c.add(finding)
		}
	}
}
