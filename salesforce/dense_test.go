// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A repeated is a reply of about size bytes: before, then unit again and again, then
// after. It is made while it is read.
// A unit with a # has a number there.
type repeated struct {
	before, unit, after string
	size                int
}

func (r repeated) reader() io.Reader {
	if strings.Contains(r.unit, "#") {
		return strings.NewReader(r.before + r.numbered() + r.after)
	}
	body := io.LimitReader(&endless{text: r.unit}, int64(r.size/len(r.unit)*len(r.unit)))
	return io.MultiReader(strings.NewReader(r.before), body, strings.NewReader(r.after))
}

func (r repeated) numbered() string {
	var b strings.Builder
	for i := 0; b.Len() < r.size; i++ {
		b.WriteString(strings.ReplaceAll(r.unit, "#", strconv.Itoa(i)))
	}
	return b.String()
}

type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) {
		copied := copy(p[n:], e.text[e.at:])
		n, e.at = n+copied, (e.at+copied)%len(e.text)
	}
	return n, nil
}

// allocated is how many bytes call allocates when every reply is r.
func allocated(t *testing.T, status int, r repeated,
	call func(context.Context, *salesforce.Client) error) (uint64, error) {
	body := r.reader()
	transport := roundTripFunc(func(request *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: make(http.Header), Body: io.NopCloser(body), Request: request,
		}, nil
	})
	client, err := salesforce.New(instance, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}), &salesforce.Config{
		HTTPClient: &http.Client{Transport: transport}, MaxRetries: -1,
	})
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	err = call(t.Context(), client)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}

// replySize is the size of the larger reply, the other is a quarter of it.
func replySize() int {
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		return 64<<20 - 4<<10
	}
	return 8 << 20
}

func readOne(read salesforce.Read) func(context.Context, *salesforce.Client) error {
	return func(ctx context.Context, client *salesforce.Client) error {
		results, err := client.Read(ctx, read)
		if err == nil {
			err = results[0].Err
		}
		return err
	}
}

func createOne(ctx context.Context, client *salesforce.Client) error {
	results, err := client.Write(ctx, salesforce.Write{
		Op: salesforce.OpCreate, Object: "Lead", Fields: salesforce.Fields{"LastName": "L"},
	})
	if err == nil {
		err = results[0].Err
	}
	return err
}

