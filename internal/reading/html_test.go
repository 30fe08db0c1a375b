// SPDX-License-Identifier: Apache-2.0

package reading_test

import (
	"html"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/internal/reading"
)

func TestEntitiesAreDecodedOnceWhereTheyAreEntities(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"AT&amp;T": "AT&T", "AT&T": "AT&T", "AT&amp;amp;T": "AT&amp;T", "R&amp;D": "R&D", "O&#039;Brien": "O'Brien",
		"O&#39;Brien": "O'Brien", "O&#x27;Brien": "O'Brien", "O&apos;Brien": "O'Brien", "O&rsquo;Brien": "O’Brien",
		"M&uuml;ller &amp; S&ouml;hne": "Müller & Söhne", "M&#252;ller": "Müller", "&quot;Acme&quot;": `"Acme"`,
		"Acme&nbsp;Inc": "Acme Inc", "caf&eacute;": "café", "&Uuml;ber": "Über", "5 &lt; 6": "5 < 6", "&euro;5": "€5",
		"Ben &amp Jerry": "Ben &amp Jerry", "&copy2026": "&copy2026", "&nonsense;": "&nonsense;", "Q&A; then": "Q&A; then",
		"&#0;": "&#0;", "&#xFFFFFF;": "&#xFFFFFF;", "&#7;": "&#7;", "a & b; c": "a & b; c", "&;": "&;", "": "",
		"<p>R&amp;D</p>": "<p>R&amp;D</p>", "&lt;script&gt;x&lt;/script&gt;": "&lt;script&gt;x&lt;/script&gt;",
		"budget &lt;5k": "budget <5k", "&#128640;": "🚀",
	} {
		require.Equal(t, want, reading.Entities(text), text)
	}
}

func TestWhatAReaderSeesOfHTML(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"plain": "plain", "R&amp;D": "R&D", "R&D": "R&D", "a<br>b": "a\nb", "a<br/>b": "a\nb", "a<BR />b": "a\nb",
		"<p>a</p><p>b</p>": "a\nb", "<p>a</p>\n<p>b</p>\n": "a\nb", "<b>bo</b>ld": "bold", "a &nbsp; b": "a b",
		`<a href="https://a.example/?x=1&amp;y=2">site</a>`: "[https://a.example/?x=1&y=2] site",
		`<a href='https://b.example'>site</a>`:              "[https://b.example] site",
		"<ul><li>one</li><li>two</li></ul>":                 "one\ntwo", "x < y": "x < y", "<5k": "<5k",
		"<!-- note -->a":              "a",
		"a<script>alert(1)</script>b": "ab", `<span style="color: red">red</span>`: "red", "a\nb": "a b", "": "",
		`<img src="https://c.example/p.png">`: "[https://c.example/p.png]", "<p>&nbsp;</p>": "",
		`<p title="a > b">x</p>`: "x",
	} {
		require.Equal(t, want, reading.HTMLText(source), source)
	}
	for text, isHTML := range map[string]bool{"<p>a</p>": true, "a<br>b": true, "<a href=\"x\">y</a>": true,
		"</div>":    true,
		"a < b > c": false, "<5k": false, "<ann@x.example>": false, "p>": false, "": false, "<unknown>": false, "<p": false,
		"p>x": false, "br>": false} {
		require.Equal(t, isHTML, reading.IsHTML(text), text)
	}
}

func TestWhatIsAppendedIsEscapedAndWhatIsThereStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		stored := rapid.StringMatching(`(<p>|a|&amp;|<br>| |</p>|x<b>y</b>){0,8}`).Draw(r, "stored")
		text := rapid.StringMatching(`[a-z<>&"' ;/\n]{1,20}`).Draw(r, "text")
		whole := reading.AppendHTML(stored, text)
		require.True(r, strings.HasPrefix(whole, stored))
		added := strings.TrimPrefix(whole, stored)
		added = strings.TrimPrefix(
			strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(added, "<p>"), "<br>"), "</p>"),
			"<br>",
		)
		require.NotContains(r, strings.ReplaceAll(added, "<br>", ""), "<")
		require.Equal(r, strings.Join(strings.Fields(text), " "),
			strings.Join(strings.Fields(html.UnescapeString(strings.ReplaceAll(reading.EscapeHTML(text), "<br>", " "))), " "))
		require.Equal(r, reading.HTMLText(reading.EscapeHTML(text)), reading.HTMLText(reading.EscapeHTML(text)+"<br>"))
	})
}
