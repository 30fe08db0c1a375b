package leadsync

import (
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// unfit says why an activity cannot be logged, "" if it can.
func (a *Activity) unfit() string {
	switch {
	case !a.Kind.valid():
		return "is of no known kind"
	case !utf8.ValidString(a.ID + a.By + a.Notes):
		return "is not valid UTF-8"
	}
	if _, err := json.Marshal(a); err != nil {
		return "holds what JSON cannot carry"
	}
	return ""
}

// unencodable names the source fields that keep a lead from being stored.
func unencodable(lead *Lead) []string {
	var fields []string
	for name, value := range lead.Custom {
		if _, err := json.Marshal(value); err != nil {
			fields = append(fields, prefixCustom+name)
		}
	}
	for _, f := range sourceTable {
		if _, err := json.Marshal(f.get(lead)); err != nil {
			fields = append(fields, f.name)
		}
	}
	slices.Sort(fields)
	return fields
}
