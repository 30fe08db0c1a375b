// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// shortLength is how many characters of a long text are shown at first.
const shortLength = 300

// A longText is a value of which a page shows the beginning, and the whole when it is asked for.
type longText string

// Long says whether there is more than the beginning.
func (t longText) Long() bool { return utf8.RuneCountInString(string(t)) > 2*shortLength }

// Short is the beginning.
func (t longText) Short() string { return string([]rune(string(t))[:shortLength]) }

// valueText writes a value of a lead or a record for people.
func valueText(value any) longText {
	switch x := value.(type) {
	case nil:
		return ""
	case string:
		return longText(x)
	case time.Time:
		return longText(x.Format("2006-01-02 15:04 MST"))
	case fmt.Stringer:
		return longText(x.String())
	}
	data, err := json.Marshal(value)
	if err != nil {
		return longText(fmt.Sprint(value))
	}
	return longText(strings.Trim(string(data), `"`))
}

// clipped returns the beginning of a text that is longer.
func clipped(text string, length int) string {
	if runes := []rune(text); len(runes) > length {
		return string(runes[:length]) + "…"
	}
	return text
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// textsOf returns names as texts.
func textsOf[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}
