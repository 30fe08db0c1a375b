// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A CampaignLink makes the synced people of an event members of a campaign. Several
// links may take a lead to the same campaign: it gets the highest of their statuses
// on the ladder, and of two rules for one field that of the later link counts.
type CampaignLink struct {
	// EventID is the event that is linked. Empty links every event.
	EventID string `json:"eventId,omitempty"`
	// CampaignID is the Campaign, 15 or 18 characters.
	CampaignID salesforce.ID `json:"campaignId"`
	// Status is the members' status; it must be one of the campaign's, because
	// Salesforce silently replaces any other by the default
	// (docs/salesforce.md, Campaign members). Empty means the campaign's default
	// status.
	Status string `json:"status,omitempty"`
	// StatusBy lets the answer to a qualifier choose the status.
	StatusBy *StatusBy `json:"statusBy,omitempty"`
	// Ladder orders statuses from lowest to highest. A member's status is moved
	// up it, never down; one that is not on it is left alone, so that Status and
	// StatusBy must name statuses on it. A campaign has one ladder: that of the links
	// to it that have one, archived links aside. Where none has, it is the campaign's
	// own order (CampaignMemberStatus.SortOrder).
	Ladder []string `json:"ladder,omitempty"`
	// MinScans is how many scans a lead needs to become a member. Zero takes
	// every lead.
	MinScans int `json:"minScans,omitempty"`
	// Archived links take no one.
	Archived bool `json:"archived,omitempty"`
	// Fields maps source fields to fields of CampaignMember, but for its campaign,
	// its person and its Status.
	Fields []Rule `json:"fields,omitempty"`
}

// A StatusBy chooses a member's status by the answer to a qualifier.
type StatusBy struct {
	// Qualifier is the name of the question as the leads' Answers have it. It need
	// not be one of leadsync.Config.Qualifiers.
	Qualifier string `json:"qualifier"`
	// Statuses maps answers, compared as Rule.Values are, to statuses. Another
	// answer takes the link's Status. Of several answers the first with a status
	// counts.
	Statuses map[string]string `json:"statuses"`
}

// StatusFor returns the status that the link wants for a lead, "" for the campaign's
// default.
func (c *CampaignLink) StatusFor(lead *leadtype.Lead) string {
	if c.StatusBy != nil {
		for _, answer := range answersOf(lead, c.StatusBy.Qualifier) {
			if status := c.StatusBy.status(answer); status != "" {
				return status
			}
		}
	}
	return c.Status
}

// status returns the status for an answer, "" for none.
func (s *StatusBy) status(answer string) string {
	if len(s.Statuses) == 0 {
		return ""
	}
	status, _ := value.Values(s.Statuses).Of(answer)
	return status
}

// mapping returns the mapper of the link's own fields, with the settings of the Mapping
// beside it; nil is the default.
func (c *CampaignLink) mapping(beside *Mapping, transforms map[string]TransformFunc, log *slog.Logger) *Mapping {
	m := new(Mapping)
	if beside != nil {
		m = new(*beside)
	}
	m.Version, m.ofMember = Version, true
	m.Sections = []Section{{Object: salesforce.ObjectCampaignMember, Rules: c.Fields}}
	return m.with(transforms, log)
}

// UnmarshalJSON reads a link, as leadsync.Settings.UnmarshalJSON does.
func (c *CampaignLink) UnmarshalJSON(data []byte) error {
	type plain CampaignLink
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(c)))
}

// Statuses yields each status that the link names, after its path in the link's JSON,
// such as ladder[2].
func (c *CampaignLink) Statuses() iter.Seq2[string, string] {
	return func(yield func(where, status string) bool) {
		if c.Status != "" && !yield("status", c.Status) {
			return
		}
		var byAnswer map[string]string
		if c.StatusBy != nil {
			byAnswer = c.StatusBy.Statuses
		}
		for _, answer := range slices.Sorted(maps.Keys(byAnswer)) {
			if !yield(fmt.Sprintf("statusBy.statuses[%q]", answer), byAnswer[answer]) {
				return
			}
		}
		for i, status := range c.Ladder {
			if !yield(fmt.Sprintf("ladder[%d]", i), status) {
				return
			}
		}
	}
}

// linkFields are the fields of a member that a link fills itself.
func linkFields() []string { return []string{"Status", "CampaignId", "LeadId", "ContactId"} }
