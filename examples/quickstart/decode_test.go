package main

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
)

type picky string

func (p *picky) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil || text != "good" {
		return errors.New("must be good")
	}
	*p = picky(text)
	return nil
}

type ruled struct{}

func (*ruled) UnmarshalJSON([]byte) error {
	return &leadsync.Error{Code: leadsync.DataValueValidation, Fields: []string{"write"}, Reason: "must be known"}
}

type shape struct {
	Name  string            `json:"name"`
	Count *int              `json:"count,omitempty"`
	On    bool              `json:"on"`
	Rows  []row             `json:"rows"`
	ByKey map[string]string `json:"byKey"`
	Own   picky             `json:"own"`
	Rule  ruled             `json:"rule"`
	Skip  string            `json:"-"`
}

type row struct {
	Source string `json:"source"`
}

func TestDecodeStrictNamesPathAndRule(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":         {`{"nmae":"x"}`, "nmae: is not a known key; here are byKey, count, name, on, own, rows, rule"},
		"key of another case": {`{"Name":"x"}`, "Name: is not a known key; here are byKey, count, name, on, own, rows, rule"},
		"hidden key":          {`{"Skip":"x"}`, "Skip: is not a known key; here are byKey, count, name, on, own, rows, rule"},
		"deep unknown key":    {`{"rows":[{"source":"a"},{"sauce":"b"}]}`, "rows[1].sauce: is not a known key; here are source"},
		"number for text":     {`{"name":1}`, "name: must be text, not a number"},
		"text for a number":   {`{"count":"1"}`, "count: must be a whole number, not text"},
		"fraction":            {`{"count":1.5}`, "count: must be a whole number, not a number"},
		"text for a boolean":  {`{"on":"yes"}`, "on: must be true or false, not text"},
		"object for a list":   {`{"rows":{}}`, "rows: must be a list, not an object"},
		"list for an object":  {`{"rows":[[]]}`, "rows[0]: must be an object, not a list"},
		"list for a map":      {`{"byKey":[]}`, "byKey: must be an object, not a list"},
		"value of a map":      {`{"byKey":{"a":true}}`, "byKey.a: must be text, not true or false"},
		"own rule":            {`{"own":"bad"}`, "own: must be good"},
		"rule of leadsync":    {`{"rule":{"deep":1}}`, "rule.write: must be known"},
		"no object":           {`[]`, "must be an object, not a list"},
		"no JSON":             {"{\n\"name\": \"x\",\n}", "line 3: is not JSON: invalid character '}' looking for beginning of object key string"},
		"empty":               {"", "line 1: is not JSON: unexpected end of JSON input"},
		"two values":          {"{} {}", "line 1: is not JSON: invalid character '{' after top-level value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, decodeStrict([]byte(c.text), new(shape)), c.want)
		})
	}
}

func TestDecodeStrictFillsTheValue(t *testing.T) {
	t.Parallel()
	var got shape
	one := 1
	require.NoError(t, decodeStrict([]byte(`{"name":"x","count":1,"on":true,"rows":[{"source":"a"}],"byKey":{"a":"b"},"own":"good"}`), &got))
	require.Equal(t, shape{Name: "x", Count: &one, On: true, Rows: []row{{"a"}}, ByKey: map[string]string{"a": "b"}, Own: "good"}, got)

	kept := shape{Name: "kept"}
	require.NoError(t, decodeStrict([]byte(`{"name":null,"rows":null}`), &kept))
	require.Equal(t, shape{Name: "kept"}, kept)
}
