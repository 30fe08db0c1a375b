// SPDX-License-Identifier: Apache-2.0

package review

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
)

// The columns of a raw file that hold a list of a lead as JSON.
const (
	activitiesColumn = "activities"
	phonesColumn     = "phones"
)

// A column is named by what it is of, such as value.PrefixCustom, and a name.
type column struct{ prefix, name string }

func (c column) source() string { return c.prefix + c.name }

// eachColumn calls do with each column that a lead fills.
func eachColumn(lead *leadtype.Lead, raw bool, do func(column)) {
	if lead == nil {
		return
	}
	for source := range lead.Filled() {
		do(column{"", source})
	}
	for name := range lead.Answers {
		do(column{value.PrefixQualifier, name})
	}
	for name := range lead.Custom {
		do(column{value.PrefixCustom, name})
	}
	if raw && len(lead.Phones) > 0 {
		do(column{"", phonesColumn})
	}
	if raw && len(lead.Activities) > 0 {
		do(column{"", activitiesColumn})
		return
	}
	for i := range lead.Activities {
		do(column{value.PrefixActivity, string(lead.Activities[i].Kind)})
	}
}

// cellOf returns what a column holds of a lead.
func cellOf(lead *leadtype.Lead, column string, raw bool) string {
	if !raw {
		if text, ok := lead.TextValue(column); ok {
			return text
		}
		return sourceText(lead.Value(column))
	}
	if name, ok := strings.CutPrefix(column, value.PrefixQualifier); ok {
		return rawAnswers(lead.Answers[name])
	}
	if name, ok := strings.CutPrefix(column, value.PrefixCustom); ok {
		if v, has := lead.Custom[name]; has {
			return rawCustom(v)
		}
		return ""
	}
	switch {
	case column == activitiesColumn && len(lead.Activities) > 0:
		return jsonText(lead.Activities)
	case column == phonesColumn && len(lead.Phones) > 0:
		return jsonText(lead.Phones)
	case column == "phone": // not one of Phones
		return lead.Phone
	case column == "mobilePhone":
		return lead.MobilePhone
	}
	return sourceText(lead.Value(column))
}

// sourceText is a source value as a cell that leadtype.Lead.Set takes.
func sourceText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, ";")
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case []any, map[string]any:
		return jsonText(v)
	}
	return fmt.Sprint(v)
}

// jsonText encodes a value, "" for one that JSON cannot carry.
func jsonText(v any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(v) != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// rawAnswers are answers separated by ";" where that reads as the same answers, else a
// JSON list.
func rawAnswers(answers []string) string {
	if len(answers) == 0 {
		return ""
	}
	plain := strings.Join(answers, ";")
	if read, err := readAnswers(plain); err == nil && slices.Equal(read, answers) && !strings.ContainsAny(plain, "\r\n") {
		return plain
	}
	return jsonText(answers)
}

// readAnswers reads a cell of answers.
func readAnswers(cell string) ([]string, error) {
	if !strings.HasPrefix(cell, "[") {
		return value.SplitValues(cell), nil
	}
	var answers []string
	return answers, readJSON(cell, &answers)
}

// rawCustom is text as it is where it reads as that text, and any other value as JSON.
func rawCustom(v any) string {
	if text, ok := v.(string); ok && text != "" && strings.TrimSpace(text) == text && !strings.ContainsAny(text, "\r\n") {
		if read, err := readCustom(text); err == nil && read == v {
			return text
		}
	}
	return jsonText(v)
}

// readCustom reads a cell of a custom value of any type. Spreadsheets write booleans in
// capital letters.
func readCustom(cell string) (any, error) {
	switch cell {
	case "true", "TRUE":
		return true, nil
	case "false", "FALSE":
		return false, nil
	case "null":
		return nil, nil
	}
	if strings.ContainsAny(cell[:1], `[{"`) {
		var v any
		return v, readJSON(cell, &v)
	}
	if strings.ContainsAny(cell[:1], "-0123456789") && json.Valid([]byte(cell)) {
		return json.Number(cell), nil
	}
	return cell, nil
}

// readJSON reads JSON that people may have edited. The error says what is wrong without
// a value.
func readJSON[T any](cell string, dst *T) error {
	if !json.Valid([]byte(cell)) {
		return errNotJSON
	}
	var misfit *strictjson.Error
	switch err := strictjson.Decode([]byte(cell), dst); {
	case errors.As(err, &misfit):
		return fmt.Errorf("has JSON of another form: %w", misfit)
	case err != nil:
		return errors.New("has JSON of another form")
	}
	return nil
}

var errNotJSON = errors.New("is not valid JSON")
