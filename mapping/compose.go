// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/blank"
	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// MapRecord asks the Mapper for a record's fields. A host's own Mapper gets the lead
// without texts that stand for no value, as Clean has it. What it returns is converted: a
// value that no field takes would fail the whole call for the other leads.
func (s *Set) MapRecord(lead *leadtype.Lead, target Target) Mapped {
	if m := s.mapping(); m != nil {
		return m.apply(lead, target, func(target Target) salesforce.Fields {
			run := answering{mapping: m, lead: lead, target: target, words: s.blankWords()}
			mapAnswers(s.cfg.Qualifiers, &run) // Compose reports what is wrong
			return run.fields
		})
	}
	var fields salesforce.Fields
	var warnings []leadtype.Warning
	var err error
	p := hook.Call(s.cfg.Logger, hook.Hook{Kind: "Mapper.Map", For: string(lead.ID)}, func() {
		fields, warnings, err = s.cfg.Mapper.Map(s.Clean(lead), target)
	})
	err = verdict.Failure(err)
	switch {
	case p != nil:
		return Mapped{Err: verdict.Panicked("map", lead.ID, target.Object, p)}
	case err != nil:
		return Mapped{Err: verdict.MapError(lead.ID, target.Object, err)}
	}
	warnings = slices.Clone(warnings)
	for i := range warnings {
		warnings[i].Kind = cmp.Or(warnings[i].Kind, leadtype.KindFor(warnings[i].Code))
	}
	return Mapped{Fields: fields, Warnings: warnings}.fit(lead, target)
}

// MapsTasks reports whether the Mapping has rules for Tasks.
func (s *Set) MapsTasks() bool { return s.tasks != nil }

// FillsTask reports whether the Mapping has a rule for a field of Tasks.
func (s *Set) FillsTask(field string) bool {
	return s.tasks != nil && value.ContainsFold(s.tasks.Fields(salesforce.ObjectTask), field)
}

// MapTask returns what the Mapping wants of the Task of an activity. The target's record
// holds what a Task has without rules; a field that comes out as nil is left out.
func (s *Set) MapTask(lead *leadtype.Lead, activity *leadtype.Activity, target Target) Mapped {
	if s.tasks == nil {
		return Mapped{}
	}
	target.activity = activity
	m := s.tasks.apply(lead, target, nil)
	if m.Err == nil {
		m = m.checkWhole(lead, target, func(f *fault) bool { return s.tasks.mayLeaveOut(target.Object, f) })
	}
	if m.Err == nil {
		m.Err = s.checkOwner(lead, &target, m.Warnings)
	}
	return m
}

// fit converts the fields of a host's own Mapper to what the record takes.
func (m Mapped) fit(lead *leadtype.Lead, target Target) Mapped {
	if target.Describe == nil {
		return Mapped{Err: verdict.MapError(lead.ID, target.Object, verdict.Unseen(target.Object))}
	}
	describe := target.ofRecordType(recordTypeIn(m.Fields, target.Describe))
	converted := make(salesforce.Fields, len(m.Fields))
	for _, name := range value.SortedKeys(m.Fields) {
		field, ok := describe.Field(name)
		if !ok || field.Type == salesforce.TypeID {
			f := &fault{code: leadtype.MissingRemoteField, field: name, reason: "the object has no such writable field"}
			if target.counts(f.field) {
				return Mapped{Err: joinFaults(lead.ID, target.Object, []*fault{f})}
			}
			continue
		}
		v, problem := value.RecordTypeNamed(target.Describe, field, m.Fields[name])
		var notes []value.Note
		if problem == nil {
			v, notes, problem = value.Convert(field, v,
				value.Options{Controller: controllerOf(&target, field, converted, m.Fields)})
		}
		if problem != nil {
			if f := faultOf(problem); target.counts(f.field) {
				return Mapped{Err: joinFaults(lead.ID, target.Object, []*fault{f})}
			}
			continue
		}
		converted[field.Name] = v
		m.Warnings = append(m.Warnings, verdict.WarningsOf(target.Object, notes)...)
	}
	maps.DeleteFunc(converted, func(name string, v any) bool {
		field, ok := describe.Field(name)
		return ok && target.differsInForm(lead, field, v)
	})
	m.Fields = target.leaveFilled(lead, converted)
	return m
}

// recordTypeIn returns the record type that unconverted fields choose, nil for none.
func recordTypeIn(fields salesforce.Fields, describe *salesforce.Describe) any {
	field, ok := describe.Field(value.RecordTypeField)
	for name, v := range fields {
		if ok && strings.EqualFold(name, value.RecordTypeField) {
			named, _ := value.RecordTypeNamed(describe, field, v)
			chosen, _, _ := value.Convert(field, named, value.Options{}) // fit reports what is wrong
			return chosen
		}
	}
	return nil
}

