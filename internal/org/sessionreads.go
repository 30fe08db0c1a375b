// SPDX-License-Identifier: Apache-2.0

package org

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/leadsync/leadsync/internal/number"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A sessionRead is one of the reads that make a session.
type sessionRead struct {
	read   salesforce.Read
	object salesforce.Object
	take   func(salesforce.ReadResult)
}

// queryFor is the read of a statement over an object.
func queryFor(object salesforce.Object, statement *soql.Select, take func(salesforce.ReadResult)) sessionRead {
	return sessionRead{salesforce.Query(statement), object, take}
}

// describeReads asks for the describes of objects, for those that before has only
// where they have changed since.
func (s *Session) describeReads(objects []salesforce.Object, before *Session) []sessionRead {
	reads := make([]sessionRead, len(objects))
	for i, o := range objects {
		var old *salesforce.Describe
		if before != nil {
			old = before.Describe(o)
		}
		read := salesforce.DescribeObject(o, "")
		if old != nil {
			read = old.Again()
		}
		reads[i] = sessionRead{read, o, func(r salesforce.ReadResult) {
			s.Describes[value.Folded(o)] = r.Describe
			if r.NotModified {
				s.Describes[value.Folded(o)] = old
			}
		}}
	}
	return reads
}

// What grants a user a permission: a profile does so through a permission set of
// its own (docs/salesforce.md, Permissions).
const (
	grantsAPI     = "PermissionSet.PermissionsApiEnabled"
	grantsViewAll = "PermissionSet.PermissionsViewAllData"
)

// identityReads asks for the org, and for the connected user where its id is known.
// Preflight reports when it is not. An Organization has one row, which is found without
// the id too.
func (s *Session) identityReads() []sessionRead {
	org := salesforce.Query(soql.From(salesforce.ObjectOrganization, "Id", "Name", "IsSandbox", localeField))
	if s.Org != "" {
		org = salesforce.Get(salesforce.ObjectOrganization, s.Org, "Name", "IsSandbox", localeField)
	}
	reads := []sessionRead{{org, salesforce.ObjectOrganization, s.takeOrg}}
	if s.User == "" {
		return reads
	}
	user := salesforce.Get(salesforce.ObjectUser, s.User, "Username", "IsActive")
	grants := soql.From(salesforce.ObjectPermissionSetAssignment, grantsAPI, grantsViewAll).Where(soql.And(
		soql.Eq("AssigneeId", s.User), soql.Or(soql.Eq(grantsAPI, true), soql.Eq(grantsViewAll, true))))
	return append(reads,
		sessionRead{user, salesforce.ObjectUser, s.takeUser},
		queryFor(salesforce.ObjectPermissionSetAssignment, grants, s.takeGrants))
}

// localeField tells the org's currency: the API does not (docs/salesforce.md, Fields).
const localeField = "DefaultLocaleSidKey"

func (s *Session) takeOrg(r salesforce.ReadResult) {
	for _, org := range r.Records {
		s.OrgName, s.Sandbox = org.Text("Name"), org.Bool("IsSandbox")
		s.Currency = number.CurrencyOf(org.Text(localeField))
		s.Org = cmp.Or(s.Org, org.ID.ID18())
	}
}

func (s *Session) takeUser(r salesforce.ReadResult) {
	for _, user := range r.Records {
		active, ok := user.Value("IsActive")
		s.Username, s.Inactive = user.Text("Username"), ok && active == false
	}
}

func (s *Session) takeGrants(r salesforce.ReadResult) {
	for _, grant := range r.Records {
		s.APIEnabled = s.APIEnabled || grant.Bool(grantsAPI)
		s.ViewsAll = s.ViewsAll || grant.Bool(grantsViewAll)
	}
}

