// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestRetrieveAnswersInTheOrderOfTheIDs(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	client := connect(t, org)
	insert := func(last string) salesforce.ID {
		return salesforce.ID(org.Insert("Contact", map[string]any{"LastName": last}))
	}
	a, b, gone := insert("A"), insert("B"), insert("Gone")
	_, err := client.Write(t.Context(), salesforce.Write{Op: salesforce.OpDelete, Object: "Contact", ID: gone})
	require.NoError(t, err)
	org.ResetLog()
	records, err := client.Retrieve(
		t.Context(), "Contact", []salesforce.ID{b[:15], testID("003", 999), a, gone, b}, "LastName", "id",
	)
	require.NoError(t, err)
	require.Len(t, records, 5)
	require.Equal(t, "B", records[0].Text("LastName"))
	require.Nil(t, records[1])
	require.Equal(t, "A", records[2].Text("LastName"))
	require.Nil(t, records[3])
	require.Equal(t, b, records[4].ID)
	require.Equal(t, 1, org.Calls())
}

func TestRetrieveSpendsACallFor2000IDs(t *testing.T) {
	t.Parallel()
	for count, calls := range map[int]int{0: 0, 1: 1, 2000: 1, 2001: 2} {
		org := sftest.NewOrg(t)
		ids := make([]salesforce.ID, count)
		for i := range ids {
			ids[i] = testID("003", i+1_000_000)
		}
		records, err := connect(t, org).Retrieve(t.Context(), "Contact", ids, "LastName")
		require.NoError(t, err)
		require.Len(t, records, count)
		require.Equal(t, calls, org.Calls())
	}
}

func TestRetrieveRefusesWhatIsMalformed(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{ok}}
	client := w.client(t, salesforce.Config{}, nil)
	one := []salesforce.ID{"003000000000001"}
	for want, call := range map[string]func() error{
		"object name": func() error { _, err := client.Retrieve(t.Context(), "a/b", one, "Id"); return err },
		"no field":    func() error { _, err := client.Retrieve(t.Context(), "Lead", one); return err },
		"field name":  func() error { _, err := client.Retrieve(t.Context(), "Lead", one, "a,b"); return err },
		"id 0": func() error {
			_, err := client.Retrieve(t.Context(), "Lead", []salesforce.ID{"x"}, "Id")
			return err
		},
	} {
		require.ErrorContains(t, call(), want)
	}
	require.Empty(t, w.sent)
}

func TestRetrieveRefusesAWrongReply(t *testing.T) {
	t.Parallel()
	row := func(n int) string { return fmt.Sprintf(`{"attributes":{"type":"Lead"},"Id":%q}`, testID("00Q", n)) }
	for name, test := range map[string]struct{ reply, want string }{
		"page":        {"<html>", "not a list"},
		"object":      {"{}", "not a list"},
		"null":        {"null", "0 records for 2"},
		"short":       {"[" + row(1) + "]", "1 records for 2"},
		"long":        {"[" + row(1) + "," + row(2) + ",null]", "3 records for 2"},
		"other order": {"[" + row(2) + "," + row(1) + "]", "record 0"},
		"no id":       {`[null,{"attributes":{"type":"Lead"}}]`, "record 1"},
		"cut":         {"[" + row(1) + ",", "not a list"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{{status: 200, body: test.reply}}}
			records, err := w.client(t, salesforce.Config{}, nil).
				Retrieve(t.Context(), "Lead", []salesforce.ID{testID("00Q", 1), testID("00Q", 2)}, "Id")
			require.ErrorContains(t, err, test.want)
			require.Nil(t, records)
		})
	}
}

func TestRetrieveEndsWithItsError(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{refusal(400, "INVALID_FIELD", "No such column")}}
	_, err := w.client(t, salesforce.Config{}, nil).
		Retrieve(t.Context(), "Lead", []salesforce.ID{testID("00Q", 1)}, "Nothing__c")
	var e *salesforce.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, salesforce.InvalidField, e.Code)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.client(t, salesforce.Config{}, nil).Retrieve(ctx, "Lead", []salesforce.ID{testID("00Q", 1)}, "Id")
	require.Equal(t, context.Canceled, err)
}

func FuzzRetrieved(f *testing.F) {
	for _, body := range []string{"", "[]", "[null]", `[{"Id":"00Q000000000001"}]`, `[{"Id":"00Q000000000002"}]`, "[[]]"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := &wire{script: []line{{status: 200, body: body}}}
		records, err := w.client(t, salesforce.Config{}, nil).
			Retrieve(t.Context(), "Lead", []salesforce.ID{testID("00Q", 1)}, "Id")
		if err != nil {
			return
		}
		require.Len(t, records, 1)
		require.True(t, records[0] == nil || records[0].ID == testID("00Q", 1))
	})
}
