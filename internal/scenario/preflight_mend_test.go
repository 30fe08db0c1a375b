// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// A mender does what fixes say, and nothing else: it knows the key of a fix, and of the
// problem what its finding has.
type mender struct {
	*planted
	t *testing.T
	f preflight.Finding
}

// menders have what to do by the key of a fix.
func menders() map[string]func(*mender) {
	all := make(map[string]func(*mender))
	for _, some := range []map[string]func(*mender){mendersOfFields(), mendersOfRules(), mendersOfSettings(),
		mendersOfTheOrg()} {
		maps.Copy(all, some)
	}
	return all
}

// follow does what the fix of a finding says.
func (p *planted) follow(t *testing.T, f preflight.Finding) {
	t.Helper()
	key, _, _ := strings.Cut(strings.TrimPrefix(f.Fix, "["), "]")
	mend := menders()[key]
	require.NotNil(t, mend, "nobody knows how to follow %s", f.Fix)
	mend(&mender{planted: p, t: t, f: f})
}

func mendersOfFields() map[string]func(*mender) {
	change := func(change func(*mender, *sftest.Field)) func(*mender) {
		return func(m *mender) {
			field := m.field()
			change(m, &field)
			m.org.DefineField(string(m.f.Object), field)
		}
	}
	key := change(func(_ *mender, f *sftest.Field) { f.Type, f.Length, f.ExternalID, f.Unique = "", 255, true, true })
	addOptions := change(func(m *mender, f *sftest.Field) { f.Options = append(f.Options, m.quoted()...) })
	return map[string]func(*mender){
		"fix.DATA_VALUE_VALIDATION.length": change(func(_ *mender, f *sftest.Field) { f.Length = 255 }),
		"fix.DATA_VALUE_VALIDATION.key":    key,
		"preflight.key-field":              key,
		"preflight.key-length":             key,
		"preflight.section-key-length":     key,
		"preflight.shared-key":             key,
		"preflight.unique-key":             key,
		"preflight.unique":                 change(func(_ *mender, f *sftest.Field) { f.Unique = false }),
		"preflight.free-text":              change(func(_ *mender, f *sftest.Field) { f.Restricted = false }),
		"fix.NO_TAG_MAPPING.picklist":      addOptions,
		"fix.DATA_VALUE_VALIDATION.picklist": func(m *mender) {
			if len(m.field().Options) > 0 && len(m.quoted()) > 0 {
				addOptions(m)
				return
			}
			m.removeRule() // "or map to a text field instead"
		},
		"fix.MISSING_REMOTE_FIELD": func(m *mender) {
			if m.f.Path == "" {
				m.org.DefineField(string(m.f.Object), sftest.Field{Name: m.f.Field})
				return
			}
			m.removeRule() // "or remove it from the mapping"
		},
	}
}

func mendersOfRules() map[string]func(*mender) {
	remove := func(m *mender) { m.removeRule() }
	return map[string]func(*mender){
		"fix.DATA_VALUE_VALIDATION.type":    func(m *mender) { m.ruleAt().Source = "custom.fits" },
		"fix.DATA_VALUE_VALIDATION.email":   func(m *mender) { m.ruleAt().Source = "email" },
		"fix.CONNECTION_PERMISSION.field":   remove,
		"fix.CONNECTION_PERMISSION.formula": remove,
		"fix.CONNECTION_PERMISSION.number":  remove,
		"fix.REQUIRED_FIELD_MISSING": func(m *mender) {
			rule := mapping.Rule{Constant: "North", Field: m.f.Field}
			if m.f.Object == salesforce.ObjectCampaignMember {
				m.link().Fields = append(m.link().Fields, rule)
				return
			}
			m.rule(m.f.Object, rule)
		},
		"preflight.country": func(m *mender) {
			field := regexp.MustCompile(`to \w+\.(\w+)\.$`).FindStringSubmatch(m.f.Fix)
			m.rule(m.f.Object, mapping.Rule{Source: "country", Field: field[1]})
		},
		"preflight.consent": func(m *mender) {
			fits := regexp.MustCompile(`write rule (\w+)\.$`).FindStringSubmatch(m.f.Fix)
			m.ruleAt().Write = mapping.WriteRule(fits[1])
		},
		"preflight.lead-status": func(m *mender) {
			m.rule(m.f.Object, mapping.Rule{Constant: "Open - Not Contacted", Field: m.f.Field})
		},
		"preflight.task-status": func(m *mender) {
			m.rule(m.f.Object, mapping.Rule{Constant: m.field().Options[0], Field: m.f.Field})
		},
		"preflight.person-account-field": func(m *mender) {
			field := regexp.MustCompile(`access to (\w+)\.(\w+)\.$`).FindStringSubmatch(m.f.Fix)
			m.org.DefineField(field[1], sftest.Field{Name: field[2]})
		},
		"preflight.lookup": func(m *mender) {
			field := m.field()
			field.ReferenceTo = []string{"Lead"}
			m.org.DefineField(string(m.f.Object), field)
		},
		"fix.DATA_VALUE_VALIDATION.place": func(m *mender) {
			m.ruleAt().Constant = "Italy"
		},
		"preflight.person-account": func(m *mender) {
			s := m.section(m.f.Object)
			s.Rules = slices.DeleteFunc(s.Rules, func(r mapping.Rule) bool { return r.Field == m.f.Field })
		},
	}
}

