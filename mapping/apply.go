// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Map applies the rules for the target's object to a lead. All problems of the
// lead are looked for: the error has the code of the first, and every field
// with that code.
func (m *Mapping) Map(lead *leadtype.Lead, target Target) (salesforce.Fields, []leadtype.Warning, error) {
	mapped := m.apply(lead, target, nil)
	if mapped.Err != nil {
		return nil, mapped.Warnings, mapped.Err
	}
	return mapped.Fields, mapped.Warnings, nil
}

// apply is Map with an error that is known to be whole. answered returns the fields that
// answers fill, which count before rules; nil means none.
func (m *Mapping) apply(lead *leadtype.Lead, target Target, answered func(Target) salesforce.Fields) Mapped {
	rules := m.rules(target.Object)
	run := mapRun{Mapping: m, lead: lead, target: target, zone: value.EventZone(lead.CapturedAt),
		fields: make(salesforce.Fields)} // few of the rules have a value
	if target.Describe == nil && len(rules) > 0 {
		return Mapped{Err: &leadtype.Error{Op: "map", Code: leadtype.ConnectionPermission, LeadID: lead.ID,
			Object: target.Object, Reason: value.UnseenObject}}
	}
	run.addresses = run.few[:0]
	run.target.Describe = target.ofRecordType(run.recordType(rules))
	for i := range rules {
		if f := run.applyFrom(rules[i:]); f != nil {
			run.faults = append(run.faults, f)
		}
	}
	run.fillDependents(answered)
	if err := joinFaults(lead.ID, target.Object, target.counted(run.faults)); err != nil {
		return Mapped{Warnings: run.warnings, Err: err}
	}
	return Mapped{Fields: run.fields, Warnings: run.warnings, Equal: run.equal, Appended: run.appended}
}

// A mapRun is one lead on its way into one record.
type mapRun struct {
	*Mapping
	lead     *leadtype.Lead
	target   Target
	zone     *time.Location
	fields   salesforce.Fields
	pending  []pendingValue
	warnings []leadtype.Warning
	faults   []*fault
	equal    []string       // see Mapped
	appended []AppendedText // see Mapped
	names    nameParts      // of the lead
	money    *currencies    // see mapRun.currencies

	// addresses are those whose rules have been applied.
	addresses []address.Field
	few       [2]address.Field // where they are as a rule
}

// A pendingValue goes into a dependent picklist, after the others.
type pendingValue struct {
	rule  *Rule
	field *salesforce.Field
	value any
}

// fillDependents puts the values into dependent picklists, now that those are known which
// they depend on.
func (r *mapRun) fillDependents(answered func(Target) salesforce.Fields) {
	if len(r.pending) == 0 {
		return
	}
	var answers salesforce.Fields
	if answered != nil {
		answers = answered(r.target)
	}
	controllersFirst(r.pending, func(p pendingValue) *salesforce.Field { return p.field })
	for _, p := range r.pending {
		f := r.convert(p.rule, p.field, p.value, controllerOf(&r.target, p.field, answers, r.fields))
		if f = r.leaveOut(p.rule, f); f != nil {
			r.faults = append(r.faults, f)
		}
	}
}

// recordType returns the id of the record type that the rules choose, nil for none.
func (r *mapRun) recordType(rules []Rule) any {
	if len(r.target.RecordTypes) == 0 {
		return nil
	}
	trial := *r
	trial.fields = make(salesforce.Fields)
	for i := range rules {
		if strings.EqualFold(rules[i].Field, value.RecordTypeField) {
			_ = trial.apply(&rules[i]) // the record's own run reports what is wrong
		}
	}
	return trial.fields[value.RecordTypeField]
}

// applyFrom applies the first of rules, and with it the others for the same address.
func (r *mapRun) applyFrom(rules []Rule) *fault {
	at, ok := r.target.placeOf(&rules[0])
	switch {
	case !ok:
		return r.apply(&rules[0])
	case slices.ContainsFunc(r.addresses, at.Same):
		return nil
	}
	r.addresses = append(r.addresses, at)
	return applyAddress(r, &r.target, rules, at)
}

// apply applies a rule, and leaves a value out that the rule may leave out.
func (r *mapRun) apply(rule *Rule) *fault { return r.leaveOut(rule, r.fill(rule)) }

