// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

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
	if b, err := v.settings(); !v.failed(err) {
		v.showLinks(b)
	}
}

// searchCampaigns lists the campaigns of the org whose name has a text.
func searchCampaigns(v *visit) {
	if b, err := v.settings(); !v.failed(err) {
		v.showLinks(b)
	}
}

func (v *visit) showLinks(b *settingsView) {
	c := &campaignsView{settingsView: b}
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

// editCampaigns links an event to a campaign, archives a link or removes it.
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
			v.showLinks(b)
		}
	})
}