func mendersOfSettings() map[string]func(*mender) {
	section := func(m *mender) {
		for _, s := range leadsync.DefaultMapping().Sections {
			if s.Object == m.f.Object {
				m.mapping.Sections = append(m.mapping.Sections, s)
			}
		}
	}
	return map[string]func(*mender){
		"fix.REQUIRED_FIELD_MISSING.section": section,
		"preflight.section":                  section,
		"fix.REQUIRED_FIELD_MISSING.company": func(m *mender) { m.cfg.PersonLeads = true },
		"fix.DATA_VALUE_VALIDATION.several": func(m *mender) {
			m.cfg.Qualifiers[m.index(`^qualifiers\[(\d+)\]`)].Multiple = false
		},
		"fix.CAMPAIGN_STATUS.gone": func(m *mender) { m.link().Archived = true },
		"fix.CAMPAIGN_STATUS": func(m *mender) {
			status := regexp.MustCompile(`no member status "(.+?)"`).FindStringSubmatch(m.f.Reason)
			m.org.Insert("CampaignMemberStatus",
				map[string]any{"CampaignId": string(m.link().CampaignID), "Label": status[1], "SortOrder": 10})
		},
		"preflight.lead-source": func(m *mender) { m.cfg.LeadSource = m.field().Options[0] },
		"preflight.key-prefix":  func(m *mender) { m.cfg.KeyPrefix = "acme" },
		"fix.OWNER_INVALID": func(m *mender) {
			if m.f.Object == salesforce.ObjectUser {
				m.org.Update("User", string(m.cfg.FallbackOwner), map[string]any{"IsActive": true})
				return
			}
			m.cfg.FallbackOwner = salesforce.ID(m.org.UserID()) // "or map another owner"
		},
	}
}

func mendersOfTheOrg() map[string]func(*mender) {
	return map[string]func(*mender){
		"fix.CONNECTION_PERMISSION.object": func(m *mender) {
			for _, op := range []string{"read", "create", "update"} {
				m.org.Allow(string(m.f.Object), op)
			}
		},
		"preflight.unread":          func(m *mender) { m.org.Allow(string(m.f.Object), "read") },
		"preflight.assignment-rule": func(m *mender) { m.org.AssignLeadsTo(m.org.UserID()) },
		"preflight.queue": func(m *mender) {
			m.org.Insert("QueueSobject", map[string]any{"QueueId": string(m.cfg.FallbackOwner), "SobjectType": "Lead"})
		},
		"preflight.sharing": func(m *mender) {
			m.org.Insert("ObjectPermissions", map[string]any{"SobjectType": string(m.f.Object),
				"PermissionsViewAllRecords": true, "ParentId": m.org.Rows("PermissionSet")[0]["Id"]})
		},
		"fix.STORAGE_LIMIT": func(m *mender) {
			for _, row := range m.org.Rows("Lead") {
				m.org.Delete("Lead", row["Id"].(string))
			}
		},
	}
}

