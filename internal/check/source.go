// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
)

// A sourceInfo is what is known of a source field before leads have it.
type sourceInfo struct {
	// typical are values as leads have them, nil where they may be anything.
	typical []any
	// longest is how long a text may be that is no exception, in characters: that of the
	// standard field for it (docs/salesforce.md, Fields). 0 means that it is not known.
	longest int
	// shared says that leads of different people have the same value.
	shared bool
}

// A sourceRow is what is known of source fields with the given names.
type sourceRow struct {
	names string
	info  sourceInfo
}

// sourceRows has the source fields of every lead. Those of qualifiers, of custom values and
// the ids that hosts choose are not among them: they may be anything.
func sourceRows() []sourceRow {
	noon := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	words := []any{"Ada", "Engines of Example"}
	return []sourceRow{
		{"eventName", sourceInfo{words, 80, true}},
		{"eventId scoreBand provenance", sourceInfo{shared: true}},
		{"capturedAt enrichedAt updatedAt", sourceInfo{typical: []any{noon, noon.AddDate(0, 7, 20)}}},
		{"revision scans", sourceInfo{typical: []any{2, 3}, shared: true}},
		{"score", sourceInfo{typical: []any{72.5, 40.0}, shared: true}},
		{"capturedBy", sourceInfo{[]any{"rep@example.com", "005000000000001AAA"}, 80, true}},
		{"firstName", sourceInfo{words, 40, true}},
		{"lastName", sourceInfo{words, 80, true}},
		{"email", sourceInfo{[]any{"ada@example.com", "grace.hopper@example.org"}, 80, false}},
		{"otherEmails", sourceInfo{typical: []any{[]string{"ada@example.com"}, []string{"grace@example.org"}}}},
		{"jobTitle", sourceInfo{words, 128, true}},
		{"phone mobilePhone", sourceInfo{[]any{"+49 30 901820", "(030) 901820"}, 40, false}},
		{"companyPhone", sourceInfo{[]any{"+49 30 901820", "(030) 901820"}, 40, true}},
		{"linkedin facebook twitter", sourceInfo{[]any{"https://social.example/ada", "ada.lovelace"}, 0, false}},
		{"companyLinkedin", sourceInfo{[]any{"https://social.example/acme", "acme"}, 0, true}},
		{"website", sourceInfo{[]any{"https://acme.example", "www.acme.example"}, 255, true}},
		{"street companyStreet", sourceInfo{[]any{"Main Street 1", "Example Square"}, 255, true}},
		{"city companyCity", sourceInfo{words, 40, true}},
		{"state companyState country companyCountry", sourceInfo{words, 80, true}},
		{"postalCode companyPostalCode", sourceInfo{[]any{"10115", "SW1A 1AA"}, 20, true}},
		{"description notes", sourceInfo{words, 255, true}},
		{"company", sourceInfo{words, 255, true}},
		{"industry", sourceInfo{words, 0, true}},
		{"companySize", sourceInfo{[]any{"120", "51-200"}, 0, true}},
		{"companyRevenue", sourceInfo{[]any{"5000000", "1,000,000"}, 0, true}},
		{"contactId", sourceInfo{[]any{"003000000000001AAA", "003000000000002AAA"}, 18, false}},
		{"leadId", sourceInfo{[]any{"00Q000000000001AAA", "00Q000000000002AAA"}, 18, false}},
		{"accountId", sourceInfo{[]any{"001000000000001AAA", "001000000000002AAA"}, 18, true}},
	}
}

// infoOf returns what is known of a source field.
func infoOf(source string) sourceInfo {
	if strings.HasPrefix(source, value.PrefixActivity) {
		return sourceInfo{[]any{"Asked for a call back", "Likes engines"}, 255, true}
	}
	for _, row := range sourceRows() {
		for name := range strings.FieldsSeq(row.names) {
			if name == source {
				return row.info
			}
		}
	}
	return sourceInfo{}
}

// typicalLead returns a lead with a typical value of a source field.
func typicalLead(source string, typical any) *leadtype.Lead {
	lead := sampleLead()
	if list, ok := typical.([]string); ok {
		lead.OtherEmails = list
		return lead
	}
	if instant, ok := typical.(time.Time); ok {
		typical = instant.Format(time.RFC3339)
	}
	plain, _ := value.PlainValue(typical)
	_ = lead.Set(source, value.TextOf(plain, nil)) // a typical value fits its source
	return lead
}
