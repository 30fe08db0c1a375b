// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A step is what a button of the mapping page asks for: what, of which table and row, and of
// which field.
type step struct {
	what    string
	section int
	rule    int
	field   string
}

// readStep reads the value of a button, such as edit:0:3 or add:0::LastName.
func readStep(text string) (s step, ok bool) {
	parts := append(strings.SplitN(text, ":", 4), "", "", "")
	s = step{what: parts[0], section: -1, rule: -1, field: parts[3]}
	for i, into := range []*int{&s.section, &s.rule} {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(parts[i+1])
		if err != nil || n < 0 {
			return s, false
		}
		*into = n
	}
	return s, true
}

// fits says whether the step names a table, and a row or the one after the last where it names one.
func (s step) fits(m *mapping.Mapping) bool {
	return s.section >= 0 && s.section < len(m.Sections) && s.rule <= len(m.Sections[s.section].Rules)
}

// readDraft reads the draft of a form; it answers itself where there is none.
func (v *visit) readDraft() (*draft, *settingsView) {
	d := &draft{}
	revision, err := strconv.ParseInt(v.r.PostFormValue("revision"), 10, 64)
	if text := v.r.PostFormValue("mapping"); err == nil && text != "" {
		d.mapping = new(mapping.Mapping)
		err = json.Unmarshal([]byte(text), d.mapping)
	}
	if err != nil {
		v.failWith(v.w, v.r, http.StatusBadRequest, "The form is out of date. Go back, reload the page and try again.")
		return nil, nil
	}
	d.revision = revision
	d.lead, _ = strconv.ParseInt(v.r.PostFormValue("lead"), 10, 64)
	b, err := v.settings()
	if v.failed(err) {
		return nil, nil
	}
	return d, b
}

