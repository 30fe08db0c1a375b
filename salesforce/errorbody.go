// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// A problem is one error of a reply, with an errorCode outside collections and a
// statusCode in a collection's row.
type problem struct {
	ErrorCode  StatusCode `json:"errorCode"`
	StatusCode StatusCode `json:"statusCode"`
	Message    string     `json:"message"`
	Fields     []string   `json:"fields"`

	// Salesforce misspells the key, at least up to v56.0.
	DuplicateResut  *duplicateResult `json:"duplicateResut"`
	DuplicateResult *duplicateResult `json:"duplicateResult"`
}

// maxNamed bounds the fields and the records that an error names, far above what
// replies are known to have.
const maxNamed = 1000

type duplicateResult struct {
	AllowSave    bool `json:"allowSave"`
	MatchResults []struct {
		MatchRecords []struct {
			Record struct {
				Attributes struct {
					Type Object `json:"type"`
				} `json:"attributes"`
				ID ID `json:"Id"`
			} `json:"record"`
		} `json:"matchRecords"`
	} `json:"matchResults"`
}

// errorOf returns the error of a reply, or of a subrequest's reply, that is not a
// success. A body that is not Salesforce's JSON leaves only the status.
func errorOf(status int, body []byte) *Error {
	if status == 300 {
		return &Error{HTTPStatus: status, Duplicates: choices(body)}
	}
	var problems []problem
	if !decodeLoosely(body, &problems) || len(problems) == 0 {
		var one problem
		if !decodeLoosely(body, &one) {
			return &Error{HTTPStatus: status}
		}
		problems = []problem{one}
	}
	return errorFrom(status, problems)
}

// codesOf returns the codes of all problems, each once, nil where there is one problem.
func codesOf(problems []problem) []StatusCode {
	var codes []StatusCode
	if len(problems) < 2 {
		return nil
	}
	for _, p := range problems {
		if code := cmp.Or(p.ErrorCode, p.StatusCode); !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// decodeLoosely decodes JSON and ignores values of the wrong type: a malformed detail of
// an error must not hide its code.
func decodeLoosely(body []byte, into any) bool {
	err := json.Unmarshal(body, into)
	var mistyped *json.UnmarshalTypeError
	return err == nil || errors.As(err, &mistyped)
}

// errorFrom makes one error of problems. The first has the code; validation rules that
// fail together have several problems of one code.
func errorFrom(status int, problems []problem) *Error {
	e := &Error{HTTPStatus: status}
	var messages []string
	for _, p := range problems {
		if code := cmp.Or(p.ErrorCode, p.StatusCode); e.Code == "" && name.IsIdentifier(code) {
			e.Code = code
		}
		if p.Message != "" {
			messages = append(messages, p.Message)
		}
		for _, field := range p.Fields {
			if len(e.Fields) < maxNamed && name.IsPath(field) && !slices.Contains(e.Fields, field) {
				e.Fields = append(e.Fields, field)
			}
		}
		e.addDuplicates(p)
	}
	e.Message = strings.Join(messages, "\n")
	return e
}

func (e *Error) addDuplicates(p problem) {
	for _, result := range []*duplicateResult{p.DuplicateResut, p.DuplicateResult} {
		if result == nil {
			continue
		}
		e.AllowSave = e.AllowSave || result.AllowSave
		for _, match := range result.MatchResults {
			for _, record := range match.MatchRecords {
				e.addDuplicate(record.Record.Attributes.Type, record.Record.ID)
			}
		}
	}
	if cmp.Or(p.ErrorCode, p.StatusCode) == DuplicateValue {
		if found := endsInID.FindStringSubmatch(p.Message); found != nil {
			e.addDuplicate("", ID(found[1]))
		}
	}
}

// endsInID finds the id in "... duplicates value on record with id: 003...". The
// sentence is translated; the word id is the same in most languages.
var endsInID = regexp.MustCompile(`(?i)\bid\W{1,3}([0-9a-z]{18}|[0-9a-z]{15})\W*$`)

// addDuplicate adds a record unless it is listed already or its id is malformed.
func (e *Error) addDuplicate(object Object, id ID) {
	id, err := ParseID(string(id))
	if err != nil {
		return
	}
	d := Duplicate{Object: object, ID: id}
	if len(e.Duplicates) < maxNamed && !slices.Contains(e.Duplicates, d) {
		e.Duplicates = append(e.Duplicates, d)
	}
}

// choices reads the body of a 300, the addresses of the records that share an external
// id.
func choices(body []byte) []Duplicate {
	var addresses []string
	if json.Unmarshal(body, &addresses) != nil {
		return nil
	}
	var e Error
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil {
			continue
		}
		parts := strings.Split(u.Path, "/")
		if n := len(parts); n >= 2 && name.IsIdentifier(parts[n-2]) {
			e.addDuplicate(Object(parts[n-2]), ID(parts[n-1]))
		}
	}
	return e.Duplicates
}
