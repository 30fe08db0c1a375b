// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	_ "embed"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync/internal/identity"
)

// corpus holds pairs of names and what we think of them. See its first lines.
//
//go:embed testdata/names.txt
var corpus string

type namePair struct {
	a, b    identity.Name
	verdict string
	line    string
}

func namePairs(t testing.TB) []namePair {
	t.Helper()
	var pairs []namePair
	name := func(text string) identity.Name {
		first, last, ok := strings.Cut(text, " / ")
		require.True(t, ok, text)
		return identity.Name{First: first, Last: last}
	}
	for line := range strings.SplitSeq(corpus, "\n") {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, " ; ")
		require.Len(t, cells, 3, line)
		a, b, ok := strings.Cut(cells[0], " = ")
		require.True(t, ok, line)
		pairs = append(pairs, namePair{name(a), name(b), cells[1], line})
	}
	return pairs
}

func TestNamesAreComparedAsPeopleDo(t *testing.T) {
	t.Parallel()
	pairs := namePairs(t)
	require.GreaterOrEqual(t, len(pairs), 400)
	for _, p := range pairs {
		if got := identity.Compare(p.a, p.b).String(); got != p.verdict {
			t.Errorf("%s: %s", got, p.line)
		}
		if got := identity.Compare(p.b, p.a).String(); got != p.verdict {
			t.Errorf("swapped %s: %s", got, p.line)
		}
	}
}

func TestComparingNamesDoesNotDependOnHowTheyAreWritten(t *testing.T) {
	t.Parallel()
	rewrite := map[string]func(string) string{
		"upper case": strings.ToUpper, "lower case": strings.ToLower,
		"decomposed": norm.NFD.String, "composed": norm.NFC.String,
		"spaces": func(s string) string { return " " + strings.ReplaceAll(s, " ", "  ") + "\t" },
		"marks":  func(s string) string { return "\u200b" + s + "\ufeff" },
	}
	for _, p := range namePairs(t) {
		for how, f := range rewrite {
			a := identity.Name{First: f(p.a.First), Last: f(p.a.Last)}
			require.Equal(t, p.verdict, identity.Compare(a, p.b).String(), "%s: %s", how, p.line)
			require.Equal(t, identity.Same, identity.Compare(a, p.a).Agreement, "%s: %s", how, p.line)
		}
		require.Equal(t, identity.Same, identity.Compare(p.a, p.a).Agreement, p.line)
	}
}

func FuzzCompareIsSymmetricAndReflexive(f *testing.F) {
	for _, p := range namePairs(f) {
		f.Add(p.a.First, p.a.Last, p.b.First, p.b.Last)
	}
	f.Add("й"+strings.Repeat("ий", 40), strings.Repeat("i", 63), strings.Repeat("ii", 31)+"b", "\xff")
	f.Fuzz(func(t *testing.T, first, last, otherFirst, otherLast string) {
		a, b := identity.Name{First: first, Last: last}, identity.Name{First: otherFirst, Last: otherLast}
		require.Equal(t, identity.Compare(a, b), identity.Compare(b, a))
		require.Equal(t, identity.Same, identity.Compare(a, a).Agreement)
		require.Equal(t, identity.Same, identity.Compare(a, identity.Name{}).Agreement)
	})
}

func TestAnAddressOfManyNeedsBothNames(t *testing.T) {
	t.Parallel()
	ada := identity.Name{First: "Ada", Last: "Lovelace"}
	for _, c := range []struct {
		email string
		name  identity.Name
		want  identity.Agreement
	}{
		{"ada@example.com", identity.Name{}, identity.Same},
		{"info@example.com", identity.Name{}, identity.Doubt},
		{"Info@Example.com", identity.Name{Last: "Lovelace"}, identity.Doubt},
		{"sales@example.com", ada, identity.Same},
		{"sales@example.com", identity.Name{First: "A.", Last: "Lovelace"}, identity.Same},
		{"kontakt@example.com", identity.Name{First: "Ada"}, identity.Doubt},
		{"kontakt@example.com", identity.Name{First: "Charles", Last: "Babbage"}, identity.Other},
		{"infor@example.com", identity.Name{Last: "Lovelace"}, identity.Same},
	} {
		require.Equal(t, c.want, identity.CompareAt(c.email, c.name, ada), c.email)
		require.Equal(t, c.want, identity.CompareAt(c.email, ada, c.name), c.email)
	}
}

