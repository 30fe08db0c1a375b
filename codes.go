package leadsync

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A retry says how the library tries a lead again by itself (PRODUCT.md 10).
type retry struct {
	// attempts are after how many the lead has failed: 0 means after the first, and
	// nothing is tried again.
	attempts int
	// least and longest are between two attempts; the wait doubles, with jitter.
	least, longest time.Duration
	// together is how many such leads are tried again in one batch, 0 any number
	// and with others.
	together int
	// pauses says that no lead is tried before a person has mended the connection.
	pauses bool
}

// The ways of trying again. A lead is never blamed for a fault of the connection:
// see Error.connection.
var (
	retryNever    = retry{} // until somebody changed data, mapping or org
	retryOnce     = retry{attempts: 2, least: 30 * time.Second, longest: time.Minute}
	retryInPart   = retry{attempts: 2, least: 30 * time.Second, longest: time.Minute, together: 25}
	retryLimited  = retry{attempts: 3, least: time.Minute, longest: 5 * time.Minute}
	retrySlowly   = retry{attempts: 5, least: time.Minute, longest: 16 * time.Minute}
	retrySoon     = retry{attempts: 8, least: time.Second, longest: 5 * time.Minute}
	retryLong     = retry{attempts: 16, least: time.Second, longest: time.Hour} // over some hours
	retryAlone    = retry{attempts: 8, least: time.Second, longest: 5 * time.Minute, together: 1}
	retryVerified = retry{attempts: math.MaxInt, least: time.Minute, longest: 10 * time.Minute} // after looking for the record
	retryPaused   = retry{pauses: true}
)

// A codeInfo is what is known of a code.
type codeInfo struct {
	description string
	fix         string
	retry       retry
}

var codeInfos = map[Code]codeInfo{
	NoTagMapping: {
		"An answer to a qualifier has no option in Salesforce to go to.",
		"Map the answer to an option of the qualifier's field, or let the qualifier drop or pass through what is not mapped; then retry.",
		retryNever},
	DataValueValidation: {
		"A value does not fit its field, or a validation rule of the org refuses it.",
		"Correct the value of the named field, or change the mapping or the rule; then retry.",
		retryNever},
	MissingRemoteField: {
		"A mapped field or object is not in Salesforce, or is hidden from the connected user.",
		"Create the field, give the connected user access to it, or take it out of the mapping; then retry.",
		retryNever},
	RequiredFieldMissing: {
		"A field that Salesforce requires has no value.",
		"Map a source that fills the named field, give its row a default, or complete the lead; then retry.",
		retryNever},
	Authentication: {
		"Salesforce no longer accepts the connection: the authorisation has ended, or the user or the org is inactive.",
		"Reconnect with an active user. The leads wait in Pre-Sync until then.",
		retryPaused},
	ConnectionPermission: {
		"The connected user lacks a right in Salesforce.",
		"Give the connected user API Enabled, create and edit on the object, and edit on the named fields; then retry.",
		retryNever},
	DuplicateRecord: {
		"A duplicate rule or a unique field says that the record exists already.",
		"Merge or delete one of the records, or choose another duplicate policy; then retry.",
		retryNever},
	AmbiguousMatch: {
		"Several records in Salesforce match, and none may be chosen without a person.",
		"Merge the records, or give the lead the id of the right one; then retry.",
		retryNever},
	StaleRemoteRecord: {
		"The record has been deleted, merged or converted, or an id does not name one.",
		"Retry to look the person up anew; if it fails again, correct the id on the lead.",
		retryOnce},
	RecordLocked: {
		"The record is locked in Salesforce, as by an approval.",
		"Finish or recall the approval, or unlock the record. It is tried again slowly.",
		retrySlowly},
	RowContention: {
		"Another process was changing the same record or its parent.",
		"Nothing: it is tried again in smaller batches.",
		retrySoon},
	RemoteAutomation: {
		"A trigger or flow of the org failed on the record.",
		"Ask the org's administrator to look at the named trigger or flow; then retry.",
		retryInPart},
	RateLimit: {
		"The org's limit of API calls is reached.",
		"Nothing: it is tried again when the limit allows. If it happens daily, buy calls or find what else spends them.",
		retryLong},
	RemoteUnavailable: {
		"Salesforce could not be reached, or failed on its side.",
		"Nothing: it is tried again. See the org's page on Salesforce's status site if it lasts.",
		retryLong},
	UncertainWrite: {
		"A write was sent and no answer came, so it may have been carried out.",
		"Nothing: the library looks for the record before it writes again.",
		retryVerified},
	OwnerInvalid: {
		"The record's owner is inactive or may not own it.",
		"Activate the owner, or map another owner; then retry.",
		retryNever},
	CampaignStatus: {
		"The campaign is gone, or does not have the member status.",
		"Add the status to the campaign, or correct the campaign link; then retry.",
		retryNever},
	StorageLimit: {
		"The org's data storage is full.",
		"Free or buy storage in Salesforce, then resume. The leads wait in Pre-Sync until then.",
		retryPaused},
	BatchCollateral: {
		"The record was not written because another one of its batch failed.",
		"Nothing: it is tried again on its own.",
		retryAlone},
	Unknown: {
		"Salesforce answered something that this library does not know.",
		"See the Salesforce error kept with the lead; report it if it does not explain itself.",
		retryLimited},
}