// Compose returns all that a lead wants of a record: what the Mapper returned for it,
// and the answers to qualifiers.
func (s *Set) Compose(lead *leadtype.Lead, target Target, m Mapped) Mapped {
	if m.Err != nil {
		return m
	}
	// Only now the record type is known, and with it which options there are.
	target.Describe = target.ofRecordType(m.Fields[value.RecordTypeField])
	var answers salesforce.Fields
	if len(s.cfg.Qualifiers) > 0 {
		run := answering{mapping: s.mapping(), lead: lead, target: target, words: s.blankWords(), mapped: m.Fields}
		mapAnswers(s.cfg.Qualifiers, &run)
		if len(run.faults) > 0 {
			return Mapped{Err: joinFaults(lead.ID, target.Object, run.faults)}
		}
		answers = run.fields
		m.Warnings, m.Equal = slices.Concat(m.Warnings, run.warnings), slices.Concat(m.Equal, run.equal)
	}
	m.Warnings = slices.Clip(m.Warnings)
	if target.Object == salesforce.ObjectLead || target.Object == salesforce.ObjectContact {
		m.Warnings = append(m.Warnings, s.unusedAnswers(lead)...)
	}
	if len(answers) > 0 {
		m.Fields = maps.Clone(m.Fields)
		maps.Copy(m.Fields, answers)
	}
	m = m.checkWhole(lead, target, func(f *fault) bool {
		_, answered := answers[f.field]
		return !answered && s.mayLeaveOut(target.Object, f)
	})
	if m.Err == nil {
		m.Err = s.checkOwner(lead, &target, m.Warnings)
	}
	if m.Err != nil {
		return Mapped{Err: m.Err}
	}
	return m
}

// mayLeaveOut reports whether the Mapping has a rule that leaves a value out.
func (s *Set) mayLeaveOut(object salesforce.Object, f *fault) bool {
	m := s.mapping()
	return m != nil && m.mayLeaveOut(object, f)
}

func (m *Mapping) mayLeaveOut(object salesforce.Object, f *fault) bool {
	rule := m.rule(object, f.field)
	if rule.Field == "" {
		rule = m.addressRule(object, f.field)
	}
	return rule.mayLeaveOut(f)
}

// checkWhole checks what the fields of a record say together: dependent picklists,
// and then the objects of ids. A value that may be left out is, and what depended on it
// is looked at again.
func (m Mapped) checkWhole(lead *leadtype.Lead, target Target, mayLeaveOut func(*fault) bool) Mapped {
	fields := m.Fields
	for {
		faults := checkDependents(target, fields)
		if len(faults) == 0 {
			faults = checkReferences(target, fields)
		}
		if len(faults) == 0 {
			m.Fields = fields
			return m
		}
		mustFit := func(f *fault) bool { return target.counts(f.field) && !mayLeaveOut(f) }
		if i := slices.IndexFunc(faults, mustFit); i >= 0 {
			m.Err = joinFaults(lead.ID, target.Object, faults[i:])
			return m
		}
		fields = maps.Clone(fields)
		for _, f := range faults {
			if delete(fields, f.field); mayLeaveOut(f) {
				m.Warnings = append(slices.Clip(m.Warnings), f.warning(target.Object))
			}
		}
	}
}

// counted returns the faults that concern what is looked for.
func (t *Target) counted(faults []*fault) []*fault {
	return slices.DeleteFunc(faults, func(f *fault) bool { return !t.counts(f.field) })
}

// checkOwner holds an owner that is not one active User against the policy.
func (s *Set) checkOwner(lead *leadtype.Lead, target *Target, warnings []leadtype.Warning) *leadtype.Error {
	i := slices.IndexFunc(warnings, func(w leadtype.Warning) bool {
		return (w.Code == leadtype.OwnerInvalid || w.Kind == leadtype.OwnerReplaced) && w.Field == value.OwnerField
	})
	if i < 0 || s.cfg.Owners != leadtype.HoldOwner {
		return nil
	}
	f := &fault{code: leadtype.OwnerInvalid, field: value.OwnerField, reason: warnings[i].Reason}
	return joinFaults(lead.ID, target.Object, target.counted([]*fault{f}))
}

// blankWords are those of the Mapping, the shipped ones beside a host's own Mapper.
func (s *Set) blankWords() (shipped blank.Words) {
	if m := s.mapping(); m != nil {
		return m.blankWords()
	}
	return shipped
}

// Clean returns a lead without texts that stand for no value where it is looked up by
// them, the lead itself where it has none: in names, e-mail addresses, phone numbers, ids,
// the company and its website. What rules read of the lead as it was captured is up to
// each of them.
func (s *Set) Clean(lead *leadtype.Lead) *leadtype.Lead {
	words := s.blankWords()
	c := cleaning{words: words, lead: lead}
	c.read()
	lead = c.lead
	first, last := blankNames(words, lead.FirstName, lead.LastName)
	if first && lead.FirstName != "" {
		c.copy().FirstName = ""
	}
	if last && lead.LastName != "" {
		c.copy().LastName = ""
	}
	for _, at := range lookedUp {
		if text := *at(c.lead); text != "" && c.isBlank(text) {
			*at(c.copy()) = ""
		}
	}
	for _, id := range []func(*leadtype.Lead) *salesforce.ID{
		func(l *leadtype.Lead) *salesforce.ID { return &l.ContactID },
		func(l *leadtype.Lead) *salesforce.ID { return &l.LeadID },
		func(l *leadtype.Lead) *salesforce.ID { return &l.AccountID },
	} {
		if text := string(*id(c.lead)); text != "" && c.isBlank(text) {
			*id(c.copy()) = ""
		}
	}
	if slices.ContainsFunc(lead.OtherEmails, c.isBlank) {
		c.copy().OtherEmails = slices.DeleteFunc(slices.Clone(lead.OtherEmails), c.isBlank)
	}
	return c.lead
}

