// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

// A pacedOrg is a transport that takes its time, and notes how many rows each
// call had in its largest collection.
type pacedOrg struct {
	t     *testing.T
	takes func(call int) time.Duration
	lock  func(call int) salesforce.StatusCode
	sizes []int
}

func (o *pacedOrg) client() *salesforce.Client {
	client, err := newClient(o.t, instance, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), salesforce.Config{
		HTTPClient: &http.Client{Transport: o},
	})
	require.NoError(o.t, err)
	return client
}

func (o *pacedOrg) RoundTrip(r *http.Request) (*http.Response, error) {
	org := &scriptedOrg{t: o.t}
	call, err := org.decode(r)
	require.NoError(o.t, err)
	largest := 0
	for _, s := range call {
		largest = max(largest, len(s.records(o.t)))
	}
	o.sizes = append(o.sizes, largest)
	n := len(o.sizes)
	<-time.After(o.takes(n))
	if code := o.lock(n); code != "" {
		org.answer = func(s sub) reply {
			rows := org.success(s).body.([]record)
			rows[0] = record{
				"success": false,
				"errors":  []record{{"statusCode": code, "message": "caused by: UNABLE_TO_LOCK_ROW"}},
			}
			return reply{status: 200, body: rows}
		}
	}
	var responses []json.RawMessage
	for _, s := range call {
		a := org.success(s)
		if org.answer != nil {
			a = org.answer(s)
		}
		text, err := json.Marshal(map[string]any{"referenceId": s.ReferenceID, "httpStatusCode": a.status, "body": a.body})
		require.NoError(o.t, err)
		responses = append(responses, text)
	}
	body, err := json.Marshal(map[string]any{"compositeResponse": responses})
	require.NoError(o.t, err)
	w := &wire{script: []line{{status: 200, body: string(body)}}}
	return w.RoundTrip(r)
}

func TestWriteMakesCollectionsSmallerWhileCallsAreSlow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		slow   map[int]bool
		locked map[int]salesforce.StatusCode
		rows   int
		sizes  []int
	}{
		"fast":       {nil, nil, 3000, []int{200, 200, 200}},
		"slow once":  {map[int]bool{1: true}, nil, 2500, []int{200, 100, 200}},
		"slow twice": {map[int]bool{1: true, 2: true}, nil, 2000, []int{200, 100, 50, 100}},
		"locked":     {nil, map[int]salesforce.StatusCode{1: salesforce.UnableToLockRow}, 1500, []int{200, 100}},
		"in a trigger": {
			nil, map[int]salesforce.StatusCode{1: salesforce.CannotInsertUpdateActivateEntity}, 1500, []int{200, 100},
		},
		"slow for ever": {
			map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true}, nil, 2125, []int{200, 100, 50, 25, 25, 25},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := &pacedOrg{
					t: t,
					takes: func(call int) time.Duration {
						if test.slow[call] {
							return 10 * time.Second
						}
						return 9 * time.Second
					},
					lock: func(call int) salesforce.StatusCode { return test.locked[call] },
				}
				results, err := org.client().Write(t.Context(), repeat(test.rows, unkeyed)...)
				require.NoError(t, err)
				require.Len(t, results, test.rows)
				require.Equal(t, test.sizes, org.sizes, fmt.Sprint(test.rows))
			})
		})
	}
}