// Description returns one plain sentence that says what happened, in words for
// people who use the host. It is that of Unknown for a code that is not one of
// this package's.
func (c Code) Description() string { return c.info().description }

// Fix returns what to do about it, in words for people who use the host. See
// Error.Fix for what to do about one failure.
func (c Code) Fix() string { return c.info().fix }

func (c Code) info() codeInfo {
	if info, ok := codeInfos[c]; ok {
		return info
	}
	return codeInfos[Unknown]
}

// retry returns how the library tries again by itself.
func (c Code) retry() retry { return c.info().retry }

// pauses reports whether a failure with this code always stops the connection.
func (c Code) pauses() bool { return c.retry().pauses }

// after returns how long after the attempts so far a lead is tried again, and
// false when it is not.
func (r retry) after(attempts int, random float64) (time.Duration, bool) {
	return backoff(attempts, r.least, r.longest, random), attempts < r.attempts
}

// passes reports whether such a failure is over by itself after a while.
func (r retry) passes() bool { return r == retrySoon || r == retryLong || r == retryAlone }

// together returns how many leads with this failure are tried again in one batch,
// 0 for any number. What was only not reached is none that others spoilt.
func (e *Error) together() int {
	if e.Code == BatchCollateral && e.status() == "" {
		return 0
	}
	return e.Code.retry().together
}

// Fix returns what to do about this failure. Unlike Error it quotes Salesforce's
// message where that is what has to be known, and the message may quote the
// lead's values: show it to people, do not log it. It is empty for a nil *Error.
func (e *Error) Fix() string {
	var sf *salesforce.Error
	switch {
	case e == nil:
		return ""
	case e.daily():
		return "Nothing: the calls of the last 24 hours are spent, and it is tried again when some are free. If it happens daily, buy calls or find what else spends them."
	case !errors.As(e.Err, &sf):
		return e.Code.Fix()
	}
	switch sf.Code {
	case "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST":
		if e.Code == DataValueValidation {
			return picklistFix(e.fieldNames()) + said(sf)
		}
	case "FIELD_CUSTOM_VALIDATION_EXCEPTION":
		return validationFix(e) + said(sf)
	case "INVALID_FIELD_FOR_INSERT_UPDATE":
		return "Give the connected user edit access to " + e.fieldNames() + " in its profile or a permission set, or take the field out of the mapping; then retry."
	}
	return e.Code.Fix()
}

// picklistFix is the fix for values that a restricted picklist lacks.
func picklistFix(field string, missing ...string) string {
	options := "the missing options"
	if len(missing) > 0 {
		options = "the missing options " + quoted(missing)
	}
	return fmt.Sprintf("Add %s to the restricted picklist %s, lift its restriction, or map to a text field instead; then retry.", options, field)
}

// validationFix is the fix for a validation rule that says no.
func validationFix(e *Error) string {
	user := "the connected user's name"
	if e.User != "" {
		user = `"` + e.User + `"`
	}
	return fmt.Sprintf("A validation rule of the org refuses the record. Map a source that fills %s as the rule wants, or exempt the connected user in the rule ($User.Username <> %s); then retry.", e.fieldNames(), user)
}

// said quotes Salesforce's own words.
func said(sf *salesforce.Error) string {
	if sf.Message == "" {
		return ""
	}
	return fmt.Sprintf(" Salesforce says: %q", sf.Message)
}

// fieldNames names the fields at fault with their object.
func (e *Error) fieldNames() string {
	if len(e.Fields) == 0 {
		return "the field at fault"
	}
	names := strings.Join(e.Fields, ", ")
	if e.Object == "" {
		return names
	}
	return string(e.Object) + "." + strings.Join(e.Fields, ", "+string(e.Object)+".")
}
