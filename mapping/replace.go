// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A replacement is a value of a lead, in its field's form, that is to go over what the
// record has there.
type replacement struct {
	rule     *Rule
	existing ExistingPolicy // of the mapping
	lead     *leadtype.Lead
	target   *Target
	field    *salesforce.Field
	current  any  // what the record has there
	lacks    bool // that is nothing, or a stand-in
	names    *nameParts
}

// A nameParts is identity.Name.Parts of the name that it was asked for last: the rules for the
// first and the last name ask for the same ones.
type nameParts struct {
	of          identity.Name
	first, last bool
}

func (p *nameParts) parts(of identity.Name) (first, last bool) {
	if p.of != of {
		p.of = of
		p.first, p.last = of.Parts()
	}
	return p.first, p.last
}

// A ruling says whether a value is written, and why not where that is worth saying.
type ruling struct {
	write  bool
	equal  bool // see Mapped.Equal
	kind   leadtype.WarningKind
	reason string
}

const reasonEdited = "was not written: a user has changed it in Salesforce"

// hold reports whose the current value of a field is. What is in a record that is yet to be
// created is of other leads.
func (t *Target) hold(field *salesforce.Field, current any) (leadtype.Hold, time.Time) {
	switch {
	case t.Memory != nil:
		return t.Memory.Holds(field, current)
	case t.Creates():
		return leadtype.HoldOurs, time.Time{}
	}
	return leadtype.HoldUnknown, time.Time{}
}

// isOver reports whether a person has asked to write over a field.
func (t *Target) isOver(field string) bool {
	return len(t.Over) > 0 && value.ContainsFold(t.Over, field)
}

// cleared rules on a field without a value: it stays so where a user has emptied it, or
// put a stand-in there.
func (r replacement) cleared() ruling {
	write := r.rule.writeRule(r.target)
	if write != UnlessEdited && write != WriteIfBlank && write != Append || r.target.Creates() {
		return ruling{write: true}
	}
	hold, _ := r.target.hold(r.field, r.current)
	switch {
	case hold != leadtype.HoldEdited, write == UnlessEdited && r.target.isOver(r.field.Name):
		return ruling{write: true}
	case value.IsBlank(r.current):
		return ruling{kind: leadtype.KeptCleared, reason: "was left empty: a user has emptied it in Salesforce"}
	}
	return ruling{kind: leadtype.KeptEdited, reason: reasonEdited}
}

// edited rules on a value that its field does not take: it is not written anyway where
// a user has changed the field.
func (r replacement) edited() ruling {
	hold, _ := r.target.hold(r.field, r.current)
	if r.rule.writeRule(r.target) != UnlessEdited || value.IsBlank(r.current) || hold != leadtype.HoldEdited ||
		r.target.isOver(r.field.Name) {
		return ruling{write: true}
	}
	return ruling{kind: leadtype.KeptEdited, reason: reasonEdited}
}

// of rules on a value.
func (r replacement) of(next any) ruling {
	current := r.current
	isPerson := value.ContainsFold(personNames, r.field.Name)
	if isPerson && identity.Extends(value.TextOf(next, nil), value.TextOf(current, nil)) {
		return ruling{} // an initial says less than the name
	}
	switch write := r.rule.writeRule(r.target); write {
	case Raise, Lower:
		return r.consent(write, current, next)
	case UnlessEdited:
	default:
		return ruling{write: true}
	}
	if r.target.Record == nil || r.lacks {
		return ruling{write: true}
	}
	hold, at := r.target.hold(r.field, current)
	switch {
	case value.Alike(r.field, current, next):
		return ruling{equal: r.confirms(hold, at)}
	case hold == leadtype.HoldOurs && isOlder(r.lead, at):
		return ruling{kind: leadtype.Stale, reason: "was not written: the value there is of a lead that was captured later"}
	case r.target.isOver(r.field.Name):
		return ruling{write: true}
	case hold == leadtype.HoldEdited:
		return ruling{kind: leadtype.KeptEdited, reason: reasonEdited}
	case isPerson:
		return r.ofName(hold, value.TextOf(current, nil), value.TextOf(next, nil))
	case hold == leadtype.HoldUnknown && isNameField(r.field):
		return keptName
	case hold == leadtype.HoldOurs, cmp.Or(r.rule.Existing, r.existing) == OverwriteExisting:
		return ruling{write: true}
	}
	return ruling{kind: leadtype.KeptExisting, reason: "was not written: it has a value that leadsync has not written"}
}