func TestTheNameOfACompanyIsNoName(t *testing.T) {
	t.Parallel()
	ada := identity.Name{First: "Ada", Last: "Lovelace", Company: "Initech GmbH"}
	for _, c := range []struct {
		name identity.Name
		want identity.Agreement
	}{
		{identity.Name{Last: "Initech", Company: "Initech GmbH"}, identity.Same},
		{identity.Name{First: "Initech", Last: "GmbH", Company: "initech"}, identity.Same},
		{identity.Name{Last: "Initech"}, identity.Other},
		{identity.Name{First: "Ada", Last: "Initech", Company: "Initech"}, identity.Doubt},
		{identity.Name{First: "Bob", Last: "Initech", Company: "Initech"}, identity.Other},
	} {
		require.Equal(t, c.want, identity.Compare(c.name, ada).Agreement, "%v", c.name)
	}
}

func TestAnInitialIsExtended(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"J.", "Jane"}, {"j", "Jane"}, {"J. R.", "John Ronald"}, {"J.R.", "John Ronald Reuel"},
		{"Ю.", "Yulia"}, {"Ö", "Özlem"}, {"J.", "Jane M."}} {
		require.True(t, identity.Extends(c[0], c[1]), c)
		require.False(t, identity.Extends(c[1], c[0]), c)
	}
	for _, c := range [][2]string{{"J.", "Anna"}, {"", "Jane"}, {"J.", ""},
		{"Jo", "Joanna"}, {"J.", "J"}, {"J. A.", "Jane"}} {
		require.False(t, identity.Extends(c[0], c[1]), c)
	}
}

func TestWordListsAreInOrder(t *testing.T) {
	t.Parallel()
	lists, err := filepath.Glob("*.txt")
	require.NoError(t, err)
	require.Len(t, lists, 13)
	for _, path := range lists {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(text), identity.SortedList(path, string(text)), "go run ./internal/identity/wordlists")
	}
	const mixed = "# Head\n# More\n\nRobert Bob  bob\njürgen Jürg\nRobert Bob\none\n"
	sorted := identity.SortedList("shortforms.txt", mixed)
	require.Equal(t, "# Head\n# More\n\njürgen juerg juergen jurg jurgen jürg\nrobert bob\n", sorted)
	require.Equal(t, "\na\nb\n", identity.SortedList("roles.txt", "b\na\na\n"))
	for _, file := range []string{"blanknames.txt", "placeholdercompanies.txt"} { // which have none of package blank's
		require.Equal(t, "\nguest\nunknown !\n", identity.SortedList(file, "unknown\nunknown !\nguest\n不明\nn/a\n"), file)
	}
}

func TestEqualNamesCostNothing(t *testing.T) {
	name := identity.Name{First: "Ada", Last: "Lovelace"}
	require.Zero(t, testing.AllocsPerRun(10, func() { identity.Compare(name, name) }))
}

func BenchmarkCompare(b *testing.B) {
	pairs := namePairs(b)
	b.ReportAllocs()
	for i := range b.N {
		p := pairs[i%len(pairs)]
		identity.Compare(p.a, p.b)
	}
}

func TestANameThatAFieldCutIsTheSame(t *testing.T) {
	t.Parallel()
	whole := identity.Name{First: "Ada", Last: strings.Repeat("long", 30)}
	require.Equal(t, identity.Same, identity.Compare(whole,
		identity.Name{First: "Ada", Last: strings.ToUpper(whole.Last[:80])}).Agreement)
	require.Equal(t, identity.Doubt, identity.Compare(whole, identity.Name{First: "Ada", Last: whole.Last[:20]}).Agreement)
}
