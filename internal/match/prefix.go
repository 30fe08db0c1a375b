// SPDX-License-Identifier: Apache-2.0

package match

import (
	"math"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/leadsync/leadsync/salesforce/soql"
)

// coverPrefixes is how many beginnings of texts one statement has at most.
const coverPrefixes = 100

// beginsAs is the condition that a field begins as one of the texts does, and maybe as others.
// It is not ok where there is no text, or one that cannot be in a statement, or where a condition
// would be of all records that have a value: no index serves that (docs/salesforce.md, Query plans).
func beginsAs(field string, texts []string) (c soql.Condition, ok bool) {
	if field == "" || len(texts) == 0 ||
		slices.ContainsFunc(texts, func(text string) bool { return !utf8.ValidString(text) }) {
		return c, false
	}
	var likes []soql.Condition
	for _, prefix := range prefixesOf(texts, coverPrefixes) {
		if prefix == "" {
			return c, false
		}
		likes = append(likes, soql.Like(field, soql.Text(prefix), soql.Anything()))
	}
	return soql.Or(likes...), true
}

// prefixesOf returns texts in order, at most so many, with one of which each of the texts given
// begins. Few others do: of ids that count up, those of other leads have other prefixes.
func prefixesOf(texts []string, most int) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	texts = slices.Compact(texts)
	nodes := []prefixNode{newPrefixNode(texts)}
	for {
		at := -1
		var children []prefixNode
		for i := range nodes {
			if nodes[i].gap > 0 && (at < 0 || nodes[i].gap > nodes[at].gap) {
				at = i
			}
		}
		if at >= 0 {
			children = nodes[at].split()
		}
		switch {
		case at < 0:
			return prefixTexts(nodes)
		case len(children) < 2, len(nodes)+len(children)-1 > most:
			nodes[at].gap = 0 // it stays as it is
		default:
			nodes = slices.Replace(nodes, at, at+1, children...)
		}
	}
}

func prefixTexts(nodes []prefixNode) []string {
	prefixes := make([]string, len(nodes))
	for i, node := range nodes {
		prefixes[i] = node.prefix
	}
	return prefixes
}

// A prefixNode is the sorted texts that have a prefix, the longest that they have in common.
type prefixNode struct {
	texts  []string
	prefix string
	// gap is how many other texts of digits may have the prefix, up to the length of these.
	gap float64
}

func newPrefixNode(texts []string) prefixNode {
	first, last := texts[0], texts[len(texts)-1]
	n := 0
	for n < min(len(first), len(last)) && first[n] == last[n] {
		n++
	}
	for n > 0 && n < len(first) && !utf8.RuneStart(first[n]) {
		n--
	}
	longest := 0
	for _, text := range texts {
		longest = max(longest, len(text))
	}
	return prefixNode{texts, first[:n], max(0, math.Pow10(longest-n)-float64(len(texts)))}
}

// split divides the texts by the character after the prefix.
func (n prefixNode) split() []prefixNode {
	var children []prefixNode
	at := len(n.prefix)
	for rest := n.texts; len(rest) > 0; {
		if len(rest[0]) == at {
			return nil // the text is the prefix of the others
		}
		_, size := utf8.DecodeRuneInString(rest[0][at:])
		begin := rest[0][:at+size]
		end := sort.Search(len(rest), func(i int) bool { return !strings.HasPrefix(rest[i], begin) })
		children = append(children, newPrefixNode(rest[:end]))
		rest = rest[end:]
	}
	return children
}
