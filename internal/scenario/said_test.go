// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
)

// A saying is a lead with a value that is not written as it came, and how the print of its
// plan and the explanation of its outcome say so.
type saying struct {
	configure func(*leadsync.Config)
	prepare   func(*desk)
	lead      func(*leadsync.Lead)
	// want is said by both, late by the outcome only: Salesforce refuses the value.
	want, late string
}

// A reader sees for each kind of warning that concerns a value why it was not written, and
// never the value.
func TestPlanAndExplainSayWhyAValueWasNotWritten(t *testing.T) {
	t.Parallel()
	for kind, s := range sayings() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, leadsync.Config{})
			if s.configure != nil {
				s.configure(&d.cfg)
			}
			if s.prepare != nil {
				s.prepare(d)
			}
			lead := visitor()
			s.lead(lead)
			cfg := d.cfg
			cfg.Store = d.store
			plan, err := scenario.SyncerOf(t, d.org, &cfg).Plan(t.Context(), lead)
			require.NoError(t, err)
			out := d.sync(lead)[lead.ID]
			require.Equal(t, leadsync.Cleared, out.Stage, out.Err)
			require.Contains(t, out.WarningKinds(), kind)

			explained := warningLines(leadtype.Explain(out))
			planned := warningLines(plan.String())
			if s.late == "" {
				require.Contains(t, planned, s.want)
			}
			require.Contains(t, explained, s.want+s.late)
			require.NotContains(t, strings.ToLower(planned+explained), "secret")
		})
	}
}

// warningLines are those of a print, in one form.
func warningLines(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		label, said, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if label = strings.ToLower(label); label == "warning" || label == "note" {
			lines = append(lines, strings.TrimSuffix(said, "."))
		}
	}
	return strings.Join(lines, "\n")
}

func sayings() map[leadtype.WarningKind]saying {
	all := map[leadtype.WarningKind]saying{
		leadtype.Unfit: {lead: func(l *leadsync.Lead) { l.Phone = "+49 30 1234567 secret, secret and secret again" },
			want: "Lead.Phone: is longer than 40 characters (left out: unfit, DATA_VALUE_VALIDATION)"},
		leadtype.Truncated: {lead: func(l *leadsync.Lead) { l.JobTitle = strings.Repeat("secret ", 20) },
			want: "Lead.Title: was cut to 128 characters (cut: too long, DATA_VALUE_VALIDATION)"},
		leadtype.BlankText: {lead: func(l *leadsync.Lead) { l.JobTitle = "N/A" },
			want: "Lead.Title: jobTitle has a text that stands for no value (left out: no value)"},
		leadtype.Placeholder: {lead: func(l *leadsync.Lead) { l.Email = "noreply@secret.example" },
			want: "Lead.Email: the e-mail address is nobody's own: it was neither looked up nor written " +
				"(left out: placeholder)"},
		leadtype.OwnerReplaced: {lead: func(l *leadsync.Lead) { l.CapturedBy = "secret@events.example" },
			want: "Lead.OwnerId: there is not exactly one active user with that e-mail address " +
				"(replaced: not one active owner, OWNER_INVALID)"},
		leadtype.Owed: {lead: func(l *leadsync.Lead) { l.JobTitle = "Secret" },
			prepare: func(d *desk) { refusing(d.org, "Lead", "STRING_TOO_LONG", "Title") },
			late: "Lead.Title: was left out because Salesforce refused it with STRING_TOO_LONG " +
				"(owed: written when the schema or the mapping has changed, DATA_VALUE_VALIDATION)"},
	}
	for kind, s := range sayingsOfSchema() {
		all[kind] = s
	}
	for kind, s := range sayingsOfRecords() {
		all[kind] = s
	}
	return all
}

