// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// bare returns a decoded value as encoding/json has it.
func bare(v any) any {
	switch v := v.(type) {
	case wire.Object:
		object := make(map[string]any, len(v))
		for _, m := range v {
			object[m.Name] = bare(m.Value)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = bare(v[i])
		}
		return list
	}
	return v
}

// checkEnds checks that each member says where its value ends.
func checkEnds(t *testing.T, text []byte, v any) {
	t.Helper()
	switch v := v.(type) {
	case wire.Object:
		for _, m := range v {
			decoder := json.NewDecoder(bytes.NewReader(text[:m.End]))
			require.Error(t, decoder.Decode(new(any)), "the object is not at its end yet")
			checkEnds(t, text, m.Value)
		}
	case []any:
		for _, one := range v {
			checkEnds(t, text, one)
		}
	}
}

// FuzzDecode reads what encoding/json reads, and nothing else.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		` {"a" : [1, -2.5e+3, true, false, null, "x\\\"\\u00e9\\n"], "": {}, "b":[] } `, `{"ü":"ä","a":"\xff"}`,
		`0`, `""`, ``,
		`{"a":1,}`, `[1,]`, `[1 2]`, `{"a" 1}`, `{} {}`, `01`, `tru`, "\"a\nb\"", `"\ud83d\ude00"`, `[[[[]]]]`,
		`{"a":1,"a":2}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := wire.Decode(text)
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var want any
		if !json.Valid(text) {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.NoError(t, decoder.Decode(&want))
		require.Equal(t, want, bare(got))
		checkEnds(t, text, got)
	})
}
