// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/internal/bulk"
)

// expecting is the results of a job that was sent those keys.
func expecting(keys []string, yield func(RowResult, error) bool) *results {
	r := &results{rowKey: "Key__c", known: true, keys: bulk.NewKeySet(), yield: yield, job: Job{ID: "750000000000001AAA"}}
	for _, key := range keys {
		r.keys.Add(key)
	}
	return r
}

// decodeAll decodes a body and returns the results.
func decodeAll(keys []string, f resultFile, body io.Reader) ([]RowResult, error) {
	var given []RowResult
	r := expecting(keys, func(result RowResult, _ error) bool {
		given = append(given, result)
		return true
	})
	_, err := r.decode(bulk.NewReader(body, false), f)
	if err == nil && r.keys.Open() > 0 {
		err = errors.New("missing rows")
	}
	return given, err
}

func TestResultsAreRead(t *testing.T) {
	t.Parallel()
	given, err := decodeAll([]string{"a", "b"}, successful, strings.NewReader(
		"\ufeff\"sf__Id\",\"sf__Created\",Company,KEY__C\n\"00Q000000000001\",\"true\",x,b\n\"00Q000000000002EAA\","+
			"\"false\",\"y,\nz\",a\n",
	))
	require.NoError(t, err)
	require.Equal(t, []RowResult{
		{Key: "b", Job: "750000000000001AAA", ID: "00Q000000000001EAA", Created: true},
		{Key: "a", Job: "750000000000001AAA", ID: "00Q000000000002EAA"},
	}, given)

	given, err = decodeAll([]string{"a", "b"}, failed, strings.NewReader(
		"\"sf__Id\",\"sf__Error\",Key__c\n\"\",\"UNABLE_TO_LOCK_ROW:busy:--\",b\n\"00Q000000000002EAA\","+
			"\"REQUIRED_FIELD_MISSING:Missing: [LastName]:LastName Company --\",a\n",
	))
	require.NoError(t, err)
	require.Equal(t, &Error{HTTPStatus: 200, Code: UnableToLockRow, Message: "busy"}, given[0].Err)
	require.Equal(
		t,
		&Error{
			HTTPStatus: 200,
			Code:       RequiredFieldMissing,
			Message:    "Missing: [LastName]",
			Fields:     []string{"LastName", "Company"},
		},
		given[1].Err,
	)
	require.Equal(t, ID("00Q000000000002EAA"), given[1].ID)

	given, err = decodeAll([]string{"a"}, unprocessed, strings.NewReader("Company,Key__c\nx,a\n"))
	require.NoError(t, err)
	require.Equal(t, []RowResult{{Key: "a", Job: "750000000000001AAA", Err: ErrNotProcessed}}, given)
}

func TestResultsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	head := "\"sf__Id\",\"sf__Created\",Key__c\n"
	for body, want := range map[string]string{
		"":                                     "missing rows",
		head:                                   "missing rows",
		"\"sf__Id\",Key__c\n":                  "column sf__Created is missing",
		"\"sf__Id\",\"sf__Created\",X\n":       "column Key__c is missing",
		"sf__Id,sf__Created,Key__c,key__C\n":   "column Key__c appears twice",
		"<html>oops</html>\n":                  "column sf__Id is missing",
		`{"a":"b"}` + "\n":                     "record 1: malformed quotes",
		head + "00Q000000000001,true\n":        "record 2: 2 fields under 3 columns",
		head + "00Q000000000001,true,a,b\n":    "record 2: 4 fields under 3 columns",
		head + ",true,a\n":                     "record 2: a row without a record id",
		head + "junk,true,a\n":                 "record 2: a row without a record id",
		head + "00Q000000000001,,a\n":          "record 2: a row that does not say whether it created the record",
		head + "00Q000000000001,true,s3cret\n": "record 2: a key that was not sent, or has its result already",
		head + "00Q000000000001,true,a\n00Q000000000002,true,a\n": "record 3: a key that was not sent, or has its " +
			"result already",
		head + "00Q000000000001,true,a":                              "record 2: the data is cut off",
		head + "00Q000000000001,true,a\n00Q000000000001,true,\"s3cr": "record 3: the data is cut off",
	} {
		_, err := decodeAll([]string{"a", "abc"}, successful, strings.NewReader(body))
		require.EqualError(t, err, want, body)
	}
}

func TestResultsOfAResumedJobRefuseASecondResult(t *testing.T) {
	t.Parallel()
	r := expecting(nil, func(RowResult, error) bool { return true })
	r.known = false
	_, err := r.decode(bulk.NewReader(strings.NewReader("Key__c\na\nb\na\n"), false), unprocessed)
	require.EqualError(t, err, "record 4: a key that has its result already")
}

