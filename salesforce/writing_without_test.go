// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A leaver is a Write.Without.
type leaver = func(context.Context, *salesforce.Error, []salesforce.StatusCode) []string

// leavesOut leaves the fields out that Salesforce names, and counts how often it is asked.
func leavesOut(asked *int) leaver {
	return func(_ context.Context, refusal *salesforce.Error, _ []salesforce.StatusCode) []string {
		*asked++
		return refusal.Fields
	}
}

// peopleWithTasks are creates of people, each with a Task. Every people/refused-th has a title
// that is too long.
func peopleWithTasks(people, refused int, without leaver) []salesforce.Write {
	writes := make([]salesforce.Write, 0, 2*people)
	for i := range people {
		title := "Engineer"
		if refused > 0 && i%(people/refused) == 0 {
			title = strings.Repeat("e", 129)
		}
		person := create("Contact", salesforce.Fields{"LastName": "Lovelace", "Title": title, "Department": "Research"})
		person.Without = without
		writes = append(writes, person)
	}
	for i := range people {
		writes = append(writes, create("Task", salesforce.Fields{"Subject": "Call"}, ref("WhoId", i)))
	}
	return writes
}

// Rows that are refused for a field go again without it in the next call, however many
// they are, and what refers to them after them.
func TestWriteLeavesOutWhatRowsAreRefusedFor(t *testing.T) {
	t.Parallel()
	for _, refused := range []int{0, 1, 20, 200} {
		org := sftest.NewOrg(t)
		client, asked := connect(t, org), 0
		writes := peopleWithTasks(200, refused, leavesOut(&asked))
		org.ResetLog()
		results, err := client.Write(t.Context(), writes...)
		require.NoError(t, err)
		for i, result := range results {
			require.NoError(t, result.Err)
			require.True(t, result.Created)
			if i < 200 && len(writes[i].Fields["Title"].(string)) > 128 {
				require.Equal(t, []string{"Title"}, result.Without)
				require.Equal(t, salesforce.StringTooLong, result.Refusal.Code)
				require.Nil(t, org.Row("Contact", string(result.ID))["Title"])
				require.Equal(t, "Research", org.Row("Contact", string(result.ID))["Department"])
			} else {
				require.Empty(t, result.Without)
				require.Nil(t, result.Refusal)
			}
		}
		require.Equal(t, refused, asked)
		require.Equal(t, 1+min(refused, 1), org.Calls(), refused)
		require.Equal(t, 200, org.Count("Contact"))
		require.Equal(t, 200, org.Count("Task"))
	}
}

// Without Write.Without the rows stay refused, and what refers to them is not sent.
func TestWriteLeavesNothingOutUnasked(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	results, err := connect(t, org).Write(t.Context(), peopleWithTasks(4, 2, nil)...)
	require.NoError(t, err)
	require.Equal(t, salesforce.StringTooLong, salesforce.StatusOf(results[0].Err))
	require.ErrorIs(t, results[4].Err, salesforce.ErrNotSent)
	require.Equal(t, 2, org.Count("Contact"))
}

// A row goes again once: a second refusal stands, and so does one for which nothing is left
// out.
func TestWriteLeavesOutOnce(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	client, asked := connect(t, org), 0
	org.OnRow("Contact", func(_ string, row map[string]any) *sftest.RowError {
		if row["Title"] == nil && row["Department"] != nil {
			return &sftest.RowError{StatusCode: "STRING_TOO_LONG", Message: "m", Fields: []string{"Department"}}
		}
		return nil
	})
	long := strings.Repeat("e", 300)
	one := create("Contact", salesforce.Fields{"LastName": "L", "Title": long, "Department": "D"})
	one.Without = leavesOut(&asked)
	none := create("Contact", salesforce.Fields{"LastName": "L", "Title": long})
	none.Without = func(context.Context, *salesforce.Error, []salesforce.StatusCode) []string { return []string{"Phone"} }
	org.ResetLog()
	results, err := client.Write(t.Context(), one, none)
	require.NoError(t, err)
	var second *salesforce.Error
	require.ErrorAs(t, results[0].Err, &second)
	require.Equal(t, []string{"Department"}, second.Fields)
	require.Equal(t, []string{"Title"}, results[0].Refusal.Fields)
	require.Equal(t, 1, asked)
	require.Error(t, results[1].Err)
	require.Empty(t, results[1].Without)
	require.Equal(t, 2, org.Calls())
	require.Equal(t, long, one.Fields["Title"], "the caller's fields stay as they are")
}

