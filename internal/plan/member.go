// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A memberPlanning plans the campaign memberships of a batch.
type memberPlanning struct {
	*planning
	joined map[match.MemberKey]newMember // by e-mail address
}

// A newMember is a member to be created for a person of an object, and what it will
// hold.
type newMember struct {
	object salesforce.Object
	name   identity.Name
	change int
	want   salesforce.Fields
}

func newMemberPlanning(p *planning) *memberPlanning {
	return &memberPlanning{p, make(map[match.MemberKey]newMember)}
}

// A membership is what a person's leads want of one campaign.
type membership struct {
	campaign salesforce.ID
	ladder   []string
	info     *org.CampaignInfo
	member   *salesforce.Record // nil: create one
	status   string             // "" for the campaign's default
	fields   salesforce.Fields
	plans    []*leadtype.LeadPlan // of the leads that join
	refused  map[*leadtype.LeadPlan]*leadtype.Error
}

// rank returns the place of a status on the ladder, -1 when it is not on it.
func (m *membership) rank(status string) int {
	return slices.IndexFunc(m.ladder, func(rung string) bool { return value.SameName(rung, status) })
}

// planMembers plans the person's campaign memberships: one for each campaign, with
// the highest status that any of the leads asks for.
func (p *memberPlanning) planMembers(u *person) {
	for _, m := range p.memberships(u) {
		part := leadtype.PlannedPart{Kind: leadtype.PartMember, Object: salesforce.ObjectCampaignMember,
			Key: string(m.campaign), Change: leadtype.Unplanned}
		for _, lead := range u.plans {
			if err := m.refused[lead]; err != nil {
				addPart(lead, part, err)
			}
		}
		m.plans = slices.DeleteFunc(m.plans, func(lead *leadtype.LeadPlan) bool { return m.refused[lead] != nil })
		if len(m.plans) == 0 {
			continue
		}
		var err *leadtype.Error
		part.ID, part.Change, err = p.planMember(u, m)
		for _, lead := range m.plans {
			addPart(lead, part, err)
		}
	}
}

// memberships gathers what the person's leads want, by campaign, in the order of the
// links. A lead whose values do not fit is refused alone.
func (p *memberPlanning) memberships(u *person) []*membership {
	var all []*membership
	byCampaign := make(map[salesforce.ID]*membership)
	for i, one := range u.matches {
		if u.plans[i].Err != nil {
			continue
		}
		for _, link := range p.Set.LinksOf(one.Lead) {
			campaign := link.CampaignID.ID18()
			m := byCampaign[campaign]
			if m == nil {
				m = p.newMembership(u, campaign)
				byCampaign[campaign], all = m, append(all, m)
			}
			if err := p.join(m, link, one, u.plans[i]); err != nil {
				m.refused[u.plans[i]] = err
			}
		}
	}
	return all
}

func (p *memberPlanning) newMembership(u *person, campaign salesforce.ID) *membership {
	m := &membership{
		campaign: campaign,
		ladder:   p.Set.Ladder(campaign),
		info:     p.session.Campaign(campaign),
		member:   p.index.Member(campaign, recordID(u.record), u.emails(), u.name()),
		fields:   make(salesforce.Fields),
		refused:  make(map[*leadtype.LeadPlan]*leadtype.Error),
	}
	if m.ladder == nil && m.info != nil {
		for _, status := range m.info.Statuses {
			m.ladder = append(m.ladder, status.Label)
		}
	}
	return m
}

