// SPDX-License-Identifier: Apache-2.0

package org

import (
	"context"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// An Extra is what only a preflight needs to know of the org: a composite of the session has
// room for no further query.
type Extra struct {
	LeadStatuses []LeadStatus
	// Private are the objects of whose records a user sees only those that are shared, and
	// ViewsAll those of which the connected user sees all records.
	Private, ViewsAll []salesforce.Object
	// QueueTakes are the objects whose records the fallback owner, a queue, may own.
	QueueTakes []salesforce.Object
	// Limits are the org's, by name.
	Limits map[string]salesforce.Limit
	// ValidationRules are those that are active.
	ValidationRules []Rule
	// Unread holds why an object that was asked for could not be read, Asked those that were
	// asked for.
	Unread map[salesforce.Object]*leadtype.Error
	Asked  []salesforce.Object
}

// An Ask says what of an Extra is wanted beside sharing and the queue.
type Ask struct{ LeadStatuses, Limits, ValidationRules bool }

// Objects that an Extra is read from, beside salesforce.ObjectLeadStatus and Organization.
const (
	ObjectObjectPermissions salesforce.Object = "ObjectPermissions"
	ObjectQueueSobject      salesforce.Object = "QueueSobject"
	ObjectValidationRule    salesforce.Object = "ValidationRule"
	// ObjectLimits stands for the org's limits, which are no object.
	ObjectLimits salesforce.Object = "limits"
)

// WasRead reports whether an object was asked for and could be read.
func (e *Extra) WasRead(o salesforce.Object) bool {
	return slices.Contains(e.Asked, o) && e.Unread[o] == nil
}

// Extra asks for what a preflight needs beside the session: with one call for the queries
// together, and one each for the limits and the validation rules. Where nothing is asked for
// it makes no call.
func (s *Sessions) Extra(ctx context.Context, known *Session, ask Ask) (*Extra, error) {
	extra := &Extra{Unread: make(map[salesforce.Object]*leadtype.Error)}
	reads := extra.reads(known, s.owner, ask)
	if len(reads) == 0 {
		return extra, nil
	}
	asked := make([]salesforce.Read, len(reads))
	for i, r := range reads {
		asked[i] = r.read
		extra.Asked = append(extra.Asked, r.object)
	}
	results, err := ReadAll(ctx, s.client, "preflight", asked)
	if err != nil {
		return nil, err
	}
	for i, result := range results {
		if result.Err == nil {
			reads[i].take(result)
			continue
		}
		e := verdict.Classify("preflight", reads[i].object, result.Err)
		if endsSession(reads[i].read.Kind, e) {
			return nil, e
		}
		extra.Unread[reads[i].object] = e
	}
	return extra, nil
}

func (e *Extra) reads(known *Session, owner salesforce.ID, ask Ask) []sessionRead {
	var reads []sessionRead
	if ask.LeadStatuses {
		statuses := soql.From(salesforce.ObjectLeadStatus, "ApiName", "IsConverted")
		reads = append(reads, queryFor(salesforce.ObjectLeadStatus, statuses, e.takeLeadStatuses))
	}
	grantsKnown := known.User != "" && known.Unread[salesforce.ObjectPermissionSetAssignment] == nil
	if grantsKnown && !known.ViewsAll {
		reads = append(reads, e.sharingReads(known.User)...)
	}
	if known.Owner.Fit && OwnerObject(owner) == value.ObjectGroup {
		takes := soql.From(ObjectQueueSobject, "SobjectType").Where(soql.Eq("QueueId", owner.ID18()))
		reads = append(reads, queryFor(ObjectQueueSobject, takes, func(r salesforce.ReadResult) {
			e.QueueTakes = objectsIn(r)
		}))
	}
	if ask.Limits {
		reads = append(reads, sessionRead{salesforce.OrgLimits(), ObjectLimits, func(r salesforce.ReadResult) {
			e.Limits = r.Limits
		}})
	}
	if ask.ValidationRules {
		rules := soql.From(ObjectValidationRule, "ValidationName", "EntityDefinition.QualifiedApiName").
			Where(soql.Eq("Active", true))
		reads = append(reads, sessionRead{salesforce.ToolingQuery(rules), ObjectValidationRule, e.takeValidationRules})
	}
	return reads
}

// sharingReads ask which records of people and companies the user sees (docs/salesforce.md,
// Permissions).
func (e *Extra) sharingReads(user salesforce.ID) []sessionRead {
	defaults := map[salesforce.Object]string{salesforce.ObjectLead: "DefaultLeadAccess",
		salesforce.ObjectContact: "DefaultContactAccess", salesforce.ObjectAccount: "DefaultAccountAccess"}
	sharing := soql.From(salesforce.ObjectOrganization, "Id", "DefaultLeadAccess", "DefaultContactAccess",
		"DefaultAccountAccess")
	views := soql.From(ObjectObjectPermissions, "SobjectType").Where(soql.And(
		soql.Eq("PermissionsViewAllRecords", true),
		soql.InSelect("ParentId", soql.From(salesforce.ObjectPermissionSetAssignment, "PermissionSetId").
			Where(soql.Eq("AssigneeId", user)))))
	return []sessionRead{
		queryFor(salesforce.ObjectOrganization, sharing, func(r salesforce.ReadResult) {
			for _, row := range r.Records {
				ofAccount := row.Text(defaults[salesforce.ObjectAccount])
				for object, field := range defaults {
					access := row.Text(field)
					if access == accessNone || access == accessOfParent && ofAccount == accessNone {
						e.Private = append(e.Private, object)
					}
				}
			}
		}),
		queryFor(ObjectObjectPermissions, views, func(r salesforce.ReadResult) { e.ViewsAll = objectsIn(r) }),
	}
}

// Organization-wide defaults of sharing: only the owner sees a record, or who sees its Account.
const (
	accessNone     = "None"
	accessOfParent = "ControlledByParent"
)

func objectsIn(r salesforce.ReadResult) []salesforce.Object {
	var objects []salesforce.Object
	for _, row := range r.Records {
		objects = append(objects, salesforce.Object(row.Text("SobjectType")))
	}
	return objects
}

func (e *Extra) takeLeadStatuses(r salesforce.ReadResult) {
	for _, row := range r.Records {
		e.LeadStatuses = append(e.LeadStatuses, LeadStatus{row.Text("ApiName"), row.Bool("IsConverted")})
	}
}

func (e *Extra) takeValidationRules(r salesforce.ReadResult) {
	for _, row := range r.Records {
		object := salesforce.Object(row.Text("EntityDefinition.QualifiedApiName"))
		e.ValidationRules = append(e.ValidationRules, Rule{row.Text("ValidationName"), object})
	}
}

// Usage returns the API calls of a client and of its org, zero where it is no Meter.
func Usage(client any) salesforce.Usage {
	if meter, ok := client.(leadtype.Meter); ok {
		return meter.Usage()
	}
	return salesforce.Usage{}
}
