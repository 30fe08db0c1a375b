// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/salesforce/internal/limit"
	"github.com/leadsync/leadsync/salesforce/internal/scratch"
)

// A ReadResult is the result of one Read. Source: docs/salesforce.md, Requests.
type ReadResult struct {
	// Records are the rows of a query, all pages but for ReadTooling, or the one record of
	// ReadRecord.
	Records []Record
	// Describe is the result of ReadDescribe, nil when NotModified.
	Describe *Describe
	// RecordTypes is the result of ReadRecordTypes: the picklists of each record type
	// by its 18-character id.
	RecordTypes map[ID]Picklists
	// Objects is the result of ReadObjects, nil when NotModified.
	Objects *ObjectList
	// Limits is the result of ReadLimits, by name, such as DataStorageMB.
	Limits map[string]Limit
	// NotModified means that the describe or the list is unchanged.
	NotModified bool
	// Err is why this read failed, a *Error when Salesforce answered. A failed read has
	// no rows, also when some of its pages were read.
	Err error
}

// What one API call of Client.Read carries at most (docs/salesforce.md, Limits).
const (
	ReadsPerCall   = limit.Subrequests
	QueriesPerCall = limit.Heavy // of those reads
)

// Read carries out reads, packed into as few API calls as the composite limits allow.
// Result k is that of read k. The error is the context's, or names the read that is
// malformed; then there are no results. A failure of Salesforce or of the network is in
// the Err of each read that it affects. When every other call would fail too, as in
// Write, nothing more is sent, and the rest has the same error.
// Source: docs/salesforce.md, Composite.
func (c *Client) Read(ctx context.Context, reads ...Read) ([]ReadResult, error) {
	pending := make([]*reading, len(reads))
	for i, read := range reads {
		address, err := read.address(c.path(""))
		if err != nil {
			return nil, fmt.Errorf("salesforce: read %d: %w", i, err)
		}
		pending[i] = &reading{Read: read, url: address}
	}
	all := slices.Clone(pending)
	space := c.spaces.Take()
	defer c.spaces.Return(space)
	for len(pending) > 0 && ctx.Err() == nil {
		var batch []*reading
		batch, pending = nextReads(pending)
		more, failure := c.readBatch(ctx, space, batch)
		pending = append(more, pending...)
		if failure != nil && failure.ofConnection() {
			giveUp(pending, failure)
			break
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	results := make([]ReadResult, len(reads))
	for i, r := range all {
		results[i] = r.result
	}
	return results, nil
}

// A reading is the progress of one Read.
type reading struct {
	Read
	// url is what to request next, such as the next page of a query.
	url string
	// pages and rows count what has been read.
	pages, rows int
	width       int // how many fields a row has at least, 0: not counted yet
	result      ReadResult
}

// nextReads splits pending, in order, into what fits into one call and the rest.
func nextReads(pending []*reading) (batch, rest []*reading) {
	if pending[0].isAlone() {
		return pending[:1], pending[1:]
	}
	queries := 0
	for _, r := range pending {
		switch {
		case r.isAlone(), len(batch) == ReadsPerCall, r.isQuery() && queries == QueriesPerCall:
			rest = append(rest, r)
			continue
		case r.isQuery():
			queries++
		}
		batch = append(batch, r)
	}
	return batch, rest
}

// giveUp gives reads the failure of a call.
func giveUp(reads []*reading, failure *Error) {
	for _, r := range reads {
		r.result = ReadResult{Err: failure.certain()}
	}
}

// readBatch makes one call, and returns the reads that have more pages, or why the call
// failed.
func (c *Client) readBatch(
	ctx context.Context, space *scratch.Space, batch []*reading,
) (more []*reading, failure *Error) {
	if batch[0].isAlone() {
		return nil, c.readAlone(ctx, batch[0])
	}
	subrequests := make([]subrequest, len(batch))
	for i, r := range batch {
		subrequests[i] = subrequest{Method: http.MethodGet, URL: r.url}
		if r.conditional() {
			subrequests[i].Headers = r.validators()
		}
	}
	responses, failure := c.composite(ctx, space, subrequests, true)
	if failure != nil {
		giveUp(batch, failure)
		return nil, failure
	}
	for i, r := range batch {
		if err := r.take(&responses[i]); err != nil {
			r.result = ReadResult{Err: err.certain()}
		} else if r.url != "" {
			more = append(more, r)
		}
	}
	return more, nil
}

// Rows yields the rows of a query, made with Query or QueryAll, and holds one page of
// them at a time. Each page costs a call; Read packs several queries into one. A
// failure is yielded last, with a nil record: the context's error, a *Error, or that
// the read is malformed. The rows before it are incomplete. A loop that breaks makes no
// further call. Source: docs/salesforce.md, Queries.
func (c *Client) Rows(ctx context.Context, read Read) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		if !read.isQuery() {
			yield(nil, errors.New("salesforce: rows: read is not a query"))
			return
		}
		address, err := read.address(c.path(""))
		if err != nil {
			yield(nil, fmt.Errorf("salesforce: rows: %w", err))
			return
		}
		space := new(scratch.Space) // not of the pool: a loop may take long with a page
		for r := (&reading{Read: read, url: address}); r.url != ""; {
			r.result.Records = nil
			_, _ = c.readBatch(ctx, space, []*reading{r}) // r has the failure
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if r.result.Err != nil {
				yield(nil, r.result.Err)
				return
			}
			for i := range r.result.Records {
				if !yield(&r.result.Records[i], nil) {
					return
				}
			}
		}
	}
}

