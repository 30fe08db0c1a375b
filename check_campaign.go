package leadsync

import (
	"fmt"

	"github.com/leadsync/leadsync/salesforce"
)

func (c *checker) checkCampaigns() {
	for i, link := range c.set.allLinks() {
		if link.Archived {
			continue
		}
		path := fmt.Sprintf("campaigns[%d]", i)
		c.addIssues(c.set.linkIssues(i, c.forNew()))
		campaign := c.session.campaign(link.CampaignID)
		if campaign == nil || !campaign.exists {
			c.add(Finding{
				Severity: SeverityError, Code: CampaignStatus, Object: salesforce.ObjectCampaign, Path: path + ".campaignId",
				Reason: "the campaign " + goneOrHidden,
				Fix:    "Correct the campaign's id, give the connected user access to it, or archive the link.",
			})
			continue
		}
		if !campaign.active {
			c.add(Finding{Severity: SeverityInfo, Object: salesforce.ObjectCampaign, Path: path,
				Reason: "the campaign is inactive; members can still be added"})
		}
		if c.session.unread[salesforce.ObjectCampaignMemberStatus] == nil { // else checkSession says so
			c.checkStatuses(&link, campaign, path)
		}
	}
}

// checkStatuses checks the member statuses that a link names against those of the
// campaign.
func (c *checker) checkStatuses(link *CampaignLink, campaign *campaignInfo, path string) {
	finding := Finding{Object: salesforce.ObjectCampaignMember, Field: "Status"}
	if off := campaign.offLadder(link.Ladder); len(off) > 0 {
		finding.Severity, finding.Path = SeverityInfo, path+".ladder"
		finding.Reason = "members keep a status that is not on the ladder: " + quoted(off)
		c.add(finding)
	}
	for where, status := range c.set.statusesOf(link) {
		if _, ok := campaign.status(status); !ok {
			finding.Severity, finding.Code, finding.Path = SeverityError, CampaignStatus, path+"."+where
			finding.Reason = fmt.Sprintf("the campaign has no member status %q; Salesforce would silently use the "+
				"default status instead", status)
			c.add(finding)
		}
	}
}
