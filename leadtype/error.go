package leadtype

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// A Code says what a host should do about a failure. It is itself an error, so
// that errors.Is(err, leadsync.DataValueValidation) reads well. Codes are
// stored and shown: none is ever renamed.
type Code string

// The codes. Code.Description explains each, as README does, and Code.Fix says what
// to do.
const (
	NoTagMapping         Code = "NO_TAG_MAPPING"
	DataValueValidation  Code = "DATA_VALUE_VALIDATION"
	MissingRemoteField   Code = "MISSING_REMOTE_FIELD"
	RequiredFieldMissing Code = "REQUIRED_FIELD_MISSING"
	Authentication       Code = "AUTHENTICATION"
	ConnectionPermission Code = "CONNECTION_PERMISSION"
	DuplicateRecord      Code = "DUPLICATE_RECORD"
	AmbiguousMatch       Code = "AMBIGUOUS_MATCH"
	StaleRemoteRecord    Code = "STALE_REMOTE_RECORD"
	RecordLocked         Code = "RECORD_LOCKED"
	RowContention        Code = "ROW_CONTENTION"
	RemoteAutomation     Code = "REMOTE_AUTOMATION"
	RateLimit            Code = "RATE_LIMIT"
	RemoteUnavailable    Code = "REMOTE_UNAVAILABLE"
	UncertainWrite       Code = "UNCERTAIN_WRITE"
	OwnerInvalid         Code = "OWNER_INVALID"
	CampaignStatus       Code = "CAMPAIGN_STATUS"
	StorageLimit         Code = "STORAGE_LIMIT"
	BatchCollateral      Code = "BATCH_COLLATERAL"
	Unknown              Code = "UNKNOWN"
)

// Error returns the code's name.
func (c Code) Error() string { return string(c) }

// An Error is why a lead, or a call of the Syncer, failed. It is matched with
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
	// User is the connected user's name, set where Fix uses it. Error does not print
	// it.
	User string
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

// errorJSON is an Error as it is stored and shown. The raw Salesforce message
// may quote the lead's values: it has a field of its own.
type errorJSON struct {
	Op         string            `json:"op,omitempty"`
	Code       Code              `json:"code"`
	LeadID     LeadID            `json:"leadId,omitempty"`
	Object     salesforce.Object `json:"object,omitempty"`
	Fields     []string          `json:"fields,omitempty"`
	Reason     string            `json:"reason,omitempty"`
	User       string            `json:"user,omitempty"`
	Cause      string            `json:"cause,omitempty"`
	Salesforce *salesforceJSON   `json:"salesforce,omitempty"`
}

type salesforceJSON struct {
	HTTPStatus int                   `json:"httpStatus,omitempty"`
	Code       salesforce.StatusCode `json:"code,omitempty"`
	Message    string                `json:"message,omitempty"`
	Fields     []string              `json:"fields,omitempty"`
	RequestID  string                `json:"requestId,omitempty"`
	Uncertain  bool                  `json:"uncertain,omitempty"`
	Duplicates []salesforce.ID       `json:"duplicates,omitempty"`
}

