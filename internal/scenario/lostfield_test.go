// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A careless proxy takes fields out of replies.
type careless struct {
	http.RoundTripper
	takes  *regexp.Regexp
	spares atomic.Bool
}

func (c *careless) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(r)
	if err != nil || c.spares.Load() {
		return resp, err
	}
	defer resp.Body.Close()
	from := io.Reader(resp.Body)
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if from, err = gzip.NewReader(resp.Body); err != nil {
			return nil, err
		}
	}
	body, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	body = c.takes.ReplaceAll(body, nil)
	resp.Header.Del("Content-Encoding")
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	resp.ContentLength, resp.Body = int64(len(body)), io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// A row without a field that was asked for is an incomplete look-up: its record is neither new nor
// blank there.
func TestARowThatLostAFieldIsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"Email", "Title"} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			contact := org.Insert("Contact", map[string]any{"FirstName": "Ada", "LastName": "Lovelace",
				"Email": scenario.Ada().Email, "Title": "Countess"})
			proxy := &careless{RoundTripper: org.Transport(),
				takes: regexp.MustCompile(`"` + field + `":"(ada@analytical.example|Countess)",`)}
			syncer, err := leadsync.New(timelessClient(t, org, &http.Client{Transport: proxy}), nil)
			require.NoError(t, err)
			lead := scenario.Ada()
			lead.JobTitle = "Programmer"
			_, err = syncer.Sync(t.Context(), lead)
			require.ErrorIs(t, err, leadsync.RemoteUnavailable)
			require.Zero(t, org.Count("Lead"))
			require.Equal(t, "Countess", org.Row("Contact", contact)["Title"])

			proxy.spares.Store(true)
			require.Equal(t, contact, string(scenario.SyncOne(t, syncer, lead).ID))
			require.Equal(t, "Countess", org.Row("Contact", contact)["Title"])
		})
	}
}
