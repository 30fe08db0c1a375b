// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// sampleLength is how many characters of a value stand for it.
const sampleLength = 60

// sampledLeads is how many of the last leads give samples, and can be tried.
const sampledLeads = 20

// A mappingView is the page of the mapping: the rows that are in force or being edited, each beside
// what the org says of its field.
type mappingView struct {
	*settingsView
	Draft     *mapping.Mapping
	DraftText string // its JSON, empty where the default's rows are shown
	Default   bool   // no mapping is set
	OwnCode   bool   // the host maps by code of its own
	Changed   bool   // it is not what is saved
	Tables    []table
	General   []mapping.Issue
	Wrong     int // how many rows do not fit
	Edit      *ruleEdit
	Missing   []salesforce.Object // that can be added
	Known     bool                // what the org's fields are
	Unknown   *leadtype.Advice    // why not
	ReadAt    time.Time
	Leads     []leadPick
	Trial     *trialView
	Differs   []difference

	form   *mapping.Form
	config leadsync.Config
	last   []store.Entry
}

// A table is the rows of an object.
type table struct {
	Index    int
	Object   salesforce.Object
	Label    string
	Key      string
	Keys     []string
	Lookups  []lookupPick
	Custom   bool
	Rows     []row
	Required []mapping.FormField // that nothing fills
	Gone     bool                // the org does not have the object for this user
}

// A row is a rule of a table.
type row struct {
	Index  int
	Rule   mapping.Rule
	Type   mapping.SourceType
	Sample longText
	Field  *mapping.FormField // nil where it is not known
	Issues []mapping.Issue
}

// A lookupPick is a lookup that a section may have.
type lookupPick struct {
	mapping.Lookup
	Chosen bool
}

// Value is the lookup in a form.
func (l lookupPick) Value() string { return l.Field + "|" + string(l.To) }

// A leadPick is a lead that a mapping can be tried with.
type leadPick struct {
	Sequence int64
	Name     string
	Chosen   bool
}

// A draft is a mapping that is being edited. It travels with the form, so that any process of the
// host can answer.
type draft struct {
	mapping  *mapping.Mapping // nil where none is set
	revision int64
	lead     int64 // to try it with
}

func showMapping(v *visit) {
	b, err := v.settings()
	if v.failed(err) {
		return
	}
	lead, _ := strconv.ParseInt(v.r.URL.Query().Get("lead"), 10, 64)
	v.showDraft(b, &draft{b.Settings.Mapping, b.Revision, lead}, nil)
}

// showDraft shows the page with a draft; change says what else is on it.
func (v *visit) showDraft(b *settingsView, d *draft, change func(*mappingView)) {
	m, err := v.mappingView(b, d)
	if v.failed(err) {
		return
	}
	if change != nil {
		change(m)
	}
	v.show("mapping", "mapping", "Mapping", m)
}

func (v *visit) mappingView(b *settingsView, d *draft) (*mappingView, error) {
	m := &mappingView{settingsView: b, Default: d.mapping == nil, DraftText: mappingText(d.mapping)}
	m.Changed = m.DraftText != mappingText(b.Settings.Mapping)
	b.Revision = d.revision
	if b.Editable {
		m.config = v.org.fleet.Base()
		_ = b.Settings.Fill(&m.config) // a strategy of nobody's does not change the mapping
		var err error
		if b.History, err = v.org.fleet.Store().Revisions(v.ctx(), v.org.name, 0, revisionsShown); err != nil {
			return nil, err
		}
	}
	m.Draft, m.OwnCode = v.rowsOf(d)
	m.config.Mapper = m.Draft
	var err error
	if m.last, err = v.org.syncer.Leads(v.ctx(), store.Filter{Newest: true, Limit: sampledLeads}); err != nil {
		return nil, err
	}
	v.pickLeads(m, d.lead)
	org := v.describe(m)
	m.form = mapping.NewForm(org.describes, m.config.Qualifiers, m.config.Transforms)
	v.fillTables(m, &org)
	return m, nil
}

// rowsOf returns the rows of a draft, or those that are in force where none is set: own says that the
// host maps by code of its own, so that they are not.
func (v *visit) rowsOf(d *draft) (rows *mapping.Mapping, own bool) {
	if d.mapping != nil {
		return d.mapping, false
	}
	if v.org.fleet != nil {
		if base := v.org.fleet.Base().Mapper; base != nil {
			rows, isRows := base.(*mapping.Mapping)
			if isRows {
				return rows, false
			}
			return mapping.Default(), true
		}
	}
	return mapping.Default(), false
}

