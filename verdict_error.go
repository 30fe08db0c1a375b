package leadsync

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/leadsync/leadsync/salesforce"

	"golang.org/x/oauth2"
)

// forLead returns the error as another lead's own; nil stays nil.
func forLead(e *Error, id LeadID) *Error {
	if e == nil {
		return nil
	}
	own := *e
	own.LeadID = id
	return &own
}

// asOwn returns err as a *Error of op, Unknown when it is none.
func asOwn(op string, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		own := *e
		own.Op = op
		return &own
	}
	return &Error{Op: op, Code: Unknown, Err: err}
}

// mapError makes a *Error about a record of a lead of what a Mapper returned.
func mapError(id LeadID, object salesforce.Object, err error) *Error {
	e := asOwn("map", err)
	e.LeadID, e.Object = id, cmp.Or(e.Object, object)
	return e
}

func forbidden(object salesforce.Object, what string) *Error {
	return &Error{Op: "plan", Object: object, Code: ConnectionPermission,
		Reason: "the connected user may not " + what + " the object"}
}

// unseen says that the connected user does not see an object. A standard one is in
// every org; another may be deleted just as well.
func unseen(object salesforce.Object) *Error {
	if isOwn(object) {
		return &Error{Op: "plan", Object: object, Code: MissingRemoteField,
			Reason: "the object is not in the org, or is hidden from the connected user"}
	}
	return forbidden(object, "see")
}

// isOwn reports whether an object is not one of Salesforce's but the org's own.
func isOwn(object salesforce.Object) bool { return strings.Contains(string(object), "__") }

// callError is the error of a call of the Client as a whole: the context's own,
// or a *Error. errors.Is takes a network timeout for the context's error too, so that
// the context is asked.
func callError(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil && contextError(err) != nil {
		return err
	}
	return classify(op, "", err)
}

// contextError returns the context's error that err wraps, nil if none.
func contextError(err error) error {
	for _, own := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, own) {
			return own
		}
	}
	return nil
}

// storeError is the context's own error, or a *Error around the store's.
func storeError(ctx context.Context, op string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return ctx.Err()
	}
	return &Error{Op: op, Code: Unknown, Reason: "the store failed", Err: err}
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
