// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// ForLead returns the error as another lead's own; nil stays nil.
func ForLead(e *leadtype.Error, id leadtype.LeadID) *leadtype.Error {
	if e == nil {
		return nil
	}
	own := *e
	own.LeadID = id
	return &own
}

// Failure returns err, and nil for a nil *leadtype.Error or *salesforce.Error in it: code of a
// host that returns one means that nothing failed.
func Failure(err error) error {
	switch e := err.(type) { //nolint:errorlint // one that wraps a nil one is an error
	case *leadtype.Error:
		if e == nil {
			return nil
		}
	case *salesforce.Error:
		if e == nil {
			return nil
		}
	}
	return err
}

// AsOwn returns a copy of the *Error in err as one of op, and any other error as
// Unknown with err as its cause.
func AsOwn(op string, err error) *leadtype.Error {
	var e *leadtype.Error
	if errors.As(err, &e) {
		own := *e
		own.Op = op
		return &own
	}
	return &leadtype.Error{Op: op, Code: leadtype.Unknown, Err: err}
}

// Panicked is the error of an op on a lead whose hook panicked.
func Panicked(op string, id leadtype.LeadID, object salesforce.Object, p *hook.Panic) *leadtype.Error {
	return &leadtype.Error{Op: op, LeadID: id, Object: object, Code: leadtype.Unknown, Reason: p.Reason(), Err: p}
}

// MapError makes a *Error about a record of a lead of what a Mapper returned.
func MapError(id leadtype.LeadID, object salesforce.Object, err error) *leadtype.Error {
	e := AsOwn("map", err)
	e.LeadID, e.Object = id, cmp.Or(e.Object, object)
	return e
}

// Forbidden says that the connected user may not do what to an object, such as create.
func Forbidden(object salesforce.Object, what string) *leadtype.Error {
	return &leadtype.Error{Op: "plan", Object: object, Code: leadtype.ConnectionPermission,
		Reason: "the connected user may not " + what + " the object"}
}

// Unseen says that the connected user does not see an object. A standard one is in
// every org; another may be deleted just as well.
func Unseen(object salesforce.Object) *leadtype.Error {
	if IsOwn(object) {
		return &leadtype.Error{Op: "plan", Object: object, Code: leadtype.MissingRemoteField,
			Reason: "the object is not in the org, or is hidden from the connected user"}
	}
	return Forbidden(object, "see")
}

// IsOwn reports whether an object is the org's own, not one of Salesforce's.
func IsOwn(object salesforce.Object) bool { return strings.Contains(string(object), "__") }

// CallError is the error of a call of the Client as a whole: the context's own,
// or a *Error. errors.Is takes a network timeout for the context's error too, so that
// the context is asked.
func CallError(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil && ContextError(err) != nil {
		return err
	}
	return Classify(op, "", err)
}

// ContextError returns the context's error that err wraps, nil if none.
func ContextError(err error) error {
	for _, own := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, own) {
			return own
		}
	}
	return nil
}

// StoreError is the context's own error, or a *Error around the store's.
func StoreError(ctx context.Context, op string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return ctx.Err()
	}
	return &leadtype.Error{Op: op, Code: leadtype.Unknown, Reason: "the store failed", Err: err}
}

// A quietError prints less than the error that it wraps: a URL may hold an
// e-mail address, and the reply to a token request a token.
type quietError struct {
	text string
	err  error
}

func (e *quietError) Error() string { return e.text }

func (e *quietError) Unwrap() error { return e.err }

// quiet wraps an error whose text may hold what must not be printed.
func quiet(err error) error {
	var token *oauth2.RetrieveError
	if errors.As(err, &token) {
		text := "token request refused"
		if token.ErrorCode != "" {
			text += ": " + token.ErrorCode
		}
		return &quietError{text, err}
	}
	var sf *salesforce.Error
	var address *url.Error
	if !errors.As(err, &sf) && errors.As(err, &address) {
		return &quietError{address.Err.Error(), err}
	}
	return err
}
