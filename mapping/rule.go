// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/salesforce"
)

// A Rule is one line of a Mapping: where a value comes from, and how it goes into
// a field.
type Rule struct {
	// Source is a source field; see leadtype.SourceFields and SourceLeadSource. Constant is
	// a value for every lead in its place. A rule has one of the two, but a Clear rule may
	// have none.
	Source   string `json:"source,omitempty"`
	Constant any    `json:"constant,omitempty"`
	// Field is the API name of the target field.
	Field string `json:"field"`
	// By says that the value is not the id of the record that Field refers to but
	// the one that the record has in a field of its own: <object>.<field>, such as
	// Region__c.Code__c. That field is text, and an External ID or a standard
	// idLookup field; Field refers to that object alone. RecordTypeId takes the developer
	// name, the name or the id of a record type, and needs no By.
	By string `json:"by,omitempty"`
	// Write says what happens to the field's current value. Empty means
	// Overwrite.
	Write WriteRule `json:"write,omitempty"`
	// Own is the write rule for a record that a lead of the connection created, where it
	// differs from Write.
	Own WriteRule `json:"own,omitempty"`
	// Existing overrides the Mapping's, under UnlessEdited.
	Existing ExistingPolicy `json:"existing,omitempty"`
	// CreateOnly leaves the field of an existing record alone. Of several leads
	// that become one new record, the first with a value fills it.
	CreateOnly bool `json:"createOnly,omitempty"`
	// Default replaces a source that is blank, also after its transforms, where the
	// record has no value: it never replaces one. It is not transformed.
	Default any `json:"default,omitempty"`
	// Transforms change the value of the source one after the other. Beside
	// those of leadsync.Config.Transforms there are:
	//   - trim, lower, upper: text, or each text of a list;
	//   - title, title:<language>: a name that is all in capitals or all in small letters as
	//     people write it, such as McDonald, O'Neill, Jean-Luc, van der Berg, when the record
	//     is created. What differs from an existing record only in case is not written;
	//   - digits: only the digits of text;
	//   - number: text as a number, the low end of a range, such as 51 of "51-200"; text that
	//     is not a number as a whole is unfit. For a field of a number it means Range low;
	//   - e164, e164:<calling code>: a phone number as + and digits, one without
	//     a country as of that code, such as e164:49; an extension follows as " x12".
	//     What the country dials before its own numbers is dropped, such as 0, 8 and 06.
	//     Letters, a second number, what a spreadsheet has cut, and a number of a length or
	//     a beginning that the country does not have are refused. Module phone has one that
	//     knows the numbering plans in full;
	//   - date, date:<layout>, datetime, datetime:<layout>: text in the form of a Go time
	//     layout, such as date:02.01.2006 or datetime:01/02/2006 3:04 PM, or of ISO 8601, as
	//     a date, with or without its time of day. A time without an offset is in the event's
	//     zone. Without a layout they read what a date field reads: see Convert;
	//   - addDays:<number>: a date, or the day of a time in its own zone, and that
	//     many days, such as addDays:30 or addDays:-1;
	//   - split, split:<separator>: text as a list, at ";" by default;
	//   - join, join:<separator>: a list as text, with "; " by default;
	//   - first: the first of a list.
	Transforms []string `json:"transforms,omitempty"`
	// Values map the texts of the source, after its transforms and compared without regard
	// to case, spaces and the forms of dashes, apostrophes and quotation marks, to values of
	// the field, such as the API values of a picklist. Each text of a
	// list is mapped, and so are those in "A, B" for a multipicklist. Empty means that the
	// texts are values themselves. Default is not mapped.
	Values map[string]string `json:"values,omitempty"`
	// Unmapped says what happens to a text that Values do not have: HoldUnmapped, the
	// default, fails the lead with NO_TAG_MAPPING, PassUnmapped takes the text as it is,
	// and DropUnmapped leaves it out with a warning.
	Unmapped UnmappedPolicy `json:"unmapped,omitempty"`
	// Range says which number a range such as "51-200" gives a field of a number: RangeLow,
	// RangeHigh, RangeMid (the middle, for an integer rounded down) or RangeUnfit, which is what
	// empty means. A record's number within the range stays whatever Range says. A range
	// without an end, such as "10,000+", is its low end.
	Range Range `json:"range,omitempty"`
	// TooLong, Locked and Missing override the Mapping's.
	TooLong Policy `json:"tooLong,omitempty"`
	Locked  Policy `json:"locked,omitempty"`
	Missing Policy `json:"missing,omitempty"`
	// Unfit says what happens to a value that the field does not take: one that a
	// transform rejects, that cannot be converted to the field's type, that is no option
	// of a restricted picklist or none for the controlling value, no active User or not the
	// id of a record that the field may refer to, or too long for a field whose text is not cut.
	// Empty means Fail: the lead fails with DATA_VALUE_VALIDATION. Skip leaves the
	// value out, with a warning (leadtype.Unfit), and the rest of the lead is written. A
	// User that is not found by e-mail address is left out with a warning unless Unfit is
	// Fail; see leadtype.OwnerPolicy for the owner.
	Unfit Policy `json:"unfit,omitempty"`

	place *place // of a Set's rules; see placeOf
}

