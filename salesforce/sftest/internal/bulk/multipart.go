// SPDX-License-Identifier: Apache-2.0

package bulk

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"unicode/utf8"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// maxMultipart limits the data sent with a job, in characters
// (docs/salesforce.md, Bulk API, unverified).
const maxMultipart = 100_000

// readMultipart reads a job that is sent with its data, in the parts job and content. boundary
// is false for a request of another kind.
func readMultipart(req *wire.Request) (job wire.Object, data []byte, boundary bool, err *wire.Error) {
	kind, parameters, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return nil, nil, false, nil
	}
	reader := multipart.NewReader(bytes.NewReader(req.Raw), parameters["boundary"])
	for {
		part, failed := reader.NextPart()
		if failed != nil {
			break
		}
		text, failed := io.ReadAll(part)
		if failed != nil {
			break
		}
		if part.FormName() == "content" {
			data = text
			continue
		}
		v, failed := wire.Decode(text)
		if failed != nil {
			return nil, nil, true, wire.BodyError(text)
		}
		job, _ = v.(wire.Object)
	}
	switch {
	case job == nil || data == nil || !wire.Closed(req.Raw, parameters["boundary"]):
		return nil, nil, true, invalidJob("A multipart request has the parts job and content")
	case utf8.RuneCount(data) > maxMultipart:
		return nil, nil, true, wire.Refuse(400, "INVALIDBATCH",
			"InvalidBatch : the data is larger than a multipart request takes")
	}
	return job, data, true, nil
}
