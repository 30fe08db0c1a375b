package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/limit"
	"github.com/leadsync/leadsync/salesforce/internal/name"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A ReadKind says what a Read asks for. Source: SALESFORCE.md 1.
type ReadKind int

// The kinds of read.
const (
	// ReadQuery is a SOQL query, all its pages.
	ReadQuery ReadKind = iota
	// ReadQueryAll is ReadQuery with deleted, merged and archived rows.
	ReadQueryAll
	// ReadRecord is one record by id.
	ReadRecord
	// ReadDescribe is an object's describe.
	ReadDescribe
	// ReadObjects is the list of the org's objects.
	ReadObjects
	// ReadRecordTypes is what picklist values each record type of an object offers.
	ReadRecordTypes
)

// A Read is one thing to ask of Salesforce. Make it with Query, QueryAll, Get,
// DescribeObject, ListObjects or RecordTypePicklists. Source: SALESFORCE.md 1.
type Read struct {
	Kind ReadKind
	// Query is the statement of ReadQuery and ReadQueryAll.
	Query *soql.Select
	// Object is what ReadRecord, ReadDescribe and ReadRecordTypes name.
	Object Object
	// ID is ReadRecord's.
	ID ID
	// Fields are the fields of ReadRecord; none means all that the user may see.
	Fields []string
	// Since and ETag are the cache validators of ReadDescribe and ReadObjects: the
	// LastModified and the ETag of an earlier answer. Without both it is asked
	// whatever its age. Describe.Again and ObjectList.Again fill them in.
	Since, ETag string
}

// Query reads all rows of a query.
func Query(q *soql.Select) Read { return Read{Kind: ReadQuery, Query: q} }

// QueryAll reads all rows of a query, those deleted, merged away or archived
// among them.
func QueryAll(q *soql.Select) Read { return Read{Kind: ReadQueryAll, Query: q} }

// Get reads one record by its id. Of one that is deleted, unknown or hidden the Err
// is NotFound (SALESFORCE.md 1).
func Get(object Object, id ID, fields ...string) Read {
	return Read{Kind: ReadRecord, Object: object, ID: id, Fields: fields}
}

// DescribeObject reads an object's describe. With since, the LastModified of
// an earlier describe, an unchanged one answers NotModified and no body; see also
// Describe.Again.
func DescribeObject(object Object, since string) Read {
	return Read{Kind: ReadDescribe, Object: object, Since: since}
}

// ListObjects reads the list of the objects that the user may see (Describe
// Global). since is as in DescribeObject; Salesforce moves it with every change of
// the org's metadata (SALESFORCE.md 1, describe).
func ListObjects(since string) Read { return Read{Kind: ReadObjects, Since: since} }

// A ReadResult answers one Read. Source: SALESFORCE.md 1.
type ReadResult struct {
	// Records are the rows of a query, all pages, or the one record of ReadRecord.
	Records []Record
	// Describe is ReadDescribe's, nil when NotModified.
	Describe *Describe
	// RecordTypes are ReadRecordTypes': the picklists of each record type by its
	// 18-character id.
	RecordTypes map[ID]Picklists
	// Objects are ReadObjects', nil when NotModified.
	Objects *ObjectList
	// NotModified says that the describe, or the list, is as its validators say.
	NotModified bool
	// Err is why this read failed, a *Error where Salesforce answered. A failed
	// read has no rows: a part of the pages is never given out as the whole.
	Err error
}

