// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

const leadsOnly = "leads-only"

func TestTheStrategyIsSetForLeadsThatAreCapturedLater(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{LeadSource: "Fair"}, 0))
	page := s.get("/connect")
	require.Contains(t, page, `value="leads-and-contacts" checked`)
	require.Contains(t, page, "Later leads of a running event get the new one")
	require.Contains(t, page, "5 captured leads wait to be synced with theirs.")

	form := settingsForm(s, "/connect")
	form.Set("strategy", leadsOnly)
	status, page := s.send("/strategy", form)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "Saved.")
	require.Contains(t, page, `value="leads-only" checked`)
	saved, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, &leadsync.Settings{Version: saved.Version, LeadSource: "Fair", Strategy: leadsOnly}, saved)

	_, err = f.Capture(t.Context(), "acme", &leadsync.Lead{ID: "late", FirstName: "Ada", LastName: "Lovelace",
		Company: "Engines", Email: "ada@engines.example"})
	require.NoError(t, err)
	drain(t, f)
	s.syncer, err = f.Syncer(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, salesforce.ObjectContact, s.entry("ada").Last.Object, "it keeps the strategy of its capture")
	require.Equal(t, salesforce.ObjectLead, s.entry("late").Last.Object)
	require.NotContains(t, s.get("/connect"), "wait to be synced")
}

func TestAStrategyIsNotSetOverSettingsThatSomeoneElseHasSaved(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	form := settingsForm(s, "/connect")
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{LeadSource: "Theirs"}, 0))
	form.Set("strategy", leadsOnly)
	_, page := s.send("/strategy", form)
	require.Contains(t, page, "Someone else has saved settings meanwhile.")
	require.Contains(t, page, `value="leads-and-contacts" checked`)
	saved, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Empty(t, saved.Strategy)

	form.Set("strategy", "nobody's")
	status, _ := s.send("/strategy", form)
	require.Equal(t, http.StatusNotFound, status)
}

// A nearest is a strategy of a host.
type nearest struct{ leadsync.Strategy }

func (nearest) Name() string                           { return "nearest" }
func (nearest) Probes(*leadsync.Lead) []leadtype.Probe { return nil }

func TestTheStrategyOfAHostStaysInForceUntilAnotherIsSet(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil, func(cfg *fleet.Config) { cfg.Base.Strategy = nearest{leadsync.LeadsOnly} })
	require.Contains(t, s.get("/connect"), `value="nearest" checked`)
	for _, chosen := range []string{leadsOnly, "nearest"} {
		form := settingsForm(s, "/connect")
		form.Set("strategy", chosen)
		_, page := s.send("/strategy", form)
		require.Contains(t, page, `value="`+chosen+`" checked`)
	}
	saved, _, err := f.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Empty(t, saved.Strategy, "settings cannot name it")
}

func TestWhoMayNotChangeSettingsSeesTheStrategy(t *testing.T) {
	t.Parallel()
	s, _ := newConnected(t, &dashboard.Options{ReadOnly: true})
	page := s.get("/connect")
	require.Contains(t, page, `value="leads-and-contacts" checked disabled`)
	require.NotContains(t, page, "Set the strategy")
	require.NotContains(t, page, `action="./strategy"`)
	status, _ := s.post("/strategy", url.Values{"revision": {"0"}, "strategy": {leadsOnly}})
	require.Equal(t, http.StatusForbidden, status)

	own := newSite(t, &dashboard.Options{Settings: &leadsync.Settings{Strategy: leadsOnly}})
	require.Contains(t, own.get("/connect"), `value="leads-only" checked disabled`)
	require.NotContains(t, newSite(t, nil).get("/connect"), `name="strategy"`, "the host's Config is not known")
}

func TestWhatCannotBeDoneNowIsNoFaultOfTheHost(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	s := serveFleet(t, f, nil)
	token := tokenInput.FindStringSubmatch(s.get("/c/acme/mapping"))[1]
	status, page := s.send("/c/acme/preflight", url.Values{"token": {token}})
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, page, "This could not be done")
	require.Contains(t, page, "Reconnect")
}
