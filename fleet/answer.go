// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/verdict"
)

// WriteError answers a request to a page of the host with an error of a Fleet or a Syncer: as
// JSON with the keys error (a *leadsync.Error), description and fix, which are for people. The
// status is 422 for what the call was refused for, 409 for what does not fit what there is now
// (someone else has changed it, a record is gone, the connection is not connected), 503 for what
// passes (a limit, Salesforce is not reached, the context ended) and 500 for all else. An error that is no
// *leadsync.Error is UNKNOWN, without its text.
func WriteError(w http.ResponseWriter, err error) {
	named := &leadsync.Error{Op: "serve", Code: cmp.Or(leadsync.CodeOf(err), leadsync.Unknown)}
	_ = errors.As(err, &named)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(statusOf(named.Code, err))
	description, fix := named.Description(), named.Fix()
	if named.Code == leadsync.Unknown && hasEnded(err) { // which is not what Salesforce answered
		description, fix = "The request was ended before it was carried out.", "Try again."
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"error": named, "description": description, "fix": fix})
}

// hasEnded reports whether a context ended.
func hasEnded(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func statusOf(code leadsync.Code, err error) int {
	if errors.Is(err, ErrSettings) { // the call is not at fault
		return http.StatusInternalServerError
	}
	status := verdict.HTTPStatus(code)
	if status == http.StatusInternalServerError && hasEnded(err) {
		return http.StatusServiceUnavailable
	}
	return status
}