// names are the texts of a lead that are its person's name.
var names = []func(*leadtype.Lead) *string{
	func(l *leadtype.Lead) *string { return &l.FirstName },
	func(l *leadtype.Lead) *string { return &l.LastName },
}

// lookedUp are the texts of a lead by which it is looked up, beside its names.
var lookedUp = []func(*leadtype.Lead) *string{
	func(l *leadtype.Lead) *string { return &l.Email },
	func(l *leadtype.Lead) *string { return &l.Phone },
	func(l *leadtype.Lead) *string { return &l.MobilePhone },
	func(l *leadtype.Lead) *string { return &l.Company },
	func(l *leadtype.Lead) *string { return &l.Website },
	func(l *leadtype.Lead) *string { return &l.CompanyPhone },
}

// A cleaning is one call of Clean.
type cleaning struct {
	words  blank.Words
	lead   *leadtype.Lead
	copied bool
}

// read puts texts into the form in which rules write them: as they were meant, and
// e-mail addresses alone.
func (c *cleaning) read() {
	for _, texts := range [][]func(*leadtype.Lead) *string{names, lookedUp} {
		for _, at := range texts {
			if text := reading.Source(*at(c.lead)); text != *at(c.lead) {
				*at(c.copy()) = text
			}
		}
	}
	if address := emailOf(c.lead.Email); address != c.lead.Email {
		c.copy().Email = address
	}
	if slices.ContainsFunc(c.lead.OtherEmails, func(text string) bool { return emailOf(text) != text }) {
		others := slices.Clone(c.lead.OtherEmails)
		for i := range others {
			others[i] = emailOf(others[i])
		}
		c.copy().OtherEmails = others
	}
}

// emailOf returns the e-mail address in a text, the text itself where there is not one.
func emailOf(text string) string {
	if address, err := reading.ReadEmail(text); err == nil && strings.Contains(address, "@") {
		return address
	}
	return text
}

func (c *cleaning) isBlank(text string) bool { return blank.Always(text) || c.words.Has(text) }

// copy returns the lead to change: a copy.
func (c *cleaning) copy() *leadtype.Lead {
	if !c.copied {
		changed := *c.lead
		c.lead, c.copied = &changed, true
	}
	return c.lead
}

// currencies returns what the amounts of the record are in, once the rules are applied: the
// record's own currency in an org with several, else the org's. What a rule gives for
// CurrencyIsoCode is what the lead's amounts are in, also where it is not written: the record
// has another and keeps it, or the org has not activated it.
func (r *mapRun) currencies() currencies {
	if r.money == nil {
		field, several := r.target.Describe.Field(value.CurrencyField)
		if several {
			r.money = r.currenciesIn(field)
		} else {
			r.money = &currencies{record: cmp.Or(r.Currency, r.target.Currency)}
		}
	}
	return *r.money
}

func (r *mapRun) currenciesIn(field *salesforce.Field) *currencies {
	var c currencies
	if current, known := r.target.current(field); known && !value.IsBlank(current) {
		c.record = value.TextOf(current, nil)
	} else if known {
		c.record = defaultOption(field)
	}
	rules := r.rules(r.target.Object)
	for i := range rules {
		rule := &rules[i]
		if !strings.EqualFold(rule.Field, field.Name) || rule.writeRule(&r.target) == Never {
			continue
		}
		trial := *r // the record's own run says what is wrong
		trial.fields = make(salesforce.Fields)
		c.lead = trial.currencyOf(rule, field)
		_ = trial.apply(rule)
		if written, ok := trial.fields[field.Name]; ok && r.target.counts(field.Name) {
			c.record = value.TextOf(written, nil)
		}
	}
	return &c
}

// currencyOf returns the code of the currency that a rule's source gives, as the org spells
// it where it has the currency, "" for none.
func (r *mapRun) currencyOf(rule *Rule, field *salesforce.Field) string {
	v, byDefault, _ := r.value(rule)
	if byDefault || value.IsBlank(v) {
		return ""
	}
	if mapped, f := r.translate(rule, field, v); f == nil && !value.IsBlank(mapped) {
		v = mapped
	}
	if option, _, problem := value.Convert(field, v, value.Options{}); problem == nil {
		v = option
	}
	return strings.ToUpper(strings.TrimSpace(value.TextOf(v, nil)))
}

// defaultOption returns the option that a new record gets in a picklist, "" for none.
func defaultOption(field *salesforce.Field) string {
	for _, option := range field.PicklistValues {
		if option.DefaultValue {
			return option.Value
		}
	}
	return ""
}