// readAlone carries out one read that no composite carries: record types by the object's
// layouts (unverified), limits, and queries of the Tooling API.
func (c *Client) readAlone(ctx context.Context, r *reading) (failure *Error) {
	x, failure := c.do(ctx, request{method: http.MethodGet, path: r.url, subrequests: 1, repeatable: true})
	if failure == nil {
		if err := r.takeAlone(x.body); err != nil {
			failure = x.malformed(err, false)
		}
	}
	if failure != nil {
		giveUp([]*reading{r}, failure)
	}
	return failure
}

// takeAlone reads the body of a reply into the result.
func (r *reading) takeAlone(body []byte) (err error) {
	switch r.Kind {
	case ReadLimits:
		r.result.Limits, err = parseLimits(body)
	case ReadTooling:
		err = r.takeTooling(body)
	default:
		r.result.RecordTypes, err = parseLayouts(body)
	}
	return err
}

func (r *reading) takeTooling(body []byte) error {
	var page struct {
		Records []Record `json:"records"`
	}
	if err := json.Unmarshal(body, &page); err != nil || page.Records == nil {
		return errors.New("reply is not a page of a query")
	}
	r.result.Records = page.Records
	return nil
}

// take reads the response into the result, and sets url to the next page, empty after
// the last.
func (r *reading) take(response *subresponse) *Error {
	r.url = ""
	if r.conditional() && response.Status == http.StatusNotModified {
		r.result.NotModified = true
		return nil
	}
	if err := response.err(); err != nil {
		return err
	}
	var err error
	switch r.Kind {
	case ReadDescribe:
		err = r.takeDescribe(response)
	case ReadObjects:
		err = r.takeObjects(response)
	case ReadRecord:
		err = r.takeRecord(response)
	default:
		err = r.takePage(response)
	}
	if err != nil {
		return &Error{HTTPStatus: response.Status, RequestID: response.requestID, Err: err}
	}
	return nil
}

func (r *reading) takeDescribe(response *subresponse) error {
	d := new(Describe)
	if err := json.Unmarshal(response.Body, d); err != nil || !d.Name.Equal(r.Object) {
		return fmt.Errorf("reply is not a describe of %s", r.Object)
	}
	d.LastModified, d.ETag = response.header("Last-Modified"), response.header("ETag")
	d.index()
	r.result.Describe = d
	return nil
}