// A place is what address.Of says of a rule's field.
type place struct {
	at address.Field
	ok bool
}

func (r *Rule) findPlace() place {
	at, ok := address.Of(r.Field)
	return place{at, ok}
}

// A Range says which number of a range counts.
type Range string

// The ranges.
const (
	RangeLow   Range = "low"
	RangeHigh  Range = "high"
	RangeMid   Range = "mid"
	RangeUnfit Range = "unfit"
)

func ranges() []Range { return []Range{RangeLow, RangeHigh, RangeMid, RangeUnfit} }

// A WriteRule says what happens to a field's current value. A blank source
// clears nothing but under Clear.
type WriteRule string

// The write rules.
const (
	// Overwrite replaces the current value, but for one that differs in its form alone: that is
	// only replaced where the lead corrects the form which it wrote itself.
	Overwrite WriteRule = "overwrite"
	// UnlessEdited replaces a value that the connection has written itself and nobody has
	// changed since but in its form; see leadtype.RecordMemory. It fills a field without a
	// value, unless the connection has written one and a user has removed it. A value of
	// which nothing is remembered stays; see ExistingPolicy. One that comes from a lead
	// which was captured later stays too. Each value that is kept has a warning, unless the
	// new one differs from it in form only. It cannot be combined with Rule.By.
	UnlessEdited WriteRule = "unless-edited"
	// WriteIfBlank writes only where the record has no value, and not where the connection
	// has written one and a user has removed it. A checkbox always has one.
	WriteIfBlank WriteRule = "write-if-blank"
	// Append adds a line to a long text, unless the text contains the value as words of their
	// own, or the connection has appended it before and a user has removed or reworded it. A
	// text that a user has emptied stays empty.
	Append WriteRule = "append"
	// Raise ticks a checkbox and never unticks it: it is for opt-outs. A revert does not
	// take it back, and it does not matter when the lead was captured.
	Raise WriteRule = "raise"
	// Lower unticks a checkbox and ticks only that of a new record: it is for consents. It
	// is like Raise otherwise.
	Lower WriteRule = "lower"
	// Never writes nothing: the rule is kept but not used.
	Never WriteRule = "never"
	// Clear is Overwrite, and a blank value clears the field: a checkbox is
	// unticked.
	Clear WriteRule = "clear"
)

// writeRules are all of them.
var writeRules = []WriteRule{Overwrite, UnlessEdited, WriteIfBlank, Append, Raise, Lower, Never, Clear}

// isConsent reports whether the rule is for what a person allows or forbids.
func (w WriteRule) isConsent() bool { return w == Raise || w == Lower }

// consentRule returns the write rule that fits a checkbox which is an opt-out or a consent by
// its name or label, "" for any other field.
func consentRule(field *salesforce.Field) WriteRule {
	if field.Type != salesforce.TypeBoolean {
		return ""
	}
	switch value.ConsentOf(field.Name, field.Label) {
	case value.OptOut:
		return Raise
	case value.OptIn:
		return Lower
	}
	return ""
}

// consentRow returns the rule that says how answers move the consent in a field: one under
// Raise or Lower, or a dated consent. It is nil where the field's name and label decide. A
// capture has no describe.
func consentRow(rules []Rule, field *salesforce.Field, describe *salesforce.Describe) *Rule {
	isOptIn := consentRule(field) == Lower
	for i := range rules {
		row := &rules[i]
		if strings.EqualFold(row.Field, field.Name) && (row.ofConsent() || isOptIn && row.datedConsent(rules, describe)) {
			return row
		}
	}
	return nil
}

