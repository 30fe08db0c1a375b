package sftest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// reference is @{ref.field}, @{ref.records[0].Id} or @{ref[0].id}.
var reference = regexp.MustCompile(`@\{([A-Za-z0-9][A-Za-z0-9_]*)((?:\[\d+\]|\.[A-Za-z0-9_]+)+)\}`)

var referenceStep = regexp.MustCompile(`\[(\d+)\]|\.([A-Za-z0-9_]+)`)

// resolve fills the references in a subrequest's url and body with what the
// subrequests before it answered. Names are case-sensitive, and a reference to
// nothing halts the subrequest (SALESFORCE.md 1).
func resolve(p *part, answers map[string]any) (target string, body any, halted *apiError) {
	var missing string
	fill := func(text string) string {
		return reference.ReplaceAllStringFunc(text, func(found string) string {
			v, ok := referred(found, answers)
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
	body = fillBody(p.body, fill, answers, &missing)
	if missing != "" {
		parts := reference.FindStringSubmatch(missing)
		return "", nil, refuse(400, "PROCESSING_HALTED", fmt.Sprintf("Invalid reference specified. No value for %s%s found in %s. %s",
			parts[1], parts[2], parts[1], referenceText(parts[1])))
	}
	return target, body, nil
}

func fillBody(v any, fill func(string) string, answers map[string]any, missing *string) any {
	switch v := v.(type) {
	case string:
		if loc := reference.FindStringIndex(v); loc != nil && loc[0] == 0 && loc[1] == len(v) {
			value, ok := referred(v, answers)
			if !ok {
				*missing = v
			}
			return value // a null of an earlier row stays null
		}
		return fill(v)
	case jsonObject:
		out := make(jsonObject, len(v))
		for i, m := range v {
			m.value = fillBody(m.value, fill, answers, missing)
			out[i] = m
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = fillBody(v[i], fill, answers, missing)
		}
		return out
	}
	return v
}

// referred is the value that a reference names.
func referred(text string, answers map[string]any) (any, bool) {
	parts := reference.FindStringSubmatch(text)
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
		object, _ := v.(jsonObject)
		v, ok = object.get(step[2])
	}
	return v, ok && !strings.Contains(fmt.Sprintf("%T", v), "jsonObject")
}
