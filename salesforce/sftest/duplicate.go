package sftest

import (
	"fmt"
	"slices"
	"strings"
)

// A duplicateRuleSpec refuses records that resemble others: see sftest.DuplicateRule.
type duplicateRuleSpec struct {
	Name    string
	Message string
	MatchOn []string
	Against []string
	Block   bool
}

// AddDuplicateRule is as Org.AddDuplicateRule.
func (d *database) AddDuplicateRule(object string, rule duplicateRuleSpec) {
	obj := d.object(object)
	if rule.Name == "" {
		rule.Name = "Standard_" + obj.name + "_Duplicate_Rule"
	}
	if rule.Message == "" {
		rule.Message = "Use one of these records?"
	}
	if len(rule.MatchOn) == 0 {
		rule.MatchOn = []string{"Email"}
	}
	if len(rule.Against) == 0 {
		rule.Against = []string{obj.name}
	}
	for _, target := range rule.Against {
		for _, name := range rule.MatchOn {
			d.fieldOf(target, name)
		}
	}
	obj.duplicates = append(obj.duplicates, rule)
	d.seed("DuplicateRule", map[string]any{
		"SobjectType": obj.name, "DeveloperName": rule.Name, "MasterLabel": strings.ReplaceAll(rule.Name, "_", " "), "IsActive": true,
	})
}

func (d *database) checkDuplicates(s *save) []*rowError {
	for _, rule := range s.obj.duplicates {
		if !rule.concerns(s) || s.headers.allowSave && !rule.Block {
			continue
		}
		found := map[string][]*row{}
		total := 0
		for _, target := range rule.Against {
			obj := d.object(target)
			found[obj.name] = d.resembling(obj, rule.MatchOn, s)
			total += len(found[obj.name])
		}
		if total == 0 {
			continue
		}
		err := rowErr("DUPLICATES_DETECTED", rule.Message)
		if s.headers.single {
			err.duplicates = d.duplicateResult(s, rule, found)
		}
		return []*rowError{err}
	}
	return nil
}

// concerns says whether the save touches what the rule compares.
func (rule *duplicateRuleSpec) concerns(s *save) bool {
	touched := false
	for _, name := range rule.MatchOn {
		f := s.obj.field(name)
		if f == nil || s.after[f.Name] == nil {
			return false
		}
		_, given := s.given[f.Name]
		touched = touched || given
	}
	return touched
}

func (d *database) resembling(obj *object, names []string, s *save) []*row {
	first := obj.field(names[0])
	rows := obj.lookup(first, s.after[s.obj.field(names[0]).Name])
	return slices.DeleteFunc(rows, func(r *row) bool {
		return r == s.row || slices.ContainsFunc(names, func(name string) bool {
			f := obj.field(name)
			return r.values[f.Name] == nil || f.key(r.values[f.Name]) != f.key(s.after[s.obj.field(name).Name])
		})
	})
}

// duplicateRecord is a matching row: its id alone, or with includeRecordDetails
// what the user sees of it.
func (d *database) duplicateRecord(r *row, version string, details bool) jsonObject {
	record := jsonObject{{name: "attributes", value: r.attributes(version)}, {name: "Id", value: r.id}}
	for _, f := range r.obj.fields {
		if v := r.values[f.Name]; details && v != nil && !f.hidden && f.Name != "Id" {
			record.add(f.Name, v)
		}
	}
	return record
}

// duplicateResult is what a single create is told; the key that carries it is
// misspelt as duplicateResut (SALESFORCE.md 3, DUPLICATES_DETECTED).
func (d *database) duplicateResult(s *save, rule duplicateRuleSpec, found map[string][]*row) jsonObject {
	var results []any
	for _, target := range rule.Against {
		obj := d.object(target)
		records := []any{}
		for _, r := range found[obj.name] {
			record := d.duplicateRecord(r, s.headers.version, s.headers.includeDetails)
			records = append(records, jsonObject{
				{name: "additionalInformation", value: []any{}}, {name: "fieldDiffs", value: []any{}},
				{name: "matchConfidence", value: 100.0}, {name: "record", value: record},
			})
		}
		results = append(results, jsonObject{
			{name: "entityType", value: obj.name}, {name: "errors", value: []any{}}, {name: "matchEngine", value: "ExactMatchEngine"},
			{name: "matchRecords", value: records}, {name: "rule", value: fmt.Sprintf("Standard_%s_Match_Rule_v1_0", obj.name)},
			{name: "size", value: len(records)}, {name: "success", value: true},
		})
	}
	return jsonObject{
		{name: "allowSave", value: !rule.Block}, {name: "duplicateRule", value: rule.Name},
		{name: "duplicateRuleEntityType", value: s.obj.name}, {name: "errorMessage", value: rule.Message},
		{name: "matchResults", value: results},
	}
}
