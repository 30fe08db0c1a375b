// SPDX-License-Identifier: Apache-2.0

package match

import (
	"context"

	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// Salesforce refuses no status of a member that its campaign does not have: it silently sets the
// default one (docs/salesforce.md, Campaign members). What a session knows of the statuses is up to
// an hour old, so that a batch asks again where its first call has room for one query more.

// mostRanked is of how many campaigns the statuses are asked for again: they fit one page.
const mostRanked = 50

// join notes that the batch's leads may join the campaign of a link.
func (q *questions) join(link *mapping.CampaignLink) {
	campaign := link.CampaignID.ID18()
	q.campaigns.Add(string(campaign))
	if link.Status == "" && link.StatusBy == nil {
		return
	}
	if known := q.session.Campaigns[campaign]; known != nil && len(known.Statuses) > 0 {
		q.ranked.Add(string(campaign))
	}
}

// statusReads returns the query for the statuses of the batch's campaigns, beside the queries
// that the next call holds; none where that would take a call of its own.
func (m *matching) statusReads(beside int) []salesforce.Read {
	ranked := m.questions.ranked
	if beside%salesforce.QueriesPerCall == 0 || len(ranked) == 0 || len(ranked) > mostRanked {
		return nil
	}
	return []salesforce.Read{salesforce.Query(soql.From(salesforce.ObjectCampaignMemberStatus, "CampaignId", "Label").
		Where(soql.In("CampaignId", ranked.Sorted()...)))}
}

// takeStatuses notes whether campaigns have other statuses than the session says. What could not
// be read says nothing.
func (m *matching) takeStatuses(results []salesforce.ReadResult) {
	for _, result := range results {
		if result.Err != nil {
			continue
		}
		labels := make(map[salesforce.ID][]string, len(m.questions.ranked))
		for i := range result.Records {
			campaign := salesforce.ID(result.Records[i].Text("CampaignId")).ID18()
			labels[campaign] = append(labels[campaign], result.Records[i].Text("Label"))
		}
		for campaign := range m.questions.ranked {
			known := m.session.Campaign(salesforce.ID(campaign))
			m.outdated = m.outdated || !known.HasStatuses(labels[salesforce.ID(campaign)])
		}
	}
}

// renew reads a new session where the statuses of campaigns have changed. Nothing that was found
// depends on them.
func (m *matching) renew(ctx context.Context) error {
	if !m.outdated {
		return nil
	}
	fresh, err := m.Sessions.Refresh(ctx)
	if err == nil {
		m.session = fresh
	}
	return err
}
