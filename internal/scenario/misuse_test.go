// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A call that cannot be carried out is told as such, and with what would be possible.
func TestMisuseOfACallListsWhatIsPossible(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	first := scenario.InsertContact(org, "Lovelace", scenario.Ada().Email)
	second := scenario.InsertContact(org, "Lovelace", scenario.Ada().Email)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Ambiguous: leadsync.HoldAmbiguous})
	cleared := scenario.Ada()
	cleared.ID, cleared.Email, cleared.LastName = "cleared", "byron@else.example", "Byron"
	_, err := syncer.Capture(t.Context(), scenario.Ada(), cleared)
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	ada := scenario.Ada().ID

	dismiss := func(by, reason string) error {
		_, err := syncer.By(by).Dismiss(t.Context(), leadsync.Filter{}, reason)
		return err
	}
	settings := leadsync.Settings{Strategy: "leads"}
	for name, call := range map[string]struct {
		err   error
		names []string
	}{
		"choose another record": {syncer.Choose(t.Context(), ada, "003000000000001AAA"),
			[]string{"record: must be one of the candidates, Contact ", "Contact " + first, "Contact " + second, ", or new."}},
		"choose for a lead that is done": {syncer.Choose(t.Context(), "cleared", "003000000000001AAA"),
			[]string{"it is cleared", "AMBIGUOUS_MATCH"}},
		"choose for no lead":     {syncer.Choose(t.Context(), "nobody", "new"), []string{"no such lead was captured"}},
		"dismiss without a name": {dismiss("", "spam"), []string{"Give by", "who decided it and why"}},
		"dismiss without why":    {dismiss("Eve", " "), []string{"Give reason", "who decided it and why"}},
		"set a mode": {syncer.SetMode(t.Context(), "auto"),
			[]string{"mode", `"automatic", "manual", "disabled"`}},
		"an activity of no kind": {syncer.CaptureActivities(t.Context(), ada, leadsync.Activity{Kind: "fax", Notes: "x"}),
			[]string{"activities[0]", `"email", "call", "meeting", "linkedin", "sms", "note"`}},
		"activities of no lead": {syncer.CaptureActivities(t.Context(), "nobody",
			leadsync.Activity{Kind: leadsync.ActivityNote, Notes: "x"}), []string{"capture the lead first"}},
		"a strategy that is none": {settings.Fill(new(leadsync.Config)),
			[]string{`"leads-and-contacts", "leads-only", "accounts-and-contacts"`}},
		"a source that is none": {refusedRule(mapping.Rule{Source: "mail", Field: "Title"}),
			[]string{"email", "jobTitle", "qualifier.<name>"}},
		"a transform that is none": {
			refusedRule(mapping.Rule{Source: "jobTitle", Field: "Title", Transforms: []string{"cut"}}),
			[]string{"trim", "e164", "datetime"}},
	} {
		require.Error(t, call.err, name)
		own := ownError(t, call.err)
		require.Contains(t, own.Description(), "called the library", name)
		for _, part := range call.names {
			require.Contains(t, own.Fix(), part, name)
		}
	}
	require.NoError(t, syncer.Choose(t.Context(), ada, "new"), "the control: what is listed is taken")
}

// refusedRule returns why New refuses a mapping of one row.
func refusedRule(row mapping.Rule) error {
	_, err := leadsync.New(new(struct{ leadsync.Client }), &leadsync.Config{Mapper: &leadsync.Mapping{
		Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{row}}}}})
	return err
}
