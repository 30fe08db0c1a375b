// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// The largest bodies, in bytes (docs/salesforce.md, Limits and Bulk API): that of a file in parts,
// with the other parts, that of the data of a job, and that of others, which is recorded of the REST
// API and documented of SOAP.
const (
	maxFileBody = 2<<30 + 1<<20
	maxJobBody  = 150 << 20
	maxBody     = 52_428_800
)

// maxGrowth is what a body takes before any of it has come, in bytes: the length in the header is
// the client's word.
const maxGrowth = 1 << 20

var errTooLarge = errors.New("the body is too large")

// bodyLimit returns how many bytes the body may have, packed or not. A file of a client that is not
// known, as it has no session, is not read to its end: it is refused in any case.
func bodyLimit(r *http.Request, known bool) int64 {
	switch {
	case !known || !wire.VersionPath.MatchString(r.URL.Path):
		return maxBody
	case strings.Contains(r.URL.Path, "/jobs/"):
		return maxJobBody
	case strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/"):
		return maxFileBody
	}
	return maxBody
}

// readBounded reads a body of no more than limit bytes.
func readBounded(from io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, errTooLarge
	}
	var body bytes.Buffer
	body.Grow(int(min(max(0, size), maxGrowth)) + bytes.MinRead) // a bulk job's data is large
	_, err := body.ReadFrom(io.LimitReader(from, limit+1))
	if err == nil && int64(body.Len()) > limit {
		err = errTooLarge
	}
	return body.Bytes(), err
}

// readBody reads the whole body and decompresses it (docs/salesforce.md, Headers). An empty
// body is not decompressed: go-salesforce names an encoding in every request, even in a GET.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	packed, err := readBounded(r.Body, r.ContentLength, limit)
	if err != nil || len(packed) == 0 {
		return nil, err
	}
	var reader io.Reader
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
		return packed, nil
	case "gzip":
		reader, err = gzip.NewReader(bytes.NewReader(packed))
	case "deflate":
		reader, err = zlib.NewReader(bytes.NewReader(packed))
	default:
		err = fmt.Errorf("unknown content encoding %s", encoding)
	}
	if err != nil {
		return nil, err
	}
	return readBounded(reader, 0, limit)
}