// leaveOut warns of a fault whose value the rule may leave out, and returns any other.
func (r *mapRun) leaveOut(rule *Rule, f *fault) *fault {
	if f == nil || !rule.mayLeaveOut(f) {
		return f
	}
	r.warnings = append(r.warnings, f.warning(r.target.Object))
	return nil
}

func (r *mapRun) fill(rule *Rule) *fault {
	if rule.writeRule(&r.target) == Never || rule.CreateOnly && !r.target.Creates() {
		return nil
	}
	if r.target.Doubt {
		if rule = r.target.inDoubt(rule); rule == nil {
			return nil
		}
	}
	v, byDefault, err := r.value(rule)
	if err != nil {
		return err
	}
	write := rule.writeRule(&r.target)
	if value.IsBlank(v) && write != Clear {
		return nil
	}
	field, err := r.field(rule)
	if field == nil || err != nil {
		return err
	}
	if !value.IsBlank(v) && !byDefault {
		if v, err = r.translate(rule, field, v); err != nil || value.IsBlank(v) {
			return err // a text that is not mapped clears nothing
		}
	}
	current, known := r.target.current(field)
	if !known && (byDefault && !value.IsBlank(v) || write.depends()) {
		r.warn(leadtype.Dropped, "", field.Name, "was left alone: its current value was not read")
		return nil
	}
	lacks := r.lacks(field, current)
	switch {
	case value.IsBlank(v):
		return r.clear(field, current)
	case !lacks && (write == WriteIfBlank || rule.CreateOnly || byDefault):
		return nil
	case !lacks && r.isStandIn(field, v):
		r.warn(leadtype.BlankText, "", field.Name, "was not written: the new value stands for none")
		return nil
	case !value.IsBlank(current) && r.isStandIn(field, v): // over another one, or over its own form
		return nil
	case r.target.Record != nil && isNameField(field) && !r.decide(field, r.over(rule, field).ofText(v)):
		return nil
	case lacks && !r.fillsBlank(rule, field):
		return nil
	case rule.keepsCase() && !r.target.Creates() && value.SameName(value.TextOf(current, nil), value.TextOf(v, nil)):
		return nil
	case rule.refers():
		return r.refer(rule, field, v)
	case isUserEmail(field, v):
		return r.user(rule, field, v)
	case write == Append:
		return r.append(rule, field, value.TextOf(current, nil), value.TextOf(v, r.zone))
	}
	return r.put(rule, field, v)
}

// value returns the plain value of a rule: of its source through its transforms,
// else its default. Rule.Values come later: see translate.
func (r *mapRun) value(rule *Rule) (v any, byDefault bool, _ *fault) {
	v = rule.Constant
	switch rule.Source {
	case "":
	case SourceLeadSource:
		v = leadSourceFor(r.leadSource, r.target.Describe, rule.Field)
	default:
		v = r.source(rule)
	}
	for _, name := range rule.Transforms {
		plain, ok := value.PlainValue(v)
		if ok && value.IsBlank(plain) {
			break
		}
		f, ok := r.transformFor(rule, name)
		if !ok {
			return nil, false, misfit(rule.Field, "has a rule with an unknown transform")
		}
		if f == nil {
			continue
		}
		var fault *fault
		if v, fault = r.call(name, f, v, rule.Field); fault != nil {
			return nil, false, fault
		}
	}
	plain, ok := value.PlainValue(v)
	if ok && value.IsBlank(plain) {
		plain, ok = value.PlainValue(rule.Default)
		byDefault = true
	}
	if !ok {
		return nil, false, unfit(rule.Field, value.NotPlain)
	}
	return plain, byDefault, nil
}

// translate returns what Rule.Values says for a plain value of the rule's source. It is
// nil where nothing is left of it.
func (r *mapRun) translate(rule *Rule, field *salesforce.Field, v any) (any, *fault) {
	if len(rule.Values) == 0 {
		return v, nil
	}
	list, isList := v.([]string)
	if !isList {
		list = []string{value.TextOf(v, r.zone)}
	}
	values := value.Values(rule.Values)
	texts := values.Split(field, value.TrimmedValues(list))
	find := values.Finder(len(texts))
	mapped := make([]string, 0, len(texts))
	for _, text := range texts {
		to, ok := find(text)
		switch {
		case ok:
			mapped = append(mapped, to)
		case rule.Unmapped == PassUnmapped:
			mapped = append(mapped, text)
		case rule.Unmapped == DropUnmapped:
			r.warn(leadtype.Unmapped, leadtype.NoTagMapping, field.Name,
				value.UnmappedText+", which was dropped")
		default:
			return nil, &fault{code: leadtype.NoTagMapping, field: field.Name,
				reason: value.UnmappedText + ": the rule does not map it"}
		}
	}
	if len(mapped) == 1 {
		return mapped[0], nil
	}
	return mapped, nil
}