// join adds what a lead wants of the campaign by one of its links.
func (p *memberPlanning) join(m *membership, link *mapping.CampaignLink, one *match.Match,
	plan *leadtype.LeadPlan) *leadtype.Error {
	status, err := m.checked(link.StatusFor(one.Captured()))
	if err != nil {
		return err
	}
	if len(link.Fields) > 0 {
		current := m.member
		if len(m.fields) > 0 {
			current = overlay(salesforce.ObjectCampaignMember, m.member, m.fields)
		}
		target := p.target(salesforce.ObjectCampaignMember, current)
		target.Over = p.over(one, target.Object)
		mapped := p.Set.MapMember(link, one.Captured(), target)
		if mapped.Err != nil {
			return mapped.Err
		}
		fields, owed := p.withoutOwed(one, salesforce.ObjectCampaignMember, mapped.Fields)
		p.warn(plan, mapped.Warnings...)
		p.owe(plan, owed)
		p.oweSkipped(plan, mapped.Warnings)
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

// checked returns a status in the campaign's own spelling. Salesforce silently
// replaces a status that the campaign does not have by the default.
func (m *membership) checked(status string) (string, *leadtype.Error) {
	if m.info != nil && !m.info.Exists {
		return "", &leadtype.Error{Op: "plan", Object: salesforce.ObjectCampaign, Code: leadtype.CampaignStatus,
			Fields: []string{"CampaignId"}, Reason: "the campaign is deleted or hidden from the connected user"}
	}
	if status == "" || m.info == nil || len(m.info.Statuses) == 0 {
		return status, nil
	}
	if known, ok := m.info.Status(status); ok {
		return known.Label, nil
	}
	return "", &leadtype.Error{Op: "plan", Object: salesforce.ObjectCampaignMember, Code: leadtype.CampaignStatus,
		Fields: []string{"Status"}, Reason: "the campaign has no such status"}
}

// planMember plans one membership: an update of the member that exists, a share in the
// one that another record of the person gets in this batch, or a new one.
func (p *memberPlanning) planMember(u *person, m *membership) (salesforce.ID, int, *leadtype.Error) {
	if m.member != nil {
		index, err := p.updateMember(m)
		return m.member.ID, index, err
	}
	for _, email := range u.emails() {
		other, ok := p.joined[match.MemberKey{Campaign: m.campaign, Person: email}]
		if ok && other.object != u.object && !match.AreOthers(email, other.name, u.name()) {
			p.share(other, m)
			return "", other.change, nil
		}
	}
	index, err := p.createMember(u, m)
	return "", index, err
}

// updateMember plans the fields of a member that exists, and a step up the ladder.
func (p *memberPlanning) updateMember(m *membership) (int, *leadtype.Error) {
	want := maps.Clone(m.fields)
	switch current := m.member.Text("Status"); {
	case m.status == "" || value.SameName(m.status, current):
	case m.rank(current) >= 0 && m.rank(m.status) > m.rank(current):
		want["Status"] = m.status
	default:
		m.keepStatus(p, current)
	}
	change := leadtype.Change{Kind: leadtype.PartMember, Object: salesforce.ObjectCampaignMember}
	return p.change(change, m.member, want, leadIDs(m.plans))
}

// keepStatus warns that the member keeps a status that the leads do not ask for: it is never
// moved down, and not from one that is off the ladder.
func (m *membership) keepStatus(p *memberPlanning, current string) {
	reason := "was not moved down: the member has a higher status already"
	if m.rank(current) < 0 {
		reason = "was not changed: the member has a status that is not on the ladder"
	}
	for _, lead := range m.plans {
		p.warn(lead, leadtype.Warning{Kind: leadtype.StatusKept, Object: salesforce.ObjectCampaignMember, Field: "Status",
			Reason: reason})
	}
}

// share adds what the leads want to a member that is to be created already.
func (p *memberPlanning) share(other newMember, m *membership) {
	if status, _ := other.want["Status"].(string); m.rank(m.status) > m.rank(status) {
		other.want["Status"] = m.status
	}
	maps.Copy(other.want, m.fields)
	p.extend(other.change, other.want, leadIDs(m.plans))
}

func (p *memberPlanning) createMember(u *person, m *membership) (int, *leadtype.Error) {
	want := maps.Clone(m.fields)
	want["CampaignId"] = string(m.campaign)
	if m.status != "" {
		want["Status"] = m.status
	}
	field := "LeadId"
	if u.object == salesforce.ObjectContact {
		field = "ContactId"
	}
	change := leadtype.Change{Kind: leadtype.PartMember, Object: salesforce.ObjectCampaignMember}
	p.refer(u, field, want, &change)
	index, err := p.change(change, nil, want, leadIDs(m.plans))
	if err != nil {
		return index, err
	}
	for _, email := range u.emails() {
		p.joined[match.MemberKey{Campaign: m.campaign, Person: email}] = newMember{u.object, u.name(), index, want}
	}
	return index, nil
}

func leadIDs(plans []*leadtype.LeadPlan) []leadtype.LeadID {
	ids := make([]leadtype.LeadID, len(plans))
	for i, plan := range plans {
		ids[i] = plan.LeadID
	}
	return ids
}
