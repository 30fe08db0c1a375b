// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A control takes a rule away, which breaks what an error begins with.
type control struct {
	change func(cfg *leadsync.Config, m *leadsync.Mapping)
	store  func(leadsync.Store) leadsync.Store
	breaks string
	says   string // how the error continues, where that matters
	quiet  bool   // warnings are not looked at
	quick  bool   // few fairs show it
}

func controls() map[string]control {
	return map[string]control{
		"edits stay": {quick: true, change: overwritingEdits, breaks: "edited"},
		"what was emptied stays empty": {store: amnesia, breaks: "edited",
			says: "<nil> has become", quiet: true},
		"a blank clears nothing": {
			change: writing(mapping.Clear, "Title", "Phone", "MobilePhone"),
			breaks: "blank",
		},
		"stand-ins replace nothing":         {change: withoutStandIns, breaks: "blank"},
		"an address is one value":           {quick: true, change: withCity, breaks: "mixed"},
		"phones are not cut":                {quick: true, change: converting("Phone", cut), breaks: "cut"},
		"numbers are not cut":               {change: converting("Budget__c", cut), breaks: "cut"},
		"what has no section stays":         {change: withContacts, breaks: "section"},
		"letters are not lost":              {change: converting("LastName", plain), breaks: "cut", says: "LastName"},
		"days are the event's":              {store: atZero, breaks: "day"},
		"dates are not guessed":             {change: converting("Day__c", guessed), breaks: "cut"},
		"opt-outs are only raised":          {change: writing(mapping.Overwrite, "HasOptedOutOfEmail"), breaks: "consent"},
		"consents are only lowered":         {change: writing(mapping.Overwrite, "Newsletter__c"), breaks: "consent"},
		"names are compared":                {change: byLastAddress, breaks: "other"},
		"a value is of its own person":      {change: converting("Title", lastOfAll()), breaks: "other"},
		"an older capture replaces no news": {change: overwritingEdits, breaks: "stale"},
		"what is kept has a warning":        {store: muted, breaks: "warning"},
		"the memory tells what is ours":     {store: amnesia, breaks: "lost"},
		"edits of visits stay": {change: writing(mapping.Overwrite, boothField), breaks: "edited",
			says: "the booth of Visit__c"},
		"edits of members stay":         {change: overwritingMembers, breaks: "edited", says: "the booth of CampaignMember"},
		"a member's status is moved up": {change: downward, breaks: "status"},
		"answers leave what is there":   {change: answeringOver, breaks: "existing", says: "Topic__c"},
		"creates are journalled":        {store: unjournalled, breaks: "lost", says: "kept-existing]"},
		"what was reverted is nobody's edit": {
			store:  func(s leadsync.Store) leadsync.Store { return unheedingStore{s} },
			breaks: "lost", says: "[kept-cleared]",
		},
	}
}

// writing gives the rows of fields another write rule.
func writing(write mapping.WriteRule, fields ...string) func(*leadsync.Config, *leadsync.Mapping) {
	return func(_ *leadsync.Config, m *leadsync.Mapping) {
		changeRules(m, func(r *leadsync.Rule) { r.Write = write }, fields...)
	}
}

// changeRules changes the rows of fields.
func changeRules(m *leadsync.Mapping, change func(r *leadsync.Rule), fields ...string) {
	for i := range m.Sections {
		for k := range m.Sections[i].Rules {
			for _, field := range fields {
				if rule := &m.Sections[i].Rules[k]; rule.Field == field {
					change(rule)
				}
			}
		}
	}
}

const boothField = "Booth__c"

// overwritingMembers overwrites what people have edited in members.
func overwritingMembers(cfg *leadsync.Config, _ *leadsync.Mapping) {
	for i := range cfg.Campaigns {
		cfg.Campaigns[i].Fields[0].Write = mapping.Overwrite
	}
}

// downward turns the ladder of members round.
func downward(cfg *leadsync.Config, _ *leadsync.Mapping) {
	for i := range cfg.Campaigns {
		cfg.Campaigns[i].Ladder = []string{"Met", "Responded", "Sent"}
	}
}

// answeringOver writes answers over what others have entered.
func answeringOver(_ *leadsync.Config, m *leadsync.Mapping) { m.Existing = mapping.OverwriteExisting }

// converting puts a converter before the rows of a field.
func converting(field string, convert func(string) string) func(*leadsync.Config, *leadsync.Mapping) {
	return func(cfg *leadsync.Config, m *leadsync.Mapping) {
		cfg.Transforms = map[string]mapping.TransformFunc{
			"wrong": func(v any) (any, error) { return convert(fmt.Sprint(v)), nil }}
		changeRules(m, func(r *leadsync.Rule) { r.Transforms = []string{"wrong"} }, field)
	}
}

