// SPDX-License-Identifier: Apache-2.0

package reading

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed yesno.txt
var yesNoText string

// yesNoWords are the words of yesno.txt: true for yes, false for no. A word that is both is
// in neither.
var yesNoWords = sync.OnceValue(func() map[string]bool {
	words, both := make(map[string]bool), make(map[string]bool)
	for line := range strings.Lines(yesNoText) {
		answer, list, _ := strings.Cut(strings.TrimSpace(line), " ")
		if answer != "yes" && answer != "no" {
			continue
		}
		for word := range strings.FieldsSeq(list) {
			word = foldWord(word)
			if known, ok := words[word]; ok && known != (answer == "yes") {
				both[word] = true
			}
			words[word] = answer == "yes"
		}
	}
	for word := range both {
		delete(words, word)
	}
	return words
})

// ReadYesNo reads a yes or a no in the words of the main languages, as a tick, or as 1 or
// 0. It reports false for all else: "I agree to ..." is none, since nothing tells it from
// "I do not agree to ...".
func ReadYesNo(text string) (yes, ok bool) {
	switch text { // what Salesforce and most hosts write
	case "true":
		return true, true
	case "false":
		return false, true
	}
	word := strings.TrimRight(strings.TrimSpace(strings.ReplaceAll(plain(text), "\ufe0f", "")), ".!")
	if whole, found := strings.CutSuffix(word, ".0"); found && (whole == "0" || whole == "1") {
		word = whole
	}
	yes, ok = yesNoWords()[foldWord(word)]
	return yes, ok
}
