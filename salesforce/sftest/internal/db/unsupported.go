// SPDX-License-Identifier: Apache-2.0

package db

import (
	"slices"
	"strings"
)

// unsupportedObjects are objects that every org has and the fake lacks (Object Reference; Tooling API
// of those that describe the schema). Refusing them like a wrong name would be a plausible but wrong answer.
const unsupportedObjects = `AccountContactRelation AccountContactRole AccountTeamMember ApexClass ApexLog ApexTrigger
 AsyncApexJob Asset AttachedContentDocument Attachment CampaignInfluence CaseComment CaseContactRole CaseStatus
 CaseTeamMember CollaborationGroup CombinedAttachment Contract ContentAsset ContentBody ContentDistribution
 DataType DuplicateRecordItem DuplicateRecordSet EntityParticle OwnerChangeOptionInfo PicklistValueInfo
 Publisher RelationshipDomain RelationshipInfo SearchLayout UserEntityAccess UserFieldAccess
 ContentFolder ContentNote ContentWorkspace Dashboard Document EmailMessage EmailTemplate
 EntityDefinition Entitlement FeedItem FieldDefinition FieldPermissions Folder GroupMember
 ListView LoginHistory Name Note OpportunityLineItem OpportunityStage Order OrderItem
 PermissionSetGroup PermissionSetLicense Period Pricebook2 PricebookEntry ProcessInstance Product2
 Quote QuoteLineItem RecentlyViewed Report Solution StaticResource Territory2 Topic
 UserLogin UserRecordAccess`

// unsupportedParents returns the relationships of standard objects to parents that the fake lacks, in
// lower case, with the objects that have them (Object Reference).
func unsupportedParents() map[string]string {
	return map[string]string{
		"asset": "Case", "contentasset": "ContentDocument", "contentbody": "ContentVersion", "contract": "Opportunity",
		"dandbcompany": "Account Lead", "entitlement": "Case", "externaldatasource": "ContentVersion",
		"individual": "User", "manager": "User", "operatinghours": "Account", "pricebook2": "Opportunity",
		"profile": "PermissionSet",
	}
}

// unsupportedChildren are the relationships to children that the fake lacks.
const unsupportedChildren = `AccountContactRelations AccountContactRoles ActivityHistories Assets
 AttachedContentDocuments Attachments CaseComments CaseContactRoles CombinedAttachments ContentDistributions
 Contracts ContractContactRoles DuplicateRecordItems EmailMessages EmailStatuses Feeds FeedSubscriptionsForEntity
 Histories LookedUpFromActivities Notes NotesAndAttachments OpenActivities OpportunityCompetitors
 OpportunityHistories OpportunityLineItems OpportunityPartnersFrom Orders Partners ProcessInstances ProcessSteps
 Quotes RecordAssociatedGroups Shares TeamMembers TopicAssignments`

// LacksChildren reports whether the fake lacks the relationship to children, and the object may have
// it.
func (o *Object) LacksChildren(relationship string) bool {
	return !o.Custom && lists(unsupportedChildren, relationship)
}

// LacksParent reports whether the object has the relationship to a parent, and not in the fake.
func (o *Object) LacksParent(relationship string) bool {
	return !o.Custom && lists(unsupportedParents()[strings.ToLower(relationship)], o.Name)
}

func lists(list, name string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(known string) bool {
		return strings.EqualFold(known, name)
	})
}

// LacksReference reports whether the name is that of the field of such a relationship to a
// parent, such as ProfileId.
func (o *Object) LacksReference(name string) bool {
	relationship, ok := strings.CutSuffix(strings.ToLower(name), "id")
	return ok && o.Field(name) == nil && o.LacksParent(relationship)
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
