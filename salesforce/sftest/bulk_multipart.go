package sftest

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"unicode/utf8"
)

// maxMultipart bounds the data that comes with the job, in characters
// (SALESFORCE.md 1, Bulk 2.0, memory).
const maxMultipart = 100_000

// readMultipart reads a job that brings its data along, in the parts job and
// content. boundary is false for a request of another kind.
func readMultipart(req *request) (job jsonObject, data []byte, boundary bool, err *apiError) {
	kind, parameters, _ := mime.ParseMediaType(req.header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return nil, nil, false, nil
	}
	reader := multipart.NewReader(bytes.NewReader(req.raw), parameters["boundary"])
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
		v, failed := decodeJSON(text)
		if failed != nil {
			return nil, nil, true, bodyError(text)
		}
		job, _ = v.(jsonObject)
	}
	switch {
	case job == nil || data == nil:
		return nil, nil, true, invalidJob("A multipart request has the parts job and content")
	case utf8.RuneCount(data) > maxMultipart:
		return nil, nil, true, refuse(400, "INVALIDBATCH", "InvalidBatch : the data is larger than a multipart request takes")
	}
	return job, data, true, nil
}