// datedConsent reports whether the rule is one that may also give a consent: an explicit
// Overwrite, with a rule beside it for the date of the consent. Without a describe each rule
// that has a source and the name of a date counts.
func (r *Rule) datedConsent(rules []Rule, describe *salesforce.Describe) bool {
	if r.Write != Overwrite || r.Own != "" && r.Own != Overwrite {
		return false
	}
	stem := strings.TrimSuffix(strings.ToLower(r.Field), "__c")
	return slices.ContainsFunc(rules, func(other Rule) bool {
		if other.Write == Never || strings.EqualFold(other.Field, r.Field) {
			return false
		}
		field, ok := &salesforce.Field{Name: other.Field}, other.Source != "" && !other.ofConsent()
		if describe != nil {
			field, ok = describe.Field(other.Field)
			ok = ok && (field.Type == salesforce.TypeDate || field.Type == salesforce.TypeDatetime)
		}
		if !ok {
			return false
		}
		return value.ConsentOf(field.Name, field.Label) == value.OptIn || strings.HasPrefix(strings.ToLower(field.Name), stem)
	})
}

// depends reports whether the rule needs to know the current value.
func (w WriteRule) depends() bool {
	return w == UnlessEdited || w == WriteIfBlank || w == Append || w.isConsent()
}

// An ExistingPolicy says what UnlessEdited does with a value of which nothing is
// remembered: others have written it, or the memory of it is lost.
type ExistingPolicy string

// The policies for existing values.
const (
	// KeepExisting leaves it as it is, with a note (leadtype.KeptExisting).
	KeepExisting ExistingPolicy = "keep"
	// OverwriteExisting replaces it.
	OverwriteExisting ExistingPolicy = "overwrite"
)

// remembers reports whether the rule depends on what was last written to its field, or on who
// created its record.
func (r *Rule) remembers() bool {
	depends := r.Own != "" || r.Write == UnlessEdited || r.Write == WriteIfBlank || r.Write == Append
	return depends && !r.CreateOnly && !r.refers()
}

// overwrites reports whether the rule writes over whatever a record has.
func (r *Rule) overwrites() bool {
	return (r.Write == "" || r.Write == Overwrite || r.Write == Clear) && !r.CreateOnly && !r.refers()
}

// isUsed reports whether the rule writes anything, to some records at least.
func (r *Rule) isUsed() bool { return r.Write != Never || r.Own != "" && r.Own != Never }

// ofConsent reports whether the rule is for what a person allows or forbids.
func (r *Rule) ofConsent() bool { return r.Write.isConsent() || r.Own.isConsent() }

// by returns the object and the field that Rule.By names, false when it does not
// have that form.
func (r *Rule) by() (object salesforce.Object, field string, ok bool) {
	name, field, _ := strings.Cut(r.By, ".")
	return salesforce.Object(name), field, value.IsAPIName(name) && value.IsAPIName(field)
}

// refers reports whether the value is the key of another record. A record type is in the
// describe, so that By makes no difference.
func (r *Rule) refers() bool {
	if !strings.EqualFold(r.Field, value.RecordTypeField) {
		return r.By != ""
	}
	return r.By != "" && !value.ContainsFold([]string{"RecordType.DeveloperName", "RecordType.Name"}, r.By)
}

// keepsCase reports whether the rule leaves the case of what a record holds alone.
func (r *Rule) keepsCase() bool {
	return slices.ContainsFunc(r.Transforms, func(name string) bool {
		return name == toTitle || strings.HasPrefix(name, toTitle+":")
	})
}

// UnmarshalJSON reads a rule; see Mapping.UnmarshalJSON. The numbers of
// Constant and Default become json.Number.
func (r *Rule) UnmarshalJSON(data []byte) error {
	type plain Rule
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(r)))
}

func canAppend(f *salesforce.Field) bool { return f.Type == salesforce.TypeTextarea }

func canClear(f *salesforce.Field) bool {
	return f.Nillable || f.Type == salesforce.TypeBoolean
}

// A Policy says what to do about a value that cannot be written as it is.
type Policy string

// The policies.
const (
	// Fail fails the lead.
	Fail Policy = "fail"
	// Skip leaves the field out, with a warning. It applies to Locked, Missing and Unfit.
	Skip Policy = "skip"
	// Truncate cuts text, with a warning. It applies to TooLong.
	Truncate Policy = "truncate"
)

// An origin is what a Reason says of a rule: how it writes, and what.
type origin struct {
	write  WriteRule
	source string
}

func (r *Rule) origin() origin { return origin{cmp.Or(r.Write, Overwrite), r.Source} }

func (o origin) String() string { return string(o.write) + " from " + o.source }
