// SPDX-License-Identifier: Apache-2.0

package leadtype

import "github.com/leadsync/leadsync/internal/catalogue"

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

// Description returns one plain sentence that says what happened, in words for
// people who use the host. It is that of Unknown for a code that is not one of
// this package's, and in English; see Advisor.
func (c Code) Description() string { return catalogue.Plain("description", string(c), string(Unknown)) }

// Fix returns what to do about it, in words for people who use the host, in English. See
// Error.Fix for what to do about one failure.
func (c Code) Fix() string { return catalogue.Plain("fix", string(c), string(Unknown)) }

// Codes returns the codes of this package, sorted.
func Codes() []Code {
	return []Code{AmbiguousMatch, Authentication, BatchCollateral, CampaignStatus, ConnectionPermission,
		DataValueValidation, DuplicateRecord, MissingRemoteField, NoTagMapping, OwnerInvalid, PersonAccount, RateLimit,
		RecordLocked, RemoteAutomation, RemoteUnavailable, RequiredFieldMissing, RowContention, StaleRemoteRecord,
		StorageLimit, UncertainWrite, Unknown}
}
