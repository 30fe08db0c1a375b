// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
)

func TestErrorsAreAnsweredWithWhatToDo(t *testing.T) {
	t.Parallel()
	f := newHost(t, "acme").process()
	refused := f.SetMode(t.Context(), "acme", "manuel")
	settings, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	raced := f.SetSettings(t.Context(), "acme", settings, 7)
	for _, c := range []struct {
		err    error
		status int
		code   leadsync.Code
	}{
		{refused, http.StatusUnprocessableEntity, leadsync.DataValueValidation},
		{raced, http.StatusConflict, leadsync.RowContention},
		{leadsync.RateLimit, http.StatusServiceUnavailable, leadsync.RateLimit},
		{&leadsync.Error{Op: "preflight", Code: leadsync.RateLimit}, http.StatusServiceUnavailable, leadsync.RateLimit},
		{context.Canceled, http.StatusServiceUnavailable, leadsync.Unknown},
		{errors.New("ada@example.com"), http.StatusInternalServerError, leadsync.Unknown},
	} {
		w := httptest.NewRecorder()
		fleet.WriteError(w, c.err)
		require.Equal(t, c.status, w.Code, c.err)
		var got struct {
			Error struct {
				Code leadsync.Code
			}
			Description, Fix string
		}
		require.NotContains(t, w.Body.String(), "ada@")
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
		require.Equal(t, c.code, got.Error.Code, c.err)
		require.NotEmpty(t, got.Description)
		require.NotEmpty(t, got.Fix)
		require.Equal(t, errors.Is(c.err, context.Canceled), got.Fix == "Try again.", c.err)
	}
}
