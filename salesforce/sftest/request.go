package sftest

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// A request is one request to a versioned resource, alone or within a
// composite.
type request struct {
	method  string
	version string   // such as v62.0
	path    []string // below the version, unescaped
	query   url.Values
	header  http.Header
	body    any
	bodyErr *apiError // why body could not be read
	raw     []byte    // the body as it came
	text    string    // the path as it was sent
	// instance is the org's URL as the client reached it.
	instance string
	entry    *note
	// allOrNone of the enclosing composite, which overrides a collection's own.
	allOrNone bool
	group     *collation // of subrequests that come together
}

func (req *request) setBody(body []byte) {
	if err := wrongMedia(req.header); err != nil {
		req.bodyErr = err
		return
	}
	v, err := decodeJSON(body)
	if err != nil {
		req.bodyErr = bodyError(body)
		return
	}
	req.body = v
}

// setPath splits /services/data/v62.0/a/b into the version and a, b.
func (req *request) setPath(escaped string) *apiError {
	found := versionPath.FindStringSubmatch(escaped)
	number := 0
	if found != nil {
		number, _ = strconv.Atoi(found[1])
	}
	if number < oldestVersion || number > newestVersion {
		return notFound()
	}
	req.version = "v" + found[1] + ".0"
	rest := strings.Trim(strings.TrimPrefix(escaped, "/services/data/"+req.version), "/")
	for part := range strings.SplitSeq(rest, "/") {
		plain, err := url.PathUnescape(part)
		if err != nil {
			return notFound()
		}
		req.path = append(req.path, plain)
	}
	return nil
}

// since says whether the request speaks that version or a newer one.
func (req *request) since(version int) bool {
	number, _ := strconv.Atoi(strings.TrimSuffix(req.version[1:], ".0"))
	return number >= version
}

// wrongMedia refuses a body that does not say it is JSON (SALESFORCE.md 3, other
// statuses; text recorded, kevinohara80/nforce#74). Without a type it is taken for
// JSON.
func wrongMedia(h http.Header) *apiError {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind == "" || kind == "application/json" {
		return nil
	}
	return unsupportedMedia(kind)
}

func unsupportedMedia(kind string) *apiError {
	return refuse(415, "UNSUPPORTED_MEDIA_TYPE", "MediaType of '"+kind+"' is not supported by this resource")
}

func only(req *request, resource func(*request) *reply, methods ...string) *reply {
	for _, method := range methods {
		if req.method == method {
			return resource(req)
		}
	}
	return wrongMethod(req.method, methods...)
}

// instanceURL is the org as the client reached it, wherever its handler is
// served.
func instanceURL(r *http.Request) string {
	if r.TLS != nil || r.URL.Scheme == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

const (
	oldestVersion = 31
	newestVersion = 67
)

var versionPath = regexp.MustCompile(`^/services/data/v(\d+)\.0(/|$)`)

// A collation is subrequests that reach triggers together: Org.OnBatch sees
// their rows of an object at once.
type collation struct {
	kind    string         // method and version
	rows    map[string]int // by lower-case object name
	refused map[string]*rowError
}