// sayingsOfSchema are about fields, texts and sections that the org or the mapping lacks.
func sayingsOfSchema() map[leadtype.WarningKind]saying {
	rule := func(change func(*mapping.Rule)) func(*leadsync.Config) {
		return func(cfg *leadsync.Config) {
			m := leadsync.DefaultMapping()
			for i := range m.Sections[0].Rules {
				if m.Sections[0].Rules[i].Source == "jobTitle" {
					change(&m.Sections[0].Rules[i])
				}
			}
			cfg.Mapper = m
		}
	}
	title := func(l *leadsync.Lead) { l.JobTitle = "Secret" }
	return map[leadtype.WarningKind]saying{
		leadtype.Locked: {lead: title, prepare: func(d *desk) { d.org.ReadOnlyField("Lead", "Title") },
			want: "Lead.Title: may not be written by the connected user (left out: locked, CONNECTION_PERMISSION)"},
		leadtype.Missing: {lead: title,
			configure: rule(func(r *mapping.Rule) { r.Field, r.Missing = "Gone__c", mapping.Skip }),
			want: "Lead.Gone__c: does not exist or is hidden from the connected user " +
				"(left out: missing, MISSING_REMOTE_FIELD)"},
		leadtype.Unmapped: {lead: title,
			configure: rule(func(r *mapping.Rule) {
				r.Values, r.Unmapped = map[string]string{"Boss": "CEO"}, mapping.DropUnmapped
			}),
			want: "Lead.Title: has no value for the text of the lead, which was dropped (left out: unmapped, NO_TAG_MAPPING)"},
		leadtype.NoSection: {lead: title,
			configure: func(cfg *leadsync.Config) {
				m := leadsync.DefaultMapping()
				m.Sections = m.Sections[:1]
				cfg.Mapper = m
			},
			prepare: func(d *desk) {
				d.org.Insert("Contact", map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": "pia@acme.example"})
			},
			want: "Contact: the mapping has no section for Contact: nothing of the lead was written to the record itself " +
				"(left out: no section in the mapping)"},
	}
}

// sayingsOfRecords are about what is in Salesforce already.
func sayingsOfRecords() map[leadtype.WarningKind]saying {
	contact := func(fields map[string]any) func(*desk) {
		return func(d *desk) {
			row := map[string]any{"FirstName": "Pia", "LastName": "Gibson", "Email": "pia@acme.example"}
			for name, v := range fields {
				row[name] = v
			}
			d.org.Insert("Contact", row)
		}
	}
	edited := func(fields map[string]any) func(*desk) {
		return func(d *desk) { d.edit(d.sync(visitor())["L1"], fields) }
	}
	title := func(l *leadsync.Lead) { l.JobTitle = "Secret" }
	return map[leadtype.WarningKind]saying{
		leadtype.KeptEdited: {lead: title, prepare: edited(map[string]any{"Title": "Secretary"}),
			want: "Lead.Title: was not written: a user has changed it in Salesforce (kept: edited in Salesforce)"},
		leadtype.KeptCleared: {lead: title, prepare: edited(map[string]any{"Title": nil}),
			want: "Lead.Title: was left empty: a user has emptied it in Salesforce (kept: emptied in Salesforce)"},
		leadtype.KeptExisting: {lead: title, prepare: contact(map[string]any{"Title": "Secretary"}),
			want: "Contact.Title: was not written: it has a value that leadsync has not written (kept: has a value)"},
		leadtype.Stale: {
			prepare: func(d *desk) { d.sync(visitor()) },
			lead: func(l *leadsync.Lead) {
				title(l)
				l.ID, l.CapturedAt = "L2", l.CapturedAt.Add(-time.Hour)
			},
			want: "Lead.Title: was not written: the value there is of a lead that was captured later " +
				"(left out: older than what is there)"},
		leadtype.Doubt: {lead: title, prepare: contact(map[string]any{"FirstName": "Zoe"}),
			want: "Contact.Email: the record with the lead's e-mail address has its name only in part: " +
				"names and the company were not written, and other fields only where they were blank " +
				"(left out: perhaps another person)"},
		leadtype.OtherPerson: {lead: title, prepare: contact(map[string]any{"FirstName": "Zoe", "LastName": "Weber"}),
			configure: func(cfg *leadsync.Config) { cfg.OtherPerson = leadtype.AttachOther },
			want: "Contact.Email: the record with the lead's e-mail address has another person's name: " +
				"nothing was written to the record itself (kept: another person's record, AMBIGUOUS_MATCH)"},
		leadtype.AddressContradicts: {
			prepare: contact(map[string]any{"MailingStreet": "1600 Secret Ave", "MailingCity": "Washington",
				"MailingPostalCode": "20500", "MailingCountry": "USA"}),
			lead: func(l *leadsync.Lead) { l.City = "Secretville" },
			want: "Contact.MailingCity: the address is not the one of the record, and too little to replace it " +
				"(left out: another address)"},
	}
}
