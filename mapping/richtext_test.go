// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func richField(length int) *salesforce.Field {
	return &salesforce.Field{Name: "Notes__c", Type: salesforce.TypeTextarea, Length: length, HTMLFormatted: true,
		ExtraTypeInfo: "richtextarea", Createable: true, Updateable: true, Nillable: true}
}

func TestPlainTextIsEscapedForRichTextAndHTMLIsKept(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"met\nbudget <5k & R&D":       "met<br>budget &lt;5k &amp; R&amp;D",
		"<p>a</p><p>R&amp;D</p>":      "<p>a</p><p>R&amp;D</p>",
		"R&amp;D":                     "R&amp;D",
		`<a href="x">y</a>`:           `<a href="x">y</a>`,
		"&lt;b&gt;not bold&lt;/b&gt;": "&lt;b&gt;not bold&lt;/b&gt;",
	} {
		got, _, err := mapping.Convert(richField(100), text, mapping.ConvertOptions{})
		require.NoError(t, err)
		require.Equal(t, want, got)
		again, _, err := mapping.Convert(richField(100), got, mapping.ConvertOptions{})
		require.NoError(t, err)
		require.Equal(t, want, again)
	}
}

// The length counts HTML, and what is too long is never cut within an entity or a tag.
func TestRichTextIsCutBetweenCharactersOnly(t *testing.T) {
	t.Parallel()
	got, warnings, err := mapping.Convert(richField(10), "a & b & c & d", mapping.ConvertOptions{})
	require.NoError(t, err)
	require.Equal(t, "a &amp; b", got)
	require.Len(t, warnings, 1)
	_, _, err = mapping.Convert(richField(10), "<p>too long for it</p>", mapping.ConvertOptions{})
	require.ErrorIs(t, err, leadtype.DataValueValidation, "HTML cannot be cut")
	_, _, err = mapping.Convert(richField(10), "a & b & c & d", mapping.ConvertOptions{TooLong: mapping.Fail})
	require.ErrorIs(t, err, leadtype.DataValueValidation)
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`[a-z&<>"\n]{1,60}`).Draw(r, "text")
		length := rapid.IntRange(6, 80).Draw(r, "length")
		got, _, err := mapping.Convert(richField(length), text, mapping.ConvertOptions{})
		if err != nil || got == nil {
			return
		}
		require.LessOrEqual(r, len(got.(string)), length)
		if !reading.IsHTML(text) {
			shown, whole := reading.HTMLText(got.(string)), reading.HTMLText(reading.EscapeHTML(strings.TrimSpace(text)))
			require.True(r, strings.HasPrefix(whole, shown), "%q %q", shown, whole)
		}
	})
}

// Appending notes to rich text changes no byte of what is stored, says the same but once,
// and compares what a reader sees. Before, each sync added the notes once more.
func TestNotesAreAppendedToRichTextOnce(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Notes__c", Type: "textarea", RichText: true})
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		leadsync.Rule{Source: "notes", Field: "Notes__c", Write: mapping.Append})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})
	lead := scenario.Ada()
	lead.Notes = "met at the booth\nbudget <5k & R&D"
	out := scenario.SyncOne(t, syncer, lead)
	stored := func() string { s, _ := org.Row("Lead", string(out.ID))["Notes__c"].(string); return s }
	require.Equal(t, "met at the booth<br>budget &lt;5k &amp; R&amp;D", stored())
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action)

	edited := `<p>met at the <b>booth</b></p><p>budget &lt;5k &amp;&nbsp;R&amp;D</p>` +
		`<p><a href="https://a.example" target="_blank">deck</a></p>`
	org.Update("Lead", string(out.ID), map[string]any{"Notes__c": edited})
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action, "a reader sees the notes in it")
	lead.Notes = "call back <b>Monday</b> & ask"
	scenario.SyncOne(t, syncer, lead)
	require.True(t, strings.HasPrefix(stored(), edited), "byte for byte")
	require.Equal(t, edited+"<p>call back Monday &amp; ask</p>", stored())
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action)
}

// A rich text that differs in its tags alone is not written, but one whose links differ is.
func TestRichTextIsComparedAsItIsSeen(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Notes__c", Type: "textarea", RichText: true})
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules, leadsync.Rule{Source: "custom.html", Field: "Notes__c"})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})
	lead := scenario.Ada()
	sync := func(html string) *leadsync.Outcome {
		lead.Custom = map[string]any{"html": html}
		return scenario.SyncOne(t, syncer, lead)
	}
	out := sync(`see <a href="https://a.example">this</a><script>alert(1)</script>`)
	require.Equal(t, `see <a href="https://a.example">this</a>`, org.Row("Lead", string(out.ID))["Notes__c"])
	require.Equal(t, leadsync.Unchanged, sync(`<p>see <a href='https://a.example' rel="x"><i>this</i></a></p>`).Action)
	require.Equal(t, leadsync.Updated, sync(`see <a href="https://b.example">this</a>`).Action)
}

// HTML entities of a form are decoded once, in what is written and in what leads are
// looked up by.
func TestEntitiesOfFormsAreDecoded(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	account := org.Insert("Account", map[string]any{"Name": "Müller & Söhne GmbH"})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts})
	lead := &leadsync.Lead{ID: "h1", FirstName: "Sean", LastName: "O&#039;Brien", Email: "sean@gmail.com",
		Company: "M&uuml;ller &amp; S&ouml;hne GmbH", JobTitle: "R&amp;D", Notes: "likes AT&amp;amp;T &lt;5k",
		Activities: []leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: "R&amp;D"}}}
	out := scenario.SyncOne(t, syncer, lead)
	row := org.Row("Contact", string(out.ID))
	require.Equal(t, account, row["AccountId"])
	require.Equal(t, "O'Brien", row["LastName"])
	require.Equal(t, "R&D", row["Title"])
	require.Equal(t, "likes AT&amp;T <5k", row["Description"])
	require.Equal(t, "R&D", org.Rows("Task")[0]["Description"])
	require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action)
}

// What is looked up is what is written.
func TestEmailAddressesAreLookedUpAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	known := org.Insert("Contact", map[string]any{"LastName": "Lovelace", "FirstName": "Ada", "Email": "ada@acme.example"})
	syncer := scenario.SyncerOf(t, org, nil)
	for _, address := range []string{"mailto:ada@acme.example", "Ada Lovelace <ADA@acme.example>", "ada@acme.example.",
		" ada@acme.example\u200b", "ada＠acme.example", "ada @ acme.example", `"ada@acme.example"`} {
		lead := &leadsync.Lead{
			ID:        leadsync.LeadID(address),
			FirstName: "Ada",
			LastName:  "Lovelace",
			Company:   "Acme",
			Email:     address,
		}
		out := scenario.SyncOne(t, syncer, lead)
		require.Equal(t, known, string(out.ID), address)
		require.Equal(t, "ada@acme.example", org.Row("Contact", known)["Email"])

		lead.ID, lead.Email = lead.ID+"new", strings.ReplaceAll(strings.ToLower(address), "ada", "new")
		out = scenario.SyncOne(t, syncer, lead)
		require.Equal(t, "new@acme.example", org.Row("Lead", string(out.ID))["Email"], address)
	}
	require.Len(t, org.Rows("Lead"), 1, "they are one person")
	_, err := syncer.Sync(t.Context(), &leadsync.Lead{ID: "two", LastName: "Lovelace", Company: "Acme",
		Email: "one@acme.example, two@acme.example"})
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	require.ErrorContains(t, err, "more than one")
}
