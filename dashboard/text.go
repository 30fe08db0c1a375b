// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"
)

// textTable has a text a line: its key, the English text where that is not the key, the German
// one, and for a text with a count both for one.
//
//go:embed texts.tsv
var textTable string

// A text is a line of the table.
type text struct {
	key             string
	english, german string
	one, eins       string
}

func textRows() []text {
	var rows []text
	for line := range strings.Lines(textTable) {
		c := append(strings.Split(strings.TrimRight(line, "\n"), "\t"), make([]string, 4)...)
		if c[0] != "" {
			rows = append(rows, text{c[0], cmp.Or(c[1], c[0]), c[2], c[3], c[4]})
		}
	}
	return rows
}

// Catalogue returns the English texts of the pages by their keys, which those of Options.Texts
// are too. Verbs such as %d stand for what a page fills in, in that order.
func Catalogue() map[string]string {
	all := map[string]string{}
	for _, row := range textRows() {
		all[row.key] = row.english
	}
	return all
}

// texts are the pages' texts in all languages.
type texts struct {
	catalog *catalog.Builder
	tags    []language.Tag
	matcher language.Matcher
	known   map[string]bool // the keys
}

func newTexts(further map[language.Tag]map[string]string) *texts {
	t := &texts{
		catalog: catalog.NewBuilder(catalog.Fallback(language.English)),
		tags:    []language.Tag{language.English, language.German}, known: map[string]bool{},
	}
	for _, row := range textRows() {
		t.known[row.key] = true
		t.add(language.English, row.key, row.english, row.one)
		t.add(language.German, row.key, row.german, row.eins)
	}
	for tag, table := range further {
		if !slices.Contains(t.tags, tag) {
			t.tags = append(t.tags, tag)
		}
		for key, text := range table {
			t.add(tag, key, text, "")
		}
	}
	t.matcher = language.NewMatcher(t.tags)
	return t
}

// add sets a text, and the one for a count of one where there is such. An error would be of the
// form of a text, which then stays English.
func (t *texts) add(tag language.Tag, key, text, one string) {
	if one == "" {
		_ = t.catalog.SetString(tag, key, text)
		return
	}
	_ = t.catalog.Set(tag, key, plural.Selectf(1, "%d", "=1", one, "other", text))
}

// match returns the language of the texts that fits an Accept-Language header best.
func (t *texts) match(accept string) language.Tag {
	asked, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return language.English
	}
	_, i, _ := t.matcher.Match(asked...)
	return t.tags[i]
}
