// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// shortLength is how many characters of a long text are shown at first.
const shortLength = 300

// A longText is a value of which a page shows the beginning, and the whole when it is asked for.
type longText string

// Long says whether there is more than the beginning.
func (t longText) Long() bool { return utf8.RuneCountInString(string(t)) > 2*shortLength }

// Short is the beginning.
func (t longText) Short() string { return string([]rune(string(t))[:shortLength]) }

// valueText writes a value of a lead or a record for people.
func valueText(value any) longText {
	switch x := value.(type) {
	case nil:
		return ""
	case string:
		return longText(x)
	case time.Time:
		return longText(x.Format("2006-01-02 15:04 MST"))
	case fmt.Stringer:
		return longText(x.String())
	}
	data, err := json.Marshal(value)
	if err != nil {
		return longText(fmt.Sprint(value))
	}
	return longText(strings.Trim(string(data), `"`))
}

// clipped returns the beginning of a text that is longer.
func clipped(text string, length int) string {
	if runes := []rune(text); len(runes) > length {
		return string(runes[:length]) + "…"
	}
	return text
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// textsOf returns names as texts.
func textsOf[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}

// A recordView is a record of the lead in Salesforce, field by field.
type recordView struct {
	Kind   leadtype.PartKind
	Object salesforce.Object
	ID     salesforce.ID
	Link   string
	Action leadtype.Action
	Failed *leadtype.Advice
	Fields []fieldView
}

// A fieldView is a field that was written, or that was left as it is.
type fieldView struct {
	Field   string
	Before  longText
	After   longText
	Removed bool // the values are no longer kept
	Kept    bool
	Why     string
	Fix     string
	Said    []dataRow // of the lead
}

type warningView struct {
	Object string
	Field  string
	Why    string
	Fix    string
	Said   []dataRow // of the lead
}

// A dataRow is something that a lead says.
type dataRow struct {
	Name  string
	Value longText
}

// recordView shows a part; told[i] is set for each of the warnings that is shown with it. said is what the
// lead says where one is about it, nil for nothing.
func (v *visit) recordView(
	p *leadtype.Part, warnings []leadtype.Warning, told []bool, said func(*leadtype.Warning) []dataRow,
) recordView {
	r := recordView{Kind: p.Kind, Object: p.Object, ID: p.ID, Link: v.org.link(p.ID), Action: p.Action}
	if p.Err != nil {
		advice := v.advise(p.Err)
		r.Failed = &advice
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		f := fieldView{Field: c.Field, Removed: c.Removed || v.opts.Redact, Why: c.Reason}
		if !f.Removed {
			f.Before, f.After = valueText(c.Before), valueText(c.After)
		}
		r.Fields = append(r.Fields, f)
	}
	for i := range warnings {
		w := &warnings[i]
		if told[i] || w.Object != p.Object || w.Field == "" || w.Part != "" && w.Part != p.Key {
			continue
		}
		told[i] = true
		f := fieldView{Field: w.Field, Kept: true, Why: w.Reason, Fix: v.warningFix(w)}
		if said != nil {
			f.Said = said(w)
		}
		r.Fields = append(r.Fields, f)
	}
	return r
}