// confirms reports whether a value that the record has already is to be remembered as the
// lead's: nothing is known of it in a record of the connection, or it is of an earlier capture.
func (r replacement) confirms(hold leadtype.Hold, at time.Time) bool {
	switch memory := r.target.Memory; {
	case memory == nil:
		return false
	case hold == leadtype.HoldOurs:
		return at.Before(r.lead.CapturedAt.Truncate(time.Second))
	default:
		return hold == leadtype.HoldUnknown && memory.Created()
	}
}

// keptName is for the names of a record that is not of this connection.
var keptName = ruling{kind: leadtype.KeptExisting,
	reason: "was not written: the record has another name, which leadsync has not written"}

// ofName rules on a first or a last name, whatever the policy for existing values: an
// initial is extended, and what the lead itself had is corrected by a whole name. Another
// lead writes over what is no name.
func (r replacement) ofName(hold leadtype.Hold, current, next string) ruling {
	switch {
	case identity.Extends(current, next):
		return ruling{write: true}
	case hold == leadtype.HoldUnknown:
		return keptName
	}
	switch first, last := r.names.parts(r.leadName(next)); {
	case (!first || !last) && (!last || r.recordName().First != ""):
		return ruling{kind: leadtype.KeptExisting, reason: "was not written: the lead has only a part of a name"}
	case r.target.HadName != nil && r.target.HadName(r.field.Name, current) || !r.namesRecord():
		return ruling{write: true}
	}
	return ruling{kind: leadtype.KeptExisting, reason: "was not written: another lead has given the record its name"}
}

// leadName returns the name that the lead has with a text in the field.
func (r replacement) leadName(text string) identity.Name {
	name := identity.Name{First: r.lead.FirstName, Last: r.lead.LastName, Company: r.lead.Company}
	if strings.EqualFold(r.field.Name, firstNameField) {
		name.First = text
	} else {
		name.Last = text
	}
	return name
}

// recordName returns the name that the record has.
func (r replacement) recordName() identity.Name {
	record := r.target.Record
	return identity.Name{First: record.Text(firstNameField), Last: record.Text(lastNameField),
		Company: record.Text("Company")}
}

// namesRecord reports whether what the record has in the field is a name.
func (r replacement) namesRecord() bool {
	first, last := r.recordName().Parts()
	return first && strings.EqualFold(r.field.Name, firstNameField) ||
		last && strings.EqualFold(r.field.Name, lastNameField)
}

// ofText rules on the text of a name for a record that is there, which keeps what it has where
// the text is no name, or would make a mix of two.
func (r replacement) ofText(v any) ruling {
	next, isText := v.(string)
	if !isText || value.Alike(r.field, r.current, v) || r.lacks && r.target.Creates() {
		return ruling{write: true}
	}
	noName := ruling{kind: leadtype.BlankText, reason: "was not written: the new value stands for no name"}
	if !value.ContainsFold(personNames, r.field.Name) {
		noName.write = r.lacks || !identity.PlaceholderCompany(next, r.lead.Website, r.lead.Email)
		return noName.orWritten()
	}
	isFirst := strings.EqualFold(r.field.Name, firstNameField)
	if isFirst && r.lacks && !r.leadName(next).Completes(r.recordName().Last) {
		return ruling{kind: leadtype.KeptExisting, reason: "was not written: the record has the whole name in LastName"}
	}
	first, last := r.names.parts(r.leadName(next))
	noName.write = isFirst && first || !isFirst && last
	return noName.orWritten()
}

