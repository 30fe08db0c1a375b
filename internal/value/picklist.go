// SPDX-License-Identifier: Apache-2.0

package value

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/salesforce"
)

// FindOption returns the active option of a picklist that text names, and false when
// there is none, or not exactly one.
func FindOption(field *salesforce.Field, text string) (string, bool) {
	option, hits := OptionFor(field, text, nil)
	return option, hits == 1
}

// OptionFor looks for the active option that text names among those that the controller
// allows: by its value, else by its label, then both without regard to case, and at last
// without regard to spaces and to forms of letters (Unicode NFKC) and of signs. hits counts the options
// found in the first of these ways that finds any, 2 standing for more.
func OptionFor(field *salesforce.Field, text string, by *Controller) (option string, hits int) {
	if len(field.PicklistValues) == 0 {
		return "", 0
	}
	best, plain := noSpelling, plainSpaced(text)
	for i := range field.PicklistValues {
		v := &field.PicklistValues[i]
		if !v.Active {
			continue
		}
		if v.Value == text && by.Allows(v) {
			return v.Value, 1 // no other way is as sure
		}
		way := spellingOf(v, text, plain)
		switch {
		case way > best || way == noSpelling || !by.Allows(v):
		case way < best:
			best, option, hits = way, v.Value, 1
		case v.Value != option:
			hits = 2
		}
	}
	return option, hits
}

// noSpelling is behind the ways in which text can name an option.
const noSpelling = 6

// spellingOf returns the first of the ways in which text names an option, the surest first. plain
// says that the text is plainSpaced.
func spellingOf(v *salesforce.PicklistValue, text string, plain bool) int {
	labelled := v.Label != v.Value
	switch {
	case v.Value == text:
		return 0
	case v.Label == text:
		return 1
	case SameName(v.Value, text):
		return 2
	case labelled && SameName(v.Label, text):
		return 3
	case sameLoosely(v.Value, text, plain):
		return 4
	case labelled && sameLoosely(v.Label, text, plain):
		return 5
	}
	return noSpelling
}

// sameLoosely compares without regard to case, to spaces and to forms of letters and signs, such
// as the dash of "1–10" and the apostrophe of "Côte d’Ivoire", which programs put in place of
// those of the keyboard. plain says that text is plainSpaced.
func sameLoosely(name, text string, plain bool) bool {
	if name == "" || lettersApart(name, text) || plain && plainSpaced(name) {
		return false // SameName has decided
	}
	return SameName(looseName(name), looseName(text))
}

// lettersApart reports whether two texts begin with different letters or digits in ASCII, which no
// looseName changes.
func lettersApart(a, b string) bool {
	return beginApart(a, b) && isAlphanumeric(a[0]) && isAlphanumeric(b[0])
}

// looseName returns text with the signs of a keyboard, and without the spaces that sameLoosely
// does not regard.
func looseName(text string) string {
	text, _ = CleanText(norm.NFKC.String(typed.Replace(text)), false)
	return besideSigns.Replace(strings.Join(strings.Fields(text), " "))
}

var (
	typed = strings.NewReplacer("‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "−", "-", "’", "'", "‘", "'", "ʼ", "'",
		"´", "'", "`", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`)
	besideSigns = strings.NewReplacer(" - ", "-", " -", "-", "- ", "-", " / ", "/", " /", "/", "/ ", "/",
		" & ", "&", " &", "&", "& ", "&", " + ", "+", " +", "+", "+ ", "+")
)

// plainSpaced reports whether text is ASCII that looseName leaves as it is.
func plainSpaced(text string) bool {
	sign := func(i int) bool { return i >= 0 && i < len(text) && strings.IndexByte("-/&+ ", text[i]) >= 0 }
	for i := range len(text) {
		if text[i] >= 0x80 || text[i] == '`' || text[i] == ' ' && (sign(i-1) || sign(i+1)) {
			return false
		}
	}
	return true
}

// A Controller is the field that a dependent picklist depends on, and the value that the
// record will have there. A nil one allows every option.
type Controller struct {
	Field *salesforce.Field
	Value any
}

// Allows reports whether the option may be chosen beside the controller's value.
func (c *Controller) Allows(option *salesforce.PicklistValue) bool {
	if c == nil {
		return true
	}
	index := controllingIndex(c.Field, c.Value)
	return index >= 0 && validFor(option.ValidFor, index)
}

// Allowed reports whether each of the options, separated by ";", of a dependent picklist
// may be chosen where its controlling field has the value. States of several countries may
// have one value.
func Allowed(field, controller *salesforce.Field, value any, options string) bool {
	index := controllingIndex(controller, value)
	for _, option := range SplitValues(options) {
		allowed := func(v salesforce.PicklistValue) bool { return v.Value == option && validFor(v.ValidFor, index) }
		if index < 0 || !slices.ContainsFunc(field.PicklistValues, allowed) {
			return false
		}
	}
	return true
}

// controllingIndex is the place of a value among those of the controlling
// field, -1 for none: of a checkbox false comes before true.
func controllingIndex(controller *salesforce.Field, value any) int {
	if controller.Type == salesforce.TypeBoolean {
		if ticked, _ := reading.ReadYesNo(TextOf(value, nil)); ticked {
			return 1
		}
		return 0
	}
	text := strings.TrimSpace(TextOf(value, nil))
	return slices.IndexFunc(controller.PicklistValues, func(v salesforce.PicklistValue) bool {
		return SameName(v.Value, text)
	})
}

// validFor reads the bitmap of an option, in base64, the first value in the highest bit of
// the first byte (unverified).
func validFor(bitmap string, index int) bool {
	const digit = 6 // bits
	if index/digit >= len(bitmap) {
		return false
	}
	bits := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", bitmap[index/digit])
	return bits >= 0 && bits>>(digit-1-index%digit)&1 == 1
}
