// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// LinksOf returns the campaign links that take a lead, in their order.
func (s *Set) LinksOf(lead *leadtype.Lead) []*CampaignLink {
	var links []*CampaignLink
	for i := range s.cfg.Campaigns {
		link := &s.cfg.Campaigns[i]
		if !link.Archived && (link.EventID == "" || link.EventID == lead.EventID) && lead.Scans >= link.MinScans {
			links = append(links, link)
		}
	}
	return links
}

// Ladder returns the ladder of a campaign, nil for the campaign's own order.
func (s *Set) Ladder(campaign salesforce.ID) []string { return ladderOf(s.cfg.Campaigns, campaign) }

// MapMember returns what a campaign link wants of the lead's membership.
func (s *Set) MapMember(link *CampaignLink, lead *leadtype.Lead, target Target) Mapped {
	m := s.members[link].apply(lead, target)
	if m.Err == nil {
		m.Err = checkWhole(lead, target, m.Fields)
	}
	return m
}
