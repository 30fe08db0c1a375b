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

// The largest bodies, in bytes (docs/salesforce.md, Limits): that of a file in parts, with the
// other parts, and that of other requests to the REST API. Data of bulk jobs has its own limits.
const (
	maxFileBody = 2<<30 + 1<<20
	maxBody     = 52_428_800
)

var errTooLarge = errors.New("the body is too large")

func bodyLimit(r *http.Request) int64 {
	if wire.VersionPath.MatchString(r.URL.Path) && !strings.Contains(r.URL.Path, "/jobs/") &&
		!strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return maxBody
	}
	return maxFileBody
}

// readBounded reads a body of no more than limit bytes.
func readBounded(from io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, errTooLarge
	}
	var body bytes.Buffer
	body.Grow(int(max(0, size)) + bytes.MinRead) // a bulk job's data is large
	_, err := body.ReadFrom(io.LimitReader(from, limit+1))
	if err == nil && int64(body.Len()) > limit {
		err = errTooLarge
	}
	return body.Bytes(), err
}

// readBody reads the whole body and decompresses it (docs/salesforce.md, Headers). An empty
// body is not decompressed: go-salesforce names an encoding in every request, even in a GET.
func readBody(r *http.Request) ([]byte, error) {
	limit := bodyLimit(r)
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
