package leadsync

import (
	"strconv"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

func (s *session) describeReads(objects []salesforce.Object, before *session) []sessionRead {
	reads := make([]sessionRead, len(objects))
	for i, o := range objects {
		var old *salesforce.Describe
		if before != nil {
			old = before.describe(o)
		}
		read := salesforce.DescribeObject(o, "")
		if old != nil {
			read = old.Again()
		}
		take := func(r salesforce.ReadResult) {
			if r.NotModified {
				s.describes[folded(o)] = old
				return
			}
			s.describes[folded(o)] = r.Describe
		}
		reads[i] = sessionRead{read, o, take}
	}
	return reads
}

// identityReads asks for the org and the connected user. What is unknown is
// left out; preflight says so.
func (s *session) identityReads() []sessionRead {
	var reads []sessionRead
	if s.org != "" {
		reads = append(reads, sessionRead{
			salesforce.Get(salesforce.ObjectOrganization, s.org, "Name", "IsSandbox"), salesforce.ObjectOrganization,
			func(r salesforce.ReadResult) {
				for _, org := range r.Records {
					s.orgName, s.sandbox = org.Text("Name"), org.Bool("IsSandbox")
				}
			}})
	}
	if s.user == "" {
		return reads
	}
	const apiEnabled, viewsAll = "PermissionSet.PermissionsApiEnabled", "PermissionSet.PermissionsViewAllData"
	grants := soql.From(salesforce.ObjectPermissionSetAssignment, apiEnabled, viewsAll).Where(soql.And(
		soql.Eq("AssigneeId", s.user), soql.Or(soql.Eq(apiEnabled, true), soql.Eq(viewsAll, true))))
	return append(reads,
		sessionRead{salesforce.Get(salesforce.ObjectUser, s.user, "Username", "IsActive"), salesforce.ObjectUser,
			func(r salesforce.ReadResult) {
				for _, user := range r.Records {
					active, ok := user.Value("IsActive")
					s.username, s.inactive = user.Text("Username"), ok && active == false
				}
			}},
		// Profiles grant through a permission set of their own (SALESFORCE.md 6).
		sessionRead{salesforce.Query(grants), salesforce.ObjectPermissionSetAssignment, func(r salesforce.ReadResult) {
			for _, grant := range r.Records {
				s.apiEnabled = s.apiEnabled || grant.Bool(apiEnabled)
				s.viewsAll = s.viewsAll || grant.Bool(viewsAll)
			}
		}})
}

func (s *session) campaignReads(links []CampaignLink) []sessionRead {
	var reads []sessionRead
	var ids []salesforce.ID
	for _, link := range links {
		id, err := salesforce.ParseID(string(link.CampaignID))
		if link.Archived || s.campaign(link.CampaignID) != nil {
			continue
		}
		info := &campaignInfo{id: link.CampaignID.ID18()}
		s.campaigns[info.id] = info
		if err != nil {
			continue // one that cannot exist
		}
		ids = append(ids, id)
		reads = append(reads, sessionRead{salesforce.Get(salesforce.ObjectCampaign, id, "Name", "IsActive"), salesforce.ObjectCampaign,
			func(r salesforce.ReadResult) {
				for _, c := range r.Records {
					info.exists, info.name, info.active = true, c.Text("Name"), c.Bool("IsActive")
				}
			}})
	}
	if len(ids) == 0 {
		return nil
	}
	statuses := soql.From(salesforce.ObjectCampaignMemberStatus, "CampaignId", "Label", "IsDefault", "SortOrder").
		Where(soql.In("CampaignId", ids...))
	return append(reads, sessionRead{salesforce.Query(statuses), salesforce.ObjectCampaignMemberStatus, s.takeStatuses})
}

func (s *session) takeStatuses(r salesforce.ReadResult) {
	for _, row := range r.Records {
		info := s.campaign(salesforce.ID(row.Text("CampaignId")))
		if info == nil {
			continue
		}
		order, _ := strconv.Atoi(row.Text("SortOrder"))
		info.statuses = append(info.statuses, memberStatus{row.Text("Label"), row.Bool("IsDefault"), order})
	}
}

// ruleReads asks for what may stand in the way of a write. All of it may be
// hidden from the user.
func (s *session) ruleReads() []sessionRead {
	leadStatuses := soql.From(salesforce.ObjectLeadStatus, "ApiName", "IsDefault", "IsConverted")
	assignment := soql.From(salesforce.ObjectAssignmentRule, "Name", "SobjectType").Where(soql.Eq("Active", true))
	duplicate := soql.From(salesforce.ObjectDuplicateRule, "MasterLabel", "SobjectType").Where(soql.Eq("IsActive", true))
	return []sessionRead{
		{salesforce.Query(leadStatuses), salesforce.ObjectLeadStatus, func(r salesforce.ReadResult) {
			for _, row := range r.Records {
				s.leadStatuses = append(s.leadStatuses, leadStatus{row.Text("ApiName"), row.Bool("IsDefault"), row.Bool("IsConverted")})
			}
		}},
		{salesforce.Query(assignment), salesforce.ObjectAssignmentRule, func(r salesforce.ReadResult) {
			for _, row := range r.Records {
				s.assignmentRules = append(s.assignmentRules, orgRule{row.Text("Name"), salesforce.Object(row.Text("SobjectType"))})
			}
		}},
		{salesforce.Query(duplicate), salesforce.ObjectDuplicateRule, func(r salesforce.ReadResult) {
			for _, row := range r.Records {
				s.duplicateRules = append(s.duplicateRules, orgRule{row.Text("MasterLabel"), salesforce.Object(row.Text("SobjectType"))})
			}
		}},
	}
}