// withCity makes another text of a part of an address.
func withCity(cfg *leadsync.Config, m *leadsync.Mapping) {
	converting("City", func(v string) string { return v + " City" })(cfg, m)
	changeRules(m, func(r *leadsync.Rule) { r.Transforms = []string{"wrong"} }, "MailingCity")
}

// overwritingEdits overwrites what people have edited.
func overwritingEdits(cfg *leadsync.Config, m *leadsync.Mapping) {
	writing(mapping.Overwrite, "Title", "Phone", "MobilePhone", "Tier__c")(cfg, m)
}

func guessed(string) string { return "2031-01-01" }

// withContacts gives a mapping the section for Contacts that it lacks.
func withContacts(_ *leadsync.Config, m *leadsync.Mapping) {
	if m.Sections[1].Object != salesforce.ObjectContact {
		m.Sections = slices.Insert(m.Sections, 1, leadsync.DefaultMapping().Sections[1])
	}
}

// plain leaves out the letters that have no capital of their own.
func plain(v string) string { return strings.NewReplacer("ß", "s", "ς", "", "ı", "").Replace(v) }

func atZero(s leadsync.Store) leadsync.Store { return zonelessStore{s} }

// A zonelessStore loses the time zones of events.
type zonelessStore struct{ leadsync.Store }

func (s zonelessStore) Capture(ctx context.Context, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	for i := range leads {
		moved := *leads[i].Lead
		moved.CapturedAt = moved.CapturedAt.UTC()
		leads[i].Lead = &moved
	}
	return s.Store.Capture(ctx, connection, leads)
}

func amnesia(s leadsync.Store) leadsync.Store { return amnesiacStore{s} }

func muted(s leadsync.Store) leadsync.Store { return muteStore{s} }

// cut reads a text up to its first mark.
func cut(v string) string {
	if at := strings.IndexAny(v, ".,'-x"); at > 0 {
		return v[:at]
	}
	return v
}

// lastOfAll is a converter that remembers what it should not.
func lastOfAll() func(string) string {
	var last atomic.Value
	return func(v string) string {
		if before, ok := last.Swap(v).(string); ok {
			return before
		}
		return v
	}
}

func withoutStandIns(cfg *leadsync.Config, m *leadsync.Mapping) {
	m.StandIns = []string{}
	converting("Company", func(v string) string {
		if strings.HasSuffix(v, "International") {
			return "[not provided]"
		}
		return v
	})(cfg, m)
	changeRules(m, func(r *leadsync.Rule) { r.Write = mapping.Overwrite }, "Company")
}

// byLastAddress finds people without a look at their names.
func byLastAddress(cfg *leadsync.Config, _ *leadsync.Mapping) { cfg.Strategy = namelessStrategy{} }

// A namelessStrategy takes whoever has the lead's first name.
type namelessStrategy struct{}

func (namelessStrategy) Name() string { return "nameless" }

func (namelessStrategy) Probes(lead *leadsync.Lead) []leadtype.Probe {
	return []leadtype.Probe{{Object: salesforce.ObjectLead, Field: "FirstName", Value: lead.FirstName}}
}

func (namelessStrategy) NoHit(*leadsync.Lead) leadtype.NoHit {
	return leadtype.NoHit{Person: salesforce.ObjectLead}
}

// A muteStore loses the warnings of outcomes.
type muteStore struct{ leadsync.Store }

func (s muteStore) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadsync.LeadID, error) {
	for i := range settlements {
		mute := *settlements[i].Outcome
		mute.Warnings = nil
		settlements[i].Outcome = &mute
	}
	return s.Store.Settle(ctx, lease, settlements)
}

// An unheedingStore remembers what syncs wrote, and not what a revert restored.
type unheedingStore struct{ leadsync.Store }

func (unheedingStore) Remember(context.Context, string, []leadtype.RecordMemory) error { return nil }

func unjournalled(s leadsync.Store) leadsync.Store { return journallessStore{s} }

// A journallessStore keeps no intents before they are sent.
type journallessStore struct{ leadsync.Store }

func (journallessStore) Journal(context.Context, store.Lease, map[leadsync.LeadID][]leadtype.Intent) error {
	return nil
}

// isBroken reports whether an error says that the control's rule was broken.
func (c *control) isBroken(err error) bool {
	return err != nil && strings.HasPrefix(err.Error(), c.breaks+":") && strings.Contains(err.Error(), c.says)
}
