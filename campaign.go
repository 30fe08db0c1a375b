package leadsync

import "github.com/leadsync/leadsync/salesforce"

// A CampaignLink makes the synced people of an event members of a campaign.
type CampaignLink struct {
	// EventID is the event that is linked. Empty links every event.
	EventID string `json:"eventId,omitempty"`
	// CampaignID is the Campaign, 15 or 18 characters.
	CampaignID salesforce.ID `json:"campaignId"`
	// Status is the members' status; it must be one of the campaign's, because
	// Salesforce silently replaces any other by the default (SALESFORCE.md 3).
	// Empty means the campaign's default status.
	Status string `json:"status,omitempty"`
	// StatusBy lets the answer to a qualifier choose the status.
	StatusBy *StatusBy `json:"statusBy,omitempty"`
	// Ladder orders statuses from lowest to highest. A member's status is moved
	// up it, never down; one that is not on it is left alone. Empty means the
	// campaign's own order (CampaignMemberStatus.SortOrder).
	Ladder []string `json:"ladder,omitempty"`
	// MinScans is how many scans a lead needs to become a member. Zero takes
	// every lead.
	MinScans int `json:"minScans,omitempty"`
	// Archived links take no one.
	Archived bool `json:"archived,omitempty"`
	// Fields maps source fields to fields of CampaignMember.
	Fields []Rule `json:"fields,omitempty"`
}

// A StatusBy chooses a member's status by the answer to a qualifier.
type StatusBy struct {
	Qualifier string `json:"qualifier"`
	// Statuses maps answers to statuses; another answer takes the link's Status.
	Statuses map[string]string `json:"statuses"`
}
