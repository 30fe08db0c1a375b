// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

func TestFilterJSONDistinguishesNoneFromAll(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]store.Filter{
		`{}`: {},
		`{"leads":[],"stages":[],"states":[],"codes":[],"causes":[],"warnings":[],"warningCauses":[]}`: {
			Leads: []leadtype.LeadID{}, Stages: []leadtype.Stage{},
			States: []store.State{}, Codes: []leadtype.Code{},
			Causes: []leadtype.CauseKey{}, Warnings: []leadtype.WarningKind{},
			WarningCauses: []leadtype.CauseKey{}},
		`{"event":"expo","leads":["L1"],"stages":["failed"],"states":["frozen"],"codes":["RATE_LIMIT"],"causes":["c"],` +
			`"warnings":["unfit"],"warningCauses":["unfit:a"],"text":"ada","record":"00Q000000000001AAA",` +
			`"from":"2026-03-01T09:00:00Z","until":"2026-03-02T09:00:00Z",` +
			`"unanswered":true,"version":7,"newest":true,"after":8,"limit":9}`: {
			Event: "expo", Leads: []leadtype.LeadID{"L1"}, Stages: []leadtype.Stage{leadtype.Failed},
			States: []store.State{store.StateFrozen},
			Codes:  []leadtype.Code{leadtype.RateLimit}, Causes: []leadtype.CauseKey{"c"},
			Warnings: []leadtype.WarningKind{leadtype.Unfit}, WarningCauses: []leadtype.CauseKey{"unfit:a"},
			Text: "ada", Record: "00Q000000000001AAA", From: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
			Until: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Newest: true, Unanswered: true, Version: 7,
			After: 8, Limit: 9},
	} {
		var read store.Filter
		require.NoError(t, json.Unmarshal([]byte(text), &read))
		require.Equal(t, want, read)
		written, err := json.Marshal(want)
		require.NoError(t, err)
		require.Equal(t, text, string(written))
	}
}

func TestFilterJSONRefusesUnknownKeys(t *testing.T) {
	t.Parallel()
	for text, field := range map[string]string{
		`{"stage":["failed"]}`:            "stage",
		`{"Stages":["failed"]}`:           "Stages",
		`{"leads":"L1"}`:                  "leads",
		`{"leads":["L1",2]}`:              "leads[1]",
		`{"event":"expo","event":"fair"}`: "event",
		`{"version":"7"}`:                 "version",
		`{"stages":["cleared","Failed"]}`: "stages[1]",
		`{"states":["frosty"]}`:           "states[0]",
		`{"stages":[""]}`:                 "stages[0]",
	} {
		read := store.Filter{Event: "before"}
		err := json.Unmarshal([]byte(text), &read)
		var e *leadtype.Error
		require.ErrorAs(t, err, &e, text)
		require.Equal(t, []string{field}, e.Fields, text)
		require.Equal(t, "read a filter", e.Op)
		require.Equal(t, store.Filter{Event: "before"}, read)
	}
}
