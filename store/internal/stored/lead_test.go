// SPDX-License-Identifier: Apache-2.0

package stored_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// fullLead is a lead with a value in each field.
func fullLead() *leadtype.Lead {
	score := 87.5
	lead := &leadtype.Lead{Revision: 1 << 60, Scans: 3, Score: &score,
		CapturedAt:  time.Date(2026, 5, 4, 9, 30, 0, 123_000_000, time.FixedZone("", 2*60*60)),
		EnrichedAt:  time.Date(2026, 5, 4, 9, 31, 0, 0, time.UTC),
		UpdatedAt:   time.Date(2026, 5, 4, 9, 32, 0, 1, time.UTC),
		OtherEmails: []string{"a@b.example", `"é"<`}, Phones: []leadtype.Phone{{Number: "1", Kind: "work", Enriched: true}},
		Answers:    map[string][]string{"budget": {"100k", "\u2028"}, "none": {}},
		Custom:     map[string]any{"n": 1.5, "list": []any{"x", nil, true}, "o": map[string]any{"k\n": "v"}},
		Activities: []leadtype.Activity{{Kind: leadtype.ActivityCall, At: time.Unix(1, 0).UTC(), Notes: "é\x00"}}}
	for _, source := range leadtype.SourceFields() {
		if to := lead.Text(source); to != nil {
			*to = source + ` "é" \ <`
		}
	}
	return lead
}

var leadTexts = []string{
	``, ` `, `{}`, `null`, `[]`, `{"id":null}`, `{"id":1}`, `{"ID":"1"}`, `{"id":"1","id":"2"}`, `{"id":"1"} x`,
	`{"id":"1"`,
	`{"unknown":{"a":[1]},"id":"1"}`, `{"qualifiers":{"a":["1"]},"qualifiers":{"b":["2"]}}`, `{"qualifiers":null}`,
	`{"qualifiers":{"a":null}}`, `{"qualifiers":{"a":[null]}}`, `{"custom":{"a":1},"custom":{"b":2}}`, `{"custom":[]}`,
	`{"custom":{"a":12345678901234567890.5}}`, `{"score":1e400}`, `{"score":null}`, `{"score":"1"}`, `{"scans":1.5}`,
	`{"revision":1e3}`, `{"revision":-9223372036854775808}`, `{"otherEmails":[]}`, `{"otherEmails":null}`,
	`{"otherEmails":[1]}`,
	`{"capturedAt":"2026-05-04"}`, `{"capturedAt":""}`, `{"capturedAt":null}`, `{"capturedAt":1}`, `{"phones":null}`,
	`{"phones":[{"number":1}]}`, `{"activities":[{}]}`, `{"activities":[null]}`,
	`{"activities":[{"id":"1","id":"2","at":null}]}`, `{"activities":[{"at":"x"}]}`, `{"activities":[{"Kind":"call"}]}`,
	`{"activities":[{"id":"1"}],"activities":[{"kind":"call"}]}`, `{"activities":[]}`, `{"activities":{}}`,
	`{"strategy":"s"}`, `{"id":"\ud800"}`, "{\"id\":\"\xff\"}",
	`{"email":"a@b.example","Email":"c@d.example"}`, `{"phone":"1","mobilePhone":"2","contactId":"003"}`,
}

func TestDecodeLeadReadsWhatEncodeLeadWrote(t *testing.T) {
	t.Parallel()
	lead := fullLead()
	lead.Strategy = "s"
	for i, v := 0, reflect.ValueOf(*lead); i < v.NumField(); i++ {
		require.False(t, v.Field(i).IsZero(), v.Type().Field(i).Name)
	}
	text, err := stored.EncodeLead(lead)
	require.NoError(t, err)
	compareDecoded(t, text)
	for _, text := range leadTexts {
		compareDecoded(t, text)
	}
}

func FuzzDecodeLead(f *testing.F) {
	text, err := stored.EncodeLead(fullLead())
	require.NoError(f, err)
	for _, text := range append(leadTexts, text) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { compareDecoded(t, text) })
}

// compareDecoded decodes a lead in both ways.
func compareDecoded(t *testing.T, text string) {
	t.Helper()
	var want, got leadtype.Lead
	fails := stored.Decode(text, &want) != nil
	require.Equal(t, fails, stored.DecodeLead(text, &got) != nil, "%q", text)
	if !fails {
		require.Equal(t, want, got, "%q", text)
	}
}

// A lead is read in one pass, which allocates little. encoding/json would take some 40.
func TestDecodeLeadReadsInOnePass(t *testing.T) { //nolint:paralleltest // it counts the allocations of the process
	lead := fullLead()
	lead.Custom, lead.Phones, lead.Activities, lead.Answers, lead.OtherEmails = nil, nil, nil, nil, nil
	for _, source := range leadtype.SourceFields() {
		if to := lead.Text(source); to != nil {
			*to = source
		}
	}
	text, err := stored.EncodeLead(lead)
	require.NoError(t, err)
	require.Less(t, testing.AllocsPerRun(10, func() {
		var lead leadtype.Lead
		require.NoError(t, stored.DecodeLead(text, &lead))
	}), 12.0)
}
