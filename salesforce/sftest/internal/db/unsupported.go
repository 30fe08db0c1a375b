// SPDX-License-Identifier: Apache-2.0

package db

import (
	"slices"
	"strings"
)

// unsupportedObjects are objects that every org has and the fake lacks (Object Reference).
// Refusing them like a wrong name would be a plausible but wrong answer.
const unsupportedObjects = `AccountContactRelation AccountContactRole AccountTeamMember ApexClass ApexLog ApexTrigger
 AsyncApexJob Asset Attachment CampaignInfluence Case CaseComment CollaborationGroup Contract ContentDocument
 ContentDocumentLink ContentFolder ContentNote ContentVersion Dashboard Document EmailMessage EmailTemplate
 EntityDefinition Entitlement FeedItem FieldDefinition FieldPermissions Folder GroupMember Individual
 ListView LoginHistory Name Note ObjectPermissions OpportunityLineItem OpportunityStage Order OrderItem
 PermissionSetGroup PermissionSetLicense Period Pricebook2 PricebookEntry ProcessInstance Product2 Profile
 QueueSobject Quote QuoteLineItem RecentlyViewed Report Solution StaticResource Territory2 Topic
 UserLicense UserLogin UserRecordAccess UserRole`

// Relationships of standard objects that the fake lacks, to parents and to children.
const (
	UnsupportedParents = `
		Case Contract DandbCompany Entitlement Individual Manager OperatingHours Pricebook2 Profile
		UserRole`
	UnsupportedChildren = `
		AccountContactRelations AccountContactRoles ActivityHistories Assets AttachedContentDocuments
		Attachments CaseContactRoles Cases CombinedAttachments ContentDocumentLinks Contracts
		ContractContactRoles DuplicateRecordItems EmailStatuses Feeds FeedSubscriptionsForEntity Histories
		LookedUpFromActivities Notes NotesAndAttachments OpenActivities OpportunityCompetitors
		OpportunityHistories OpportunityLineItems OpportunityPartnersFrom Orders Partners ProcessInstances
		ProcessSteps Quotes RecordAssociatedGroups Shares TopicAssignments`
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

// readLacking reads the names of the fields that the fake lacks, in lower case, by their object.
func readLacking() map[string][]string {
	lacking := map[string][]string{}
	for _, row := range ReadTSV("lacking") {
		lacking[row["object"]] = strings.Fields(strings.ToLower(row["fields"]))
	}
	return lacking
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
