package leadsync

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/salesforce"
)

// A CampaignLink makes the synced people of an event members of a campaign. Several
// links may take a lead to the same campaign: it gets the highest of their statuses
// on the ladder, and of two rows for one field that of the later link counts.
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
	// not be one of Config.Qualifiers.
	Qualifier string `json:"qualifier"`
	// Statuses maps answers, compared without regard to case, to statuses. Another
	// answer takes the link's Status. Of several answers the first with a status
	// counts.
	Statuses map[string]string `json:"statuses"`
}

// linksOf returns the links that a lead joins.
func (s *mappingSet) linksOf(lead *Lead) []*CampaignLink {
	var links []*CampaignLink
	for i := range s.campaigns {
		link := &s.campaigns[i]
		if !link.Archived && (link.EventID == "" || link.EventID == lead.EventID) && lead.Scans >= link.MinScans {
			links = append(links, link)
		}
	}
	return links
}

// statusFor returns the status that the link wants for a lead, "" for the
// campaign's default.
func (c *CampaignLink) statusFor(lead *Lead) string {
	if c.StatusBy != nil {
		for _, answer := range trimmedValues(lead.Answers[c.StatusBy.Qualifier]) {
			if status := c.StatusBy.status(answer); status != "" {
				return status
			}
		}
	}
	return c.Status
}

// status returns the status for an answer, "" for none.
func (s *StatusBy) status(answer string) string {
	for name, status := range s.Statuses {
		if strings.EqualFold(strings.TrimSpace(name), answer) {
			return status
		}
	}
	return ""
}

// A membership is what a unit's leads want of one campaign.
type membership struct {
	campaign salesforce.ID
	ladder   []string
	info     *campaignInfo
	member   *salesforce.Record // nil: create one
	status   string             // "" for the campaign's default
	fields   salesforce.Fields
	plans    []*LeadPlan // of the leads that join
	refused  map[*LeadPlan]*Error
}

// A joining is a member to be created for a person of an object, and what it will
// hold.
type joining struct {
	object salesforce.Object
	change int
	want   salesforce.Fields
}

// rank returns where a status stands on the ladder, -1 when it is not on it.
func (m *membership) rank(status string) int {
	return slices.IndexFunc(m.ladder, func(rung string) bool { return strings.EqualFold(rung, status) })
}

// ladderOf returns the ladder of a campaign by the links to it, nil where none of
// them has one.
func ladderOf(links []CampaignLink, campaign salesforce.ID) []string {
	for i := range links {
		if link := &links[i]; !link.Archived && len(link.Ladder) > 0 && link.CampaignID.Equal(campaign) {
			return link.Ladder
		}
	}
	return nil
}

// planMembers plans the unit's campaign memberships: one for each campaign
// whatever leads want it, with the highest status that any of them asks for.
func (p *planning) planMembers(u *unit) {
	for _, m := range p.memberships(u) {
		part := PlannedPart{Kind: PartMember, Object: salesforce.ObjectCampaignMember, Key: string(m.campaign), Change: Unplanned}
		for _, lead := range u.plans {
			if err := m.refused[lead]; err != nil {
				own := part
				own.Err = err.forLead(lead.LeadID)
				lead.Parts = append(lead.Parts, own)
			}
		}
		m.plans = slices.DeleteFunc(m.plans, func(lead *LeadPlan) bool { return m.refused[lead] != nil })
		if len(m.plans) == 0 {
			continue
		}
		part.ID, part.Change, part.Err = p.planMember(u, m)
		for _, lead := range m.plans {
			own := part
			own.Err = part.Err.forLead(lead.LeadID)
			lead.Parts = append(lead.Parts, own)
		}
	}
}

// memberships gathers what the unit's leads want, by campaign, in the order of
// the links. A lead whose values do not fit is refused alone.
func (p *planning) memberships(u *unit) []*membership {
	byCampaign := make(map[salesforce.ID]*membership)
	var order []*membership
	for i, one := range u.matches {
		if u.plans[i].Err != nil {
			continue
		}
		for _, link := range p.set.linksOf(one.lead) {
			id := link.CampaignID.ID18()
			m := byCampaign[id]
			if m == nil {
				m = &membership{campaign: id, info: p.session.campaigns[id], member: p.memberOf(u, id), ladder: ladderOf(p.set.campaigns, id),
					fields: make(salesforce.Fields), refused: make(map[*LeadPlan]*Error)}
				if m.ladder == nil && m.info != nil {
					for _, status := range m.info.statuses {
						m.ladder = append(m.ladder, status.label)
					}
				}
				byCampaign[id] = m
				order = append(order, m)
			}
			if err := p.joinMembership(m, link, one.lead, u.plans[i]); err != nil {
				m.refused[u.plans[i]] = err
			}
		}
	}
	return order
}

