// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/value"
)

// What is captured is bounded, so that a Store can read again what it keeps, and a batch
// of leads fits into memory. Texts and JSON are counted in bytes. MaxLeadID and MaxDepth
// hold for every lead that is synced, the others for those that are captured. What is
// beyond them is refused with DATA_VALUE_VALIDATION, by the names of the fields.
const (
	// MaxLeadID is the longest LeadID.
	MaxLeadID = 255
	// MaxName is the longest Lead.EventID, Lead.Strategy and Activity.ID, and the longest
	// name of a qualifier or of a custom value. Such a name has no control characters.
	MaxName = 1000
	// MaxText is the longest text of any other field, and of an Activity's fields.
	MaxText = 1 << 20
	// MaxList is how many Lead.OtherEmails and how many Lead.Phones there may be.
	MaxList = 1000
	// MaxAnswers is how many answers there may be to all qualifiers together.
	MaxAnswers = 100_000
	// MaxActivities is how many activities a lead may have, those that were captured
	// later included.
	MaxActivities = 10_000
	// MaxCustom is how many Lead.Custom values there may be.
	MaxCustom = 1000
	// MaxDepth is how deep a value of Lead.Custom may nest arrays and objects: 1 is a list
	// of texts.
	MaxDepth = 100
	// MaxLeadJSON is the largest JSON of a lead, and of the activities that were captured
	// later.
	MaxLeadJSON = 4 << 20
)

// CheckJSON returns why a Store cannot keep the lead, as a *Error that names the fields at
// fault, and nil when it can: it has no JSON, or is beyond a limit such as MaxText.
func (l *Lead) CheckJSON() error {
	for _, check := range []func() *Error{l.checkDepth, l.checkNames, l.checkTexts, l.checkCounts} {
		if err := check(); err != nil {
			return err
		}
	}
	if l.surelyFits() {
		return nil
	}
	data, err := encode(l)
	switch {
	case err != nil:
		return l.refuse(notJSON, l.fieldsBy(func(size int, err error) bool { return err != nil })...)
	case len(data) > MaxLeadJSON:
		largest := 0
		l.fieldsBy(func(size int, _ error) bool { largest = max(largest, size); return false })
		return l.refuse(fmt.Sprintf("the lead has more than %d bytes as JSON, most of them here", MaxLeadJSON),
			l.fieldsBy(func(size int, _ error) bool { return size == largest })...)
	}
	return nil
}

// surelyFits reports whether the lead has JSON within MaxLeadJSON without encoding it: its
// values are of kinds that always have, and its texts are short. The answer may be false for
// one that has.
func (l *Lead) surelyFits() bool {
	const (
		perByte  = 6   // \u0000 and the like
		perValue = 200 // its name in the JSON, its time, its punctuation
	)
	size, values := len(l.Strategy), len(sourceTable)+len(l.Phones)+len(l.Activities)
	add := func(text string) { size += len(text); values++ }
	for i := range sourceTable {
		if f := &sourceTable[i]; f.text != nil {
			size += len(*f.text(l))
		}
	}
	for _, text := range l.OtherEmails {
		add(text)
	}
	for _, phone := range l.Phones {
		size += len(phone.Number) + len(phone.Kind)
	}
	for name, answers := range l.Answers {
		add(name)
		for _, answer := range answers {
			add(answer)
		}
	}
	for name, custom := range l.Custom {
		text, isText := custom.(string)
		if !isText && custom != nil && custom != true && custom != false {
			return false
		}
		add(name)
		add(text)
	}
	for i := range l.Activities {
		size += l.Activities[i].Size()
		if !hasJSON(l.Activities[i].At) {
			return false
		}
	}
	finite := l.Score == nil || *l.Score-*l.Score == 0
	return finite && hasJSON(l.CapturedAt) && hasJSON(l.EnrichedAt) && hasJSON(l.UpdatedAt) &&
		size*perByte+values*perValue <= MaxLeadJSON
}

