// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"encoding/json"
	"unicode/utf8"
)

// A plainReport is a Report without its methods.
type plainReport Report

// A reportPage is a Report as a page reads it.
type reportPage struct {
	plainReport
	Separator string `json:"separator"` // in place of the number that a rune is in JSON
}

// MarshalJSON writes the separator as a string, and every list, also an empty one.
func (r Report) MarshalJSON() ([]byte, error) {
	page := reportPage{plainReport: plainReport(r)}
	if r.Separator != 0 {
		page.Separator = string(r.Separator)
	}
	page.Columns = notNil(r.Columns)
	page.LeftOut = notNil(r.LeftOut)
	page.Unfit = notNil(r.Unfit)
	page.Skipped = notNil(r.Skipped)
	return json.Marshal(page)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Report) UnmarshalJSON(data []byte) error {
	page := reportPage{plainReport: plainReport(*r)}
	if err := json.Unmarshal(data, &page); err != nil {
		return err
	}
	*r = Report(page.plainReport)
	r.Separator = 0
	if page.Separator != "" {
		r.Separator, _ = utf8.DecodeRuneInString(page.Separator)
	}
	return nil
}

// notNil returns a list whose JSON is [] where it is empty.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