// source returns the value of a rule's source, without texts that stand for none.
func (r *mapRun) source(rule *Rule) any {
	s := sources{r.blankWords(), r.lead, &r.target}
	v, dropped := s.of(rule)
	if dropped {
		r.warnings = append(r.warnings, s.note(rule)...)
	}
	return v
}

// call calls a transform for a field. A host that calls Mapping.Map itself gets the panic
// of its own transform.
func (r *mapRun) call(name string, f TransformFunc, v any, field string) (out any, _ *fault) {
	var err error
	if !r.guarded || r.transforms[name] == nil {
		out, err = f(v)
	} else {
		p := hook.Call(r.log, hook.Hook{Kind: "transform", Name: name, For: string(r.lead.ID)}, func() {
			out, err = f(v)
		})
		if p != nil {
			return nil, &fault{code: leadtype.Unknown, field: field, reason: p.Reason(), cause: p}
		}
	}
	if err == nil {
		return out, nil
	}
	if why, isUnfit := errors.AsType[reading.Unfit](err); isUnfit {
		return nil, unfit(field, fmt.Sprintf("cannot pass transform %q: it %s", name, why))
	}
	return nil, unfit(field, fmt.Sprintf("transform %q rejects the value", name))
}

// field returns the target field of a rule. It is nil when the rule is skipped.
func (r *mapRun) field(rule *Rule) (*salesforce.Field, *fault) {
	field, ok := r.target.Describe.Field(rule.Field)
	if !ok {
		if cmp.Or(rule.Missing, r.Missing, Fail) == Fail {
			return nil, &fault{code: leadtype.MissingRemoteField, field: rule.Field, reason: value.UnseenField}
		}
		r.warn(leadtype.Missing, leadtype.MissingRemoteField, rule.Field, value.UnseenField)
		return nil, nil
	}
	switch {
	case !value.TakesValue(field.Type):
		return nil, misfit(field.Name, fmt.Sprintf("has the type %s, which cannot be written", field.Type))
	case value.Writeable(field, r.target.Creates()):
		return field, nil
	}
	if cmp.Or(rule.Locked, r.Locked, Skip) == Fail {
		return nil, &fault{code: leadtype.ConnectionPermission, field: field.Name, reason: value.WhyLocked(field)}
	}
	r.warn(leadtype.Locked, leadtype.ConnectionPermission, field.Name, value.WhyLocked(field))
	return nil, nil
}

func (r *mapRun) warn(kind leadtype.WarningKind, code leadtype.Code, field, reason string) {
	r.warnings = append(r.warnings,
		leadtype.Warning{Kind: kind, Code: code, Object: r.target.Object, Field: field, Reason: reason})
}

// put converts the value and writes it. What the record holds already it may keep,
// such as an option that is no longer active.
func (r *mapRun) put(rule *Rule, field *salesforce.Field, v any) *fault {
	if field.DependentPicklist {
		r.pending = append(r.pending, pendingValue{rule, field, v})
		return nil
	}
	return r.convert(rule, field, v, nil)
}

func (r *mapRun) convert(rule *Rule, field *salesforce.Field, v any, controller *value.Controller) *fault {
	options := r.options(rule)
	options.Controller = controller
	if value.IsNumeric(field.Type) {
		options.Numbers = r.target.numbers(r.Mapping, rule, field, r.currencies)
	}
	v, problem := value.RecordTypeNamed(r.target.Describe, field, v)
	if problem != nil {
		return faultOf(problem)
	}
	converted, notes, problem := value.Convert(field, v, options)
	switch {
	case problem != nil && r.target.holds(field, v) &&
		(controller == nil || r.target.holds(controller.Field, controller.Value)):
		return nil
	case problem != nil && !r.decide(field, r.over(rule, field).edited()):
		return nil
	case problem != nil:
		return faultOf(problem)
	case converted != nil && !r.replaces(rule, field, converted):
		return nil
	}
	r.warnings = append(r.warnings, verdict.WarningsOf(r.target.Object, notes)...)
	if converted != nil {
		r.fields[field.Name] = converted
	}
	return nil
}