// Without is told the codes of all problems, of a row of a collection and of one alone.
func TestWriteTellsAllCodesOfARefusal(t *testing.T) {
	t.Parallel()
	for _, alone := range []bool{false, true} {
		var told []salesforce.StatusCode
		write := create("Contact", salesforce.Fields{"LastName": "L", "Title": strings.Repeat("e", 300),
			"Email": "nowhere", "Department": strings.Repeat("d", 300)})
		write.Alone = alone
		write.Without = func(_ context.Context, refusal *salesforce.Error, codes []salesforce.StatusCode) []string {
			told = codes
			return nil
		}
		results, err := connect(t, sftest.NewOrg(t)).Write(t.Context(), write)
		require.NoError(t, err)
		require.Equal(t, told[0], salesforce.StatusOf(results[0].Err))
		require.ElementsMatch(t, []salesforce.StatusCode{"STRING_TOO_LONG", "INVALID_EMAIL_ADDRESS"}, told)
	}
}

// An update of which nothing is left is not sent. One that goes again while the connection
// breaks is not said to be written.
func TestWriteOfNothingIsNotSent(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	client, asked := connect(t, org), 0
	id := org.Insert("Contact", map[string]any{"LastName": "Lovelace", "Title": "Countess"})
	update := salesforce.Write{Op: salesforce.OpUpdate, Object: "Contact", ID: salesforce.ID(id),
		Fields: salesforce.Fields{"Title": strings.Repeat("e", 129)}, Without: leavesOut(&asked)}
	org.ResetLog()
	results, err := client.Write(t.Context(), update)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.Equal(t, salesforce.ID(id), results[0].ID)
	require.Equal(t, []string{"Title"}, results[0].Without)
	require.Equal(t, 1, org.Calls())

	ctx, cancel := context.WithCancel(t.Context())
	update.Fields["Department"] = "Research"
	update.Without = func(_ context.Context, refusal *salesforce.Error, _ []salesforce.StatusCode) []string {
		cancel()
		return refusal.Fields
	}
	results, err = client.Write(ctx, update)
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, salesforce.ErrNotSent)
	require.True(t, errors.Is(results[0].Err, context.Canceled))
	require.Nil(t, org.Row("Contact", id)["Department"])
}

// Before rows go again, Write.Again is called, after all rows of the call were asked; with an
// error they are not sent.
func TestWriteAsksBeforeRowsGoAgain(t *testing.T) {
	t.Parallel()
	failure := errors.New("the journal failed")
	for _, fails := range []bool{false, true} {
		org := sftest.NewOrg(t)
		client := connect(t, org)
		asked, again := 0, 0
		writes := peopleWithTasks(200, 20, leavesOut(&asked))
		for i := range writes {
			writes[i].Again = func(context.Context) error {
				require.Equal(t, 20, asked)
				again++
				if fails {
					return failure
				}
				return nil
			}
		}
		results, err := client.Write(t.Context(), writes...)
		require.NoError(t, err)
		require.Equal(t, 20, again)
		for i, result := range results[:200] {
			if len(writes[i].Fields["Title"].(string)) > 128 && fails {
				require.ErrorIs(t, result.Err, salesforce.ErrNotSent)
				require.ErrorIs(t, result.Err, failure)
				require.ErrorIs(t, results[200+i].Err, salesforce.ErrNotSent, "and its Task")
			} else {
				require.NoError(t, result.Err)
			}
		}
		require.Equal(t, map[bool]int{false: 200, true: 180}[fails], org.Count("Contact"))
	}
}
