// SPDX-License-Identifier: Apache-2.0

package match

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// covered reports whether a text begins with one of the prefixes.
func covered(prefixes []string, text string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

func TestPrefixesOfCountedIDsLeaveOtherBatchesOut(t *testing.T) {
	t.Parallel()
	for _, from := range []int{0, 12_345, 250_000, 899_999} {
		const batch = 100_000
		own := KeyField{Name: "Key__c", length: maxKey}
		keys := make([]string, batch)
		for i := range keys {
			keys[i] = own.stem("p", strconv.Itoa(from+i))
		}
		prefixes := prefixesOf(keys, coverPrefixes)
		require.LessOrEqual(t, len(prefixes), coverPrefixes)
		strays := 0
		for id := range 1_000_000 {
			in := covered(prefixes, own.stem("p", strconv.Itoa(id)))
			if id >= from && id < from+batch {
				require.True(t, in, id)
			} else if in {
				strays++
			}
		}
		require.Less(t, strays, coverRows, "or each batch of a backfill would be asked for key by key")
	}
}

func TestPrefixesCoverTextsOfAnyKind(t *testing.T) {
	t.Parallel()
	hashes := make([]string, 3000)
	for i := range hashes {
		sum := sha256.Sum256([]byte(strconv.Itoa(i)))
		hashes[i] = hex.EncodeToString(sum[:])
	}
	many := make([]string, 300) // of which each begins otherwise
	for i := range many {
		many[i] = string(rune(0x4E00+i)) + strconv.Itoa(i)
	}
	for name, texts := range map[string][]string{
		"one":                       {"a"},
		"twice the same":            {"a", "a"},
		"one begins another":        {"a", "ab", "abc", "b"},
		"nothing in common":         {"x1", "y2", "z3"},
		"characters share bytes":    {"Zoé", "Zoè", "Zoë"},
		"wildcards":                 {"%", "_", `\`, "'"},
		"hashes":                    hashes,
		"more beginnings than fit":  many,
		"long and unlike in length": {strings.Repeat("9", 5000), strings.Repeat("9", 400), "1"},
	} {
		prefixes := prefixesOf(texts, coverPrefixes)
		require.LessOrEqual(t, len(prefixes), coverPrefixes, name)
		for _, text := range texts {
			require.True(t, covered(prefixes, text), "%s: %q", name, text)
		}
		for _, prefix := range prefixes {
			require.True(t, utf8.ValidString(prefix), "%s: %q", name, prefix)
		}
	}
}

func TestCoverRefusesWhatNoStatementHolds(t *testing.T) {
	t.Parallel()
	_, ok := beginsAs("Key__c", nil)
	require.False(t, ok)
	_, ok = beginsAs("", []string{"a"})
	require.False(t, ok, "the org has no key field")
	_, ok = beginsAs("Key__c", []string{"a", "b\xff"})
	require.False(t, ok)
	unlike := make([]string, coverPrefixes+1)
	for i := range unlike {
		unlike[i] = string(rune(0x4E00+i)) + " and more"
	}
	_, ok = beginsAs("Key__c", unlike)
	require.False(t, ok, "it would ask for all records")
	_, ok = beginsAs("Key__c", unlike[1:])
	require.True(t, ok)
}