// describe reads what the org's objects are like, and says why where it cannot.
func (v *visit) describe(m *mappingView) schema {
	objects := []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact, salesforce.ObjectAccount}
	for i := range m.Draft.Sections {
		objects = append(objects, m.Draft.Sections[i].Object)
	}
	org, err := v.schema(objects...)
	if err != nil {
		m.Unknown = v.adviceOn(err)
		return schema{}
	}
	m.Known, m.ReadAt = len(org.describes) > 0, org.at
	return org
}

// pickLeads offers the last leads, and the one that was asked for.
func (v *visit) pickLeads(m *mappingView, chosen int64) {
	offered := m.last
	if entry, err := v.org.entry(v.ctx(), chosen); err == nil && entry != nil &&
		!slices.ContainsFunc(offered, func(e store.Entry) bool { return e.Sequence == chosen }) {
		offered = append([]store.Entry{*entry}, offered...)
	}
	for i := range offered {
		e := &offered[i]
		m.Leads = append(m.Leads, leadPick{e.Sequence, v.nameOfLead(e), e.Sequence == chosen})
	}
}

func (v *visit) fillTables(m *mappingView, org *schema) {
	issues := m.issues(org)
	m.Missing = []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact, salesforce.ObjectAccount,
		salesforce.ObjectTask}
	for i := range m.Draft.Sections {
		s := &m.Draft.Sections[i]
		m.Missing = slices.DeleteFunc(m.Missing, s.Object.Equal)
		t := table{Index: i, Object: s.Object, Label: org.labelOf(s.Object), Key: s.Key, Custom: !isStandard(s.Object)}
		described, asked := org.describes[s.Object]
		t.Gone = asked && described == nil
		form := m.object(s.Object)
		if t.Custom && form != nil {
			t.Keys = form.Keys
		}
		t.Lookups = lookupsOf(s, form)
		for j := range s.Rules {
			r := row{Index: j, Rule: s.Rules[j], Field: fieldOf(form, s.Rules[j].Field)}
			r.Type, r.Sample = m.sourceType(r.Rule), v.sample(m.last, r.Rule)
			r.Issues = issuesOf(issues, i, j)
			if wrong(r.Issues) {
				m.Wrong++
			}
			t.Rows = append(t.Rows, r)
		}
		t.Required = m.unfilled(s, form)
		m.Tables = append(m.Tables, t)
	}
	for _, issue := range issues {
		if !strings.Contains(issue.Path, ".rules[") {
			m.General = append(m.General, issue)
		}
	}
}

// issues are what is wrong with the rows, also as the org sees it.
func (m *mappingView) issues(org *schema) []mapping.Issue {
	if !m.Editable {
		return nil
	}
	describes := org.describes
	if len(describes) == 0 {
		describes = nil
	}
	return slices.DeleteFunc(m.config.Validate(describes),
		func(i mapping.Issue) bool { return !strings.HasPrefix(i.Path, "mapping.") })
}

// issuesOf returns the issues of a rule.
func issuesOf(all []mapping.Issue, section, rule int) []mapping.Issue {
	var of []mapping.Issue
	path := fmt.Sprintf("mapping.objects[%d].rules[%d]", section, rule)
	for _, issue := range all {
		if issue.Path == path || strings.HasPrefix(issue.Path, path+".") {
			of = append(of, issue)
		}
	}
	return of
}

// wrong says whether leads fail for one of the issues.
func wrong(issues []mapping.Issue) bool {
	return slices.ContainsFunc(issues, func(i mapping.Issue) bool { return !i.Warning })
}

func isStandard(object salesforce.Object) bool {
	return slices.ContainsFunc([]salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact,
		salesforce.ObjectAccount, salesforce.ObjectTask}, object.Equal)
}

// object returns what the form says of an object, nil where nothing is known.
func (m *mappingView) object(name salesforce.Object) *mapping.FormObject {
	for i := range m.form.Objects {
		if m.form.Objects[i].Object.Equal(name) {
			return &m.form.Objects[i]
		}
	}
	return nil
}

func fieldOf(form *mapping.FormObject, name string) *mapping.FormField {
	if form == nil {
		return nil
	}
	for i := range form.Fields {
		if strings.EqualFold(form.Fields[i].Name, name) {
			return &form.Fields[i]
		}
	}
	return nil
}

