package sftest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// resolveReferences checks the ids that a request sets and brings them to their
// 18 characters.
func (d *database) resolveReferences(s *save) []*rowError {
	var errs []*rowError
	for _, f := range s.obj.fields {
		text, ok := s.given[f.Name].(string)
		if !ok || f.kind() != kindID {
			continue
		}
		target, err := d.reference(s, f, text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s.after[f.Name], s.given[f.Name] = target.id, target.id
	}
	return errs
}

// reference finds what an id points at. An id of the wrong shape or of an
// object that the field does not take is MALFORMED_ID; one that nothing has is
// INVALID_CROSS_REFERENCE_KEY (SALESFORCE.md 3). One of an object that the user
// cannot read may not be pointed at (memory).
func (d *database) reference(s *save, f *field, text string) (*row, *rowError) {
	malformed := rowErr("MALFORMED_ID", fmt.Sprintf("%s: id value of incorrect type: %s", f.Label, text), f.Name)
	id, ok := canonicalID(text)
	if !ok {
		return nil, malformed
	}
	obj := d.prefixes[id[:3]]
	if obj == nil || !f.refersTo(obj.name) {
		return nil, malformed
	}
	target := d.find(id)
	switch {
	case !obj.readable:
		return nil, rowErr("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id", f.Name)
	case target == nil:
		return nil, rowErr("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", f.Name)
	case target.deleted():
		return nil, rowErr("ENTITY_IS_DELETED", "entity is deleted", f.Name)
	case f.Name == "OwnerId" && target.obj.name == "User" && target.values["IsActive"] != true:
		return nil, rowErr("INACTIVE_OWNER_OR_USER", fmt.Sprintf("operation performed with inactive user [%s] as owner of %s", id[:15], strings.ToLower(s.obj.label)), f.Name)
	case target.values["IsConverted"] == true && (f.Name == "WhoId" || f.Name == "LeadId"):
		return nil, rowErr("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", f.Name)
	}
	if f.Filter != nil && !f.Filter(maps.Clone(target.values)) {
		return nil, rowErr("FIELD_FILTER_VALIDATION_EXCEPTION", "Value does not exist or does not match filter criteria.", f.Name)
	}
	return target, nil
}

// checkFields checks what is the same for every object: required fields,
// lengths, ranges, addresses, picklists.
func (d *database) checkFields(s *save) []*rowError {
	var errs []*rowError
	if missing := s.missing(); len(missing) > 0 {
		errs = append(errs, rowErr("REQUIRED_FIELD_MISSING", "Required fields are missing: ["+listed(missing)+"]", missing...))
	}
	for _, f := range s.obj.fields {
		if _, ok := s.given[f.Name]; !ok {
			continue
		}
		if err := f.check(s); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// missing lists the fields without which the row cannot be.
func (s *save) missing() []string {
	var names []string
	for _, f := range s.obj.fields {
		if f.nillable || f.kind() == kindBool || s.after[f.Name] != nil || f.compute != nil {
			continue
		}
		_, cleared := s.given[f.Name]
		if cleared || s.op == opCreate && f.createable && !f.defaulted {
			names = append(names, f.Name)
		}
	}
	return names
}

// check checks one value that the request sets.
func (f *field) check(s *save) *rowError {
	switch v := s.after[f.Name].(type) {
	case string:
		return f.checkText(s, v)
	case int:
		if math.Abs(float64(v)) >= math.Pow10(f.Digits) {
			return f.outOfRange(strconv.Itoa(v))
		}
	case float64:
		if math.Abs(v) >= math.Pow10(f.Precision-f.Scale) {
			return f.outOfRange(strconv.FormatFloat(v, 'f', -1, 64))
		}
	case time.Time:
		return f.checkYear(v.Year(), v.Format(time.RFC3339))
	}
	return nil
}

func (f *field) outOfRange(v string) *rowError {
	return rowErr("NUMBER_OUTSIDE_VALID_RANGE", fmt.Sprintf("%s: value outside of valid range on numeric field: %s", f.Label, v), f.Name)
}

// checkYear refuses dates outside the years that Salesforce keeps, 1700 to 4000
// (Field Types reference; the code from memory).
func (f *field) checkYear(year int, shown string) *rowError {
	if 1700 <= year && year <= 4000 {
		return nil
	}
	return rowErr("INVALID_TYPE_ON_FIELD_IN_RECORD", fmt.Sprintf("%s: value not of required type: %s", f.Label, shown), f.Name)
}

func (f *field) checkText(s *save, text string) *rowError {
	if f.Length > 0 && f.kind() != kindID && len(utf16.Encode([]rune(text))) > f.Length {
		return rowErr("STRING_TOO_LONG", fmt.Sprintf("%s: data value too large: %s (max length=%d)", f.Label, text, f.Length), f.Name)
	}
	switch f.kind() {
	case kindEmail:
		if !validEmail(text) {
			return rowErr("INVALID_EMAIL_ADDRESS", fmt.Sprintf("%s: invalid email address: %s", f.Label, text), f.Name)
		}
	case kindPicklist:
		return f.checkOptions(s, text)
	case kindDate:
		year, _ := strconv.Atoi(text[:4])
		return f.checkYear(year, text)
	}
	return nil
}

// checkOptions checks the values of a restricted picklist against its options,
// its controlling field and the record type, and gives them the spelling of their
// options.
func (f *field) checkOptions(s *save, text string) *rowError {
	if !f.Restricted {
		return nil
	}
	rt := s.obj.recordType(s.after["RecordTypeId"])
	values := []string{text}
	if f.Type == "multipicklist" {
		values = strings.Split(text, ";")
	}
	for i, v := range values {
		option, ok := f.option(v)
		if !ok || !f.validFor(option, s.after) || !rt.offers(f, option) {
			return rowErr("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", fmt.Sprintf("%s: bad value for restricted picklist field: %s", f.Label, v), f.Name)
		}
		values[i] = option
	}
	s.after[f.Name] = strings.Join(values, ";")
	return nil
}

// option is the active option that equals the text without regard to case.
func (f *fieldSpec) option(text string) (string, bool) {
	for _, option := range f.Options {
		if strings.EqualFold(option, strings.TrimSpace(text)) {
			return option, !slices.Contains(f.Inactive, option)
		}
	}
	return "", false
}

// validFor says whether the controlling field's value allows the option.
func (f *fieldSpec) validFor(option string, values map[string]any) bool {
	if f.Controller == "" {
		return true
	}
	return slices.Contains(f.ValidFor[option], fmt.Sprint(values[f.Controller]))
}

// A ruleSpec is a validation rule: see sftest.Rule.
type ruleSpec struct {
	Name    string
	Message string
	Field   string
	Refuses func(row map[string]any) bool
}

// AddRule is as Org.AddRule.
func (d *database) AddRule(object string, r ruleSpec) {
	obj := d.object(object)
	if r.Refuses == nil {
		panic("sftest: the rule " + r.Name + " needs a function Refuses")
	}
	obj.rules = append(obj.rules, r)
}

// OnRow is as Org.OnRow.
func (d *database) OnRow(object string, refuse func(op string, row map[string]any) *rowError) {
	name := d.object(object).name
	d.hooks.onRow[name] = append(d.hooks.onRow[name], refuse)
}

// OnBatch is as Org.OnBatch.
func (d *database) OnBatch(object string, refuse func(rows int) *rowError) {
	d.hooks.onBatch[strings.ToLower(d.object(object).name)] = refuse
}

// refuseBatch asks Org.OnBatch about rows that arrive together.
func (d *database) refuseBatch(object string, rows int) *rowError {
	if refuse := d.hooks.onBatch[strings.ToLower(object)]; refuse != nil {
		return refuse(rows)
	}
	return nil
}

func (d *database) runHooks(s *save) []*rowError {
	for _, hook := range d.hooks.onRow[s.obj.name] {
		if err := hook(s.op, s.shown()); err != nil {
			return []*rowError{err}
		}
	}
	return nil
}

func (s *save) shown() map[string]any { return maps.Clone(s.after) }

func (d *database) runRules(s *save) []*rowError {
	var errs []*rowError
	for _, rule := range s.obj.rules {
		if !rule.Refuses(s.shown()) {
			continue
		}
		err := rowErr("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.Message)
		err.Fields = []string{}
		if rule.Field != "" {
			err.Fields = []string{rule.Field}
		}
		errs = append(errs, err)
	}
	return errs
}

// checkUnique refuses a value that another row has. The message names that row
// by 15 characters (recorded with 15 and with 18, SALESFORCE.md 3).
func (d *database) checkUnique(s *save) []*rowError {
	for _, f := range s.obj.fields {
		v := s.given[f.Name]
		if !f.Unique || v == nil {
			continue
		}
		for _, other := range s.obj.lookup(f, v) {
			if other != s.row {
				return []*rowError{rowErr("DUPLICATE_VALUE", fmt.Sprintf("duplicate value found: %s duplicates value on record with id: %s", f.Name, other.id[:15]))}
			}
		}
	}
	return nil
}
