// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"strings"
	"sync"
)

// A list returns the entries of one of the package's files, by line and by word. It reads the
// file when it is first asked.
type list func() map[string]entry

// listOf returns the list of a file with a text as SortedList writes it.
func listOf(text string) list {
	return sync.OnceValue(func() map[string]entry {
		entries := make(map[string]entry, strings.Count(text, "\n"))
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			entries[line] |= 1
			if end := len(line) - 2; end > 0 && line[end] == ' ' && line[end+1] < '0' {
				entries[line[:end]] |= 1 << (line[end+1] - alone)
			}
		}
		return entries
	})
}

// has reports whether the list has the line.
func (l list) has(line string) bool { return l()[line].has(alone) }

// lookUp returns the entry of a word.
func (l list) lookUp(word string) entry { return l()[word] }

// An entry is the set of the marks that follow a word in the lines of a list, after a space.
type entry uint64

// alone is in an entry where a line has the word without a mark.
const alone = ' '

func (e entry) has(mark byte) bool { return e&(1<<(mark-alone)) != 0 }
