// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"maps"
	"slices"
)

// A Code says what a host should do about a failure. It is itself an error, so
// that errors.Is(err, leadsync.DataValueValidation) reads well. Codes are
// stored and shown: none is ever renamed.
type Code string

// The codes. Code.Description says more of each, as README does, and Code.Fix says what
// to do.
const (
	NoTagMapping         Code = "NO_TAG_MAPPING"         // an answer to a qualifier has no option
	DataValueValidation  Code = "DATA_VALUE_VALIDATION"  // a value does not fit its field, or a rule refuses it
	MissingRemoteField   Code = "MISSING_REMOTE_FIELD"   // a field or object does not exist or is hidden
	RequiredFieldMissing Code = "REQUIRED_FIELD_MISSING" // a required field has no value
	Authentication       Code = "AUTHENTICATION"         // the connection is no longer accepted
	ConnectionPermission Code = "CONNECTION_PERMISSION"  // the connected user lacks a permission
	DuplicateRecord      Code = "DUPLICATE_RECORD"       // the record exists already
	AmbiguousMatch       Code = "AMBIGUOUS_MATCH"        // several records match
	StaleRemoteRecord    Code = "STALE_REMOTE_RECORD"    // the record was deleted, merged or converted
	RecordLocked         Code = "RECORD_LOCKED"          // the record is locked, as by an approval
	RowContention        Code = "ROW_CONTENTION"         // another process was changing the record
	RemoteAutomation     Code = "REMOTE_AUTOMATION"      // a trigger or flow of the org failed
	RateLimit            Code = "RATE_LIMIT"             // a limit of API calls is reached
	RemoteUnavailable    Code = "REMOTE_UNAVAILABLE"     // Salesforce could not be reached, or failed
	UncertainWrite       Code = "UNCERTAIN_WRITE"        // the response to a write was lost
	OwnerInvalid         Code = "OWNER_INVALID"          // the owner is inactive or may not own the record
	CampaignStatus       Code = "CAMPAIGN_STATUS"        // the campaign or the member status is gone
	PersonAccount        Code = "PERSON_ACCOUNT"         // what a person account does not take
	StorageLimit         Code = "STORAGE_LIMIT"          // the org's data storage is full
	BatchCollateral      Code = "BATCH_COLLATERAL"       // another record of the batch failed
	Unknown              Code = "UNKNOWN"                // anything else
)

// Error returns the code's name.
func (c Code) Error() string { return string(c) }

// A codeInfo is what is known of a code.
type codeInfo struct {
	description string
	fix         string
}

var codeInfos = map[Code]codeInfo{
	NoTagMapping: {
		"An answer to a qualifier has no matching option in Salesforce.",
		"Map the answer to an option of the qualifier's field, or set the qualifier to drop or pass through " +
			"unmapped answers; then retry."},
	DataValueValidation: {
		"A value does not fit its field, or a validation rule of the org refuses it.",
		"Correct the value of the named field, or change the mapping or the rule; then retry."},
	MissingRemoteField: {
		"A mapped field or object is not in Salesforce, or is hidden from the connected user.",
		"Create the field, give the connected user access to it, or remove it from the mapping; then retry."},
	RequiredFieldMissing: {
		"A field that Salesforce requires has no value.",
		"Map a source that fills the named field, give its rule a default, or complete the lead; then retry."},
	Authentication: {
		"Salesforce no longer accepts the connection: the authorisation has expired or was revoked, or the user or the " +
			"org is inactive.",
		"Reconnect with an active user. The leads wait in Pre-Sync until then."},
	ConnectionPermission: {
		"The connected user lacks a permission in Salesforce.",
		"Give the connected user API Enabled, create and edit on the object, and edit on the named fields; then retry."},
	DuplicateRecord: {
		"A duplicate rule or a unique field reports that the record already exists.",
		"Merge or delete one of the records, or choose another duplicate policy; then retry."},
	AmbiguousMatch: {
		"It is not certain which record in Salesforce is the lead's, and a person has to choose.",
		"Choose the record, or a new one; or merge the records, or give the lead the id of the right one, and retry."},
	StaleRemoteRecord: {
		"The record has been deleted, merged or converted, or an id does not name one.",
		"Retry to look the person up again; if it fails again, correct the id on the lead."},
	RecordLocked: {
		"The record is locked in Salesforce, for example by an approval process.",
		"Finish or recall the approval, or unlock the record. It is retried with long waits."},
	RowContention: {
		"Another process was changing the same record or its parent.",
		"Nothing: it is retried in smaller batches."},
	RemoteAutomation: {
		"A trigger or flow of the org failed on the record.",
		"Ask the org's administrator to look at the named trigger or flow; then retry."},
	RateLimit: {
		"The org's limit of API calls is reached.",
		"Nothing: it is retried when the limit allows. If it happens daily, buy more calls or find out what else uses them."},
	RemoteUnavailable: {
		"Salesforce could not be reached, or failed on its side.",
		"Nothing: it is retried. If it persists, check the org's page on Salesforce's status site."},
	UncertainWrite: {
		"A write was sent and its response was lost, so it may have been carried out.",
		"Nothing while it waits: the library looks for the record before it writes again. A lead that has failed " +
			"gets no response each time: look at its values and the org's automation, then retry."},
	OwnerInvalid: {
		"The record's owner is inactive or may not own it.",
		"Activate the owner, or map another owner; then retry."},
	CampaignStatus: {
		"The campaign is gone, or does not have the member status.",
		"Add the status to the campaign, or correct the campaign link; then retry."},
	PersonAccount: {
		"The record is a person account, or belongs to one, and Salesforce does not take the change there.",
		"Let the connected user see IsPersonAccount of Contact and Account, so that people are written through their " +
			"Accounts, and remove what is neither's from the mapping, such as AccountId; then retry."},
	StorageLimit: {
		"The org's data storage is full.",
		"Free or buy storage in Salesforce, then resume. The leads wait in Pre-Sync until then."},
	BatchCollateral: {
		"The record was not written because another record of its batch failed.",
		"Nothing: it is retried on its own."},
	Unknown: {
		"Salesforce returned an error that this library does not know.",
		"See the Salesforce error that is kept with the lead, and report it if its meaning is not clear."},
}

// Description returns one plain sentence that says what happened, in words for
// people who use the host. It is that of Unknown for a code that is not one of
// this package's.
func (c Code) Description() string { return c.info().description }

// Fix returns what to do about it, in words for people who use the host. See
// Error.Fix for what to do about one failure.
func (c Code) Fix() string { return c.info().fix }

// Codes returns the codes of this package, sorted.
func Codes() []Code { return slices.Sorted(maps.Keys(codeInfos)) }

func (c Code) info() codeInfo {
	if info, ok := codeInfos[c]; ok {
		return info
	}
	return codeInfos[Unknown]
}