// field returns the finding's field as it is in the org.
func (m *mender) field() sftest.Field {
	m.t.Helper()
	describe := scenario.DescribesOf(m.t, m.org, m.f.Object)[m.f.Object]
	was, ok := describe.Field(m.f.Field)
	if !ok {
		return sftest.Field{Name: m.f.Field}
	}
	field := sftest.Field{Name: was.Name, Label: was.Label, Type: string(was.Type), Length: was.Length, Unique: was.Unique,
		ExternalID: was.ExternalID, Restricted: was.RestrictedPicklist}
	for _, option := range was.PicklistValues {
		field.Options = append(field.Options, option.Value)
	}
	return field
}

// quoted returns the options that the fix names.
func (m *mender) quoted() []string {
	var options []string
	for _, quoted := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(m.f.Fix, -1) {
		options = append(options, quoted[1])
	}
	return options
}

func (m *mender) index(form string) int {
	m.t.Helper()
	at := regexp.MustCompile(form).FindStringSubmatch(m.f.Path)
	require.Len(m.t, at, 2, "%s is not %s", m.f.Path, form)
	i, err := strconv.Atoi(at[1])
	require.NoError(m.t, err)
	return i
}

// link returns the campaign link that the path is in.
func (m *mender) link() *leadsync.CampaignLink {
	m.t.Helper()
	return &m.cfg.Campaigns[m.index(`^campaigns\[(\d+)\]`)]
}

// rules returns the rules that the path is in, and which of them it is.
func (m *mender) rules() (rules *[]mapping.Rule, at int) {
	m.t.Helper()
	if strings.HasPrefix(m.f.Path, "campaigns") {
		return &m.link().Fields, m.index(`\.fields\[(\d+)\]`)
	}
	return &m.mapping.Sections[m.index(`^mapping\.objects\[(\d+)\]`)].Rules, m.index(`\.rules\[(\d+)\]`)
}

func (m *mender) ruleAt() *mapping.Rule {
	m.t.Helper()
	rules, at := m.rules()
	return &(*rules)[at]
}

func (m *mender) removeRule() {
	m.t.Helper()
	rules, at := m.rules()
	*rules = slices.Delete(*rules, at, at+1)
}

// otherTexts returns the texts of findings that nobody can mend in a test, or that ask for
// nothing, with what shows them.
func otherTexts() map[string]func(*testing.T, *planted) {
	return map[string]func(*testing.T, *planted){
		"preflight.duplicate-rule": func(_ *testing.T, p *planted) {
			p.org.AddDuplicateRule("Lead", sftest.DuplicateRule{})
		},
		"preflight.task-subtype": func(_ *testing.T, p *planted) {
			p.org.DefineField("Task", sftest.Field{Name: "TaskSubtype", Type: "picklist", Restricted: true,
				Options: []string{"Task"}})
		},
		"preflight.strategy": func(t *testing.T, p *planted) {
			p.cfg.Store, p.cfg.Mode = memory.New(nil), leadsync.Manual
			p.cfg.Strategies = []leadsync.Strategy{leadsync.LeadsOnly}
			lead := scenario.Ada()
			lead.Strategy = leadsync.LeadsOnly.Name()
			_, err := scenario.SyncerOf(t, p.org, p.cfg).Capture(t.Context(), lead)
			require.NoError(t, err)
		},
		"preflight.changed": func(t *testing.T, p *planted) {
			_, report := p.look(t)
			p.cfg.LastSchema = report.Schema
			p.org.DefineField("Lead", sftest.Field{Name: "Title", Length: 100})
		},
		"preflight.calls": func(t *testing.T, p *planted) { *p = *newPlanted(t, sftest.WithAPILimit(1)) },
		"preflight.user": func(t *testing.T, p *planted) {
			_, err := scenario.SyncerOf(t, p.org, p.cfg).Preflight(t.Context())
			require.NoError(t, err)
		},
	}
}

// requireAllSaid checks that each text that only a preflight has was shown.
func requireAllSaid(t *testing.T, said map[string]bool) {
	t.Helper()
	for key := range leadtype.Catalogue() {
		if strings.HasPrefix(key, "preflight.") && !said[key] {
			t.Errorf("%s is a text that nothing shows", key)
		}
	}
}
