// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// newUndecided returns the pages of a connection where lead 5, Grace Kelly, may be any of the Contacts.
func newUndecided(t *testing.T, opts *dashboard.Options, contacts ...map[string]any) *site {
	t.Helper()
	s, f := newConnected(t, opts)
	account := s.org.Insert("Account", map[string]any{"Name": "NAVY"})
	for _, c := range contacts {
		c["Email"], c["AccountId"] = "grace@navy.example", account
		s.org.Insert("Contact", c)
	}
	drain(t, f)
	require.Equal(t, leadsync.AmbiguousMatch, s.entry("grace").Last.Err.Code)
	return s
}

// cells returns the row of a thing in the comparison.
func cells(t *testing.T, page, label string) []string {
	t.Helper()
	_, after, found := strings.Cut(page, `<th scope="row">`+label+`</th>`)
	require.True(t, found, label)
	row, _, _ := strings.Cut(after, "</tr>")
	return strings.Split(row, "<td")[1:]
}

func TestCandidatesStandBesideTheLead(t *testing.T) {
	t.Parallel()
	s := newUndecided(t, nil, map[string]any{"FirstName": "Jo", "LastName": "Hopper", "Title": "Admiral"},
		map[string]any{"FirstName": "Jo", "LastName": "Murray", "MailingCity": "Boston"})
	s.org.ResetLog()
	page := s.get("/leads/5")
	require.LessOrEqual(t, len(s.org.Requests()), 2)
	last := cells(t, page, "Last name")
	require.Len(t, last, 3)
	require.Contains(t, last[0], "Kelly")
	require.Contains(t, last[1]+last[2], "Hopper")
	require.Contains(t, last[1], "differs")
	require.Contains(t, cells(t, page, "E-mail")[1], "same")
	company := cells(t, page, "Company")
	require.Contains(t, company[0], "Navy")
	require.Contains(t, company[2], "NAVY")
	require.Contains(t, company[2], "same", "case does not tell companies apart")
	require.Contains(t, strings.Join(cells(t, page, "Title"), ""), "Admiral")
	require.Contains(t, strings.Join(cells(t, page, "City"), ""), "Boston")
	require.NotContains(t, page, `<th scope="row">Website</th>`, "nobody has one")
	require.Contains(t, page, `value="new"`)

	var contact salesforce.ID
	for _, row := range s.org.Rows("Contact") {
		if row["LastName"] == "Murray" {
			contact = salesforce.ID(row["Id"].(string))
		}
	}
	require.Contains(t, s.done("/leads/5/choose", url.Values{"record": {string(contact)}}), "Decided.")
}

// A unique field refuses a new record again: it is not offered.
func TestNoNewRecordIsOfferedWhereAUniqueFieldRefusesIt(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	s.org.DefineField("Lead", sftest.Field{Name: "Company", Unique: true})
	s.org.Insert("Lead", map[string]any{"FirstName": "Jo", "LastName": "Murray", "Company": "Navy"})
	drain(t, f)
	require.Equal(t, leadsync.AmbiguousMatch, s.entry("grace").Last.Err.Code)
	page := s.get("/leads/5")
	require.Contains(t, page, "Murray")
	require.NotContains(t, page, `value="new"`)
}

func TestManyCandidatesAreListedBesideTheFirst(t *testing.T) {
	t.Parallel()
	var many []map[string]any
	for i := range 30 {
		many = append(many, map[string]any{"FirstName": "Jo", "LastName": fmt.Sprint("Hopper", i)})
	}
	page := newUndecided(t, nil, many...).get("/leads/5")
	require.Len(t, cells(t, page, "Last name"), 6)
	require.Equal(t, 31, strings.Count(page, `name="record"`))
}

func TestFieldsThatTheUserMayNotSeeAreNotAskedFor(t *testing.T) {
	t.Parallel()
	s, f := newConnected(t, nil)
	s.org.HideField("Contact", "Title")
	for _, name := range []string{"Hopper", "Murray"} {
		s.org.Insert("Contact", map[string]any{"LastName": name, "FirstName": "Jo", "Email": "grace@navy.example"})
	}
	drain(t, f)
	page := s.get("/leads/5")
	require.Contains(t, strings.Join(cells(t, page, "Last name"), ""), "Hopper")
}

func TestCandidatesCanBeChosenWhereTheOrgDoesNotAnswer(t *testing.T) {
	t.Parallel()
	s := newUndecided(t, nil, map[string]any{"FirstName": "Jo", "LastName": "Hopper"},
		map[string]any{"FirstName": "Jo", "LastName": "Murray"})
	for _, row := range s.org.Rows("Contact") {
		s.org.Delete("Contact", row["Id"].(string))
	}
	page := s.get("/leads/5")
	require.Contains(t, page, "The records could not be read from the org.")
	require.Equal(t, 3, strings.Count(page, `name="record"`))
}

func TestRedactedCandidatesAreNotRead(t *testing.T) {
	t.Parallel()
	s := newUndecided(t, &dashboard.Options{Redact: true}, map[string]any{"FirstName": "Jo", "LastName": "Hopper"},
		map[string]any{"FirstName": "Jo", "LastName": "Murray"})
	s.org.ResetLog()
	page := s.get("/leads/5")
	require.NotContains(t, page, "Hopper")
	require.Contains(t, page, `name="record"`)
	require.Empty(t, s.org.Requests())
}
