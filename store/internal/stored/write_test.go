// SPDX-License-Identifier: Apache-2.0

package stored_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// A filler fills values of any type, so that a field which is added is filled too.
type filler struct {
	random *rand.Rand
	empty  float64 // the share of what stays empty
}

var someTexts = []string{"plain", "é\u2028", `"\<&>`, "\xff", "\x00\n", "日本", " "}

func (f *filler) fill(v reflect.Value, depth int) {
	if f.random.Float64() < f.empty {
		return
	}
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		zone := time.FixedZone("", f.random.IntN(24)*1800)
		*at = time.Unix(f.random.Int64N(4e9), f.random.Int64N(1e9)).In(zone)
		return
	case *leadtype.Error:
		*at = leadtype.Error{Op: "create", Code: leadtype.Unknown, Fields: []string{"A"}, Reason: "r<",
			Options: map[string][]string{"F": {"o"}}, Err: &salesforce.Error{HTTPStatus: 400, Message: "é"}}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), depth)
		}
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem(), depth-1)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Pointer && depth < 2 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), f.random.IntN(3), 3))
		for i := range v.Len() {
			if one := v.Index(i); one.Kind() == reflect.Pointer { // none is nil
				one.Set(reflect.New(one.Type().Elem()))
			}
			f.fill(v.Index(i), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range f.random.IntN(4) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key, 0)
			f.fill(value, 0)
			v.SetMapIndex(key, value)
		}
	case reflect.Interface:
		values := []any{someTexts[f.random.IntN(len(someTexts))], true, json.Number("12345678901234567890.5"), 1.5e21,
			int64(7), []any{"x", nil}, map[string]any{"<": 1}, nil, []string{"a"}}
		if value := values[f.random.IntN(len(values))]; value != nil {
			v.Set(reflect.ValueOf(value))
		}
	case reflect.String:
		v.SetString(someTexts[f.random.IntN(len(someTexts))])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(f.random.Int64N(1e6) - 500)
	case reflect.Float64:
		v.SetFloat(f.random.NormFloat64())
	default:
		panic(v.Kind())
	}
}

func TestLeadsOutcomesAndIntentsAreWrittenAsEncodingJSONDoes(t *testing.T) {
	t.Parallel()
	for i := range 2000 {
		f := &filler{rand.New(rand.NewPCG(uint64(i), 1)), float64(i%5) / 5}
		var lead leadtype.Lead
		f.fill(reflect.ValueOf(&lead).Elem(), 4)
		lead.Strategy = ""
		want, err := json.Marshal(&lead)
		require.NoError(t, err)
		lead.Strategy = "s"
		got, err := stored.EncodeLead(&lead)
		require.NoError(t, err)
		require.Equal(t, string(want), got)

		intents := make([]leadtype.Intent, 1+i%3)
		for i := range intents {
			f.fill(reflect.ValueOf(&intents[i]).Elem(), 3)
		}
		want, err = json.Marshal(intents)
		require.NoError(t, err)
		got, err = stored.EncodeIntents(intents)
		require.NoError(t, err)
		require.Equal(t, string(want), got)

		var outcome leadtype.Outcome
		f.fill(reflect.ValueOf(&outcome).Elem(), 3)
		want, err = json.Marshal(&outcome)
		require.NoError(t, err)
		public, err := json.Marshal(outcome.ForHistory())
		require.NoError(t, err)
		whole, history, err := stored.OutcomeJSON(&outcome)
		require.NoError(t, err)
		require.Equal(t, string(want), whole)
		require.Equal(t, string(public), history)
	}
}

// What has no JSON is refused with the words of encoding/json.
func TestWhatHasNoJSONIsRefused(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, lead := range []*leadtype.Lead{{Score: &nan}, {Custom: map[string]any{"f": func() {}}},
		{CapturedAt: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}} {
		_, want := json.Marshal(lead)
		_, err := stored.EncodeLead(lead)
		require.EqualError(t, err, want.Error())
	}
	_, err := stored.EncodeIntents([]leadtype.Intent{{Replaced: map[string]any{"F": nan}}})
	require.ErrorContains(t, err, "json: unsupported value: NaN")
	_, _, err = stored.OutcomeJSON(&leadtype.Outcome{At: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.ErrorContains(t, err, "encode an outcome: json: error calling MarshalJSON")
}
