// SPDX-License-Identifier: Apache-2.0

package jsontext_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/jsontext"
)

func TestAppendTextWritesWhatEncodingJSONDoes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "plain", `"`, `\`, "<&>", "\n", "\x00", "\x7f", "ü",
		"\u2028", "ü\u2029", "ü\xff", "ü<", "\U0001f600", "\ufffd", "\xff", "日本"} {
		want, err := json.Marshal(text)
		require.NoError(t, err)
		require.Equal(t, string(want), string(jsontext.AppendText(nil, text)))
	}
}

var texts = []string{
	`{}`, `[]`, ` [1, -2.5e+3,0] `, `{"a":{"b":[null,true,false,"x"]},"a":1}`, `"\u00e9\n"`, "\"\xff\"", `"é"`,
	`{"\u0061":1}`,
	``, ` `, `{`, `[1,]`, `{"a"}`, `{"a":}`, `{,}`, `01`, `-`, `1.`, `.5`, `1e`, `+1`, `nul`, `nullx`, `tru`, `"a`,
	`"\x"`, "\"\n\"",
	`{} {}`, `{"a":1,}`, `[1 2]`, `{"a":1 "b":2}`, `{1:2}`, `[}`, `"\ud800"`, `{"a":"\q"}`, "[\"a\tb\"]",
}

func TestReaderTakesWhatEncodingJSONDoes(t *testing.T) {
	t.Parallel()
	for _, text := range texts {
		compare(t, []byte(text))
	}
	deep := bytes.Repeat([]byte("["), 20_000)
	compare(t, append(deep, bytes.Repeat([]byte("]"), 20_000)...))
}

func FuzzReader(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { compare(t, text) })
}

// compare reads a text with the Reader and with encoding/json.
func compare(t *testing.T, text []byte) {
	t.Helper()
	want, valid := decoded(text)
	reader := jsontext.NewReader(text)
	got := reader.Value()
	require.Equal(t, valid, reader.End() == nil, "%q", text)
	raw := jsontext.NewReader(text)
	skipped := raw.Raw()
	require.Equal(t, valid, raw.End() == nil, "%q", text)
	if !valid {
		return
	}
	require.Equal(t, want, got, "%q", text)
	require.Equal(t, string(bytes.Trim(text, " \t\r\n")), string(skipped))
	shared := jsontext.NewReader(text)
	shared.Share(len(text))
	partly := jsontext.NewReader(text)
	partly.Share(len(text) / 2)
	for _, reader := range []*jsontext.Reader{shared, partly, jsontext.NewTextReader(string(text)),
		jsontext.NewSharedReader(text)} {
		require.Equal(t, want, reader.Value(), "%q", text)
		require.NoError(t, reader.End())
	}
}

func decoded(text []byte) (value any, valid bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return nil, false
	}
	_, err := decoder.Token()
	return value, err == io.EOF
}

func TestReaderRefusesAnotherKindThanAskedFor(t *testing.T) {
	t.Parallel()
	for _, read := range []func(*jsontext.Reader){
		func(r *jsontext.Reader) { r.Text() }, func(r *jsontext.Reader) { r.Bool() },
		func(r *jsontext.Reader) { r.Number() },
		func(r *jsontext.Reader) {
			for range r.Members() {
				r.Raw()
			}
		},
	} {
		reader := jsontext.NewReader([]byte(`["a"]`))
		read(reader)
		require.Error(t, reader.End())
		require.Empty(t, reader.Text(), "nothing is read after an error")
	}
}

func TestReaderReadsMembersAndElements(t *testing.T) {
	t.Parallel()
	reader := jsontext.NewReader([]byte(`{"n":null,"list":[1,2],"t":"x","more":{"a":[]},"b":true}`))
	var names []string
	for name := range reader.Members() {
		names = append(names, name)
		switch name {
		case "n":
			require.True(t, reader.Null())
		case "list":
			var numbers []json.Number
			for range reader.Elements() {
				numbers = append(numbers, reader.Number())
			}
			require.Equal(t, []json.Number{"1", "2"}, numbers)
		case "t":
			require.Equal(t, "x", reader.Text())
		case "more":
			require.True(t, reader.IsObject())
			require.Equal(t, `{"a":[]}`, string(reader.Raw()))
		case "b":
			require.True(t, reader.Bool())
		}
	}
	require.NoError(t, reader.End())
	require.Equal(t, []string{"n", "list", "t", "more", "b"}, names)
}
