// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
	"github.com/leadsync/leadsync/store"
)

// foundMax is how many campaigns a search lists, and eventsOffered how many events a form.
const (
	foundMax      = 20
	eventsOffered = 100
)

// A campaignsView is the page of the campaigns.
type campaignsView struct {
	*settingsView
	Links    []linkView
	Known    bool
	Unknown  *leadtype.Advice // why the org could not be asked
	Searched string
	Found    []campaignView
	Events   []store.EventCount
	Edit     *linkForm // nil where none is open
}

// A linkView is a link of an event to a campaign.
type linkView struct {
	Index int
	mapping.CampaignLink
	Campaign *campaignView // nil where it is not known
	Unfit    []string      // statuses that the campaign does not have
}

// A campaignView is a campaign of the org.
type campaignView struct {
	ID       salesforce.ID
	Name     string
	Type     string
	Status   string
	Active   bool
	Start    string
	Members  int
	Statuses []string // of its members, in its own order
}

func showCampaigns(v *visit) {
	b, err := v.settings()
	if v.failed(err) {
		return
	}
	var form *linkForm
	links := v.linksOf(b)
	if at, err := strconv.Atoi(v.r.URL.Query().Get("edit")); err == nil && at >= 0 && at < len(links) && b.Editable {
		form = formOfLink(at, &links[at])
	}
	v.showLinks(b, form)
}

// searchCampaigns lists the campaigns of the org whose name has a text.
func searchCampaigns(v *visit) {
	if b, err := v.settings(); !v.failed(err) {
		v.showLinks(b, nil)
	}
}

// showLinks shows the page, with a link in its form where one is open.
func (v *visit) showLinks(b *settingsView, form *linkForm) {
	c := &campaignsView{settingsView: b, Edit: form}
	c.Searched = clipped(strings.TrimSpace(v.r.PostFormValue("campaign")), 80)
	links := v.linksOf(b)
	var err error
	if c.Events, err = v.org.syncer.Events(v.ctx(), store.Filter{}); v.failed(err) {
		return
	}
	c.Events = c.Events[:min(len(c.Events), eventsOffered)]
	known, err := v.readCampaigns(c, links)
	if err != nil {
		c.Unknown = v.adviceOn(err)
	}
	for i := range links {
		l := linkView{Index: i, CampaignLink: links[i], Campaign: known[links[i].CampaignID.ID18()]}
		if l.Campaign != nil && len(l.Campaign.Statuses) > 0 {
			for _, status := range links[i].Statuses() {
				if status != "" && !slices.ContainsFunc(l.Campaign.Statuses, equalFold(status)) &&
					!slices.Contains(l.Unfit, status) {
					l.Unfit = append(l.Unfit, status)
				}
			}
		}
		c.Links = append(c.Links, l)
	}
	if form != nil {
		form.Campaign = known[form.Link.CampaignID.ID18()]
		v.offer(form, b)
	}
	v.show("campaigns", "campaigns", "Campaigns", c)
}

func equalFold(a string) func(string) bool {
	return func(b string) bool { return strings.EqualFold(a, b) }
}

// linksOf are those of the settings, else the host's.
func (v *visit) linksOf(b *settingsView) []mapping.CampaignLink {
	if b.Settings.Campaigns == nil && v.org.fleet != nil {
		return v.org.fleet.Base().Campaigns
	}
	return b.Settings.Campaigns
}

