// SPDX-License-Identifier: Apache-2.0

package db

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

func (d *DB) checkDuplicates(s *Save) []*wire.RowError {
	for _, rule := range s.Obj.duplicates {
		if !rule.concerns(s) || s.Headers.AllowSave && !rule.Block {
			continue
		}
		found := map[string][]*Row{}
		total := 0
		for _, target := range rule.Against {
			obj := d.object(target)
			found[obj.Name] = d.resembling(obj, rule.MatchOn, s)
			total += len(found[obj.Name])
		}
		if total == 0 {
			continue
		}
		err := wire.NewRowError("DUPLICATES_DETECTED", rule.Message)
		if s.Headers.Single {
			err.Duplicates = d.duplicateResult(s, rule, found)
		}
		return []*wire.RowError{err}
	}
	return nil
}

// concerns reports whether the save changes a field that the rule compares.
func (d *DuplicateRule) concerns(s *Save) bool {
	touched := false
	for _, name := range d.MatchOn {
		f := s.Obj.Field(name)
		if f == nil || s.after[f.Name] == nil {
			return false
		}
		_, given := s.given[f.Name]
		touched = touched || given
	}
	return touched
}

func (d *DB) resembling(obj *Object, names []string, s *Save) []*Row {
	first := obj.Field(names[0])
	rows := obj.lookup(first, s.after[s.Obj.Field(names[0]).Name])
	return slices.DeleteFunc(rows, func(r *Row) bool {
		return r == s.Row || slices.ContainsFunc(names, func(name string) bool {
			f := obj.Field(name)
			return r.Get(f.Name) == nil || f.Key(r.Get(f.Name)) != f.Key(s.after[s.Obj.Field(name).Name])
		})
	})
}

// duplicateRecord returns a matching row: its id alone, or with includeRecordDetails what the
// user sees of it.
func (d *DB) duplicateRecord(r *Row, version string, details bool) wire.Object {
	record := wire.Object{{Name: "attributes", Value: r.Attributes(version)}, {Name: "Id", Value: r.ID}}
	for _, f := range r.Obj.Fields {
		if v := r.Get(f.Name); details && v != nil && !f.Hidden && f.Name != "Id" {
			record.Add(f.Name, v)
		}
	}
	return record
}

// duplicateResult returns the matches in the error of a single create; its key is misspelt as
// duplicateResut (docs/salesforce.md, Errors, DUPLICATES_DETECTED).
func (d *DB) duplicateResult(s *Save, rule DuplicateRule, found map[string][]*Row) wire.Object {
	var results []any
	for _, target := range rule.Against {
		obj := d.object(target)
		records := []any{}
		for _, r := range found[obj.Name] {
			record := d.duplicateRecord(r, s.Headers.Version, s.Headers.IncludeDetails)
			records = append(records, wire.Object{
				{Name: "additionalInformation", Value: []any{}}, {Name: "fieldDiffs", Value: []any{}},
				{Name: "matchConfidence", Value: 100.0}, {Name: "record", Value: record},
			})
		}
		results = append(results, wire.Object{
			{Name: "entityType", Value: obj.Name}, {Name: "errors", Value: []any{}},
			{Name: "matchEngine", Value: "ExactMatchEngine"},
			{Name: "matchRecords", Value: records},
			{Name: "rule", Value: fmt.Sprintf("Standard_%s_Match_Rule_v1_0", obj.Name)},
			{Name: "size", Value: len(records)}, {Name: "success", Value: true},
		})
	}
	return wire.Object{
		{Name: "allowSave", Value: !rule.Block}, {Name: "duplicateRule", Value: rule.Name},
		{Name: "duplicateRuleEntityType", Value: s.Obj.Name}, {Name: "errorMessage", Value: rule.Message},
		{Name: "matchResults", Value: results},
	}
}
