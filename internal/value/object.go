// SPDX-License-Identifier: Apache-2.0

package value

import (
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// Folded is an object's name as a key of maps: Salesforce ignores its case.
func Folded(o salesforce.Object) salesforce.Object {
	switch o { // those that each lead asks for, without a copy
	case salesforce.ObjectLead:
		return "lead"
	case salesforce.ObjectContact:
		return "contact"
	case salesforce.ObjectAccount:
		return "account"
	case salesforce.ObjectCampaignMember:
		return "campaignmember"
	case salesforce.ObjectTask:
		return "task"
	}
	return salesforce.Object(strings.ToLower(string(o)))
}

// MatchedObject returns Contact, Lead or Account, which probes can find, in this
// spelling, and "" for any other object.
func MatchedObject(name salesforce.Object) salesforce.Object {
	if name == salesforce.ObjectLead || name == salesforce.ObjectContact || name == salesforce.ObjectAccount {
		return name
	}
	for _, o := range []salesforce.Object{salesforce.ObjectContact, salesforce.ObjectLead, salesforce.ObjectAccount} {
		if o.Equal(name) {
			return o
		}
	}
	return ""
}

// ObjectOfID returns the standard object that the prefix of an id belongs to, "" for
// any other. A stored error keeps only the ids of duplicates.
func ObjectOfID(id salesforce.ID) salesforce.Object { return idPrefixes[id.Prefix()] }

// idPrefixes are the first three characters of the ids of standard objects, the same
// in every org (docs/salesforce.md, IDs).
var idPrefixes = map[string]salesforce.Object{
	"001": salesforce.ObjectAccount,
	"003": salesforce.ObjectContact,
	"005": salesforce.ObjectUser,
	"006": "Opportunity",
	"00G": ObjectGroup,
	"00Q": salesforce.ObjectLead,
	"00T": salesforce.ObjectTask,
	"00v": salesforce.ObjectCampaignMember,
	"012": ObjectRecordType,
	"701": salesforce.ObjectCampaign,
}

// The objects that package salesforce does not name.
const (
	ObjectGroup      salesforce.Object = "Group" // the queues, and other groups
	ObjectRecordType salesforce.Object = "RecordType"
)

// The fields that refer to a record's owner and to its record type.
const (
	OwnerField      = "OwnerId"
	RecordTypeField = "RecordTypeId"
	// CurrencyField is there where an org has several currencies.
	CurrencyField = "CurrencyIsoCode"
)

// IsCustom reports whether an object's records are found by the key of its section,
// not by a strategy, a campaign or an activity.
func IsCustom(o salesforce.Object) bool {
	return MatchedObject(o) == "" && !o.Equal(salesforce.ObjectCampaignMember) && !o.Equal(salesforce.ObjectTask)
}

// FoldKey makes two keys of the same record equal.
func FoldKey(field *salesforce.Field, key string) string {
	if field.CaseSensitive {
		return key
	}
	return strings.ToLower(key)
}

// Writeable reports whether the connected user may write a field.
func Writeable(field *salesforce.Field, create bool) bool {
	if create {
		return field.Createable
	}
	return field.Updateable
}

// IsAPIName reports whether name can be the API name of an object or a field.
func IsAPIName(name string) bool {
	for i := range len(name) {
		if !isAlphanumeric(name[i]) && name[i] != '_' {
			return false
		}
	}
	return name != "" && (name[0] < '0' || name[0] > '9')
}
