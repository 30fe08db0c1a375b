// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"

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
	fresh  slab[membership]
	all    []*membership     // where memberships gathers them
	want   salesforce.Fields // see fieldsOf
}

// A newMember is a member to be created for a person, and what it will hold.
type newMember struct {
	person *person
	change int
	of     *membership
}

func newMemberPlanning(p *planning, leads int) *memberPlanning {
	return &memberPlanning{planning: p, joined: make(map[match.MemberKey]newMember, leads),
		want: make(salesforce.Fields)}
}

// A membership is what a person's leads want of one campaign.
type membership struct {
	campaign salesforce.ID
	ladder   []string // nil: the statuses of info
	info     *org.CampaignInfo
	member   *salesforce.Record // nil: create one
	status   string             // "" for the campaign's default
	fields   salesforce.Fields  // of the links, nil at first
	held     *heldRecord        // what is known of the member's values
	leads    []joining
	lead     [1]joining // where they are as a rule
}

// A joining is what a membership is to one of the leads that join.
type joining struct {
	plan   *leadtype.LeadPlan
	digest string
	err    *leadtype.Error // the lead's values do not fit
}

// rank returns the place of a status on the ladder, -1 when it is not on it.
func (m *membership) rank(status string) int {
	if m.ladder == nil && m.info != nil {
		return slices.IndexFunc(m.info.Statuses, func(s org.MemberStatus) bool { return value.SameName(s.Label, status) })
	}
	return slices.IndexFunc(m.ladder, func(rung string) bool { return value.SameName(rung, status) })
}

// planMembers plans the person's campaign memberships: one for each campaign, with
// the highest status that any of the leads asks for.
func (p *memberPlanning) planMembers(u *person) {
	for _, m := range p.memberships(u) {
		part := leadtype.PlannedPart{Kind: leadtype.PartMember, Object: salesforce.ObjectCampaignMember,
			Key: string(m.campaign), Change: leadtype.Unplanned}
		for _, lead := range m.leads {
			if lead.err != nil {
				addPart(lead.plan, part, lead.err)
			}
		}
		m.leads = slices.DeleteFunc(m.leads, func(lead joining) bool { return lead.err != nil })
		if len(m.leads) == 0 {
			continue
		}
		var err *leadtype.Error
		part.ID, part.Change, err = p.planMember(u, m)
		if err == nil {
			p.note(part.Change, m.held, u.lead())
		}
		for _, lead := range m.leads {
			part.Digest = lead.digest
			addPart(lead.plan, part, err)
		}
	}
}

// memberships gathers what the person's leads want, by campaign, in the order of the
// links. A lead whose values do not fit is refused alone.
func (p *memberPlanning) memberships(u *person) []*membership {
	all := p.all[:0]
	for i, one := range u.matches {
		if u.plans[i].Err != nil {
			continue
		}
		links := p.Set.LinksOf(one.Lead)
		for _, link := range links {
			campaign := link.CampaignID.ID18()
			at := slices.IndexFunc(all, func(m *membership) bool { return m.campaign == campaign })
			if at < 0 {
				at, all = len(all), append(all, p.newMembership(u, campaign))
			}
			m := all[at]
			if n := len(m.leads); n == 0 || m.leads[n-1].plan != u.plans[i] {
				m.leads = append(m.leads, joining{plan: u.plans[i], digest: p.memberDigest(m, links, one)})
			}
			lead := &m.leads[len(m.leads)-1]
			if err := p.join(m, link, one, lead); err != nil {
				lead.err = err
			}
		}
	}
	p.all = all
	return all
}

// memberDigest is partDigest for a lead's membership.
func (p *memberPlanning) memberDigest(m *membership, links []*mapping.CampaignLink, one *match.Match) string {
	isOther := func(l *mapping.CampaignLink) bool { return l.CampaignID.ID18() != m.campaign }
	if slices.ContainsFunc(links, isOther) {
		links = slices.DeleteFunc(slices.Clone(links), isOther)
	}
	return p.sinceRevert(p.Set.MemberDigest(links, one.Captured()), m.member)
}

func (p *memberPlanning) newMembership(u *person, campaign salesforce.ID) *membership {
	m := p.fresh.one()
	*m = membership{
		campaign: campaign,
		ladder:   p.Set.Ladder(campaign),
		info:     p.session.Campaign(campaign),
		member:   p.index.Member(campaign, recordID(u.record), u.emails(), u.name()),
		leads:    m.lead[:0],
	}
	return m
}

// join adds what a lead wants of the campaign by one of its links. Of a membership that is
// settled that is at most what is owed to the lead.
func (p *memberPlanning) join(m *membership, link *mapping.CampaignLink, one *match.Match,
	lead *joining) *leadtype.Error {
	const object = salesforce.ObjectCampaignMember
	plan := lead.plan
	if m.held == nil {
		m.held = p.held(m.member, []*match.Match{one}, plan)
	}
	settled := p.isSettled(one, leadtype.PartMember, m.member, lead.digest)
	status, err := m.checked(link.StatusFor(one.Captured()))
	switch {
	case settled:
		status = ""
	case err != nil:
		return err
	}
	switch {
	case settled && !isLeft(one, object):
		p.carrySettled(plan, one, object)
	case len(link.Fields) > 0:
		if err := p.joinFields(m, link, one, plan, settled); err != nil {
			return err
		}
	}
	if m.rank(status) >= m.rank(m.status) && status != "" {
		m.status = status
	}
	return nil
}

