// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

// A transport may read the body of a request after it has returned (http.RoundTripper), when
// the Client is at the next one already.
func TestARequestMayBeReadLate(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"plain":      strings.Repeat("x", 800), // in which the second request has room
		"compressed": strings.Repeat("x", 2000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var bodies []io.Reader
			late := roundTripFunc(func(r *http.Request) (*http.Response, error) {
				bodies = append(bodies, r.Body)
				reply := created
				if !strings.HasSuffix(r.URL.Path, "/composite") {
					reply = `[{"id":"00Q000000000001","success":true,"errors":[]}]`
				}
				return &http.Response{StatusCode: 200, Header: http.Header{}, Request: r,
					Body: io.NopCloser(strings.NewReader(reply))}, nil
			})
			// Not by newClient, which reads the bodies.
			client, err := salesforce.New(instance, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}),
				&salesforce.Config{HTTPClient: &http.Client{Transport: late}})
			require.NoError(t, err)
			first, second := update, update
			first.Fields = salesforce.Fields{"Title": "@{" + text + " first"} // which no composite carries
			second.Fields = salesforce.Fields{"Title": "second"}
			results, err := client.Write(t.Context(), first, second)
			require.NoError(t, err)
			for _, result := range results {
				require.NoError(t, result.Err)
			}
			require.Len(t, bodies, 2)
			require.Contains(t, unpacked(t, bodies[0]), text+" first")
			require.Contains(t, unpacked(t, bodies[1]), "second")
		})
	}
}

// unpacked returns the text of a body that may be compressed.
func unpacked(t *testing.T, body io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(body)
	require.NoError(t, err)
	if !bytes.HasPrefix(text, []byte("\x1f\x8b")) {
		return string(text)
	}
	zipped, err := gzip.NewReader(bytes.NewReader(text))
	require.NoError(t, err)
	text, err = io.ReadAll(zipped)
	require.NoError(t, err)
	return string(text)
}
