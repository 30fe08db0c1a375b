// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"errors"
	"fmt"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// Fix returns what to do about this failure. Unlike Error it quotes Salesforce's
// message where a person needs it, and the message may quote the
// lead's values: show it to people, do not log it. It is empty for a nil *Error.
func (e *Error) Fix() string {
	var sf *salesforce.Error
	switch {
	case e == nil:
		return ""
	case errors.Is(e.Err, ErrBudget),
		e.Code == RateLimit && errors.As(e.Err, &sf) && sf.Limit() == salesforce.LimitDaily:
		return "Nothing: the calls of the last 24 hours are spent, and it is retried when more are available. " +
			"If it happens daily, buy more calls or find out what else uses them."
	case errors.Is(e.Err, salesforce.ErrOtherOrg):
		return "Connect with a user of the org that the connection belongs to. If the other org is meant, as after a " +
			"sandbox was refreshed, have the host call Rebind. The leads wait in Pre-Sync until then."
	case errors.Is(e.Err, ErrPanicked):
		return "Repair the code of the host that panicked: its stack is in the log. Then push the lead."
	case errors.Is(e.Err, ErrUnreadable):
		return "Capture the lead again, whole. Where its creates without a response cannot be read, see first whether its " +
			"record exists, and give the lead its id."
	case e.Code == PersonAccount, !errors.As(e.Err, &sf):
		return e.Code.Fix()
	}
	switch sf.Code {
	case "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST":
		if e.Code == DataValueValidation {
			return value.PicklistFix(value.FieldNames(e.Object, e.Fields)) + said(sf)
		}
	case "FIELD_CUSTOM_VALIDATION_EXCEPTION":
		return validationFix(e) + said(sf)
	case "INVALID_FIELD_FOR_INSERT_UPDATE":
		return "Give the connected user edit access to " + value.FieldNames(e.Object, e.Fields) +
			" in its profile or a permission set, or remove the field from the mapping; then retry."
	}
	return e.Code.Fix()
}

// validationFix is the fix for a record that a validation rule refuses.
func validationFix(e *Error) string {
	user := "the connected user's name"
	if e.User != "" {
		user = `"` + e.User + `"`
	}
	return fmt.Sprintf("A validation rule of the org refuses the record. Map a source that fills %s as the rule "+
		"requires, "+
		"or exempt the connected user in the rule ($User.Username <> %s); then retry.",
		value.FieldNames(e.Object, e.Fields), user)
}

// said quotes Salesforce's message.
func said(sf *salesforce.Error) string {
	if sf.Message == "" {
		return ""
	}
	return fmt.Sprintf(" Salesforce says: %q", sf.Message)
}
