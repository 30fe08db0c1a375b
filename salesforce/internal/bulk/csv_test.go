package bulk

import (
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// readAllCSV reads all records, and the error that ended them.
func readAllCSV(body io.Reader, whole bool) (records [][]string, err error) {
	in := NewReader(body, whole)
	for {
		record, err := in.Read()
		if err == io.EOF {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		records = append(records, append([]string(nil), record...))
	}
}

func TestCSVReader(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][][]string{
		"":                                 nil,
		"\ufeff":                           nil,
		"\ufeffa,b\n":                      {{"a", "b"}},
		"a,b\nc,d\n":                       {{"a", "b"}, {"c", "d"}},
		"a,b\r\nc,d\r\n":                   {{"a", "b"}, {"c", "d"}},
		"\"a\",\"b\"\r\n\"c\",\"d\"\r\n":   {{"a", "b"}, {"c", "d"}},
		"a,\n,b\n,\n":                      {{"a", ""}, {"", "b"}, {"", ""}},
		"\"\",\"\"\n\"\"\n":                {{"", ""}, {""}},
		"\"a,b\",\"say \"\"hi\"\"\"\n":     {{"a,b", `say "hi"`}},
		"\"line\nfeed\",\"dos\r\nline\"\n": {{"line\nfeed", "dos\r\nline"}},
		"a\rb,c\n":                         {{"a\rb", "c"}},
		"a\n\n\r\nb\n":                     {{"a"}, {"b"}},
		"\"\"\"\"\n":                       {{`"`}},
	} {
		records, err := readAllCSV(strings.NewReader(body), false)
		require.NoError(t, err, "%q", body)
		require.Equal(t, want, records, "%q", body)
		records, err = readAllCSV(iotest.OneByteReader(strings.NewReader(body)), true)
		require.NoError(t, err, "%q", body)
		require.Equal(t, want, records, "%q", body)
	}
}

func TestCSVReaderNamesTheRecordThatIsWrong(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"a,b\nc,\"d\"e\n":                        "record 2: malformed quotes",
		"a,b\nc,d\"\n":                           "record 2: malformed quotes",
		"a,b\nc,\"d\"\rx\n":                      "record 2: malformed quotes",
		"a\n\"b":                                 "record 2: the data is cut off",
		"a\n\"b\n":                               "record 2: the data is cut off",
		"a\nb":                                   "record 2: the data is cut off",
		"a\n\"b\"":                               "record 2: the data is cut off",
		"a\n\"b\"\r":                             "record 2: the data is cut off",
		"a\nb,":                                  "record 2: the data is cut off",
		strings.Repeat(",", 9e3):                 "record 1: longer than a record can be",
		"a\n" + strings.Repeat("b", maxRecord+1): "record 2: longer than a record can be",
		"a\n\"" + strings.Repeat("b", maxRecord+1): "record 2: longer than a record can be",
	} {
		_, err := readAllCSV(strings.NewReader(body), false)
		require.EqualError(t, err, want)
	}
	broken := errors.New("connection reset")
	for _, body := range []string{"a\n", "a\nb", "a\n\"b", "a\n\"b\"", "a\n\"b\"\r"} {
		_, err := readAllCSV(io.MultiReader(strings.NewReader(body), iotest.ErrReader(broken)), true)
		require.ErrorIs(t, err, broken, "%q", body)
	}
}

func TestCSVReaderTrustsALastRecordOfAWholeBody(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{"a": {"a"}, "a,": {"a", ""}, `"a"`: {"a"}, `a,"b"`: {"a", "b"}} {
		records, err := readAllCSV(strings.NewReader(body), true)
		require.NoError(t, err)
		require.Equal(t, [][]string{want}, records)
	}
	_, err := readAllCSV(strings.NewReader(`"a`), true)
	require.ErrorIs(t, err, errCutCSV)
}

func TestColumnsNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	places, err := Columns([]string{"sf__id", "KEY__C", "Name"}, "Key__c", "sf__Id")
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, places)
	_, err = Columns([]string{"a"}, "b")
	require.EqualError(t, err, "column b is missing")
	_, err = Columns([]string{"a", "A"}, "a")
	require.EqualError(t, err, "column a appears twice")
}

// FuzzCSV holds the reader against encoding/csv, and against the writer.
func FuzzCSV(f *testing.F) {
	for _, body := range []string{
		"a,b\n\"c\",\"d\"\"e\"\n", "\ufeffa\n", "a\n\"b", "\"a\nb\",c\n", ",\n\n", "a,b\r\nc,d\r\n",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		records, err := readAllCSV(strings.NewReader(body), false)
		for _, record := range records {
			if len(record) == 1 && record[0] == "" || record[0] != "" && strings.HasPrefix(record[0], "\ufeff") {
				continue // an empty line is passed over; a mark at the start is no text
			}
			again, err := readAllCSV(strings.NewReader(string(AppendRecord(nil, record))), false)
			require.NoError(t, err)
			require.Equal(t, [][]string{record}, again)
		}
		for cut := range min(len(body), 40) {
			// A cut gives a start of the records and, unless it falls between two, an
			// error; never a record of its own.
			some, _ := readAllCSV(strings.NewReader(body[:cut]), false)
			if err == nil {
				require.Equal(t, some, append([][]string(nil), records[:len(some)]...))
			}
		}
		if err != nil || strings.Contains(body, "\r") {
			return
		}
		std := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff")))
		std.FieldsPerRecord = -1
		want, err := std.ReadAll()
		require.NoError(t, err)
		require.Equal(t, want, records)
	})
}

func TestCSVSurvivesAnyText(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		record := make([]string, 1+random.IntN(4))
		for i := range record {
			for range random.IntN(6) {
				record[i] += []string{`"`, ",", "\n", "\r", "\r\n", " ", "x", "é"}[random.IntN(8)]
			}
		}
		record[0] += "k"
		records, err := readAllCSV(strings.NewReader(string(AppendRecord(nil, record))), false)
		require.NoError(t, err, "%q", record)
		require.Equal(t, [][]string{record}, records)
	}
}
