// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/name"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A ReadKind is the kind of a Read. Source: docs/salesforce.md, Requests.
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
	// ReadRecordTypes is the picklist values of each record type of an object.
	ReadRecordTypes
	// ReadLimits is the org's limits and what is left of them.
	ReadLimits
	// ReadTooling is a query of the Tooling API, its first page.
	ReadTooling
)

// A Read is one request for data, made with Query, QueryAll, Get, DescribeObject,
// ListObjects, RecordTypePicklists, OrgLimits or ToolingQuery. Source: docs/salesforce.md, Requests.
type Read struct {
	Kind ReadKind
	// Query is the statement of ReadQuery, ReadQueryAll and ReadTooling.
	Query *soql.Select
	// Object is the object of ReadRecord, ReadDescribe and ReadRecordTypes.
	Object Object
	// ID is the id of ReadRecord.
	ID ID
	// Fields are the fields of ReadRecord; none means all that the user may see.
	Fields []string
	// Since and ETag are the cache validators of ReadDescribe and ReadObjects: the
	// LastModified and the ETag of an earlier result. Without them the read is
	// unconditional. Describe.Again and ObjectList.Again set them.
	Since, ETag string
}

// Query reads all rows of a query.
func Query(q *soql.Select) Read { return Read{Kind: ReadQuery, Query: q} }

// QueryAll reads all rows of a query, including deleted, merged and archived ones.
func QueryAll(q *soql.Select) Read { return Read{Kind: ReadQueryAll, Query: q} }

// Get reads one record by its id. The Err of a record that is deleted, unknown or hidden
// has the code NotFound.
func Get(object Object, id ID, fields ...string) Read {
	return Read{Kind: ReadRecord, Object: object, ID: id, Fields: fields}
}

// DescribeObject reads an object's describe. With since, the LastModified of an earlier
// describe, the result of an unchanged one is NotModified without a body; see also
// Describe.Again.
func DescribeObject(object Object, since string) Read {
	return Read{Kind: ReadDescribe, Object: object, Since: since}
}

// ListObjects reads the list of the objects that the user may see (Describe Global).
// since is as in DescribeObject; every change of the org's metadata changes it.
func ListObjects(since string) Read { return Read{Kind: ReadObjects, Since: since} }

// OrgLimits reads what the org may use in 24 hours, or keep, and what is left. It costs a call:
// a composite does not carry it.
func OrgLimits() Read { return Read{Kind: ReadLimits} }

// ToolingQuery reads at most 2,000 rows of an object of the Tooling API, such as
// ValidationRule. It costs a call: a composite does not carry it.
func ToolingQuery(q *soql.Select) Read { return Read{Kind: ReadTooling, Query: q} }

// isAlone reports whether the read takes a call of its own.
func (r *Read) isAlone() bool {
	return r.Kind == ReadRecordTypes || r.Kind == ReadLimits || r.Kind == ReadTooling
}

func (r *Read) isQuery() bool { return r.Kind == ReadQuery || r.Kind == ReadQueryAll }

// cacheable reports whether the read may have validators, conditional whether it has
// one.
func (r *Read) cacheable() bool { return r.Kind == ReadDescribe || r.Kind == ReadObjects }

func (r *Read) conditional() bool { return r.cacheable() && r.Since+r.ETag != "" }

// etagPattern is an entity tag of RFC 9110.
var etagPattern = regexp.MustCompile(`^(W/)?"[\x21\x23-\x7e]*"$`)

// checkValidators reports a malformed validator.
func (r *Read) checkValidators() error {
	if _, err := http.ParseTime(r.Since); r.Since != "" && err != nil {
		return errors.New("since is not a Last-Modified header")
	}
	if r.ETag != "" && !etagPattern.MatchString(r.ETag) {
		return errors.New("etag is not an ETag header")
	}
	return nil
}

// validators returns the headers of a conditional read.
func (r *Read) validators() map[string]string {
	headers := make(map[string]string)
	if r.Since != "" {
		headers["If-Modified-Since"] = r.Since
	}
	if r.ETag != "" {
		headers["If-None-Match"] = r.ETag
	}
	// A compressed reply has a different tag, such as "e8178a2d--gzip", of the same
	// describe (docs/salesforce.md, Describe). Either may match.
	if plain, packed := strings.CutSuffix(r.ETag, `--gzip"`); packed {
		headers["If-None-Match"] += `, ` + plain + `"`
	}
	return headers
}

// withQuery returns a path with the query q, escaped as url.QueryEscape does it, which makes two
// more copies. Statements are long.
func withQuery(path, q string) string {
	const hex = "0123456789ABCDEF"
	length := len(path) + len("?q=")
	isPlain := func(c byte) bool {
		return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~'
	}
	for i := range len(q) {
		if length++; q[i] != ' ' && !isPlain(q[i]) {
			length += 2
		}
	}
	var b strings.Builder
	b.Grow(length)
	b.WriteString(path)
	b.WriteString("?q=")
	for i := range len(q) {
		switch c := q[i]; {
		case isPlain(c):
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// address returns the path of the read with its query string. root is the path of the API
// version. The error names what is malformed.
func (r *Read) address(root string) (string, error) {
	if r.isQuery() || r.Kind == ReadTooling {
		statement, err := r.Query.Build()
		if err != nil {
			return "", err
		}
		path := map[ReadKind]string{ReadQuery: "query", ReadQueryAll: "queryAll", ReadTooling: "tooling/query"}[r.Kind]
		return withQuery(root+path, statement), nil
	}
	if r.Kind == ReadLimits {
		return root + "limits", nil
	}
	if err := r.checkValidators(); r.cacheable() && err != nil {
		return "", err
	}
	if r.Kind == ReadObjects {
		return root + "sobjects", nil
	}
	if !name.IsIdentifier(r.Object) {
		return "", fmt.Errorf("malformed object name %q", string(r.Object))
	}
	switch r.Kind {
	case ReadDescribe:
		return root + "sobjects/" + string(r.Object) + "/describe", nil
	case ReadRecordTypes:
		return root + "sobjects/" + string(r.Object) + "/describe/layouts", nil
	case ReadRecord:
		return r.recordAddress(root)
	}
	return "", fmt.Errorf("unknown kind %d", r.Kind)
}

func (r *Read) recordAddress(root string) (string, error) {
	id, err := ParseID(string(r.ID))
	if err != nil {
		return "", errors.New("malformed record id")
	}
	address := root + "sobjects/" + string(r.Object) + "/" + string(id)
	if len(r.Fields) == 0 {
		return address, nil
	}
	fields, err := withID(r.Fields)
	if err != nil {
		return "", err
	}
	return address + "?fields=" + strings.Join(fields, ","), nil
}

// withID checks fields and puts Id before them, which shows that a record of the reply
// is the requested one.
func withID(fields []string) ([]string, error) {
	names := []string{"Id"}
	for _, field := range fields {
		if !name.IsPath(field) {
			return nil, fmt.Errorf("malformed field name %q", field)
		}
		if !strings.EqualFold(field, "Id") {
			names = append(names, field)
		}
	}
	return names, nil
}
