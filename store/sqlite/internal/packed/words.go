// SPDX-License-Identifier: Apache-2.0

package packed

import (
	_ "embed" // for the words
	"slices"
	"strings"
	"sync"
)

// words are what many leads and outcomes have in common, one a line. The place of a word is its code, which
// files have: words are only added, at the end, and those that no lead has any more stay.
//
//go:embed words.txt
var words string

// shortest is how many bytes a word has at least.
const shortest = 5

// A dictionary finds words.
type dictionary struct {
	list  []string     // by code
	begin [4096]uint16 // by hash of how words begin: the longest of these words, its code from 1
	next  []uint16     // by code: the next shorter one
}

// known is the dictionary of words.
var known = sync.OnceValue(func() *dictionary {
	d := &dictionary{list: strings.Split(strings.TrimSuffix(words, "\n"), "\n")}
	d.next = make([]uint16, len(d.list))
	codes := make([]uint16, len(d.list))
	for i := range codes {
		codes[i] = uint16(i)
	}
	slices.SortFunc(codes, func(a, b uint16) int { return len(d.list[a]) - len(d.list[b]) })
	for _, code := range codes {
		begin := &d.begin[hash(d.list[code])]
		d.next[code], *begin = *begin, code+1
	}
	return d
})

// hash returns the hash of how a text begins that is as long as a word at least.
func hash(text string) uint32 {
	begin := uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
	return ((begin ^ uint32(text[4])<<13) * 0x9E3779B1) >> 20
}

// longest returns the longest word with which a text begins, "" for none.
func (d *dictionary) longest(text string) (code int, word string) {
	if len(text) < shortest {
		return 0, ""
	}
	for next := d.begin[hash(text)]; next > 0; next = d.next[next-1] {
		if word := d.list[next-1]; strings.HasPrefix(text, word) {
			return int(next - 1), word
		}
	}
	return 0, ""
}