// readCampaigns returns the linked campaigns by id, and finds those that are searched for, all in one call.
func (v *visit) readCampaigns(c *campaignsView, links []mapping.CampaignLink) (map[salesforce.ID]*campaignView, error) {
	client, err := v.org.client(v.ctx())
	if client == nil || err != nil || len(links) == 0 && c.Searched == "" {
		return nil, err
	}
	org, err := v.schema(salesforce.ObjectCampaign)
	if err != nil {
		return nil, err
	}
	fields := seen(org.describes[salesforce.ObjectCampaign], "Id", "Name", "Type", "Status", "IsActive", "StartDate",
		"NumberOfLeads", "NumberOfContacts")
	campaigns := func() *soql.Select { return soql.From(salesforce.ObjectCampaign, fields...) }
	ids := []salesforce.ID{}
	for i := range links {
		ids = append(ids, links[i].CampaignID)
	}
	reads := []salesforce.Read{
		salesforce.Query(campaigns().Where(soql.In("Id", ids...))),
		salesforce.Query(soql.From(salesforce.ObjectCampaignMemberStatus, "CampaignId", "Label", "SortOrder").
			Where(soql.In("CampaignId", ids...)).OrderBy("SortOrder")),
	}
	if c.Searched != "" {
		reads = append(reads, salesforce.Query(campaigns().
			Where(soql.Like("Name", soql.Anything(), soql.Text(c.Searched), soql.Anything())).
			OrderBy("LastModifiedDate DESC").Limit(foundMax)))
	}
	results, err := v.ask(client, reads...)
	if err != nil {
		return nil, err
	}
	for i := range results {
		err = cmp.Or(err, results[i].Err)
	}
	known := map[salesforce.ID]*campaignView{}
	for i := range results[0].Records {
		view := campaignOf(&results[0].Records[i])
		known[view.ID] = &view
	}
	for i := range results[1].Records {
		row := &results[1].Records[i]
		if of := known[salesforce.ID(row.Text("CampaignId")).ID18()]; of != nil {
			of.Statuses = append(of.Statuses, row.Text("Label"))
		}
	}
	if c.Searched != "" {
		for i := range results[2].Records {
			c.Found = append(c.Found, campaignOf(&results[2].Records[i]))
		}
	}
	c.Known = err == nil
	return known, err
}

// seen are those of the fields that an object has for the connected user, and the first two always.
func seen(d *salesforce.Describe, fields ...string) []string {
	return slices.DeleteFunc(fields, func(name string) bool {
		if name == "Id" || name == "Name" {
			return false
		}
		if d == nil {
			return true
		}
		_, ok := d.Field(name)
		return !ok
	})
}

func campaignOf(r *salesforce.Record) campaignView {
	c := campaignView{ID: r.ID.ID18(), Name: r.Text("Name"), Type: r.Text("Type"), Status: r.Text("Status"),
		Active: r.Bool("IsActive"), Start: r.Text("StartDate")}
	for _, field := range []string{"NumberOfLeads", "NumberOfContacts"} {
		if n, ok := r.Value(field); ok {
			count, _ := strconv.Atoi(string(valueText(n)))
			c.Members += count
		}
	}
	return c
}

