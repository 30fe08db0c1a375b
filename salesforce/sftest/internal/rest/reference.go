// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// reference matches @{ref.field}, @{ref.records[0].Id} or @{ref[0].id}.
var reference = regexp.MustCompile(`@\{([A-Za-z0-9][A-Za-z0-9_]*)((?:\[\d+\]|\.[A-Za-z0-9_]+)+)\}`)

// anyReference matches what looks like a reference.
var anyReference = regexp.MustCompile(`@\{[^{}]*\}`)

var referenceStep = regexp.MustCompile(`\[(\d+)\]|\.([A-Za-z0-9_]+)`)

// A ReferenceFault is what an org makes of a reference to a row of a collection, such as
// @{ref[0].id}, which no document names.
type ReferenceFault int32

// The faults.
const (
	ReferencesWork  ReferenceFault = iota
	ReferenceHalts                 // the subrequest, as one to nothing does
	ReferenceIsText                // it is not looked at
	ReferenceIsNull                // where the row has failed
)

// FailReferences sets the fault.
func (a *API) FailReferences(f ReferenceFault) { a.references.Store(int32(f)) }

// ofRow finds references to a row of a collection.
var ofRow = regexp.MustCompile(`^@\{[A-Za-z0-9_]+\[\d+\]`)

// A resolver finds what references name among the answers before a subrequest.
type resolver struct {
	answers map[string]any
	nulls   bool // a null is a value
	fault   ReferenceFault
}

// find returns the value of a reference.
func (r *resolver) find(text string) (any, bool) {
	row := ofRow.MatchString(text)
	switch {
	case row && r.fault == ReferenceHalts:
		return nil, false
	case row && r.fault == ReferenceIsText:
		return text, true
	}
	v, ok := referred(text, r.answers)
	if row && !ok && r.fault == ReferenceIsNull {
		return nil, true
	}
	return v, ok && (v != nil || r.nulls)
}

// resolve replaces the references in a subrequest's url and body by values from the answers
// before it. Names are case-sensitive, and a reference to nothing halts the subrequest; up to
// v51 one to a null does too (docs/salesforce.md, Composite).
func (r *resolver) resolve(p *part) (target string, body any, halted *wire.Error) {
	var missing string
	fill := func(text string) string {
		return anyReference.ReplaceAllStringFunc(text, func(found string) string {
			v, ok := r.find(found)
			if !ok {
				missing = found
			}
			if v == nil {
				return ""
			}
			return fmt.Sprint(v)
		})
	}
	target = fill(p.url)
	body = fillBody(p.body, fill, r.find, &missing)
	if missing != "" {
		name := strings.TrimSuffix(strings.TrimPrefix(missing, "@{"), "}")
		ref := name[:strings.IndexAny(name+".", ".[")]
		return "", nil, wire.Refuse(400, "PROCESSING_HALTED",
			fmt.Sprintf("Invalid reference specified. No value for %s found in %s. %s", name, ref, referenceText(ref)))
	}
	return target, body, nil
}

func fillBody(v any, fill func(string) string, referred func(string) (any, bool), missing *string) any {
	switch v := v.(type) {
	case string:
		if loc := anyReference.FindStringIndex(v); loc != nil && loc[0] == 0 && loc[1] == len(v) {
			value, ok := referred(v)
			if !ok {
				*missing = v
			}
			return value // a null of an earlier row stays null
		}
		return fill(v)
	case wire.Object:
		out := make(wire.Object, len(v))
		for i, m := range v {
			m.Value = fillBody(m.Value, fill, referred, missing)
			out[i] = m
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = fillBody(v[i], fill, referred, missing)
		}
		return out
	}
	return v
}

// referred returns the value of a reference.
func referred(text string, answers map[string]any) (any, bool) {
	parts := reference.FindStringSubmatch(text)
	if parts == nil {
		return nil, false
	}
	v, ok := answers[parts[1]]
	for _, step := range referenceStep.FindAllStringSubmatch(parts[2], -1) {
		if !ok {
			return nil, false
		}
		if step[1] != "" {
			i, _ := strconv.Atoi(step[1])
			list, _ := v.([]any)
			if i >= len(list) {
				return nil, false
			}
			v = list[i]
			continue
		}
		object, _ := v.(wire.Object)
		v, ok = object.Get(step[2])
	}
	_, whole := v.(wire.Object)
	return v, ok && !whole
}