func (r *reading) takeObjects(response *subresponse) error {
	list := new(ObjectList)
	if err := json.Unmarshal(response.Body, list); err != nil || len(list.Objects) == 0 {
		return errors.New("reply is not a list of objects")
	}
	list.LastModified, list.ETag = response.header("Last-Modified"), response.header("ETag")
	r.result.Objects = list
	return nil
}

func (r *reading) takeRecord(response *subresponse) error {
	var record Record
	if err := json.Unmarshal(response.Body, &record); err != nil || !record.ID.Equal(r.ID) {
		return errors.New("reply is not the record asked for")
	}
	r.result.Records = []Record{record}
	return nil
}

// nextPage is the form of nextRecordsUrl, which is sent back and therefore checked.
var nextPage = regexp.MustCompile(`^/services/data/v[0-9]{2,3}\.0/query(All)?/[0-9A-Za-z][0-9A-Za-z_~%=.+-]*$`)

func (r *reading) takePage(response *subresponse) error {
	page, err := readPage(response.Body)
	if errors.Is(err, errMoreChildren) {
		return err
	}
	if err != nil || page.total < 0 || !page.said || page.records == nil {
		return errors.New("reply is not a page of a query")
	}
	if !r.isWhole(page.records) {
		return errors.New("query has a row without a field that it selects")
	}
	r.pages++
	r.rows += len(page.records)
	if r.result.Records == nil {
		r.result.Records = page.records
	} else {
		r.result.Records = append(r.result.Records, page.records...)
	}
	switch {
	case r.rows > page.total:
		return fmt.Errorf("query has %d rows of %d", r.rows, page.total)
	case page.done && r.pages == 1 && r.rows < page.total:
		return fmt.Errorf("query is done with %d rows of %d", r.rows, page.total)
	case page.done:
		return nil
	case page.next == "":
		return errors.New("query is not done and names no next page")
	case len(page.records) == 0:
		return errors.New("query is not done and has an empty page")
	case !nextPage.MatchString(page.next):
		return errors.New("query names a malformed next page")
	}
	r.url = page.next
	return nil
}

// isWhole reports whether all rows have as many fields as the statement selects: Salesforce
// sends null for a blank one. A field that was lost on the way must not pass for blank: a record
// would not be found by it, or be filled again.
func (r *reading) isWhole(rows []Record) bool {
	if r.Query == nil {
		return true
	}
	if r.width == 0 {
		names := make(map[string]bool)
		for _, field := range r.Query.Fields() {
			name, _, _ := strings.Cut(field, ".")
			names[strings.ToLower(name)] = true
		}
		r.width = len(names)
	}
	return !slices.ContainsFunc(rows, func(row Record) bool { return len(row.Fields) < r.width })
}

// A page is one page of a query's rows.
type page struct {
	total      int // rows of the query, negative where the page does not say
	done, said bool
	records    []Record
	next       string // the address of the next page
}

// readPage reads the body of a reply.
func readPage(body []byte) (page, error) {
	p := page{total: -1}
	from := jsontext.NewReader(body)
	for name := range from.Members() {
		switch {
		case from.Null(): // as if it were not there
		case name == "totalSize":
			total, err := strconv.Atoi(from.Number().String())
			if err != nil {
				return p, err
			}
			p.total = total
		case name == "done":
			p.done, p.said = from.Bool(), true
		case name == "nextRecordsUrl":
			p.next = from.Text()
		case name == "records":
			if err := p.readRecords(from); err != nil {
				return p, err
			}
		default:
			from.Raw()
		}
	}
	return p, from.End()
}

func (p *page) readRecords(from *jsontext.Reader) error {
	p.records = make([]Record, 0, max(0, min(p.total, maxPage)))
	fields, size := 0, 0 // as the row before has
	for range from.Elements() {
		var record Record
		start := from.Offset()
		if err := record.read(from, fields, size); err != nil {
			return err
		}
		fields, size = len(record.Fields), from.Offset()-start
		p.records = append(p.records, record)
	}
	return nil
}

// maxPage is how many rows a page has at most (docs/salesforce.md, Limits).
const maxPage = 2000
