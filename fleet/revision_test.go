// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
)

// A later version of the host has a strategy that the others do not know.
type laterStrategy struct{ leadsync.Strategy }

func (laterStrategy) Name() string { return "later" }

// A process that cannot use the settings of a connection leaves it to those that can, and says so.
func TestSettingsOfALaterVersionStopOnlyEarlierOnes(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "globex")
	earlier := h.process()
	later := h.process(func(c *fleet.Config) {
		c.Base.Strategies = []leadsync.Strategy{laterStrategy{leadsync.LeadsOnly}}
	})
	h.connect(earlier, "acme", "globex")
	require.NoError(t, later.SetSettings(t.Context(), "acme", &leadsync.Settings{Strategy: "later"}, 0))
	h.capture(later, "acme", 1)
	h.capture(later, "globex", 1)

	stop := h.run(earlier)
	h.cleared(later, "globex", 1)
	require.Eventually(t, func() bool { return earlier.Rests("acme") }, time.Minute, time.Millisecond)
	stop()
	for range 2 {
		left := h.drain(earlier, "acme", 1, fleet.LeftSettings)
		require.Equal(t, leadsync.DataValueValidation, left.Code)
	}
	require.Equal(t, 1, strings.Count(h.log.String(), "leaves a connection to others"), "once for a revision")
	require.Contains(t, h.log.String(), "connection=acme")
	_, err := earlier.Health(t.Context(), "acme")
	require.ErrorIs(t, err, fleet.ErrSettings)
	requireRefused(t, err, "strategy")
	health, err := later.Health(t.Context(), "acme")
	require.NoError(t, err)
	require.Nil(t, health.Incident)
	h.run(later)
	h.cleared(later, "acme", 1)
}

// Settings that are no JSON are named in the errors, without what they have, and others can be set in their place.
func TestSettingsThatAreCutShortAreNamed(t *testing.T) {
	t.Parallel()
	for _, damaged := range []string{`{"leadSource": "Fair`, "\x00\xff", `"Fair"`, `{"leadSource": 5}`, `{}{}`} {
		h := newHost(t, "acme")
		f := h.process()
		h.connect(f, "acme")
		h.capture(f, "acme", 1)
		require.NoError(t, h.store.SetSettings(t.Context(), "acme", 0, []byte(damaged), ""))
		settings, revision, err := f.Settings(t.Context(), "acme")
		require.Equal(t, new(leadsync.Settings), settings)
		require.EqualValues(t, 1, revision)
		calls := map[string]error{"settings": err}
		calls["activities"] = f.CaptureActivitiesWithin(t.Context(), h.store, "acme", "L1")
		_, calls["capture"] = f.Capture(t.Context(), "acme", lead(2))
		_, calls["within"] = f.CaptureWithin(t.Context(), h.store, "acme", lead(2))
		_, calls["syncer"] = f.Syncer(t.Context(), "acme")
		_, calls["health"] = f.Health(t.Context(), "acme")
		for name, err := range calls {
			require.ErrorIs(t, err, leadsync.DataValueValidation, "%s %q", name, damaged)
			require.ErrorIs(t, err, fleet.ErrSettings)
			require.ErrorContains(t, err, `revision 1 of connection "acme"`)
			require.NotContains(t, err.Error(), "Fair")
			w := httptest.NewRecorder()
			fleet.WriteError(w, err)
			require.Equal(t, http.StatusInternalServerError, w.Code)
		}
		h.drain(f, "acme", 1, fleet.LeftSettings)
		require.NoError(t, f.SetSettings(t.Context(), "acme", settings, revision))
		h.drain(f, "acme", 1, fleet.LeftMore)
	}
}
