// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
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

// revisionsShown is how many earlier settings the mapping page lists.
const revisionsShown = 20

// A settingsView is the pages of the mapping, the qualifiers and the campaigns.
type settingsView struct {
	Settings *leadsync.Settings
	Revision int64
	Editable bool // a Fleet keeps them
	Text     string
	Refused  *refusal
	Theirs   string // the settings that someone else has saved meanwhile
	History  []store.Revision
	// ShowsJSON says that the text was refused, or that it is all there is to edit.
	ShowsJSON bool
	org       *org
}

// A refusal is why settings were not saved.
type refusal struct {
	What   string
	Fields []string
	Reason string
}

// settings returns the settings of the connection: those of a Fleet, or what the host says of a
// Syncer.
func (v *visit) settings() (*settingsView, error) {
	b := &settingsView{Editable: v.org.fleet != nil, Settings: v.opts.Settings, org: v.org}
	if b.Editable {
		var err error
		if b.Settings, b.Revision, err = v.org.fleet.Settings(v.ctx(), v.org.name); err != nil {
			return nil, err
		}
	}
	if b.Settings == nil {
		b.Settings = &leadsync.Settings{}
	}
	b.Text = settingsText(b.Settings)
	return b, nil
}

func settingsText(s *leadsync.Settings) string {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil { // a host's own value that JSON cannot hold
		return ""
	}
	return string(text)
}

// saveSettings saves what was edited. What is refused stays in the form.
func saveSettings(v *visit) {
	revision, err := strconv.ParseInt(v.r.PostFormValue("revision"), 10, 64)
	if err != nil || v.org.fleet == nil {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	text := v.r.PostFormValue("settings")
	var edited leadsync.Settings
	err = json.Unmarshal([]byte(text), &edited)
	if err == nil {
		err = v.org.fleet.SetSettings(v.ctx(), v.org.name, &edited, revision)
	}
	if err == nil {
		v.backTo("mapping", note{key: "saved"})
		return
	}
	v.refuse(err, text)
}

// refuse shows the page with why settings were not saved, and what stands now where someone
// else has saved meanwhile.
func (v *visit) refuse(why error, text string) {
	b, err := v.settings()
	if v.failed(err) {
		return
	}
	b.Refused = v.refusalOf(why)
	if errors.Is(why, store.ErrRevision) {
		b.Refused = &refusal{What: "Someone else has saved settings meanwhile. Yours are kept here: compare, and save again."}
		b.Theirs = b.Text
	}
	b.Text, b.ShowsJSON = text, true
	v.showDraft(b, &draft{mapping: b.Settings.Mapping, revision: b.Revision}, nil)
}

// restoreSettings saves an earlier revision as the next one.
func restoreSettings(v *visit) {
	number, err := strconv.ParseInt(v.r.PathValue("revision"), 10, 64)
	if err != nil || number < 1 || v.org.fleet == nil {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	found, err := v.org.fleet.Store().Revisions(v.ctx(), v.org.name, number+1, 1)
	if v.failed(err) {
		return
	}
	if len(found) == 0 || found[0].Number != number {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	current, err := strconv.ParseInt(v.r.PostFormValue("revision"), 10, 64)
	if err != nil {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	var earlier leadsync.Settings
	err = json.Unmarshal(found[0].Settings, &earlier)
	if err == nil {
		err = v.org.fleet.SetSettings(v.ctx(), v.org.name, &earlier, current)
	}
	if err != nil {
		v.refuse(err, string(found[0].Settings))
		return
	}
	v.backTo("mapping", note{key: "saved"})
}

// Source is where the value of a rule comes from.
func (b *settingsView) Source(r mapping.Rule) string {
	if r.Source == "" && r.Constant != nil {
		return string(valueText(r.Constant))
	}
	return r.Source
}

// Writes is the write rule of a rule.
func (b *settingsView) Writes(r mapping.Rule) string {
	return string(cmp.Or(r.Write, mapping.Overwrite))
}

// Unmapped is what becomes of an answer without an option.
func (b *settingsView) Unmapped(q mapping.Qualifier) string {
	return string(cmp.Or(q.Unmapped, mapping.HoldUnmapped))
}

// UnmappedPolicies are what may become of an answer without an option.
func (b *settingsView) UnmappedPolicies() []string {
	return textsOf([]mapping.UnmappedPolicy{mapping.HoldUnmapped, mapping.PassUnmapped, mapping.DropUnmapped})
}

// Link is the address of a record in Salesforce, empty where that is not known.
func (b *settingsView) Link(id salesforce.ID) string { return b.org.link(id) }

// Extras are what else a rule says, each in a few words.
func (b *settingsView) Extras(r mapping.Rule) []string {
	var all []string
	say := func(name, value string) {
		if value != "" {
			all = append(all, name+": "+value)
		}
	}
	say("by", r.By)
	say("own", string(r.Own))
	say("default", string(valueText(r.Default)))
	say("transforms", strings.Join(r.Transforms, ", "))
	say("range", string(r.Range))
	say("unmapped", string(r.Unmapped))
	say("unfit", string(r.Unfit))
	say("missing", string(r.Missing))
	say("locked", string(r.Locked))
	if r.CreateOnly {
		all = append(all, "createOnly")
	}
	return all
}

// problems are what is wrong with what a form holds, each at its place in the settings.
type problems struct {
	under  string // the place of what the form is of
	issues []mapping.Issue
}

// problemsOf are what is wrong with a part of settings, also as the org sees it where that is known.
func (v *visit) problemsOf(
	s *leadsync.Settings, under string, describes map[salesforce.Object]*salesforce.Describe,
) problems {
	cfg := v.org.fleet.Base()
	_ = s.Fill(&cfg) // a strategy of nobody's is refused when the settings are saved
	return problems{under, slices.DeleteFunc(cfg.Validate(describes), func(i mapping.Issue) bool {
		return i.Warning || !strings.HasPrefix(i.Path, under)
	})}
}

func (p *problems) add(at, reason string) {
	p.issues = append(p.issues, mapping.Issue{Path: p.under + at, Reason: reason})
}

// At returns what is wrong at a place within the form's, such as ladder[2], and within that.
func (p problems) At(place string) []string {
	var all []string
	for _, issue := range p.issues {
		rest, within := strings.CutPrefix(issue.Path, p.under+place)
		if within && (rest == "" || rest[0] == '.') && !slices.Contains(all, issue.Reason) {
			all = append(all, issue.Reason)
		}
	}
	return all
}

// Row names the place of a row of a list, and Key that of a value of a map.
func (problems) Row(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// Key names the place of a value of a map.
func (problems) Key(of, key string) string { return of + "[" + strconv.Quote(key) + "]" }

// Nth is how people count the rows of a list.
func (problems) Nth(i int) int { return i + 1 }