// hasJSON reports whether a time surely has JSON: not all years and zones do.
func hasJSON(t time.Time) bool {
	_, offset := t.Zone()
	return t.Year() > 0 && t.Year() < 9999 && offset > -24*60*60 && offset < 24*60*60
}

// notJSON is why a lead or an activity cannot be stored.
const notJSON = "cannot be encoded as JSON"

// encode returns v as JSON. It fails where a custom value of the host's panics.
func encode(v any) (data []byte, err error) {
	if p := hook.Call(nil, hook.Hook{Kind: "custom value"}, func() { data, err = json.Marshal(v) }); p != nil {
		return nil, p
	}
	return data, err
}

// refuse is the error of a lead of which fields are beyond a limit.
func (l *Lead) refuse(reason string, fields ...string) *Error {
	return &Error{Op: "check", LeadID: l.ID, Code: DataValueValidation, Fields: fields, Reason: reason}
}

// fieldsBy returns, sorted, the source fields that fit, by the size of their JSON or why
// they have none.
func (l *Lead) fieldsBy(fits func(size int, err error) bool) []string {
	var fields []string
	add := func(name string, v any) {
		if data, err := encode(v); fits(len(data), err) {
			fields = append(fields, name)
		}
	}
	for _, f := range sourceTable {
		add(f.name, f.get(l))
	}
	for name, custom := range l.Custom {
		add(value.PrefixCustom+name, custom)
	}
	for name, answers := range l.Answers {
		add(value.PrefixQualifier+name, answers)
	}
	add("activities", l.Activities)
	slices.Sort(fields)
	return fields
}

// checkDepth bounds the custom values before anything else descends into them: they may
// even contain themselves.
func (l *Lead) checkDepth() *Error {
	if len(l.Custom) == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(l.Custom)) {
		if deeper(l.Custom[name], MaxDepth) {
			return l.refuse(fmt.Sprintf("is nested more than %d deep", MaxDepth), value.PrefixCustom+shown(name))
		}
	}
	return nil
}

// deeper reports whether a value nests arrays and objects more than so deep.
func deeper(v any, depth int) bool {
	switch v := v.(type) {
	case nil, bool, string, float64, json.Number, int, int64:
		return false
	case []string:
		return depth < 1
	case []any:
		return depth < 1 || slices.ContainsFunc(v, func(e any) bool { return deeper(e, depth-1) })
	case map[string]any:
		if depth < 1 {
			return true
		}
		for _, e := range v {
			if deeper(e, depth-1) {
				return true
			}
		}
		return false
	}
	data, err := encode(v) // it finds circles, and is refused for other errors later
	return err == nil && depthOf(data) > depth
}

// depthOf returns how deep a JSON text nests arrays and objects.
func depthOf(data []byte) int {
	depth, deepest := 0, 0
	quoted, escaped := false, false
	for _, b := range data {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = b == '\\', b != '"'
		case b == '"':
			quoted = true
		case b == '[' || b == '{':
			depth++
			deepest = max(deepest, depth)
		case b == ']' || b == '}':
			depth--
		}
	}
	return deepest
}

// shown returns a name as an error may have it.
func shown(name string) string {
	name = string(bytes.ToValidUTF8([]byte(name), []byte("?")))
	if len(name) > MaxName {
		return name[:20] + "..."
	}
	return name
}

// checkNames bounds what names something.
func (l *Lead) checkNames() *Error {
	switch {
	case len(l.EventID) > MaxName:
		return l.refuse(tooLong(MaxName), "eventId")
	case len(l.Strategy) > MaxName:
		return l.refuse(tooLong(MaxName), "strategy")
	}
	if broken := brokenName(maps.Keys(l.Answers)); broken != "" {
		return l.refuse("the name of a qualifier "+broken, "qualifiers")
	}
	if broken := brokenName(maps.Keys(l.Custom)); broken != "" {
		return l.refuse("the name of a custom value "+broken, "custom")
	}
	return nil
}

