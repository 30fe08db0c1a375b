// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A linkIndex finds campaign links without a look at each.
type linkIndex struct {
	open    map[string][]int           // indexes of those that take people, by EventID
	ladders map[salesforce.ID][]string // of the campaigns whose links have one
	sources value.Set                  // that the links read
}

// indexLinks returns the index of links.
func indexLinks(links []CampaignLink) linkIndex {
	x := linkIndex{open: make(map[string][]int), ladders: make(map[salesforce.ID][]string), sources: make(value.Set)}
	for i := range links {
		link := &links[i]
		addSources(x.sources, link.Fields)
		if link.StatusBy != nil {
			x.sources.Add(value.PrefixQualifier + link.StatusBy.Qualifier)
		}
		if link.Archived {
			continue
		}
		x.open[link.EventID] = append(x.open[link.EventID], i)
		if campaign := link.CampaignID.ID18(); len(link.Ladder) > 0 && x.ladders[campaign] == nil {
			x.ladders[campaign] = link.Ladder
		}
	}
	return x
}

// LinksOf returns the campaign links that take a lead, in their order.
func (s *Set) LinksOf(lead *leadtype.Lead) []*CampaignLink {
	indexes := s.links.open[""]
	if own := s.links.open[lead.EventID]; lead.EventID != "" && len(own) > 0 {
		indexes = slices.Concat(indexes, own)
		slices.Sort(indexes)
	}
	var links []*CampaignLink
	for _, i := range indexes {
		if link := &s.cfg.Campaigns[i]; lead.Scans >= link.MinScans {
			links = append(links, link)
		}
	}
	return links
}

// Ladder returns the ladder of a campaign by the links to it, nil where none of them has
// one.
func (s *Set) Ladder(campaign salesforce.ID) []string { return s.links.ladders[campaign.ID18()] }

// MapMember returns what a campaign link wants of the lead's membership.
func (s *Set) MapMember(link *CampaignLink, lead *leadtype.Lead, target Target) Mapped {
	m := s.members[link].apply(lead, target, nil)
	if m.Err == nil {
		rules := s.members[link]
		m = m.checkWhole(lead, target, func(f *fault) bool { return rules.mayLeaveOut(target.Object, f) })
	}
	return m
}
