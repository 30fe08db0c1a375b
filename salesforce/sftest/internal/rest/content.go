// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// maxBoundary limits the boundary of a multipart request, in characters (docs/salesforce.md,
// Files).
const maxBoundary = 70

// content answers /sobjects/X/id/Field, the content of a row as it is. It is no resource of a
// composite (docs/salesforce.md, Files; code and text are those of other such resources).
func (a *API) content(req *wire.Request, obj *db.Object, f *db.Field) *wire.Reply {
	id, _ := wire.CanonicalID(req.Path[2])
	r := obj.ByID[id]
	switch {
	case req.Instance == "":
		return wire.Refuse(400, "INVALID_INPUT",
			"The resource "+req.Text+" is not supported in a composite request").Reply()
	case f.Hidden, r == nil, r.Deleted():
		return wire.NotFound().Reply()
	}
	blob, ok := a.db.Value(r, f).(*db.Blob)
	if !ok {
		return wire.NotFound().Reply()
	}
	return wire.Answer(200, wire.Binary(blob.Bytes()))
}

// boundaryOf returns the boundary of a multipart request, false for one of another kind.
func boundaryOf(req *wire.Request) (string, bool) {
	kind, parameters, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	return parameters["boundary"], kind == "multipart/form-data"
}

// readParted reads a row that is sent in parts: its fields as JSON, and its content (REST API
// guide, Insert or Update Blob Data).
func readParted(req *wire.Request, boundary string) (wire.Object, *wire.Error) {
	v, contents, refused := readMessage(req, boundary)
	switch {
	case refused != nil:
		return nil, refused
	case len(contents) > 1: // recorded (docs/salesforce.md, Files)
		return nil, invalidParts("Cannot include more than one binary part")
	}
	row, refused := withoutAttributes(v)
	return append(row, contents...), refused
}

// readPartedRows reads a collection that is sent in parts: each row names the part with its
// content, and the field that it belongs to (REST API guide, sObject Collections to Insert a
// Collection of Blob Records; the refusal is unverified).
func readPartedRows(req *wire.Request, boundary string) (wire.Object, *wire.Error) {
	v, contents, refused := readMessage(req, boundary)
	if refused != nil {
		return nil, refused
	}
	body, _ := v.(wire.Object)
	list, _ := body.Get("records")
	records, _ := list.([]any)
	for i, record := range records {
		row, _ := record.(wire.Object)
		attributes, _ := row.Get("attributes")
		of, _ := attributes.(wire.Object)
		name := of.Text("binaryPartName")
		if name == "" {
			continue
		}
		content, ok := wire.Object(contents).Get(name)
		if !ok {
			return nil, invalidParts("No binary part is named " + name)
		}
		row.Add(of.Text("binaryPartNameAlias"), content)
		records[i] = row
	}
	return body, nil
}

// readMessage reads the one part that is JSON and the others.
func readMessage(req *wire.Request, boundary string) (v any, contents []wire.Member, refused *wire.Error) {
	if boundary == "" || len(boundary) > maxBoundary {
		return nil, nil, invalidParts(fmt.Sprintf("A boundary has 1 to %d characters", maxBoundary)) // unverified
	}
	var fields [][]byte
	reader := multipart.NewReader(bytes.NewReader(req.Raw), boundary)
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) && wire.Closed(req.Raw, boundary) { // else cut after a boundary
			break
		}
		var data bytes.Buffer
		if err == nil {
			_, err = data.ReadFrom(part)
		}
		if err != nil {
			return nil, nil, invalidParts("The parts of the message cannot be read") // unverified
		}
		if kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind == "application/json" {
			fields = append(fields, data.Bytes())
		} else {
			contents = append(contents, wire.Member{Name: part.FormName(), Value: data.Bytes()})
		}
	}
	switch len(fields) { // recorded (docs/salesforce.md, Files)
	case 0:
		return nil, nil, invalidParts("Multipart message must include a non-binary part")
	case 1:
	default:
		return nil, nil, invalidParts("Cannot include more than one non-binary part")
	}
	v, err := wire.Decode(fields[0])
	if err != nil {
		return nil, nil, wire.BodyError(fields[0])
	}
	return v, contents, nil
}

func invalidParts(message string) *wire.Error {
	return wire.Refuse(400, "INVALID_MULTIPART_REQUEST", message)
}