func tooLong(most int) string { return fmt.Sprintf("has more than %d bytes", most) }

// brokenName returns which rule one of the names breaks, "" for none. Names become the
// headers of files, where a line break or another control character would not last.
func brokenName(names iter.Seq[string]) string {
	for name := range names {
		switch {
		case len(name) > MaxName:
			return tooLong(MaxName)
		case !utf8.ValidString(name):
			return "is not valid UTF-8"
		case strings.ContainsFunc(name, unicode.IsControl):
			return "has a control character, such as a line break or a tab"
		}
	}
	return ""
}

// checkTexts bounds each text.
func (l *Lead) checkTexts() *Error {
	long := func(text string) bool { return len(text) > MaxText }
	for i := range sourceTable {
		if f := &sourceTable[i]; f.text != nil && long(*f.text(l)) {
			return l.refuse(tooLong(MaxText), f.name)
		}
	}
	if slices.ContainsFunc(l.OtherEmails, long) {
		return l.refuse(tooLong(MaxText), "otherEmails")
	}
	for _, phone := range l.Phones {
		if long(phone.Number) || long(string(phone.Kind)) {
			return l.refuse(tooLong(MaxText), "phones")
		}
	}
	for name, answers := range l.Answers {
		if slices.ContainsFunc(answers, long) {
			return l.refuse(tooLong(MaxText), value.PrefixQualifier+name)
		}
	}
	for i := range l.Activities {
		if err := l.Activities[i].checkLimits(); err != nil {
			err.LeadID, err.Fields = l.ID, []string{fmt.Sprintf("activities[%d]", i)}
			return err
		}
	}
	return nil
}

// checkCounts bounds the lists.
func (l *Lead) checkCounts() *Error {
	answers := 0
	for _, of := range l.Answers {
		answers += max(1, len(of)) // a qualifier without an answer takes its place
	}
	for _, list := range []struct {
		field      string
		has, limit int
		what       string
	}{
		{"otherEmails", len(l.OtherEmails), MaxList, "addresses"},
		{"phones", len(l.Phones), MaxList, "numbers"},
		{"qualifiers", answers, MaxAnswers, "answers"},
		{"custom", len(l.Custom), MaxCustom, "custom values"},
		{"activities", len(l.Activities), MaxActivities, "activities"},
	} {
		if list.has > list.limit {
			return l.refuse(fmt.Sprintf("a lead has at most %d %s", list.limit, list.what), list.field)
		}
	}
	return nil
}

// checkLimits bounds an activity.
func (a *Activity) checkLimits() *Error {
	refuse := func(limit int) *Error {
		return &Error{Op: "check", Code: DataValueValidation, Reason: fmt.Sprintf("has a text of more than %d bytes", limit)}
	}
	switch {
	case len(a.ID) > MaxName:
		return refuse(MaxName)
	case len(a.By) > MaxText || len(a.Notes) > MaxText || len(a.Kind) > MaxText:
		return refuse(MaxText)
	}
	return nil
}

// Size is about how many bytes the activity has as JSON.
func (a *Activity) Size() int { return len(a.ID) + len(a.Kind) + len(a.By) + len(a.Notes) }

// CheckActivities returns why a Store cannot keep the activities that were captured later,
// as a *Error, and nil when it can. total counts all activities of the lead, size is the
// JSON of the later ones in bytes, or about that.
func CheckActivities(lead LeadID, total, size int) error {
	refused := &Error{Op: "capture activities", LeadID: lead, Code: DataValueValidation, Fields: []string{"activities"}}
	switch {
	case total > MaxActivities:
		refused.Reason = fmt.Sprintf("a lead has at most %d activities, those that it has already included", MaxActivities)
	case size > MaxLeadJSON:
		refused.Reason = fmt.Sprintf("the activities of a lead have at most %d bytes as JSON, those that it has already "+
			"included", MaxLeadJSON)
	default:
		return nil
	}
	return refused
}