// joinFields adds the fields that a lead wants of the membership by a link.
func (p *memberPlanning) joinFields(m *membership, link *mapping.CampaignLink, one *match.Match,
	plan *leadtype.LeadPlan, settled bool) *leadtype.Error {
	const object = salesforce.ObjectCampaignMember
	current := m.member
	if len(m.fields) > 0 {
		current = overlay(object, m.member, m.fields)
	}
	target := p.target(object, current)
	if target.Over = p.over(one, object); m.member != nil {
		target.Memory = m.held
	}
	if settled {
		target.Only = p.leftFields(one, object)
	}
	w := &wish{record: current, Mapped: p.Set.MapMember(link, one.Captured(), target)}
	fields, owed := p.withoutOwed(one, object, w.Fields)
	w.owed = owed
	w.narrow(fields)
	if settled {
		w = p.settledWish(plan, one, object, w)
	}
	if w.Err != nil {
		return w.Err
	}
	for i := range w.Warnings {
		w.Warnings[i].Part = string(m.campaign)
	}
	p.warn(plan, w.Warnings...)
	p.owe(plan, w.owed)
	p.oweSkipped(plan, w.Warnings)
	p.noteEqual(plan, one.Lead, m.member, m.held, &w.Mapped)
	m.held.append(w.Appended, w.Fields)
	m.held.put(w.Fields, one.Lead)
	m.add(w.Fields)
	return nil
}

// add adds fields of a link.
func (m *membership) add(fields salesforce.Fields) {
	if m.fields == nil {
		m.fields = make(salesforce.Fields, len(fields))
	}
	maps.Copy(m.fields, fields)
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
		if ok && other.person.object != u.object && !match.AreOthers(email, other.person.name(), u.name()) {
			p.share(other, m)
			return "", other.change, nil
		}
	}
	index, err := p.createMember(u, m)
	return "", index, err
}

// fieldsOf returns the fields of a membership, to which others may be added. They are good until
// the next call.
func (p *memberPlanning) fieldsOf(m *membership) salesforce.Fields {
	clear(p.want)
	maps.Copy(p.want, m.fields)
	return p.want
}

// updateMember plans the fields of a member that exists, and a step up the ladder.
func (p *memberPlanning) updateMember(m *membership) (int, *leadtype.Error) {
	want := p.fieldsOf(m)
	switch current := m.member.Text("Status"); {
	case m.status == "" || value.SameName(m.status, current):
	case m.rank(current) >= 0 && m.rank(m.status) > m.rank(current):
		want["Status"] = m.status
	default:
		m.keepStatus(p, current)
	}
	change := leadtype.Change{Kind: leadtype.PartMember, Object: salesforce.ObjectCampaignMember}
	return p.change(change, m.member, want, m.ids(&p.ids))
}

// keepStatus warns that the member keeps a status that the leads do not ask for: it is never
// moved down, and not from one that is off the ladder.
func (m *membership) keepStatus(p *memberPlanning, current string) {
	reason := "was not moved down: the member has a higher status already"
	if m.rank(current) < 0 {
		reason = "was not changed: the member has a status that is not on the ladder"
	}
	for _, lead := range m.leads {
		p.warn(lead.plan, leadtype.Warning{Kind: leadtype.StatusKept, Object: salesforce.ObjectCampaignMember,
			Field: "Status", Reason: reason, Part: string(m.campaign)})
	}
}

// share adds what the leads want to a member that is to be created already.
func (p *memberPlanning) share(other newMember, m *membership) {
	if m.rank(m.status) > m.rank(other.of.status) {
		other.of.status = m.status
	}
	other.of.add(m.fields)
	var change leadtype.Change // which has the reference already
	p.extend(other.change, p.wantedOf(other.person, other.of, &change), m.ids(&p.ids))
}

// wantedOf returns what a member to be created for a person holds, as fieldsOf does. The change
// gets the reference to a person that is created too.
func (p *memberPlanning) wantedOf(u *person, m *membership, change *leadtype.Change) salesforce.Fields {
	want := p.fieldsOf(m)
	want["CampaignId"] = string(m.campaign)
	if m.status != "" {
		want["Status"] = m.status
	}
	field := "LeadId"
	if u.object == salesforce.ObjectContact {
		field = "ContactId"
	}
	p.refer(u, field, want, change)
	return want
}

func (p *memberPlanning) createMember(u *person, m *membership) (int, *leadtype.Error) {
	change := leadtype.Change{Kind: leadtype.PartMember, Object: salesforce.ObjectCampaignMember}
	want := p.wantedOf(u, m, &change)
	index, err := p.change(change, nil, want, m.ids(&p.ids))
	if err != nil {
		return index, err
	}
	for _, email := range u.emails() {
		p.joined[match.MemberKey{Campaign: m.campaign, Person: email}] = newMember{u, index, m}
	}
	return index, nil
}

// ids are those of the leads that join.
func (m *membership) ids(of *slab[leadtype.LeadID]) []leadtype.LeadID {
	ids := of.take(len(m.leads))
	for i := range m.leads {
		ids[i] = m.leads[i].plan.LeadID
	}
	return ids
}