// MarshalJSON writes the error with the raw Salesforce error in it.
func (e *Error) MarshalJSON() ([]byte, error) {
	out := errorJSON{
		Op: e.Op, Code: e.Code, LeadID: e.LeadID, Object: e.Object, Fields: e.Fields, Reason: e.Reason, User: e.User,
	}
	var sf *salesforce.Error
	switch {
	case errors.As(e.Err, &sf):
		out.Salesforce = &salesforceJSON{
			HTTPStatus: sf.HTTPStatus, Code: sf.Code, Message: sf.Message, Fields: sf.Fields,
			RequestID: sf.RequestID, Uncertain: sf.Uncertain,
		}
		for _, d := range sf.Duplicates {
			out.Salesforce.Duplicates = append(out.Salesforce.Duplicates, d.ID)
		}
	case e.Err != nil:
		out.Cause = e.Err.Error()
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Error) UnmarshalJSON(data []byte) error {
	var in errorJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*e = Error{
		Op: in.Op, Code: in.Code, LeadID: in.LeadID, Object: in.Object, Fields: in.Fields, Reason: in.Reason, User: in.User,
	}
	switch s := in.Salesforce; {
	case s != nil:
		sf := &salesforce.Error{
			HTTPStatus: s.HTTPStatus, Code: s.Code, Message: s.Message, Fields: s.Fields,
			RequestID: s.RequestID, Uncertain: s.Uncertain,
		}
		for _, id := range s.Duplicates {
			sf.Duplicates = append(sf.Duplicates, salesforce.Duplicate{ID: id})
		}
		e.Err = sf
	case in.Cause != "":
		e.Err = errors.New(in.Cause)
	}
	return nil
}

// A BatchError says that some leads of a call failed. The others went through.
type BatchError struct {
	// Failed holds the failures by the index of the lead in the call.
	Failed map[int]error
}

// Error counts the failures by code. Of one lead it is the text of its failure.
func (e *BatchError) Error() string {
	if failures := e.Unwrap(); len(failures) == 1 {
		return failures[0].Error()
	}
	byCode := make(map[Code]int)
	for _, err := range e.Failed {
		byCode[CodeOf(err)]++
	}
	parts := make([]string, 0, len(byCode))
	for code, n := range byCode {
		parts = append(parts, fmt.Sprintf("%d %s", n, code))
	}
	slices.Sort(parts)
	return fmt.Sprintf("leadsync: %d leads failed: %s", len(e.Failed), strings.Join(parts, ", "))
}

// Unwrap returns the failures in the order of the leads.
func (e *BatchError) Unwrap() []error {
	indexes := make([]int, 0, len(e.Failed))
	for i, err := range e.Failed {
		if err != nil {
			indexes = append(indexes, i)
		}
	}
	slices.Sort(indexes)
	failures := make([]error, len(indexes))
	for k, i := range indexes {
		failures[k] = e.Failed[i]
	}
	return failures
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
// than Config.APIBudget allows.
var ErrBudget = errors.New("the calls that Config.APIBudget allows are spent")

// CauseKey returns the key of the Cause that the failure belongs to.
func (e *Error) CauseKey() CauseKey {
	sum := sha256.Sum256([]byte(string(e.Code) + "\x00" + value.CauseOf(e.Object, e.Fields, e.Err, e.Reason)))
	return CauseKey(hex.EncodeToString(sum[:8]))
}

// String says what the warning is about, without values.
func (w *Warning) String() string {
	where := string(w.Object)
	if w.Field != "" {
		where = strings.TrimPrefix(where+"."+w.Field, ".")
	}
	return strings.TrimPrefix(fmt.Sprintf("%s: %s: %s", where, w.Code, w.Reason), ": ")
}

// sentence says what the error means, and what it is about.
func (e *Error) sentence() string {
	text := fmt.Sprintf("Why: %s: %s", e.Code, e.Code.Description())
	about := string(e.Object)
	if len(e.Fields) > 0 {
		about = strings.TrimPrefix(about+"."+strings.Join(e.Fields, ", "), ".")
	}
	if detail := strings.Trim(about+": "+e.Reason, ": "); detail != "" {
		text += " (" + detail + ")"
	}
	return text
}

// A Warning is something that a person may want to know of a lead that went
// through: text cut, a field skipped, an answer dropped. It holds no value.
type Warning struct {
	Code   Code              `json:"code"`
	Object salesforce.Object `json:"object,omitempty"`
	Field  string            `json:"field,omitempty"`
	Reason string            `json:"reason"`
}

// withoutMessage returns the error without Salesforce's message, which may quote the lead.
func (e *Error) withoutMessage() *Error {
	var sf *salesforce.Error
	if e == nil || !errors.As(e.Err, &sf) {
		return e
	}
	quiet, public := *sf, *e
	quiet.Message = ""
	public.Err = &quiet
	return &public
}
