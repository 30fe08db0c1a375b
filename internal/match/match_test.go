// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A reader answers each query with the rows of the object it asks for.
type reader struct {
	rows  map[string][]salesforce.Record // by the object after FROM
	err   error                          // of every query
	calls [][]string
}

func (r *reader) Read(_ context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	results := make([]salesforce.ReadResult, len(reads))
	var call []string
	for i, read := range reads {
		soql := read.Query.String()
		call = append(call, soql)
		_, rest, _ := strings.Cut(soql, " FROM ")
		object, _, _ := strings.Cut(rest, " ")
		results[i] = salesforce.ReadResult{Records: r.rows[object], Err: r.err}
	}
	r.calls = append(r.calls, call)
	return results, nil
}

// byEmail is a strategy that finds Leads by their e-mail address, and creates them.
type byEmail struct{}

func (byEmail) Name() string { return "by-email" }

func (byEmail) Probes(lead *leadtype.Lead) []leadtype.Probe {
	return []leadtype.Probe{{Object: "Lead", Field: "Email", Value: lead.Email}}
}

func (byEmail) NoHit(*leadtype.Lead) leadtype.NoHit { return leadtype.NoHit{Person: "Lead"} }

func matcher(from org.Reader) *match.Matcher {
	return &match.Matcher{Set: mapping.NewSet(mapping.Config{}), Default: "by-email",
		Strategies: map[string]match.Strategy{"by-email": byEmail{}}, Reader: from, Sessions: new(sessions),
		Now: func() time.Time { return time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC) }}
}

// sessions are those of an org that does not change. They count how often it is
// described again.
type sessions struct{ refreshed int }

func (s *sessions) After(context.Context, time.Time) (*org.Session, error) { return session(), nil }

func (s *sessions) Refresh(context.Context) (*org.Session, error) {
	s.refreshed++
	return session(), nil
}

func session() *org.Session {
	lead := orgtest.Writable("Lead", "Id", "LastName", "Company", "Email")
	for i := range lead.Fields {
		lead.Fields[i].Filterable = true
	}
	return &org.Session{Describes: map[salesforce.Object]*salesforce.Describe{"lead": lead}}
}

func items(emails ...string) []*match.Item {
	list := make([]*match.Item, len(emails))
	for i, email := range emails {
		id := leadtype.LeadID("L" + string(rune('1'+i)))
		list[i] = &match.Item{Lead: &leadtype.Lead{ID: id, LastName: "Lovelace", Email: email}}
	}
	return list
}

func leadRow(id, email string, modified int) salesforce.Record {
	return salesforce.Record{Object: "Lead", ID: salesforce.ID(id), Fields: salesforce.Fields{"Email": email,
		"LastModifiedDate": time.Date(2026, 5, modified, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)}}
}

const first, second = "00Q000000000001AAA", "00Q000000000002AAA"

func TestMatchAsksForABatchInOneCallAndForEachValueOnce(t *testing.T) {
	t.Parallel()
	from := &reader{rows: map[string][]salesforce.Record{"Lead": {leadRow(first, "Ada@acme.example", 1)}}}

	result, err := matcher(from).Match(t.Context(),
		items("ada@acme.example", " ADA@acme.example", "bob@acme.example"))

	require.NoError(t, err)
	require.Len(t, from.calls, 1)
	require.Equal(t, 1, result.Calls)
	require.Len(t, from.calls[0], 1)
	require.Contains(t, from.calls[0][0], "Email IN ('ada@acme.example','bob@acme.example')")
	require.Equal(t, salesforce.ID(first), result.Matches[0].Person.ID)
	require.Same(t, result.Matches[0].Person, result.Matches[1].Person)
	require.Nil(t, result.Matches[2].Person)
	require.Equal(t, "no hit", result.Matches[2].Trace.Rule)
}

func TestSeveralHitsAreDecidedByThePolicy(t *testing.T) {
	t.Parallel()
	const ada = "ada@acme.example"
	for _, policy := range []leadtype.AmbiguityPolicy{"", leadtype.HoldAmbiguous} {
		from := &reader{rows: map[string][]salesforce.Record{"Lead": {leadRow(first, ada, 1), leadRow(second, ada, 2)}}}
		m := matcher(from)
		m.Ambiguous = policy

		result, err := m.Match(t.Context(), items(ada))

		require.NoError(t, err)
		one := result.Matches[0]
		if policy == leadtype.HoldAmbiguous {
			require.ErrorIs(t, one.Err, leadtype.AmbiguousMatch)
			require.Equal(t, leadtype.LeadID("L1"), one.Err.LeadID)
			require.Len(t, one.Trace.Probes[0].Candidates, 2)
			continue
		}
		require.Nil(t, one.Err)
		require.Equal(t, salesforce.ID(second), one.Person.ID, "the last modified")
		require.Equal(t, "Lead by e-mail", one.Trace.Rule)
	}
}

func TestFailedQueryFailsTheBatch(t *testing.T) {
	t.Parallel()
	from := &reader{err: &salesforce.Error{HTTPStatus: 400, Code: "QUERY_TIMEOUT", Message: "too long"}}
	result, err := matcher(from).Match(t.Context(), items("ada@acme.example"))
	require.Nil(t, result)
	var own *leadtype.Error
	require.ErrorAs(t, err, &own)
	require.Equal(t, "match", own.Op)
}

func TestMatchDescribesTheOrgAgainWhenAFieldIsGone(t *testing.T) {
	t.Parallel()
	from := &reader{err: &salesforce.Error{HTTPStatus: 400, Code: "INVALID_FIELD", Message: "No such column 'Email'"}}
	of := new(sessions)
	m := matcher(from)
	m.Sessions = of
	_, err := m.Match(t.Context(), items("ada@acme.example"))
	require.ErrorIs(t, err, leadtype.MissingRemoteField)
	require.Equal(t, 1, of.refreshed)
}

func TestLeadThatCannotBeLookedUpFailsAlone(t *testing.T) {
	t.Parallel()
	all := items("ada@acme.example", "bob@acme.example")
	all[0].Lead.Strategy = "yesterday's"
	from := &reader{}
	result, err := matcher(from).Match(t.Context(), all)
	require.NoError(t, err)
	require.Equal(t, []string{"strategy"}, result.Matches[0].Err.Fields)
	require.False(t, result.Matches[0].RetryAt.IsZero(), "until the strategy is configured again")
	require.Nil(t, result.Matches[1].Err)
	require.NotContains(t, from.calls[0][0], "ada@")
}