// lookupsOf are the lookups that a section has or may have.
func lookupsOf(s *mapping.Section, form *mapping.FormObject) []lookupPick {
	var all []lookupPick
	for _, l := range s.Lookups {
		all = append(all, lookupPick{l, true})
	}
	if form == nil {
		return all
	}
	for _, l := range form.Lookups {
		if !slices.ContainsFunc(s.Lookups, func(has mapping.Lookup) bool {
			return strings.EqualFold(has.Field, l.Field) && strings.EqualFold(string(has.To), string(l.To))
		}) {
			all = append(all, lookupPick{l, false})
		}
	}
	return all
}

// unfilled are the fields that a new record needs and nothing fills.
func (m *mappingView) unfilled(s *mapping.Section, form *mapping.FormObject) []mapping.FormField {
	if form == nil || s.Object.Equal(salesforce.ObjectTask) {
		return nil
	}
	filled := []string{strings.ToLower(s.Key)}
	for i := range s.Rules {
		if r := &s.Rules[i]; r.Write != mapping.Never || r.Own != "" && r.Own != mapping.Never {
			filled = append(filled, strings.ToLower(r.Field))
		}
	}
	for _, l := range s.Lookups {
		filled = append(filled, strings.ToLower(l.Field))
	}
	for i := range m.config.Qualifiers {
		for object, field := range m.config.Qualifiers[i].Fields {
			if object.Equal(s.Object) {
				filled = append(filled, strings.ToLower(field))
			}
		}
	}
	var none []mapping.FormField
	for _, f := range form.Fields {
		if f.Required && !slices.Contains(filled, strings.ToLower(f.Name)) {
			none = append(none, f)
		}
	}
	return none
}

// sourceType is what the values of a rule's source are, empty for a fixed value.
func (m *mappingView) sourceType(r mapping.Rule) mapping.SourceType {
	if r.Source == "" {
		return ""
	}
	for _, s := range m.form.Sources {
		if s.Name == r.Source {
			return s.Type
		}
	}
	return mapping.SourceText
}

// sample returns the value of a rule's source in the last lead that has one.
func (v *visit) sample(last []store.Entry, r mapping.Rule) longText {
	if v.opts.Redact || r.Source == "" {
		return ""
	}
	for i := range last {
		if last[i].Lead == nil {
			continue
		}
		if text := valueText(last[i].Lead.Value(r.Source)); strings.TrimSpace(string(text)) != "" {
			return longText(clipped(string(text), sampleLength))
		}
	}
	return ""
}

// mappingText is a mapping as JSON, empty for none.
func mappingText(m *mapping.Mapping) string {
	if m == nil {
		return ""
	}
	text, err := json.Marshal(m)
	if err != nil { // a host's own value that JSON cannot hold
		return ""
	}
	return string(text)
}

// Size says how much a field holds, empty where its type says it.
func (r row) Size() string { return sizeOf(r.Field) }

func sizeOf(f *mapping.FormField) string {
	switch {
	case f == nil:
		return ""
	case f.Length > 0 && len(f.Options) == 0 && len(f.ReferenceTo) == 0:
		return strconv.Itoa(f.Length)
	case f.Precision > 0:
		return fmt.Sprintf("%d.%d", f.Precision-f.Scale, f.Scale)
	case f.Digits > 0:
		return strconv.Itoa(f.Digits)
	}
	return ""
}

// A difference is a row that two mappings do not have alike.
type difference struct {
	Row    string
	Mine   string
	Theirs string
}

// differences compares two mappings row by row.
func differences(mine, theirs *mapping.Mapping) []difference {
	own, other := rulesByField(mine), rulesByField(theirs)
	var all []difference
	for _, key := range sortedKeys(own) {
		if own[key] != other[key] {
			all = append(all, difference{key, own[key], other[key]})
		}
	}
	for _, key := range sortedKeys(other) {
		if _, has := own[key]; !has {
			all = append(all, difference{key, "", other[key]})
		}
	}
	slices.SortStableFunc(all, func(a, b difference) int { return cmp.Compare(a.Row, b.Row) })
	return all
}

// rulesByField writes each rule of a mapping as JSON, by its object and field.
func rulesByField(m *mapping.Mapping) map[string]string {
	all := map[string]string{}
	for i := range m.Sections {
		s := &m.Sections[i]
		for j := range s.Rules {
			text, _ := json.Marshal(s.Rules[j]) // what could not be written was not read either
			all[string(s.Object)+"."+s.Rules[j].Field] = string(text)
		}
	}
	return all
}
