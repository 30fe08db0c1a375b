// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
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
	takes func(call, rows int) time.Duration
	lock  func(call int) salesforce.StatusCode
	sizes []int
	rows  []int // of all collections of each call
}

func (o *pacedOrg) client(cfg salesforce.Config) *salesforce.Client {
	cfg.HTTPClient = &http.Client{Transport: o}
	client, err := newClient(o.t, instance, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), cfg)
	require.NoError(o.t, err)
	return client
}

func (o *pacedOrg) locked(call int) salesforce.StatusCode {
	if o.lock == nil {
		return ""
	}
	return o.lock(call)
}

func (o *pacedOrg) RoundTrip(r *http.Request) (*http.Response, error) {
	org := &scriptedOrg{t: o.t}
	call, err := org.decode(r)
	require.NoError(o.t, err)
	largest, rows := 0, 0
	for _, s := range call {
		n := 1
		if s.isCollection() {
			n = len(s.records(o.t))
		}
		largest, rows = max(largest, n), rows+n
	}
	o.sizes, o.rows = append(o.sizes, largest), append(o.rows, rows)
	n := len(o.sizes)
	<-time.After(o.takes(n, rows))
	if code := o.locked(n); code != "" {
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
		"slow twice": {map[int]bool{1: true, 2: true}, nil, 2000, []int{200, 100, 50, 200}},
		"locked":     {nil, map[int]salesforce.StatusCode{1: salesforce.UnableToLockRow}, 1500, []int{200, 100}},
		"in a trigger": {
			nil, map[int]salesforce.StatusCode{1: salesforce.CannotInsertUpdateActivateEntity}, 1500, []int{200, 100},
		},
		"slow for long": {
			map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true}, nil, 2000, []int{200, 100, 50, 25, 12, 6, 3, 20},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := &pacedOrg{
					t: t,
					takes: func(call, _ int) time.Duration {
						if test.slow[call] {
							return 30 * time.Second
						}
						return time.Second
					},
					lock: func(call int) salesforce.StatusCode { return test.locked[call] },
				}
				results, err := org.client(salesforce.Config{}).Write(t.Context(), repeat(test.rows, unkeyed)...)
				require.NoError(t, err)
				require.Len(t, results, test.rows)
				require.Equal(t, test.sizes, org.sizes, fmt.Sprint(test.rows))
			})
		})
	}
}

// A slowOrg is a model of an org whose triggers take so long a row, beside the time of any call.
type slowOrg struct{ row time.Duration }

const callTime = 300 * time.Millisecond

func (o slowOrg) takes(rows int) time.Duration { return callTime + time.Duration(rows)*o.row }

// bestRate is how many rows a second the best fixed size gets through, of those whose calls
// take at most 20 seconds.
func (o slowOrg) bestRate() (best float64) {
	for rows := 1; rows <= 1000 && o.takes(rows) <= 20*time.Second; rows++ {
		best = max(best, float64(rows)/o.takes(rows).Seconds())
	}
	return best
}

// No call takes as long as Salesforce minds, whatever the triggers of the org take, and the rows
// get through almost as fast as with the size that suits it best. A client that may begin
// with all rows that a call holds learns it from the first.
func TestWriteFindsTheSizeThatSuitsASlowOrg(t *testing.T) {
	t.Parallel()
	const longest = 20 * time.Second
	for _, row := range []time.Duration{5 * time.Millisecond, 50 * time.Millisecond, 200 * time.Millisecond} {
		for _, first := range []int{50, 0} {
			t.Run(fmt.Sprintf("%v a row, first %d", row, first), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					model := slowOrg{row}
					var took []time.Duration
					org := &pacedOrg{t: t, takes: func(_, rows int) time.Duration {
						took = append(took, model.takes(rows))
						return model.takes(rows)
					}}
					client := org.client(salesforce.Config{FirstRows: first, Timeout: 10 * time.Minute})
					start, rows := time.Now(), 0
					for range 8 {
						writes := fullJob(250)
						rows += len(writes)
						results, err := client.Write(t.Context(), writes...)
						require.NoError(t, err)
						for _, result := range results {
							require.NoError(t, result.Err)
						}
					}
					elapsed := time.Since(start)
					if first == 0 { // the first call of an org that nothing is known of
						rows -= org.rows[0]
						elapsed -= took[0]
						took = took[1:]
					}
					require.LessOrEqual(t, slices.Max(took), longest)
					rate := float64(rows) / elapsed.Seconds()
					t.Logf("%d rows in %d calls: %.1f a second, best %.1f, longest call %v, calls %v", rows, len(took), rate,
						model.bestRate(), slices.Max(took), org.rows)
					if row > 5*time.Millisecond { // there the rows of a batch bound its calls, not the time
						require.GreaterOrEqual(t, rate, 0.9*model.bestRate())
					}
				})
			})
		}
	}
}

// The controls: full calls take longer than Salesforce minds where triggers take 50 ms a row,
// and a small fixed size wastes the time of a fast org.
func TestAFixedSizeSuitsOneOrgOnly(t *testing.T) {
	t.Parallel()
	require.Greater(t, slowOrg{50 * time.Millisecond}.takes(1000), 20*time.Second)
	require.Less(t, slowOrg{5 * time.Millisecond}.takes(1000), 20*time.Second)
	fast := slowOrg{5 * time.Millisecond}
	require.Less(t, 75/fast.takes(75).Seconds(), 0.9*fast.bestRate())
}

// One slow object does not make the calls of others small, once they have shown what they take.
func TestWriteKeepsFastObjectsInFullCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := true
		org := &pacedOrg{t: t, takes: func(_, rows int) time.Duration {
			if slow {
				return time.Duration(rows) * 100 * time.Millisecond
			}
			return time.Second
		}}
		client := org.client(salesforce.Config{})
		write := func(object salesforce.Object, rows int) {
			_, err := client.Write(t.Context(), repeat(rows, create(object, nil))...)
			require.NoError(t, err)
		}
		write("Lead", 100)
		slow = false
		write("Task", 1000)
		slow = true
		write("Lead", 300)
		require.Equal(t, []int{100, 150, 850, 150, 150}, org.rows)
	})
}
