// SPDX-License-Identifier: Apache-2.0

package db

import (
	"slices"
	"strings"
)

// unsupportedObjects are objects that every org has and the fake lacks (Object Reference).
// Refusing them like a wrong name would be a plausible but wrong answer.
const unsupportedObjects = `AccountContactRelation AccountContactRole AccountTeamMember ApexClass ApexLog ApexTrigger
 AsyncApexJob Asset AttachedContentDocument Attachment CampaignInfluence CaseComment CaseContactRole CaseStatus
 CaseTeamMember CollaborationGroup CombinedAttachment Contract ContentAsset ContentBody ContentDistribution
 ContentFolder ContentNote ContentWorkspace Dashboard Document EmailMessage EmailTemplate
 EntityDefinition Entitlement FeedItem FieldDefinition FieldPermissions Folder GroupMember
 ListView LoginHistory Name Note OpportunityLineItem OpportunityStage Order OrderItem
 PermissionSetGroup PermissionSetLicense Period Pricebook2 PricebookEntry ProcessInstance Product2
 Quote QuoteLineItem RecentlyViewed Report Solution StaticResource Territory2 Topic
 UserLogin UserRecordAccess`

// Relationships of standard objects that the fake lacks, to parents and to children.
const (
	UnsupportedParents = `
		Asset ContentAsset ContentBody Contract DandbCompany Entitlement ExternalDataSource Individual Manager
		OperatingHours Pricebook2 Profile`
	UnsupportedChildren = `
		AccountContactRelations AccountContactRoles ActivityHistories Assets AttachedContentDocuments
		Attachments CaseComments CaseContactRoles CombinedAttachments ContentDistributions Contracts
		ContractContactRoles DuplicateRecordItems EmailMessages EmailStatuses Feeds FeedSubscriptionsForEntity Histories
		LookedUpFromActivities Notes NotesAndAttachments OpenActivities OpportunityCompetitors
		OpportunityHistories OpportunityLineItems OpportunityPartnersFrom Orders Partners ProcessInstances
		ProcessSteps Quotes RecordAssociatedGroups Shares TeamMembers TopicAssignments`
)

// LacksRelationship reports whether the name is in a list of relationships and the object may
// have it.
func (o *Object) LacksRelationship(list, name string) bool {
	return !o.Custom && slices.ContainsFunc(strings.Fields(list), func(known string) bool {
		return strings.EqualFold(known, name)
	})
}

// LacksReference reports whether the name is that of the field of such a relationship to a
// parent, such as ProfileId.
func (o *Object) LacksReference(name string) bool {
	relationship, ok := strings.CutSuffix(strings.ToLower(name), "id")
	return ok && o.Field(name) == nil && o.LacksRelationship(UnsupportedParents, relationship)
}

// Lacks reports whether real orgs have a field of that name and the fake has not: it is no
// unknown column. Features that an org need not have bring some of them.
func (o *Object) Lacks(name string) bool {
	if o.Custom || o.Field(name) != nil {
		return false
	}
	if o.LacksReference(name) {
		return true
	}
	name = strings.ToLower(name)
	return slices.ContainsFunc(o.lacking, func(known string) bool {
		prefix, any := strings.CutSuffix(known, "*")
		return known == name || any && strings.HasPrefix(name, prefix)
	})
}

// Unsupported reports whether Salesforce has an object of that name that the fake lacks.
func Unsupported(name string) bool {
	name = strings.ToLower(name)
	for _, kind := range []string{"history", "feed", "share", "changeevent"} {
		of, ok := strings.CutSuffix(name, kind)
		for _, s := range standardObjects() {
			if ok && strings.EqualFold(s.name, of) {
				return true
			}
		}
	}
	for known := range strings.FieldsSeq(strings.ToLower(unsupportedObjects)) {
		if known == name {
			return true
		}
	}
	return false
}

// Requested returns the object that a request names, nil if the user sees none. It records one
// that the fake lacks: see TakeUnsupported.
func (d *DB) Requested(name string) *Object {
	obj := d.Named(name)
	switch {
	case obj == nil && Unsupported(name):
		d.lacked = name
	case obj == nil || !obj.Readable:
		return nil
	}
	return obj
}

// TakeUnsupported returns the object that a request named and the fake lacks, "" for none, and
// clears it.
func (d *DB) TakeUnsupported() string {
	name := d.lacked
	d.lacked = ""
	return name
}
