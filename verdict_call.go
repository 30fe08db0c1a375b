package leadsync

import (
	"context"
	"errors"
)

// callError is the error of a call of the Client as a whole: the context's own,
// or a *Error. A network that timed out has the context's errors too, by errors.Is:
// only the context itself shows the difference.
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
