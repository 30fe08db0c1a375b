// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/catalogue"
	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// An Error is why a lead, or a call of a leadsync.Syncer, failed. It is matched with
// errors.Is against a Code, and errors.As reaches the *salesforce.Error under
// it where Salesforce refused.
type Error struct {
	// Op is what was being done, such as "match" or "create".
	Op   string
	Code Code
	// LeadID is the lead that failed, empty for an error of the call.
	LeadID LeadID
	// Object is the Salesforce object concerned, if one is.
	Object salesforce.Object
	// Fields are the fields at fault: of Object, or source fields of the lead
	// where Object is empty.
	Fields []string
	// Reason says which rule was broken, in words that hold no value of the lead.
	Reason string
	// Options are what restricted picklists lack, by the field of Object, for Fix, where the
	// library itself has refused it. They may be values of the lead: Error does not print
	// them, and the history of a Store has the fields alone.
	Options map[string][]string
	// User is the connected user's name, set where Fix uses it. Error does not print
	// it.
	User string
	// Instance is the address of the org, such as https://acme.my.salesforce.com, set where Fix
	// links to a record.
	Instance string
	// Err is the cause, such as a *salesforce.Error.
	Err error
}

// Error names the operation, the lead, the code and the fields, never a value.
// A nil *Error, as the Err of a lead that went through, is no error: errors.Is
// and errors.As find nothing in it.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}
	var b strings.Builder
	b.WriteString("leadsync: ")
	if e.Op != "" {
		b.WriteString(e.Op + " ")
	}
	if e.LeadID != "" {
		fmt.Fprintf(&b, "lead %q ", string(e.LeadID))
	}
	if e.Object != "" {
		b.WriteString(string(e.Object) + " ")
	}
	text := strings.TrimSuffix(b.String(), " ")
	text = strings.TrimSuffix(text, ":") + ": " + string(e.Code)
	if len(e.Fields) > 0 {
		text += " (" + strings.Join(e.Fields, ", ") + ")"
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// LogValue is the text of Error. Without it a JSON log would hold what
// MarshalJSON writes.
func (e *Error) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// Unwrap returns the code and the cause.
func (e *Error) Unwrap() []error {
	if e == nil {
		return nil
	}
	if e.Err == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.Err}
}

// CodeOf returns the code of err: that of the first *Error or Code in its
// chain, Unknown for any other error, and "" for nil, also a nil *Error.
func CodeOf(err error) Code {
	var own *Error
	if err == nil || errors.As(err, &own) && own == nil {
		return ""
	}
	var code Code
	if errors.As(err, &code) {
		return code
	}
	return Unknown
}

// ErrBudget is the cause of a RateLimit when the org has used more of its API calls
// than leadsync.Config.APIBudget allows.
var ErrBudget = errors.New("the API calls allowed by Config.APIBudget are used up")

// ErrPanicked is wrapped by the UNKNOWN error of a lead for which a Strategy, a Mapper or a
// transform of the host panicked.
var ErrPanicked = hook.ErrPanicked

// ErrUnreadable is wrapped by the DATA_VALUE_VALIDATION error of a lead that the Store
// keeps and cannot read.
var ErrUnreadable = errors.New("cannot be read")

// ErrSuppressed is store.ErrSuppressed.
var ErrSuppressed = errors.New("leadsync: the lead was forgotten and is suppressed")

// A CauseKey identifies what failures have in common that one fix resolves: code,
// object, fields and rule. It is a digest and reveals none of them. Stores keep it.
type CauseKey string

// CauseKey returns the key of the cause that the failure belongs to; see
// review.Cause.
func (e *Error) CauseKey() CauseKey {
	sum := sha256.Sum256([]byte(string(e.Code) + "\x00" + value.CauseOf(e.Object, e.Fields, e.Err, e.Reason)))
	return CauseKey(hex.EncodeToString(sum[:8]))
}

// callOps are calls by a person that may be refused, and that the library does not repeat.
// Those of batchOps have errors of single leads and records too.
var (
	callOps = []string{"capture activities", "check", "choose", "connect", "disconnect", "dismiss", "drain", "export",
		"forget", "health", "new", "push", "read a filter", "read settings", "rebind", "resume", "send digests", "set mode",
		"set settings", "settings", "syncer"}
	batchOps = []string{"apply", "capture", "revert", "sync"}
)

// refusesCall reports whether it is the call that was refused, for which its code has a text.
func (e *Error) refusesCall() bool {
	_, worded := catalogue.English("fix." + string(e.Code) + ".call")
	whole := e.LeadID == "" && e.Object == ""
	return worded && e.Reason != "" &&
		(slices.Contains(callOps, e.Op) || whole && slices.Contains(batchOps, e.Op))
}

// missingOptions are the values that restricted picklists refused: the library's own
// refusals have them, and Salesforce's message ends with one (docs/salesforce.md, Errors).
func (e *Error) missingOptions() map[string][]string {
	var sf *salesforce.Error
	if len(e.Options) > 0 || !errors.As(e.Err, &sf) || sf.Code != salesforce.InvalidOrNullForRestrictedPicklist {
		return e.Options
	}
	if option := value.OptionOf(sf.Message, e.Fields); option != "" {
		return map[string][]string{"": {option}}
	}
	return nil
}