// editMapping does what a button of the mapping page asks for. Only that which saves changes
// anything.
func editMapping(v *visit) {
	if v.org.fleet == nil {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	s, ok := readStep(v.r.PostFormValue("do"))
	if !ok {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	d, b := v.readDraft()
	if d == nil {
		return
	}
	switch s.what {
	case "save":
		v.saveDraft(b, d)
	case "try":
		edited := *b.Settings
		edited.Mapping = d.mapping
		v.showDraft(b, d, func(m *mappingView) { m.Trial = v.try(&edited, d.lead) })
	case "read":
		v.schemas.forget(v.org.schemaKey())
		v.showDraft(b, d, nil)
	case "defaults":
		v.showDraft(b, &draft{nil, d.revision, d.lead}, nil)
	case "section":
		v.addSection(b, d)
	case "cancel":
		v.showDraft(b, d, nil)
	default:
		v.editRows(b, d, s)
	}
}

// editRows does the steps that name a table.
func (v *visit) editRows(b *settingsView, d *draft, s step) {
	rows, _ := v.rowsOf(d)
	if !s.fits(rows) {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	edited := copied(rows)
	section := &edited.Sections[s.section]
	next := &draft{edited, d.revision, d.lead}
	exists := s.rule >= 0 && s.rule < len(section.Rules)
	switch {
	case s.what == "edit" && exists:
		v.showDraft(b, d, func(m *mappingView) { m.edit(s, section.Rules[s.rule]) })
	case s.what == "add":
		s.rule = len(section.Rules)
		v.showDraft(b, d, func(m *mappingView) { m.edit(s, mapping.Rule{Field: s.field, Write: mapping.UnlessEdited}) })
	case s.what == "look" && s.rule >= 0:
		v.showDraft(b, d, func(m *mappingView) { m.edit(s, ruleOf(section, s.rule).filled(v.r.PostForm)) })
	case (s.what == "apply" || s.what == "force") && s.rule >= 0:
		v.applyRule(b, d, next, s)
	case s.what == "remove" && exists:
		section.Rules = slices.Delete(section.Rules, s.rule, s.rule+1)
		v.showDraft(b, next, nil)
	case s.what == "clear":
		section.Rules = []mapping.Rule{}
		v.showDraft(b, next, nil)
	case s.what == "drop":
		edited.Sections = slices.Delete(edited.Sections, s.section, s.section+1)
		v.showDraft(b, next, nil)
	case s.what == "key":
		section.Key, section.Lookups = v.r.PostFormValue("key"), readLookups(section, v.r.PostForm["lookup"])
		v.showDraft(b, next, nil)
	default:
		v.fail(v.w, v.r, http.StatusNotFound)
	}
}

// applyRule takes a row into the draft. Where it does not fit, what was entered stays in the form.
func (v *visit) applyRule(b *settingsView, before, next *draft, s step) {
	section := &next.mapping.Sections[s.section]
	rule := ruleOf(section, s.rule).filled(v.r.PostForm)
	if s.rule == len(section.Rules) {
		section.Rules = append(section.Rules, rule)
	} else {
		section.Rules[s.rule] = rule
	}
	m, err := v.mappingView(b, next)
	if v.failed(err) {
		return
	}
	issues := slices.DeleteFunc(slices.Clone(m.Tables[s.section].Rows[s.rule].Issues),
		func(i mapping.Issue) bool { return i.Warning })
	itself := m.issuesAlone(s)
	if len(itself) > 0 || len(issues) > 0 && s.what != "force" {
		v.showDraft(b, before, func(m *mappingView) {
			m.edit(s, rule)
			m.Edit.Problems, m.Edit.MayForce = issues, len(itself) == 0
		})
		return
	}
	v.show("mapping", "mapping", "Mapping", m)
}

// issuesAlone are what is wrong with a row whatever the org says.
func (m *mappingView) issuesAlone(s step) []mapping.Issue {
	return issuesOf(m.config.Validate(nil), s.section, s.rule)
}

// copied returns a mapping that can be changed.
func copied(m *mapping.Mapping) *mapping.Mapping {
	c := *m
	c.Sections = slices.Clone(m.Sections)
	for i := range c.Sections {
		c.Sections[i].Rules = slices.Clone(c.Sections[i].Rules)
	}
	return &c
}

// addSection adds a table. An object of the org's own gets its first key, which can be changed.
func (v *visit) addSection(b *settingsView, d *draft) {
	object := salesforce.Object(strings.TrimSpace(v.r.PostFormValue("object")))
	rows, _ := v.rowsOf(d)
	next := &draft{copied(rows), d.revision, d.lead}
	if object == "" || slices.ContainsFunc(rows.Objects(), object.Equal) {
		v.showDraft(b, d, nil)
		return
	}
	section := mapping.Section{Object: object, Rules: []mapping.Rule{}}
	org, _ := v.schema(object) // the page says why, where the org cannot be asked
	if described := org.describes[object]; described != nil {
		section.Object = described.Name
		form := mapping.NewForm(map[salesforce.Object]*salesforce.Describe{object: described}, nil, nil)
		if keys := form.Objects[0].Keys; len(keys) > 0 && !isStandard(object) {
			section.Key = keys[0]
		}
	}
	next.mapping.Sections = append(next.mapping.Sections, section)
	v.showDraft(b, next, nil)
}

func readLookups(s *mapping.Section, chosen []string) []mapping.Lookup {
	var all []mapping.Lookup
	for _, text := range chosen {
		field, to, _ := strings.Cut(text, "|")
		l := mapping.Lookup{Field: field, To: mapping.LookupTarget(to)}
		for _, has := range s.Lookups {
			if strings.EqualFold(has.Field, field) {
				l.CreateOnly = has.CreateOnly
			}
		}
		all = append(all, l)
	}
	return all
}

// saveDraft saves the mapping and leaves all other settings as they are.
func (v *visit) saveDraft(b *settingsView, d *draft) {
	edited := *b.Settings
	edited.Mapping = d.mapping
	err := v.org.fleet.SetSettings(v.ctx(), v.org.name, &edited, d.revision)
	switch {
	case err == nil:
		v.backTo("mapping", note{key: "saved"})
	case errors.Is(err, store.ErrRevision):
		v.showConflict(d)
	default:
		v.showDraft(b, d, func(m *mappingView) { m.Refused = v.refusalOf(err) })
	}
}

// showConflict shows the draft beside what someone else has saved meanwhile.
func (v *visit) showConflict(d *draft) {
	b, err := v.settings()
	if v.failed(err) {
		return
	}
	theirs, _ := v.rowsOf(&draft{mapping: b.Settings.Mapping})
	mine, _ := v.rowsOf(d)
	v.showDraft(b, &draft{d.mapping, b.Revision, d.lead}, func(m *mappingView) {
		m.Refused = &refusal{What: "Someone else has saved settings meanwhile. Yours are kept here: compare, and save again."}
		m.Differs = differences(mine, theirs)
	})
}

// refusalOf says why settings were not saved.
func (v *visit) refusalOf(err error) *refusal {
	var known *leadsync.Error
	if errors.As(err, &known) {
		return &refusal{What: v.advisor.Error(known).Description, Fields: known.Fields, Reason: known.Reason}
	}
	return &refusal{What: "This is not the JSON of settings."}
}