// over is what a rule writes over in a field.
func (r *mapRun) over(rule *Rule, field *salesforce.Field) replacement {
	current, _ := r.target.current(field)
	return replacement{rule: rule, existing: r.Existing, lead: r.lead, target: &r.target, field: field,
		current: current, lacks: r.lacks(field, current), names: &r.names}
}

// fillsBlank reports whether a rule fills a field in which the record has no value.
func (r *mapRun) fillsBlank(rule *Rule, field *salesforce.Field) bool {
	return r.target.Creates() || r.decide(field, r.over(rule, field).cleared())
}

// replaces reports whether a rule writes a value over what the record has.
func (r *mapRun) replaces(rule *Rule, field *salesforce.Field, v any) bool {
	if write := rule.writeRule(&r.target); !write.depends() || r.target.Record == nil && !write.isConsent() {
		return !r.target.differsInForm(r.lead, field, v)
	}
	return r.decide(field, r.over(rule, field).of(v))
}

// decide warns of what a ruling keeps, and reports whether the value is written.
func (r *mapRun) decide(field *salesforce.Field, by ruling) bool {
	if by.kind != "" {
		r.warn(by.kind, "", field.Name, by.reason)
	}
	if by.equal {
		r.equal = append(r.equal, field.Name)
	}
	return by.write
}

func (r *mapRun) options(rule *Rule) value.Options {
	return value.Options{Zone: r.zone, Refuse: cmp.Or(rule.TooLong, r.TooLong) == Fail}
}

// transformFor returns a transform of a rule as it is for the record, nil for one that does
// not apply to it. It is not ok where there is no such transform.
func (r *mapRun) transformFor(rule *Rule, name string) (f TransformFunc, ok bool) {
	if _, own := r.transforms[name]; own {
		return r.transform(name)
	}
	if name == toNumber && r.target.Describe != nil {
		if field, ok := r.target.Describe.Field(rule.Field); ok && value.IsNumeric(field.Type) {
			return nil, true // converting it does
		}
	}
	if f, isTitle := titleFor(name, rule.Field, r.target.Creates()); isTitle {
		return f, true
	}
	return r.transform(name)
}

// write writes a value that has its field's form.
func (r *mapRun) write(field string, v any, notes []value.Note) {
	r.warnings = append(r.warnings, verdict.WarningsOf(r.target.Object, notes)...)
	r.fields[field] = v
}

func (r *mapRun) fail(f *fault) { r.faults = append(r.faults, f) }

func (r *mapRun) clear(field *salesforce.Field, current any) *fault {
	switch {
	case r.target.Record == nil:
		return nil
	case field.Type == salesforce.TypeBoolean:
		r.fields[field.Name] = false
	case value.IsBlank(current):
		return nil
	case !field.Nillable:
		return misfit(field.Name, "cannot be cleared: Salesforce requires a value")
	default:
		r.fields[field.Name] = nil
	}
	return nil
}

// append adds a value to the current text as lines of its own.
func (r *mapRun) append(rule *Rule, field *salesforce.Field, current, addition string) *fault {
	if field.Type != salesforce.TypeTextarea {
		return misfit(field.Name, "cannot be appended to: it is not a long text area")
	}
	addition, ok := value.CleanText(addition, true)
	if !ok {
		return unfit(field.Name, "is not valid UTF-8")
	}
	r.appended = append(r.appended, AppendedText{field.Name, addition})
	if r.target.Memory != nil && r.target.Memory.Appended(field, addition) {
		return nil // whatever a user has made of it since
	}
	clean, _ := value.CleanText(current, true)
	if clean == "" {
		return r.put(rule, field, addition)
	}
	if !field.RichText() {
		current = clean
	}
	whole, cut := value.Appended(field, current, addition)
	switch {
	case cut && r.options(rule).Refuse && whole != current:
		return unfit(field.Name, fmt.Sprintf("is longer than %d characters", field.Length))
	case cut:
		r.warn(
			leadtype.Truncated,
			leadtype.DataValueValidation,
			field.Name,
			fmt.Sprintf("was cut to %d characters", field.Length),
		)
	}
	switch {
	case whole == current:
		return nil
	case field.RichText():
		r.write(field.Name, whole, nil) // what is stored stays byte for byte
		return nil
	}
	return r.put(rule, field, whole)
}
