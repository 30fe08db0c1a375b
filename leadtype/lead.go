// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/blank"
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/salesforce"
)

// A LeadID is the host's own key for a captured lead. It never changes, and in
// an org with key fields the record created for the lead carries it: see
// leadsync.Config.ExternalIDs. Ids that differ in any byte are different leads.
type LeadID string

// Folded returns the id without what people and most databases do not see: the case of
// letters, outer spaces, invisible characters, and the way in which Unicode composes
// characters.
func (l LeadID) Folded() string { return identity.ID(string(l)) }

// A Lead is a person captured at an event, as the host knows them. Every field
// is a source field of a Mapping under the name of its JSON key.
//
// The zero value of a field means unknown, and an unknown value never clears
// anything in Salesforce. Text is UTF-8. A Lead given to a leadsync.Syncer must not be
// changed until the call returns. What may be captured is bounded: see MaxLeadID and the
// other limits.
type Lead struct {
	ID LeadID `json:"id"`

	EventID   string `json:"eventId,omitempty"`
	EventName string `json:"eventName,omitempty"`
	// CapturedAt is when the lead was captured, in the event's time zone: its
	// calendar day there is the one that dates become. More than a day ahead it counts as
	// the time when leadsync was given the lead: the clock was wrong.
	CapturedAt time.Time `json:"capturedAt,omitzero"`
	// EnrichedAt is when enrichment finished, zero before. See
	// leadsync.Config.WaitForEnrichment.
	EnrichedAt time.Time `json:"enrichedAt,omitzero"`
	// UpdatedAt and Revision are when the host last changed the lead, and how often:
	// any number that grows with each change. Captures may arrive in another order than
	// that in which the lead was changed; by these the Store tells which one is newer,
	// see store.Merge. Zero is unknown, and leaves what an earlier
	// capture had. Revision counts where two captures have both.
	UpdatedAt time.Time `json:"updatedAt,omitzero"`
	Revision  int64     `json:"revision,omitempty"`
	// CapturedBy is the e-mail address of the rep who captured the lead, which may have a name
	// beside it: "Ann <ann@acme.example>".
	CapturedBy string `json:"capturedBy,omitempty"`
	// Scans is how often the lead was scanned; see mapping.CampaignLink.MinScans.
	Scans int `json:"scans,omitempty"`
	// Provenance says where the lead came from, such as "badge" or "form".
	Provenance string `json:"provenance,omitempty"`

	FirstName   string   `json:"firstName,omitempty"`
	LastName    string   `json:"lastName,omitempty"`
	Email       string   `json:"email,omitempty"`
	OtherEmails []string `json:"otherEmails,omitempty"`
	JobTitle    string   `json:"jobTitle,omitempty"`
	Phone       string   `json:"phone,omitempty"`
	MobilePhone string   `json:"mobilePhone,omitempty"`
	// Phones are further numbers. The source fields phone and mobilePhone fall
	// back to the first of them of a fitting kind, one that the lead gave before
	// one that enrichment found.
	Phones      []Phone `json:"phones,omitempty"`
	LinkedIn    string  `json:"linkedin,omitempty"`
	Facebook    string  `json:"facebook,omitempty"`
	Twitter     string  `json:"twitter,omitempty"`
	Street      string  `json:"street,omitempty"`
	City        string  `json:"city,omitempty"`
	State       string  `json:"state,omitempty"`
	PostalCode  string  `json:"postalCode,omitempty"`
	Country     string  `json:"country,omitempty"`
	Description string  `json:"description,omitempty"`
	Notes       string  `json:"notes,omitempty"`

	// Company is the company's name, CompanySize its number of employees as text, such as
	// "51-200".
	Company           string `json:"company,omitempty"`
	Website           string `json:"website,omitempty"`
	Industry          string `json:"industry,omitempty"`
	CompanySize       string `json:"companySize,omitempty"`
	CompanyRevenue    string `json:"companyRevenue,omitempty"`
	CompanyPhone      string `json:"companyPhone,omitempty"`
	CompanyLinkedIn   string `json:"companyLinkedin,omitempty"`
	CompanyStreet     string `json:"companyStreet,omitempty"`
	CompanyCity       string `json:"companyCity,omitempty"`
	CompanyState      string `json:"companyState,omitempty"`
	CompanyPostalCode string `json:"companyPostalCode,omitempty"`
	CompanyCountry    string `json:"companyCountry,omitempty"`

	// Score is nil when the lead was not scored. ScoreBand names its range, such as "Hot".
	Score     *float64 `json:"score,omitempty"`
	ScoreBand string   `json:"scoreBand,omitempty"`

	// ContactID, LeadID and AccountID are records that the host knows to be this
	// person's, 15 or 18 characters.
	ContactID salesforce.ID `json:"contactId,omitempty"`
	LeadID    salesforce.ID `json:"leadId,omitempty"`
	AccountID salesforce.ID `json:"accountId,omitempty"`

	// Answers are the answers to qualifiers, by the qualifier's name. Their
	// source fields are qualifier.<name>.
	Answers map[string][]string `json:"qualifiers,omitempty"`
	// Custom holds any other values that JSON can carry. Their source fields are
	// custom.<name>.
	Custom map[string]any `json:"custom,omitempty"`
	// Activities are touchpoints to log with the lead.
	Activities []Activity `json:"activities,omitempty"`

	// Strategy names the strategy that the lead is matched with. Capture sets it
	// to the strategy of that moment; empty means leadsync.Config.Strategy.
	Strategy string `json:"strategy,omitempty"`
}

// A Phone is one number of a person.
type Phone struct {
	Number string    `json:"number"`
	Kind   PhoneKind `json:"kind,omitempty"`
	// Enriched says that enrichment found the number; otherwise the lead gave it.
	Enriched bool `json:"enriched,omitempty"`
}

// A PhoneKind says what a number reaches.
type PhoneKind string

// The kinds of phone. Any other kind is taken for PhoneWork.
const (
	PhoneWork   PhoneKind = "work"
	PhoneMobile PhoneKind = "mobile"
)

// phone returns direct, else the best of Phones whose kind is wanted. A direct one that
// stands for no number, such as "n/a", is returned where there is no other.
func (l *Lead) phone(direct string, mobile bool) string {
	direct = strings.TrimSpace(direct)
	if len(l.Phones) == 0 || !noNumber(direct) {
		return direct
	}
	for _, enriched := range []bool{false, true} {
		for _, p := range l.Phones {
			if (p.Kind == PhoneMobile) == mobile && p.Enriched == enriched && !noNumber(p.Number) {
				return p.Number
			}
		}
	}
	return direct
}

func noNumber(text string) bool { return blank.Always(text) || blank.Words{}.Has(text) }