func TestRowFailureReadsEverySpelling(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]*Error{
		"INVALID_FIELD:Failed at col 3. Due to, 's3cret' is not a valid value for the type xsd:date:CloseDate --": {
			Code: InvalidField, Message: "Failed at col 3. Due to, 's3cret' is not a valid value for the type " +
				"xsd:date", Fields: []string{"CloseDate"}},
		"INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--": {
			Code: InvalidCrossReferenceKey, Message: "invalid cross reference id",
		},
		"UNABLE_TO_LOCK_ROW:locked: 001x": {Code: UnableToLockRow, Message: "locked: 001x"},
		"STRING_TOO_LONG:Name: s3cret (max length=40):A,B --": {
			Code: StringTooLong, Message: "Name: s3cret (max length=40)", Fields: []string{"A", "B"},
		},
		"X:see: not a field! --": {Code: "X", Message: "see: not a field! --"},
		"DUPLICATE_VALUE:duplicate value found: K__c duplicates value on record with id: 001dM00003kRs59:K__c --": {
			Code: DuplicateValue, Message: "duplicate value found: K__c duplicates value on record with id: 001dM00003kRs59",
			Fields: []string{"K__c"}, Duplicates: []Duplicate{{ID: "001dM00003kRs59QAC"}}},
		"X:":   {Code: "X"},
		"X:--": {Code: "X", Message: "--"},
	} {
		want.HTTPStatus = 200
		got := rowFailure(text)
		require.Equal(t, want, got, text)
		require.NotContains(t, got.Error(), "s3cret")
	}
	for _, text := range []string{"", "s3cret", "s3cret s3cret: x", ":--"} {
		got := rowFailure(text)
		require.Equal(t, text, got.Message)
		require.EqualError(t, got, "salesforce: http status 200 OK: row failed without a code")
	}
}

func TestJobMessageReadsTheCodeAndTheField(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"InvalidBatch : Field name not found : Nope__c":                          "salesforce: InvalidBatch on Nope__c",
		"InvalidJob : Field name provided, s3cret does not match an External ID": "salesforce: InvalidJob",
		"ClientInputError : LineEnding is invalid on user data":                  "salesforce: ClientInputError",
		"s3cret things happened": "salesforce: http status 200 OK: bulk " +
			"job failed",
		"": "salesforce: http status 200 OK: bulk " +
			"job failed",
	} {
		got := jobMessage(message)
		require.EqualError(t, got, want)
		require.Equal(t, message, got.Message)
	}
}

// FuzzResults reads what a shuffled, and perhaps damaged, file of results
// says: each row's own result or an error, never another row's.
func FuzzResults(f *testing.F) {
	f.Add("a\x00b,c\x00d\ne\x00\"f\"", uint64(1), 0, -1)
	f.Add("a\x00ab\x00abc\x00abcd", uint64(2), 1, 40)
	for damage := range 7 {
		f.Add("k1\x00k2\x00k3\r\n", uint64(damage), damage, 77)
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64, damage, cut int) {
		keys := strings.Split(text, "\x00")
		slices.Sort(keys)
		keys = slices.DeleteFunc(slices.Compact(keys), func(key string) bool { return key == "" })
		random := rand.New(rand.NewPCG(seed, 0))
		body, truth, whole := resultBody(keys, random, damage)
		if cut >= 0 && cut < len(body) {
			body, whole = body[:cut], false
		}
		given, err := decodeAll(keys, successful, strings.NewReader(string(body)))
		seen := map[string]bool{}
		for _, result := range given {
			require.False(t, seen[result.Key], "a second result for one row")
			seen[result.Key] = true
			require.Equal(t, truth[result.Key], result.ID)
		}
		if whole {
			require.NoError(t, err)
		}
		if err == nil {
			require.Len(t, given, len(keys))
		} else {
			require.NotContains(t, err.Error(), "00Q")
		}
	})
}

// resultBody makes a file of results in some order, with some damage, and says
// which record each key has and whether the file is whole.
func resultBody(keys []string, random *rand.Rand, damage int) (body []byte, truth map[string]ID, whole bool) {
	truth = map[string]ID{}
	records := [][]string{}
	for i, key := range keys {
		id := ID(fmt.Sprintf("00Q%012d", i)).ID18()
		truth[key] = id
		records = append(records, []string{string(id), "true", key, "x,\ny"})
	}
	random.Shuffle(len(records), func(i, k int) { records[i], records[k] = records[k], records[i] })
	header := []string{"sf__Id", "sf__Created", "Key__c", "Company"}
	at := 0
	if len(records) > 0 {
		at = random.IntN(len(records))
	}
	switch {
	case damage == 1 && len(records) > 0: // a row twice
		records = append(records, records[at])
	case damage == 2: // a row that was never sent
		records = append(records, []string{"00Q000000000099AAA", "true", "never\x00sent", "x"})
	case damage == 3 && len(records) > 0: // a row is missing
		records = slices.Delete(records, at, at+1)
	case damage == 4: // a column is missing
		header = header[:2]
	case damage == 5 && len(records) > 0: // a field is missing
		records[at] = records[at][:3]
	case damage == 6: // a mark at the start
		body, whole = append(body, "\ufeff"...), true
	default:
		whole = true
	}
	body = bulk.AppendRecord(body, header)
	for _, record := range records {
		body = bulk.AppendRecord(body, record)
	}
	return body, truth, whole
}

// FuzzJobTexts reads the texts about why a job or a row failed, and a job
// itself: no text of Salesforce's gets into an error.
func FuzzJobTexts(f *testing.F) {
	f.Add("INVALID_FIELD:Failed: 'x':CloseDate --")
	f.Add("InvalidBatch : Field name not found : X")
	f.Add(`{"id":"750000000000001","state":"Open","numberRecordsProcessed":7}`)
	f.Fuzz(func(t *testing.T, text string) {
		safe := `^salesforce: [A-Za-z0-9_]+( on [A-Za-z0-9_., ]+)?$|without a code$|bulk job failed$`
		require.Regexp(t, safe, rowFailure(text).Error())
		require.Regexp(t, safe, jobMessage(text).Error())
		job, err := parseJob([]byte(text), "")
		if err != nil {
			require.Regexp(t, `^reply is [a-z ]+$`, err.Error())
			return
		}
		require.Len(t, string(job.ID), 18)
		require.NotEmpty(t, job.State)
	})
}
