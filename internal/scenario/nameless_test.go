// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A spoiler replaces a text in the replies to queries of Leads, as something in front of
// Salesforce may that leaves out or rewrites a part of each row.
type spoiler struct {
	org      *sftest.Org
	from, to string
	active   bool
}

func (s *spoiler) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header.Del("Accept-Encoding")
	resp, err := s.org.Transport().RoundTrip(r)
	if err != nil || !s.active || !strings.Contains(string(body), "FROM+Lead") {
		return resp, err
	}
	reply, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	reply = bytes.ReplaceAll(reply, []byte(s.from), []byte(s.to))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(reply)), int64(len(reply))
	return resp, nil
}

// A reply with rows that do not say which records they are must not pass for "no match".
func TestRowsThatDoNotSayWhichRecordTheyAreCreateNoOther(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]spoiler{
		"no type":        {from: `"attributes":`, to: `"properties":`},
		"another object": {from: `"type":"Lead"`, to: `"type":"Account"`},
		"no id":          {from: `"Id":"`, to: `"Key":"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			wire := &spoiler{org: org, from: spoil.from, to: spoil.to}
			client := timelessClient(t, org, &http.Client{Transport: wire})
			syncer, err := leadsync.New(client, &leadsync.Config{Strategy: leadsync.LeadsOnly})
			require.NoError(t, err)
			plan, err := syncer.Plan(t.Context(), scenario.Ada())
			require.NoError(t, err)
			scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
			wire.active = true

			_, err = syncer.Sync(t.Context(), scenario.Ada())
			require.ErrorIs(t, err, leadsync.RemoteUnavailable)
			require.Equal(t, 1, org.Count("Lead"))
			_, err = syncer.Apply(t.Context(), plan)
			require.Error(t, err)
			require.Equal(t, 1, org.Count("Lead"))

			wire.active = false
			scenario.SyncOne(t, syncer, scenario.Ada())
			require.Equal(t, 1, org.Count("Lead"))
		})
	}
}

// Nor for one that says that the records of a sync are gone.
func TestRowsThatDoNotSayWhichRecordTheyAreAreNotTakenForGone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	wire := &spoiler{org: org, from: `"Id":"`, to: `"Key":"`}
	syncer, err := leadsync.New(timelessClient(t, org, &http.Client{Transport: wire}), nil)
	require.NoError(t, err)
	out := scenario.SyncOne(t, syncer, scenario.Ada())
	wire.active = true
	_, err = syncer.Revert(t.Context(), []*leadsync.Outcome{out}, revert.Options{Delete: true})
	require.ErrorIs(t, err, leadsync.RemoteUnavailable)
	wire.active = false
	_, err = syncer.Revert(t.Context(), []*leadsync.Outcome{out}, revert.Options{Delete: true})
	require.NoError(t, err)
	require.Zero(t, org.Count("Lead"))
}