// Not parallel: it measures what the process allocates.
func TestMemoryForADenseReplyIsBounded(t *testing.T) {
	page := func(body string) string {
		return `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"httpHeaders":{},"body":` + body
	}
	people := readOne(salesforce.Query(soql.From("Lead", "Id")))
	describe := readOne(salesforce.DescribeObject("Lead", ""))
	retrieve := func(ctx context.Context, client *salesforce.Client) error {
		_, err := client.Retrieve(ctx, "Lead", []salesforce.ID{"00Q000000000001"}, "Name")
		return err
	}
	about := func(ctx context.Context, client *salesforce.Client) error {
		_, err := client.UserInfo(ctx)
		return err
	}
	graph := func(ctx context.Context, client *salesforce.Client) error {
		results, err := client.WriteGraphs(ctx, salesforce.Graph{{
			Op: salesforce.OpCreate, Object: "Lead", Fields: salesforce.Fields{"LastName": "L"},
		}})
		if err == nil {
			err = results[0][0].Err
		}
		return err
	}
	for name, test := range map[string]struct {
		status              int
		before, unit, after string
		call                func(context.Context, *salesforce.Client) error
	}{
		"errors":             {400, "[", "{},", "{}]", createOne},
		"errors of a 5xx":    {503, "[", "{},", "{}]", createOne},
		"errors with spaces": {400, "[", "{ }\n,\t", "{}]", createOne},
		"nulls":              {400, "[", "null,", "null]", createOne},
		"numbers":            {400, "[", "0,", "0]", createOne},
		"lists":              {400, "[", "[],", "[]]", createOne},
		"texts":              {400, `[{"errorCode":"X","fields":[`, `"",`, `""]}]`, createOne},
		"responses":          {200, `{"compositeResponse":[`, "{},", "{}]}", people},
		"rows":               {200, page(`{"records":[`), "{},", "{}]}}]}", people},
		"child rows": {
			200, page(`{"records":[{"Tasks":{"records":[`), "{},", "{}]}}]}}]}", people,
		},
		"fields":          {200, page(`{"name":"Lead","fields":[`), "{},", "{}]}}]}", describe},
		"picklist values": {200, page(`{"name":"Lead","fields":[{"picklistValues":[`), "{},", "{}]}]}}]}", describe},
		"objects":         {200, page(`{"sobjects":[`), "{},", "{}]}}]}", readOne(salesforce.ListObjects(""))},
		"layouts": {
			200, `{"recordTypeMappings":[`, "{},", "{}]}", readOne(salesforce.RecordTypePicklists("Lead")),
		},
		"retrieved":     {200, "[", "{},", "{}]", retrieve},
		"a user's info": {200, "[", "{},", "{}]", about},
		"graphs":        {200, `{"graphs":[`, "{},", "{}]}", graph},
		"unfinished":    {200, "[", "{},", "", retrieve},
		"nested":        {200, "", "[", "", retrieve},
		// What is decoded: it has no more elements than a real reply of its size may have.
		"sparse rows": {
			200, page(`{"records":[`), `{"a":"` + strings.Repeat("x", 64) + `"},`, "{}]}}]}", people,
		},
		"sparse fields": {
			200, page(`{"name":"Lead","fields":[`), `{"a":"` + strings.Repeat("x", 64) + `"},`, "{}]}}]}", describe,
		},
		"sparse members":         {400, `[{`, `"a#":0,`, `"a":0}]`, createOne},
		"sparse members of rows": {200, page(`{"records":[{`), `"a#":0,`, `"a":0}]}}]}`, people},
		"sparse text":            {400, `[{"message":"`, `{},`, `"}]`, createOne},
	} {
		t.Run(name, func(t *testing.T) {
			var sizes [2]uint64
			for i, size := range []int{replySize() / 4, replySize()} {
				reply := repeated{test.before, test.unit, test.after, size}
				got, err := allocated(t, test.status, reply, test.call)
				bound := uint64(8 * size)
				if strings.HasPrefix(name, "sparse") {
					bound *= 6
				} else {
					require.ErrorContains(t, err, "reply has too many elements for its size")
				}
				require.Less(t, got, bound, "bytes allocated for a reply of %d bytes", size)
				sizes[i] = got
			}
			require.Less(t, sizes[1], 6*sizes[0], "a reply of four times the size")
			t.Logf("%.1f bytes a byte of the reply", float64(sizes[1])/float64(replySize()))
		})
	}
}

// Long replies of the shortest elements that Salesforce is known to send.
func TestNoRealReplyIsDense(t *testing.T) {
	t.Parallel()
	const option = `{"active":true,"defaultValue":false,"label":"A","validFor":null,"value":"A"},`
	const row = `{"attributes":{"type":"Lead","url":"/services/data/v62.0/sobjects/Lead/00Q000000000001AAA"},"Id":""},`
	for name, r := range map[string]repeated{
		"picklist values": {
			`{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":{"name":"Lead",` +
				`"fields":[{"name":"LastName","picklistValues":[`, option, option[:len(option)-1] + `]}]}}]}`, 4 << 20,
		},
		"record types": {
			`{"recordTypeMappings":[{"recordTypeId":"012000000000001","picklistsForRecordType":[` +
				`{"picklistName":"A","picklistValues":[`, option, option[:len(option)-1] + `]}]}]}`, 4 << 20,
		},
		"rows": {
			`{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":{"totalSize":20001,"done":true,` +
				`"records":[`, row, row[:len(row)-1] + `]}}]}`, 20_000 * len(row),
		},
	} {
		call := readOne(map[string]salesforce.Read{
			"picklist values": salesforce.DescribeObject("Lead", ""),
			"record types":    salesforce.RecordTypePicklists("Lead"),
			"rows":            salesforce.Query(soql.From("Lead", "Id")),
		}[name])
		_, err := allocated(t, http.StatusOK, r, call)
		require.NoError(t, err, name)
	}
}
