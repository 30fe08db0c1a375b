// SPDX-License-Identifier: Apache-2.0

// Package wire holds what the fake org reads and sends: requests, replies, JSON, errors and ids.
package wire

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// A Request is one request to a versioned resource, alone or within a
// composite.
type Request struct {
	Method  string
	Version string   // such as v62.0
	Path    []string // below the version, unescaped
	Query   url.Values
	Header  http.Header
	Body    any
	BodyErr *Error // why body could not be read
	Raw     []byte // the body as it came
	Text    string // the path as it was sent
	// Instance is the org's URL as the client reached it.
	Instance string
	Note     *Note
	// AllOrNone is that of the enclosing composite, which overrides a collection's own.
	AllOrNone bool
	Group     *Collation // of subrequests that come together
}

// SetBody reads the body as JSON; BodyErr is why it cannot be read.
func (r *Request) SetBody(body []byte) {
	if err := wrongMedia(r.Header); err != nil {
		r.BodyErr = err
		return
	}
	v, err := Decode(body)
	if err != nil {
		r.BodyErr = BodyError(body)
		return
	}
	r.Body = v
}

// SetPath splits /services/data/v62.0/a/b into the version and a, b.
func (r *Request) SetPath(escaped string) *Error {
	found := VersionPath.FindStringSubmatch(escaped)
	number := 0
	if found != nil {
		number, _ = strconv.Atoi(found[1])
	}
	if firstVersion <= number && number < OldestVersion {
		// docs/salesforce.md, Requests; the text is unverified
		return Refuse(410, "GONE", "The requested API version is retired and no longer available")
	}
	if number < OldestVersion || number > NewestVersion {
		return NotFound()
	}
	r.Version = "v" + found[1] + ".0"
	rest := strings.Trim(strings.TrimPrefix(escaped, "/services/data/"+r.Version), "/")
	for part := range strings.SplitSeq(rest, "/") {
		plain, err := url.PathUnescape(part)
		if err != nil {
			return NotFound()
		}
		r.Path = append(r.Path, plain)
	}
	return nil
}

// Since reports whether the request's version is that version or a newer one.
func (r *Request) Since(version int) bool {
	digits, _, _ := strings.Cut(r.Version[1:], ".")
	number, _ := strconv.Atoi(digits)
	return number >= version
}

// wrongMedia refuses a body whose type is not JSON (docs/salesforce.md, Errors; text
// recorded, kevinohara80/nforce#74). A body without a type is read as JSON.
func wrongMedia(h http.Header) *Error {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind == "" || kind == "application/json" {
		return nil
	}
	return UnsupportedMedia(kind)
}

// UnsupportedMedia refuses a content type.
func UnsupportedMedia(kind string) *Error {
	return Refuse(415, "UNSUPPORTED_MEDIA_TYPE", "MediaType of '"+kind+"' is not supported by this resource")
}

// Only answers a request with resource if its method is one of methods.
func Only(req *Request, resource func(*Request) *Reply, methods ...string) *Reply {
	for _, method := range methods {
		if req.Method == method {
			return resource(req)
		}
	}
	return WrongMethod(req.Method, methods...)
}

// InstanceURL returns the URL by which the client reached the org, wherever its handler is
// served: behind a proxy that ends TLS, X-Forwarded-Proto has the scheme.
func InstanceURL(r *http.Request) string {
	forwarded, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	switch forwarded = strings.ToLower(strings.TrimSpace(forwarded)); {
	case forwarded == "http" || forwarded == "https":
		return forwarded + "://" + r.Host
	case r.TLS != nil || r.URL.Scheme == "https":
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// The API versions that the org answers, and the first of the REST API, now retired.
const (
	firstVersion  = 20
	OldestVersion = 31
	NewestVersion = 68
)

// VersionPath matches the beginning of the path of a versioned resource.
var VersionPath = regexp.MustCompile(`^/services/data/v(\d+)\.0(/|$)`)

// A Collation is a group of subrequests that reach triggers together: Org.OnBatch sees their
// rows of an object at once.
type Collation struct {
	Kind    string         // method and version
	Rows    map[string]int // by lower-case object name
	Refused map[string]*RowError
}

// Closed reports whether the last boundary of a multipart message is the closing one (RFC 2046): a
// message that was cut may end in one that is not.
func Closed(message []byte, boundary string) bool {
	delimiter := []byte("--" + boundary)
	last := bytes.LastIndex(message, delimiter)
	return last >= 0 && bytes.HasPrefix(message[last+len(delimiter):], []byte("--"))
}