// Read answers reads, packed into as few API calls as the composite limits
// allow. Result k is read k's. The error is the context's, or says which read
// is malformed; in both cases there are no results. A failure of Salesforce or
// of the network is in the Err of each read it struck; one that all others would
// meet too, as in Write, is that of the rest, which is not asked.
// Source: SALESFORCE.md 0, /composite.
func (c *Client) Read(ctx context.Context, reads ...Read) ([]ReadResult, error) {
	pending := make([]*reading, len(reads))
	for i, read := range reads {
		resource, err := read.resource()
		if err != nil {
			return nil, fmt.Errorf("salesforce: read %d: %w", i, err)
		}
		pending[i] = &reading{Read: read, url: c.path(resource)}
	}
	all := slices.Clone(pending)
	for len(pending) > 0 && ctx.Err() == nil {
		var batch []*reading
		batch, pending = nextReads(pending)
		more, failure := c.readBatch(ctx, batch)
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

// A reading is a Read on its way.
type reading struct {
	Read
	// url is what to ask next: of a query, the next page.
	url string
	// pages and rows count what has come so far.
	pages, rows int
	result      ReadResult
}

// nextReads takes from pending, in order, what fits into one call.
func nextReads(pending []*reading) (batch, rest []*reading) {
	if pending[0].Kind == ReadRecordTypes {
		return pending[:1], pending[1:]
	}
	queries := 0
	for _, r := range pending {
		switch {
		case r.Kind == ReadRecordTypes, len(batch) == limit.Subrequests, r.isQuery() && queries == limit.Heavy:
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

// readBatch makes one call, and returns the reads that have more pages, or why the
// call failed.
func (c *Client) readBatch(ctx context.Context, batch []*reading) (more []*reading, failure *Error) {
	if batch[0].Kind == ReadRecordTypes {
		return nil, c.readRecordTypes(ctx, batch[0])
	}
	subrequests := make([]subrequest, len(batch))
	for i, r := range batch {
		subrequests[i] = subrequest{Method: http.MethodGet, URL: r.url}
		if r.conditional() {
			subrequests[i].Headers = r.validators()
		}
	}
	responses, failure := c.composite(ctx, subrequests, true)
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

func (r *Read) isQuery() bool { return r.Kind == ReadQuery || r.Kind == ReadQueryAll }

// cacheable reports whether the read takes validators, conditional whether it has
// one.
func (r *Read) cacheable() bool { return r.Kind == ReadDescribe || r.Kind == ReadObjects }

func (r *Read) conditional() bool { return r.cacheable() && r.Since+r.ETag != "" }

// etagPattern is an entity tag of RFC 9110.
var etagPattern = regexp.MustCompile(`^(W/)?"[\x21\x23-\x7e]*"$`)

// checkValidators says which validator is malformed.
func (r *Read) checkValidators() error {
	if _, err := http.ParseTime(r.Since); r.Since != "" && err != nil {
		return errors.New("since is not a Last-Modified header")
	}
	if r.ETag != "" && !etagPattern.MatchString(r.ETag) {
		return errors.New("etag is not an ETag header")
	}
	return nil
}

// validators returns the headers that ask for a change only.
func (r *Read) validators() map[string]string {
	headers := make(map[string]string)
	if r.Since != "" {
		headers["If-Modified-Since"] = r.Since
	}
	if r.ETag != "" {
		headers["If-None-Match"] = r.ETag
	}
	// A reply that was compressed has a tag of its own, such as "e8178a2d--gzip"
	// (SALESFORCE.md 1, describe). The describe may stand under either.
	if plain, packed := strings.CutSuffix(r.ETag, `--gzip"`); packed {
		headers["If-None-Match"] += `, ` + plain + `"`
	}
	return headers
}

// resource returns the resource that the read asks for, relative to the API
// version. The error says what is malformed.
func (r *Read) resource() (string, error) {
	if r.isQuery() {
		statement, err := r.Query.Build()
		if err != nil {
			return "", err
		}
		if r.Kind == ReadQueryAll {
			return "queryAll?q=" + url.QueryEscape(statement), nil
		}
		return "query?q=" + url.QueryEscape(statement), nil
	}
	if err := r.checkValidators(); r.cacheable() && err != nil {
		return "", err
	}
	if r.Kind == ReadObjects {
		return "sobjects", nil
	}
	if !name.IsIdentifier(r.Object) {
		return "", fmt.Errorf("malformed object name %q", string(r.Object))
	}
	switch r.Kind {
	case ReadDescribe:
		return "sobjects/" + string(r.Object) + "/describe", nil
	case ReadRecordTypes:
		return "sobjects/" + string(r.Object) + "/describe/layouts", nil
	case ReadRecord:
		return r.recordResource()
	}
	return "", fmt.Errorf("unknown kind %d", r.Kind)
}

func (r *Read) recordResource() (string, error) {
	id, err := ParseID(string(r.ID))
	if err != nil {
		return "", errors.New("malformed record id")
	}
	resource := "sobjects/" + string(r.Object) + "/" + string(id)
	if len(r.Fields) == 0 {
		return resource, nil
	}
	// The id shows that the record is the one asked for.
	fields := []string{"Id"}
	for _, field := range r.Fields {
		if !name.IsPath(field) {
			return "", fmt.Errorf("malformed field name %q", field)
		}
		if !strings.EqualFold(field, "Id") {
			fields = append(fields, field)
		}
	}
	return resource + "?fields=" + strings.Join(fields, ","), nil
}

// take reads the response into the result, and sets url to the next page or to
// nothing.
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

// nextPage is what nextRecordsUrl may be: it is sent back, so nothing else is
// believed.
var nextPage = regexp.MustCompile(`^/services/data/v[0-9]{2,3}\.0/query(All)?/[0-9A-Za-z][0-9A-Za-z_~%=.+-]*$`)

func (r *reading) takePage(response *subresponse) error {
	var page struct {
		TotalSize *int     `json:"totalSize"`
		Done      *bool    `json:"done"`
		Records   []Record `json:"records"`
		Next      string   `json:"nextRecordsUrl"`
	}
	err := json.Unmarshal(response.Body, &page)
	if errors.Is(err, errMoreChildren) {
		return err
	}
	if err != nil || page.TotalSize == nil || page.Done == nil || page.Records == nil {
		return errors.New("reply is not a page of a query")
	}
	r.pages++
	r.rows += len(page.Records)
	r.result.Records = append(r.result.Records, page.Records...)
	total, got := *page.TotalSize, r.rows
	switch {
	case got > total:
		return fmt.Errorf("query has %d rows of %d", got, total)
	case *page.Done && r.pages == 1 && got < total:
		return fmt.Errorf("query is done with %d rows of %d", got, total)
	case *page.Done:
		return nil
	case page.Next == "":
		return errors.New("query is not done and names no next page")
	case len(page.Records) == 0:
		return errors.New("query is not done and has an empty page")
	case !nextPage.MatchString(page.Next):
		return errors.New("query names a next page that is none")
	}
	r.url = page.Next
	return nil
}