// orWritten returns the ruling without what it would say of a value that is not written.
func (r ruling) orWritten() ruling {
	if r.write {
		return ruling{write: true}
	}
	return r
}

// consent rules on a checkbox under Raise or Lower. Towards the safer side it is always
// moved, in doubt too, and towards the other only in a new record, under Lower.
func (r replacement) consent(write WriteRule, current, next any) ruling {
	ticked, _ := next.(bool)
	safer := ticked == (write == Raise)
	if safer && !value.IsBlank(current) && value.SameValue(r.field, current, next) {
		return ruling{}
	}
	switch {
	case safer:
		return ruling{write: true}
	case value.SameValue(r.field, current, next) && !value.IsBlank(current), write == Raise && r.target.Creates() &&
		value.IsBlank(current):
		return ruling{}
	case write == Raise:
		return ruling{kind: leadtype.KeptExisting, reason: "was not written: an opt-out is only ever set"}
	case r.target.Creates() && value.IsBlank(current) && !r.target.Doubt:
		return ruling{write: true} // unless another lead of the record has said no
	}
	return ruling{kind: leadtype.KeptExisting,
		reason: "was not written: a consent of a record that is there is only ever withdrawn"}
}

// differsInForm reports whether a value that is to be overwritten differs from the record's at
// most in its form, such as case, and the lead does not correct that: the form there is not the
// one that the lead had. Where automation has changed it, the two would write it in turns.
func (t *Target) differsInForm(lead *leadtype.Lead, field *salesforce.Field, next any) bool {
	current, _ := t.current(field)
	switch {
	case t.Creates(), t.isOver(field.Name), value.IsBlank(current), !value.HasForms(field),
		value.SameValue(field, current, next), !value.Alike(field, current, next):
		return false
	}
	return t.Memory == nil || !t.Memory.Wrote(field, current, lead.ID)
}

// isOlder reports whether a lead was captured before the time.
func isOlder(lead *leadtype.Lead, at time.Time) bool {
	return !lead.CapturedAt.IsZero() && lead.CapturedAt.Truncate(time.Second).Before(at)
}

const (
	firstNameField = "FirstName"
	lastNameField  = "LastName"
)

var (
	// personNames are the names of a person.
	personNames = []string{firstNameField, lastNameField}
	// nameFields say who a record is. In doubt they are not written.
	nameFields = append(slices.Clone(personNames), "Company")
)

func isNameField(field *salesforce.Field) bool { return value.ContainsFold(nameFields, field.Name) }

// inDoubt returns a rule as it applies where Target.Doubt is set: it fills a blank field, or
// not even that. Then it is nil. A consent is that of whoever has the e-mail address: its
// rule stays.
func (t *Target) inDoubt(rule *Rule) *Rule {
	if write := rule.writeRule(t); write.isConsent() {
		return rule
	}
	if isNameField(&salesforce.Field{Name: rule.Field}) || ofCompany(rule.Source) {
		return nil
	}
	blanks := *rule
	blanks.Write, blanks.Own = WriteIfBlank, ""
	return &blanks
}

// ofCompany reports whether a source field is the lead's company's.
func ofCompany(source string) bool {
	return source == "website" || source == "industry" || strings.HasPrefix(source, "company")
}

