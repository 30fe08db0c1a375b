// SPDX-License-Identifier: Apache-2.0

package strictjson_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/strictjson"
)

type row struct {
	Field string            `json:"field"`
	Count int               `json:"count"`
	On    *bool             `json:"on"`
	Any   any               `json:"any"`
	Rows  []row             `json:"rows"`
	ByKey map[string]string `json:"byKey"`
}

// UnmarshalJSON makes row a type that reads itself strictly.
func (r *row) UnmarshalJSON(data []byte) error {
	type plain row
	return strictjson.Decode(data, (*plain)(r), func(read *plain) error {
		return strictjson.CheckVersion(read.Count, 5)
	})
}

func TestDecodeReadsWhatFits(t *testing.T) {
	t.Parallel()
	var r row
	require.NoError(t, json.Unmarshal([]byte(`{"field":"a","on":true,"any":1.50,"rows":[{"field":"b"},null],`+
		`"byKey":{"x":"y"}}`), &r))
	require.Equal(t, "b", r.Rows[0].Field)
	require.Equal(t, json.Number("1.50"), r.Any)
	require.True(t, *r.On)
	require.Equal(t, map[string]string{"x": "y"}, r.ByKey)
}

func TestDecodeNamesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"unknown key": {`{"rows":[{},{"Field":"a"}]}`,
			"rows[1].Field: unknown key; the known keys are any, byKey, count, field, on, rows"},
		"duplicate key":          {`{"field":"a","field":"b"}`, "field: duplicate key"},
		"duplicate key of a map": {`{"byKey":{"x":"a","x":"b"}}`, `byKey["x"]: duplicate key`},
		"number for text":        {`{"field":1}`, "field: must be text, not a number"},
		"fraction":               {`{"count":1.5}`, "count: must be a whole number, not a number"},
		"text for boolean":       {`{"on":"yes"}`, "on: must be true or false, not text"},
		"object for list":        {`{"rows":{}}`, "rows: must be a list, not an object"},
		"list for object":        {`[]`, "must be an object, not a list"},
		"value of a map":         {`{"byKey":{"x":true}}`, `byKey["x"]: must be text, not true or false`},
		"later version":          {`{"count":6}`, "version: must be at most 5, the newest version that this library reads"},
		"negative version":       {`{"count":-1}`, "version: must be at most 5, the newest version that this library reads"},
		"later version below": {`{"rows":[{"count":6}]}`,
			"version: must be at most 5, the newest version that this library reads"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := row{Field: "before"}
			err := json.Unmarshal([]byte(tc.text), &r)
			var e *strictjson.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.want, e.Error())
			require.Equal(t, row{Field: "before"}, r, "nothing of it is taken")
		})
	}
}
