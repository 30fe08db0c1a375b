// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// errorJSON is an Error as it is stored and shown. The raw Salesforce message
// may quote the lead's values: it has a field of its own.
type errorJSON struct {
	Op     string            `json:"op,omitempty"`
	Code   Code              `json:"code"`
	LeadID LeadID            `json:"leadId,omitempty"`
	Object salesforce.Object `json:"object,omitempty"`
	Fields []string          `json:"fields,omitempty"`
	Reason string            `json:"reason,omitempty"`
	// Options are not under "options", which an earlier commit wrote as a list.
	Options    map[string][]string `json:"missing,omitempty"`
	User       string              `json:"user,omitempty"`
	Instance   string              `json:"instance,omitempty"`
	Cause      string              `json:"cause,omitempty"`
	Salesforce *salesforceJSON     `json:"salesforce,omitempty"`
}

type salesforceJSON struct {
	HTTPStatus int                   `json:"httpStatus,omitempty"`
	Code       salesforce.StatusCode `json:"code,omitempty"`
	Message    string                `json:"message,omitempty"`
	Fields     []string              `json:"fields,omitempty"`
	RequestID  string                `json:"requestId,omitempty"`
	Uncertain  bool                  `json:"uncertain,omitempty"`
	WholeCall  bool                  `json:"wholeCall,omitempty"`
	Duplicates []salesforce.ID       `json:"duplicates,omitempty"`
}

// MarshalJSON writes the error with the raw Salesforce error in it. Its description and fix
// are left out, because they are made when they are read; see Advisor.MarshalOutcome.
func (e *Error) MarshalJSON() ([]byte, error) { return json.Marshal(e.json()) }

func (e *Error) json() *errorJSON {
	out := &errorJSON{
		Op: e.Op, Code: e.Code, LeadID: e.LeadID, Object: e.Object, Fields: e.Fields, Reason: e.Reason,
		Options: e.Options, User: e.User, Instance: e.Instance,
	}
	var sf *salesforce.Error
	if errors.Is(e.Err, salesforce.ErrAddressChanged) {
		out.Cause = salesforce.ErrAddressChanged.Error()
	}
	switch {
	case errors.As(e.Err, &sf):
		out.Salesforce = &salesforceJSON{
			HTTPStatus: sf.HTTPStatus, Code: sf.Code, Message: sf.Message, Fields: sf.Fields,
			RequestID: sf.RequestID, Uncertain: sf.Uncertain, WholeCall: sf.WholeCall,
		}
		for _, d := range sf.Duplicates {
			out.Salesforce.Duplicates = append(out.Salesforce.Duplicates, d.ID)
		}
	case e.Err != nil:
		out.Cause = e.Err.Error()
	}
	return out
}

// MarshalOutcome writes an outcome as JSON for people, such as those who use a page of the host:
// as json.Marshal does, with description, fix and help beside the code of its error, of the
// errors of its parts and of its warnings. It is what Outcome reads, too.
func (a *Advisor) MarshalOutcome(o *Outcome) ([]byte, error) {
	if o == nil {
		return []byte("null"), nil
	}
	type plain Outcome
	type part struct {
		*Part
		Err *advisedError `json:"error,omitempty"`
	}
	type warning struct {
		*Warning
		Advice
	}
	shown := struct {
		*plain
		Parts    []part        `json:"parts,omitempty"`
		Warnings []warning     `json:"warnings,omitempty"`
		Err      *advisedError `json:"error,omitempty"`
	}{plain: (*plain)(o), Err: a.advised(o.Err)}
	for i := range o.Parts {
		shown.Parts = append(shown.Parts, part{&o.Parts[i], a.advised(o.Parts[i].Err)})
	}
	for i := range o.Warnings {
		shown.Warnings = append(shown.Warnings, warning{&o.Warnings[i], a.Warning(&o.Warnings[i])})
	}
	return json.Marshal(shown)
}

// An advisedError is an Error for people.
type advisedError struct {
	*errorJSON
	Advice
}

func (a *Advisor) advised(e *Error) *advisedError {
	if e == nil {
		return nil
	}
	return &advisedError{e.json(), a.Error(e)}
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Error) UnmarshalJSON(data []byte) error {
	var in errorJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*e = Error{
		Op: in.Op, Code: in.Code, LeadID: in.LeadID, Object: in.Object, Fields: in.Fields, Reason: in.Reason,
		Options: in.Options, User: in.User, Instance: in.Instance,
	}
	switch s := in.Salesforce; {
	case s != nil:
		sf := &salesforce.Error{
			HTTPStatus: s.HTTPStatus, Code: s.Code, Message: s.Message, Fields: s.Fields,
			RequestID: s.RequestID, Uncertain: s.Uncertain, WholeCall: s.WholeCall,
		}
		for _, id := range s.Duplicates {
			sf.Duplicates = append(sf.Duplicates, salesforce.Duplicate{ID: id})
		}
		if e.Err = sf; in.Cause != "" {
			sf.Err = causeOf(in.Cause)
		}
	case in.Cause != "":
		e.Err = causeOf(in.Cause)
	}
	return nil
}

// causeOf returns the cause with a text: one that errors.Is finds where there is one.
func causeOf(text string) error {
	for _, known := range []error{ErrBudget, ErrPanicked, ErrSuppressed, salesforce.ErrOtherOrg,
		salesforce.ErrAddressChanged} {
		if known.Error() == text {
			return known
		}
	}
	if parts, ok := strings.CutPrefix(text, ErrUnreadable.Error()+": "); ok {
		return fmt.Errorf("%w: %s", ErrUnreadable, parts)
	}
	return errors.New(text)
}