// leaveFilled takes out of the fields of a host's own Mapper, where Target.Doubt is set, the
// names and what the record has a value for, but for a consent that becomes a safer one.
func (t *Target) leaveFilled(lead *leadtype.Lead, fields salesforce.Fields) salesforce.Fields {
	if !t.Doubt {
		return fields
	}
	fields = maps.Clone(fields)
	maps.DeleteFunc(fields, func(name string, v any) bool {
		field, known := t.Describe.Field(name)
		if !known {
			return true
		}
		rule := t.inDoubt(&Rule{Field: field.Name, Write: consentRule(field)})
		current, read := t.current(field)
		switch {
		case rule == nil || !read:
			return true
		case rule.Write.isConsent():
			return !replacement{rule: rule, lead: lead, target: t, field: field, current: current, names: new(nameParts)}.
				of(v).write
		}
		return !value.IsBlank(current)
	})
	return fields
}

// writeRule returns the write rule of the address: the most careful of its rules.
func (a *addressRun) writeRule() WriteRule {
	write := Overwrite
	for i := range a.parts {
		rule := a.parts[i].rule
		if rule == nil {
			continue
		}
		switch one := rule.writeRule(a.target); {
		case one == WriteIfBlank, rule.CreateOnly:
			return WriteIfBlank
		case one == UnlessEdited:
			write = UnlessEdited
		}
	}
	return write
}

// careful returns a rule of the address with a write rule.
func (a *addressRun) careful(write WriteRule) *Rule {
	for i := range a.parts {
		if rule := a.parts[i].rule; rule != nil && rule.writeRule(a.target) == write {
			return rule
		}
	}
	return nil
}

// edited returns the first part that a user has changed or emptied since it was written,
// among those that fit.
func (a *addressRun) edited(fits func(part address.Part) bool) (address.Part, bool) {
	for i := range a.parts {
		part := address.Part(i)
		if a.parts[i].field == nil || !fits(part) || a.target.isOver(a.parts[i].field.Name) {
			continue
		}
		if hold, _ := a.target.hold(a.parts[i].field, value.BlankToNil(a.record[i])); hold == leadtype.HoldEdited {
			return part, true
		}
	}
	return 0, false
}

// keepEdited warns that the address is kept because of a part of it.
func (a *addressRun) keepEdited(part address.Part) {
	kind, reason := leadtype.KeptEdited, "the address was not written: a user has changed it in Salesforce"
	if a.record[part] == "" {
		kind, reason = leadtype.KeptCleared, "the address was not written: a user has emptied it or a part of it"
	}
	a.warn(kind, "", a.parts[part].field.Name, reason)
}

// mayReplace reports whether what the record has may be overwritten, and warns where it may
// not: one part that a user has changed keeps the whole.
func (a *addressRun) mayReplace(write WriteRule) bool {
	if write != UnlessEdited || a.target.Record == nil {
		return true
	}
	if part, kept := a.edited(func(address.Part) bool { return true }); kept {
		a.keepEdited(part)
		return false
	}
	rule := a.careful(UnlessEdited)
	for i := range a.parts {
		part := &a.parts[i]
		if part.field == nil || a.record[i] == "" || a.given[i] != "" && a.same(address.Part(i)) {
			continue
		}
		if by := a.over(rule, part.field).of(value.BlankToNil(a.given[i])); !by.write {
			by.reason = "the address " + by.reason
			return a.decide(part.field, by)
		}
	}
	return true
}

// mayFill reports whether nobody has emptied what the address fills, and warns where a user
// has.
func (a *addressRun) mayFill(write WriteRule) bool {
	if write == Overwrite || a.target.Creates() {
		return true
	}
	blank := a.record.Blank()
	part, emptied := a.edited(func(part address.Part) bool {
		return a.record[part] == "" && (blank || a.given[part] != "")
	})
	if emptied && !a.given.Blank() {
		a.keepEdited(part)
	}
	return !emptied
}

// noteEqual notes the parts that the record has as they would be written.
func (a *addressRun) noteEqual() {
	rule := a.careful(UnlessEdited)
	for i := range a.parts {
		if rule != nil && a.given[i] != "" && a.record[i] != "" {
			if by := a.over(rule, a.parts[i].field).of(a.given[i]); by.equal {
				a.decide(a.parts[i].field, by)
			}
		}
	}
}
