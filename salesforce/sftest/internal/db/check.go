// SPDX-License-Identifier: Apache-2.0

package db

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// resolveReferences checks the ids that a request sets and extends them to 18 characters.
func (d *DB) resolveReferences(s *Save) []*wire.RowError {
	var errs []*wire.RowError
	for _, f := range s.Obj.Fields {
		text, ok := s.given[f.Name].(string)
		if !ok || f.Kind() != KindID {
			continue
		}
		target, err := d.reference(s, f, text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s.after[f.Name], s.given[f.Name] = target.ID, target.ID
	}
	return errs
}

// reference finds the row of an id. An id of the wrong form or of an object that the field
// does not accept is MALFORMED_ID; one without a row is INVALID_CROSS_REFERENCE_KEY
// (docs/salesforce.md, Errors). A row of an object that the user cannot read is refused
// (unverified).
func (d *DB) reference(s *Save, f *Field, text string) (*Row, *wire.RowError) {
	malformed := wire.NewRowError("MALFORMED_ID", fmt.Sprintf("%s: id value of incorrect type: %s", f.Label, text),
		f.Name)
	id, ok := wire.CanonicalID(text)
	if !ok {
		return nil, malformed
	}
	obj := d.prefixes[id[:3]]
	if obj == nil || !f.RefersTo(obj.Name) {
		return nil, malformed
	}
	target := d.Find(id)
	switch {
	case !obj.Readable:
		return nil, wire.NewRowError("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
			"insufficient access rights on cross-reference id: "+id[:15])
	case target == nil:
		return nil, wire.NewRowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", f.Name)
	case target.Deleted():
		return nil, wire.NewRowError("ENTITY_IS_DELETED", "entity is deleted", f.Name)
	case f.Name == "OwnerId" && target.Obj.Name == "User" && target.Get("IsActive") != true:
		return nil, wire.NewRowError("INACTIVE_OWNER_OR_USER",
			fmt.Sprintf("operation performed with inactive user [%s] as owner of %s", id[:15],
				strings.ToLower(s.Obj.Label)), f.Name)
	case target.Get("IsConverted") == true && (f.Name == "WhoId" || f.Name == "LeadId"):
		return nil, wire.NewRowError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", f.Name)
	}
	if f.Filter != nil && !f.Filter(exported(target.Map())) {
		return nil, wire.NewRowError("FIELD_FILTER_VALIDATION_EXCEPTION",
			"Value does not exist or does not match filter criteria.", f.Name)
	}
	return target, nil
}

// checkFields makes the checks that all objects share: required fields, lengths, ranges,
// addresses, picklists.
func (d *DB) checkFields(s *Save) []*wire.RowError {
	var errs []*wire.RowError
	if missing := s.missing(); len(missing) > 0 {
		errs = append(errs, wire.NewRowError("REQUIRED_FIELD_MISSING",
			"Required fields are missing: ["+wire.Join(missing)+"]", missing...))
	}
	for _, f := range s.Obj.Fields {
		if _, ok := s.given[f.Name]; !ok {
			continue
		}
		if err := f.check(s); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// missing returns the required fields that have no value.
func (s *Save) missing() []string {
	var names []string
	for _, f := range s.Obj.Fields {
		if f.Nillable || f.Kind() == KindBool || s.after[f.Name] != nil || f.compute != nil {
			continue
		}
		_, cleared := s.given[f.Name]
		if cleared || s.Op == OpCreate && f.Createable && !f.Defaulted {
			names = append(names, f.Name)
		}
	}
	return names
}

// check checks one value that the request sets.
func (f *Field) check(s *Save) *wire.RowError {
	switch v := s.after[f.Name].(type) {
	case string:
		if f.RichText {
			v = safeHTML(v)
			s.after[f.Name] = v
		}
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

func (f *Field) outOfRange(v string) *wire.RowError {
	return wire.NewRowError("NUMBER_OUTSIDE_VALID_RANGE",
		fmt.Sprintf("%s: value outside of valid range on numeric field: %s", f.Label, v), f.Name)
}

// checkYear refuses dates outside the years that Salesforce keeps, 1700 to 4000 (Field Types
// reference; code unverified).
func (f *Field) checkYear(year int, shown string) *wire.RowError {
	if 1700 <= year && year <= 4000 {
		return nil
	}
	return wire.NewRowError("INVALID_TYPE_ON_FIELD_IN_RECORD", fmt.Sprintf("%s: value not of required type: %s",
		f.Label, shown), f.Name)
}

func (f *Field) checkText(s *Save, text string) *wire.RowError {
	if f.Length > 0 && f.Kind() != KindID && len(utf16.Encode([]rune(text))) > f.Length {
		return wire.NewRowError("STRING_TOO_LONG", fmt.Sprintf("%s: data value too large: %s (max length=%d)",
			f.Label, text, f.Length), f.Name)
	}
	switch f.Kind() {
	case KindEmail:
		if !validEmail(text) {
			return wire.NewRowError("INVALID_EMAIL_ADDRESS", fmt.Sprintf("%s: invalid email address: %s", f.Label,
				text), f.Name)
		}
	case KindPicklist:
		return f.checkOptions(s, text)
	case KindDate:
		year, _ := strconv.Atoi(text[:4])
		return f.checkYear(year, text)
	}
	return nil
}

// checkOptions checks the values of a restricted picklist against its options, its controlling
// field and the record type, and normalizes their spelling.
func (f *Field) checkOptions(s *Save, text string) *wire.RowError {
	if !f.Restricted {
		return nil
	}
	rt := s.Obj.RecordType(s.after["RecordTypeId"])
	values := []string{text}
	if f.Type == "multipicklist" {
		values = strings.Split(text, ";")
	}
	for i, v := range values {
		option, ok := f.option(v)
		if !ok || !f.validFor(option, s.after) || !rt.Offers(f, option) {
			return wire.NewRowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
				fmt.Sprintf("%s: bad value for restricted picklist field: %s", f.Label, v), f.Name)
		}
		values[i] = option
	}
	s.after[f.Name] = strings.Join(values, ";")
	return nil
}

// option returns the active option that equals the text without regard to case.
func (f *FieldSpec) option(text string) (string, bool) {
	for _, option := range f.Options {
		if strings.EqualFold(option, strings.TrimSpace(text)) {
			return option, !slices.Contains(f.Inactive, option)
		}
	}
	return "", false
}

// validFor reports whether the controlling field's value allows the option.
func (f *FieldSpec) validFor(option string, values map[string]any) bool {
	if f.Controller == "" {
		return true
	}
	return slices.Contains(f.ValidFor[option], fmt.Sprint(values[f.Controller]))
}

// checkUnique refuses a value that another row has. The message names that row
// by 15 characters (recorded with 15 and with 18, docs/salesforce.md, Errors).
func (d *DB) checkUnique(s *Save) []*wire.RowError {
	for _, f := range s.Obj.Fields {
		v := s.given[f.Name]
		if !f.Unique || v == nil {
			continue
		}
		for _, other := range s.Obj.lookup(f, v) {
			if other != s.Row {
				return []*wire.RowError{wire.NewRowError("DUPLICATE_VALUE",
					fmt.Sprintf("duplicate value found: %s duplicates value on record with id: %s", f.Name,
						other.ID[:15]))}
			}
		}
	}
	return nil
}

// What Salesforce accepts as an e-mail address (docs/salesforce.md, Records, after npm
// salesforce-email): before the @ ASCII without blanks, with dots anywhere but at the start,
// and after it at least two labels of a host name. It is laxer than RFC 5322 about dots, and
// stricter about accents and quotes.
var (
	emailLocal  = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+/=?^_{|}~`-][a-zA-Z0-9!#$%&'*+/=?^_{|}~.`-]*$")
	emailDomain = regexp.MustCompile(`^` + hostLabel + `(\.` + hostLabel + `)+$`)
	// A comment is allowed on either side of the domain.
	emailComment = regexp.MustCompile(`^\([^()]*\)|\([^()]*\)$`)
)

const hostLabel = `[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?`

func validEmail(s string) bool {
	local, domain, _ := strings.Cut(s, "@")
	return emailLocal.MatchString(local) && emailDomain.MatchString(emailComment.ReplaceAllString(domain, ""))
}

var (
	scripts  = regexp.MustCompile(`(?is)<(?:script|style)\b.*?</(?:script|style)\s*>|<!--.*?-->`)
	handlers = regexp.MustCompile(`(?i)\s+on[a-z]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)`)
	tags     = regexp.MustCompile(`</?[A-Za-z][^<>]*>`)
	entities = regexp.MustCompile(`&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);`)
)

// safeHTML returns HTML as a rich text area stores it: without scripts, and with what is
// neither a tag nor an entity escaped (docs/salesforce.md, Fields, unverified).
func safeHTML(source string) string {
	source = scripts.ReplaceAllString(source, "")
	var b strings.Builder
	for source != "" {
		at := tags.FindStringIndex(source)
		if at == nil {
			at = []int{len(source), len(source)}
		}
		text := strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(source[:at[0]])
		b.WriteString(escapeAmpersands(text))
		b.WriteString(handlers.ReplaceAllString(source[at[0]:at[1]], ""))
		source = source[at[1]:]
	}
	return b.String()
}

// escapeAmpersands escapes each & that begins no entity.
func escapeAmpersands(text string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(text, '&')
		if at < 0 {
			return b.String() + text
		}
		b.WriteString(text[:at])
		if found := entities.FindStringIndex(text[at:]); found != nil && found[0] == 0 {
			b.WriteByte('&')
		} else {
			b.WriteString("&amp;")
		}
		text = text[at+1:]
	}
}