// memberOf returns the membership that the unit's person has already.
func (p *planning) memberOf(u *unit, campaign salesforce.ID) *salesforce.Record {
	var person salesforce.ID
	if u.record != nil {
		person = u.record.ID
	}
	return p.index.member(campaign, person, u.emails())
}

func (p *planning) joinMembership(m *membership, link *CampaignLink, lead *Lead, plan *LeadPlan) *Error {
	status, err := m.checked(link.statusFor(lead))
	if err != nil {
		return err
	}
	if len(link.Fields) > 0 {
		current := m.member
		if len(m.fields) > 0 {
			current = overlay(salesforce.ObjectCampaignMember, m.member, m.fields)
		}
		target := p.target(salesforce.ObjectCampaignMember, current)
		fields, warnings, err := p.set.mapMember(link, lead, target)
		if err != nil {
			return mapError(lead.ID, salesforce.ObjectCampaignMember, err)
		}
		warn(plan, warnings...)
		maps.Copy(m.fields, fields)
	}
	if m.rank(status) >= m.rank(m.status) && status != "" {
		m.status = status
	}
	if len(m.plans) == 0 || m.plans[len(m.plans)-1] != plan {
		m.plans = append(m.plans, plan)
	}
	return nil
}

// checked returns a status in the campaign's own spelling. Salesforce replaces
// a status that the campaign does not have by the default, without a word.
func (m *membership) checked(status string) (string, *Error) {
	if m.info != nil && !m.info.exists {
		return "", &Error{Op: "plan", Object: salesforce.ObjectCampaign, Code: CampaignStatus, Fields: []string{"CampaignId"},
			Reason: "the campaign is deleted or hidden from the connected user"}
	}
	if status == "" || m.info == nil || len(m.info.statuses) == 0 {
		return status, nil
	}
	for _, s := range m.info.statuses {
		if strings.EqualFold(s.label, status) {
			return s.label, nil
		}
	}
	return "", &Error{Op: "plan", Object: salesforce.ObjectCampaignMember, Code: CampaignStatus, Fields: []string{"Status"},
		Reason: "the campaign has no such status"}
}

// planMember plans one membership: a new one, or a step up for one that exists.
// One that another record of the person gets in this batch is shared.
func (p *planning) planMember(u *unit, m *membership) (salesforce.ID, int, *Error) {
	want := maps.Clone(m.fields)
	change := Change{Kind: PartMember, Object: salesforce.ObjectCampaignMember}
	if m.member != nil {
		if now := m.rank(m.member.Text("Status")); m.status != "" && now >= 0 && m.rank(m.status) > now {
			want["Status"] = m.status
		}
		index, err := p.change(change, m.member, want, leadIDs(m.plans))
		return m.member.ID, index, err
	}
	for _, email := range u.emails() {
		if other, ok := p.joined[memberKey{m.campaign, email}]; ok && other.object != u.object {
			if status, _ := other.want["Status"].(string); m.rank(m.status) > m.rank(status) {
				want["Status"] = m.status
			}
			maps.Copy(other.want, want)
			shared := &p.result.Changes[other.change]
			shared.Fields = diff(p.session.describe(shared.Object), nil, other.want)
			shared.Leads = append(shared.Leads, leadIDs(m.plans)...)
			return "", other.change, nil
		}
	}
	want["CampaignId"] = string(m.campaign)
	if m.status != "" {
		want["Status"] = m.status
	}
	field := "LeadId"
	if u.object == salesforce.ObjectContact {
		field = "ContactId"
	}
	p.refer(u, field, want, &change)
	index, err := p.change(change, nil, want, leadIDs(m.plans))
	if err == nil {
		for _, email := range u.emails() {
			p.joined[memberKey{m.campaign, email}] = joining{u.object, index, want}
		}
	}
	return "", index, err
}

// refer fills a field with the unit's person: its id, or a reference to the
// change that creates it.
func (p *planning) refer(u *unit, field string, want salesforce.Fields, change *Change) {
	if u.record != nil {
		want[field] = string(u.record.ID)
		return
	}
	change.Refs = append(change.Refs, salesforce.Ref{Field: field, Write: u.change})
}

func leadIDs(plans []*LeadPlan) []LeadID {
	ids := make([]LeadID, len(plans))
	for i, plan := range plans {
		ids[i] = plan.LeadID
	}
	return ids
}

// mapping returns the mapper of the link's own fields.
func (c *CampaignLink) mapping(transforms map[string]TransformFunc) *Mapping {
	m := &Mapping{Version: 1, Sections: []ObjectMapping{{Object: salesforce.ObjectCampaignMember, Rules: c.Fields}}, ofMember: true}
	return m.with(transforms)
}

// UnmarshalJSON reads a link, as Settings.UnmarshalJSON does.
func (c *CampaignLink) UnmarshalJSON(data []byte) error {
	type plain CampaignLink
	return ofJSON(opSettings, strictjson.Decode(data, (*plain)(c)))
}