// editCampaigns links an event to a campaign, changes a link, archives it or removes it.
func editCampaigns(v *visit) {
	s, ok := readStep(v.r.PostFormValue("do"))
	revision, err := strconv.ParseInt(v.r.PostFormValue("revision"), 10, 64)
	if err != nil || !ok || v.org.fleet == nil {
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	b, err := v.settings()
	if v.failed(err) {
		return
	}
	if slices.Contains([]string{"save", "force", "more", "less", "up"}, s.what) {
		v.editLink(b, s, revision)
		return
	}
	edited := *b.Settings
	edited.Campaigns = slices.Clone(v.linksOf(b))
	exists := s.section >= 0 && s.section < len(edited.Campaigns)
	switch {
	case s.what == "link":
		scans, _ := strconv.Atoi(v.r.PostFormValue("scans"))
		edited.Campaigns = append(edited.Campaigns, mapping.CampaignLink{
			EventID:    v.r.PostFormValue("event"),
			CampaignID: salesforce.ID(strings.TrimSpace(v.r.PostFormValue("id"))),
			Status:     strings.TrimSpace(v.r.PostFormValue("status")), MinScans: scans,
		})
	case s.what == "archive" && exists:
		edited.Campaigns[s.section].Archived = !edited.Campaigns[s.section].Archived
	case s.what == "remove" && exists:
		edited.Campaigns = slices.Delete(edited.Campaigns, s.section, s.section+1)
	default:
		v.fail(v.w, v.r, http.StatusNotFound)
		return
	}
	v.saveSettings(&edited, revision, "campaigns", func(why *refusal) {
		if b, err = v.settings(); !v.failed(err) {
			b.Refused = why
			v.showLinks(b, nil)
		}
	})
}

// A linkForm is a link as it is entered, with what the form offers.
type linkForm struct {
	problems
	Index    int
	Link     mapping.CampaignLink // as it is saved
	Status   string
	Scans    string
	Question string
	Answers  []valuePair
	Ladder   []string
	Rows     []memberRow
	MayForce bool // only the org stands against it

	Campaign  *campaignView // nil where it is not known
	Questions []string
	Sources   []mapping.FormSource
	Fields    []mapping.FormField
	Writes    []mapping.WriteRule
}

// A memberRow is a rule for a field of the members.
type memberRow struct {
	At                      int // its place in the saved link, below zero for none
	Source, Constant, Field string
	Write                   mapping.WriteRule
	Extras                  []string
}

// empty says that a row was left blank.
func (r memberRow) empty() bool { return r.Source == "" && r.Constant == "" && r.Field == "" }

// formOfLink opens a link.
func formOfLink(at int, link *mapping.CampaignLink) *linkForm {
	f := &linkForm{Index: at, Link: *link, Status: link.Status, Scans: strconv.Itoa(link.MinScans),
		Ladder: slices.Clone(link.Ladder)}
	if by := link.StatusBy; by != nil {
		f.Question = by.Qualifier
		for _, answer := range sortedKeys(by.Statuses) {
			f.Answers = append(f.Answers, valuePair{answer, by.Statuses[answer]})
		}
	}
	for i := range link.Fields {
		r := &link.Fields[i]
		f.Rows = append(f.Rows, memberRow{At: i, Source: r.Source, Constant: string(valueText(r.Constant)), Field: r.Field,
			Write: r.Write})
	}
	return f
}

// enteredLink is a link with what was entered. What was left blank is kept where it stands.
func (v *visit) enteredLink(at int, link *mapping.CampaignLink) *linkForm {
	f := &linkForm{Index: at, Link: *link}
	list := func(name string) []string {
		all := slices.Clone(v.r.PostForm[name])
		for i := range all {
			all[i] = strings.TrimSpace(all[i])
		}
		return all
	}
	f.Status, f.Scans = strings.TrimSpace(v.r.PostFormValue("status")), strings.TrimSpace(v.r.PostFormValue("scans"))
	f.Question, f.Ladder = strings.TrimSpace(v.r.PostFormValue("question")), list("ladder")
	from, to := list("from"), list("to")
	for i := range min(len(from), len(to)) {
		f.Answers = append(f.Answers, valuePair{from[i], to[i]})
	}
	sources, constants, fields := list("source"), list("constant"), list("field")
	writes, places := list("write"), list("at")
	for i := range min(len(sources), len(constants), len(fields), len(writes), len(places)) {
		row := memberRow{At: -1, Source: sources[i], Constant: constants[i], Field: fields[i],
			Write: mapping.WriteRule(writes[i])}
		if place, err := strconv.Atoi(places[i]); err == nil && place < len(link.Fields) {
			row.At = place
		}
		f.Rows = append(f.Rows, row)
	}
	return f
}

// change adds a row to a list of the form, takes one away, or moves one up.
func (f *linkForm) change(s step) bool {
	switch s.what + " " + s.field {
	case "more ladder":
		f.Ladder = append(f.Ladder, "")
	case "more answer":
		f.Answers = append(f.Answers, valuePair{})
	case "more field":
		f.Rows = append(f.Rows, memberRow{At: -1})
	case "less ladder":
		return take(&f.Ladder, s.rule)
	case "less answer":
		return take(&f.Answers, s.rule)
	case "less field":
		return take(&f.Rows, s.rule)
	case "up ladder":
		if s.rule < 1 || s.rule >= len(f.Ladder) {
			return false
		}
		f.Ladder[s.rule-1], f.Ladder[s.rule] = f.Ladder[s.rule], f.Ladder[s.rule-1]
	default:
		return false
	}
	return true
}

func take[T any](from *[]T, at int) bool {
	if at < 0 || at >= len(*from) {
		return false
	}
	*from = slices.Delete(*from, at, at+1)
	return true
}

// link returns the link that was entered, without what was left blank.
func (f *linkForm) link() mapping.CampaignLink {
	f.Ladder = slices.DeleteFunc(f.Ladder, func(status string) bool { return status == "" })
	f.Answers = slices.DeleteFunc(f.Answers, func(p valuePair) bool { return p == valuePair{} })
	f.Rows = slices.DeleteFunc(f.Rows, memberRow.empty)
	link := f.Link
	link.Status, link.Ladder, link.StatusBy, link.Fields = f.Status, f.Ladder, nil, nil
	if len(link.Ladder) == 0 {
		link.Ladder = nil
	}
	link.MinScans, _ = strconv.Atoi(f.Scans)
	if f.Question != "" || len(f.Answers) > 0 {
		link.StatusBy = &mapping.StatusBy{Qualifier: f.Question, Statuses: map[string]string{}}
		for _, p := range f.Answers {
			link.StatusBy.Statuses[p.From] = p.To
		}
	}
	for _, row := range f.Rows {
		var rule mapping.Rule
		if row.At >= 0 {
			rule = f.Link.Fields[row.At]
		}
		rule.Source, rule.Field, rule.Write = row.Source, row.Field, row.Write
		rule.Constant = entered(rule.Constant, row.Constant)
		link.Fields = append(link.Fields, rule)
	}
	return link
}

// Unknown says that the campaign is known and does not have a status.
func (f *linkForm) Unknown(status string) bool {
	return status != "" && f.Campaign != nil && len(f.Campaign.Statuses) > 0 &&
		!slices.ContainsFunc(f.Campaign.Statuses, equalFold(status))
}

// offer fills in what the form offers, and what else its rows say.
func (v *visit) offer(f *linkForm, b *settingsView) {
	var describes map[salesforce.Object]*salesforce.Describe
	if org, err := v.schema(salesforce.ObjectCampaignMember); err == nil { // else the form has no names to choose from
		describes = org.describes
	}
	qualifiers := v.qualifiersOf(b)
	for i := range qualifiers {
		f.Questions = append(f.Questions, qualifiers[i].Name)
	}
	form := mapping.NewForm(describes, qualifiers, v.org.fleet.Base().Transforms)
	f.Sources = slices.DeleteFunc(form.Sources, func(s mapping.FormSource) bool { return s.Object != "" })
	for i := range form.Objects {
		if form.Objects[i].Object.Equal(salesforce.ObjectCampaignMember) {
			f.Fields = form.Objects[i].Fields
		}
	}
	f.Writes = []mapping.WriteRule{mapping.UnlessEdited, mapping.WriteIfBlank, mapping.Append, mapping.Raise,
		mapping.Lower, mapping.Clear, mapping.Never}
	for i, row := range f.Rows {
		if row.At >= 0 {
			f.Rows[i].Extras = b.Extras(f.Link.Fields[row.At])
		}
	}
}

// place returns where the link stands that a form was opened for, below zero where it is gone.
func (v *visit) place(links []mapping.CampaignLink, last int) int {
	is := func(l mapping.CampaignLink) bool {
		return l.EventID == v.r.PostFormValue("event") && string(l.CampaignID) == v.r.PostFormValue("id")
	}
	if last >= 0 && last < len(links) && is(links[last]) {
		return last // of several that are alike
	}
	return slices.IndexFunc(links, is)
}

// editLink does what a button of a link's form asks for.
func (v *visit) editLink(b *settingsView, s step, revision int64) {
	links := v.linksOf(b)
	at := v.place(links, s.section)
	if at < 0 {
		b.Refused = &refusal{What: savedMeanwhile}
		v.showLinks(b, nil)
		return
	}
	f := v.enteredLink(at, &links[at])
	if s.what != "save" && s.what != "force" {
		if !f.change(s) {
			v.fail(v.w, v.r, http.StatusNotFound)
			return
		}
		b.Revision = revision
		v.showLinks(b, f)
		return
	}
	edited := *b.Settings
	edited.Campaigns = slices.Clone(links)
	edited.Campaigns[at] = f.link()
	if !v.fits(f, &edited, s.what == "force") {
		b.Revision = revision
		v.showLinks(b, f)
		return
	}
	v.saveSettings(&edited, revision, "campaigns", func(why *refusal) {
		b, err := v.settings()
		if v.failed(err) {
			return
		}
		b.Refused = why
		if f.Index = v.place(v.linksOf(b), at); f.Index < 0 {
			f = nil
		}
		v.showLinks(b, f)
	})
}

// fits says whether a link may be saved, and notes in its form what is wrong.
func (v *visit) fits(f *linkForm, edited *leadsync.Settings, force bool) bool {
	f.problems = v.problemsOf(edited, "campaigns["+strconv.Itoa(f.Index)+"].", nil)
	if n, err := strconv.Atoi(f.Scans); f.Scans != "" && (err != nil || n < 0) {
		f.add("minScans", "must be a whole number, 0 or more")
	}
	seen := map[string]bool{}
	for _, p := range f.Answers {
		if seen[p.From] {
			f.add("statusBy.statuses["+strconv.Quote(p.From)+"]", "is there twice")
		}
		seen[p.From] = true
	}
	if f.MayForce = len(f.issues) == 0; !f.MayForce {
		return false
	}
	if org, err := v.schema(salesforce.ObjectCampaignMember); err == nil && len(org.describes) > 0 && !force {
		f.problems = v.problemsOf(edited, f.under, org.describes)
	}
	return len(f.issues) == 0
}