// campaignReads asks for the linked campaigns, once each, and for their member
// statuses.
func (s *Session) campaignReads(links []mapping.CampaignLink) []sessionRead {
	var ids []string
	for _, link := range links {
		id, err := salesforce.ParseID(string(link.CampaignID))
		if link.Archived || s.Campaign(link.CampaignID) != nil {
			continue
		}
		info := &CampaignInfo{id: link.CampaignID.ID18()}
		s.Campaigns[info.id] = info
		if err != nil {
			continue // one that cannot exist
		}
		ids = append(ids, string(id))
	}
	if len(ids) == 0 {
		return nil
	}
	var reads []sessionRead
	if len(ids) <= fewCampaigns {
		for _, id := range ids {
			campaign := salesforce.Get(salesforce.ObjectCampaign, salesforce.ID(id), "Name", "IsActive")
			reads = append(reads, sessionRead{campaign, salesforce.ObjectCampaign, s.takeCampaigns})
		}
	} else {
		for _, read := range SplitReads(ids, salesforce.Query, func(ids []string) *soql.Select {
			return soql.From(salesforce.ObjectCampaign, "Id", "Name", "IsActive").Where(soql.In("Id", ids...))
		}) {
			reads = append(reads, sessionRead{read, salesforce.ObjectCampaign, s.takeCampaigns})
		}
	}
	for _, read := range SplitReads(ids, salesforce.Query, func(ids []string) *soql.Select {
		return soql.From(salesforce.ObjectCampaignMemberStatus, "CampaignId", "Label", "IsDefault", "SortOrder").
			Where(soql.In("CampaignId", ids...))
	}) {
		reads = append(reads, sessionRead{read, salesforce.ObjectCampaignMemberStatus, s.takeStatuses})
	}
	return reads
}

// fewCampaigns is how many are read by their ids, beside the describes in one call.
const fewCampaigns = 15

func (s *Session) takeCampaigns(r salesforce.ReadResult) {
	for _, row := range r.Records {
		if c := s.Campaign(row.ID); c != nil {
			c.Exists, c.name, c.Active = true, row.Text("Name"), row.Bool("IsActive")
		}
	}
}

func (s *Session) takeStatuses(r salesforce.ReadResult) {
	for _, row := range r.Records {
		info := s.Campaign(salesforce.ID(row.Text("CampaignId")))
		if info == nil {
			continue
		}
		order, _ := strconv.Atoi(row.Text("SortOrder"))
		info.Statuses = append(info.Statuses, MemberStatus{row.Text("Label"), row.Bool("IsDefault"), order})
	}
}

// ruleReads asks for the statuses and rules that may make a write fail. All of it
// may be hidden from the user.
func (s *Session) ruleReads() []sessionRead {
	taskStatuses := soql.From(objectTaskStatus, "ApiName", "IsClosed", "SortOrder")
	assignment := soql.From(salesforce.ObjectAssignmentRule, "Name", "SobjectType").Where(soql.Eq("Active", true))
	duplicate := soql.From(salesforce.ObjectDuplicateRule, "MasterLabel", "SobjectType").Where(soql.Eq("IsActive", true))
	return []sessionRead{
		queryFor(objectTaskStatus, taskStatuses, s.takeTaskStatuses),
		queryFor(salesforce.ObjectAssignmentRule, assignment, func(r salesforce.ReadResult) {
			s.AssignmentRules = append(s.AssignmentRules, rulesIn(r, "Name")...)
		}),
		queryFor(salesforce.ObjectDuplicateRule, duplicate, func(r salesforce.ReadResult) {
			s.DuplicateRules = append(s.DuplicateRules, rulesIn(r, "MasterLabel")...)
		}),
	}
}

// objectTaskStatus has a row for each status of a Task.
const objectTaskStatus salesforce.Object = "TaskStatus"

func (s *Session) takeTaskStatuses(r salesforce.ReadResult) {
	for _, row := range r.Records {
		order, _ := strconv.Atoi(row.Text("SortOrder"))
		s.TaskStatuses = append(s.TaskStatuses, TaskStatus{row.Text("ApiName"), row.Bool("IsClosed"), order})
	}
	slices.SortStableFunc(s.TaskStatuses, func(a, b TaskStatus) int { return cmp.Compare(a.order, b.order) })
}

func rulesIn(r salesforce.ReadResult, name string) []Rule {
	var rules []Rule
	for _, row := range r.Records {
		rules = append(rules, Rule{row.Text(name), salesforce.Object(row.Text("SobjectType"))})
	}
	return rules
}

// ownerReads asks for the fallback owner.
func (s *Session) ownerReads(id salesforce.ID) []sessionRead {
	object := OwnerObject(id)
	field := map[salesforce.Object]string{salesforce.ObjectUser: "IsActive", value.ObjectGroup: "Type"}[object]
	if field == "" {
		return nil
	}
	return []sessionRead{{salesforce.Get(object, id.ID18(), field), object, func(r salesforce.ReadResult) {
		for _, record := range r.Records {
			s.Owner = Owner{Exists: true, Fit: record.Bool("IsActive") || record.Text("Type") == "Queue"}
		}
	}}}
}
