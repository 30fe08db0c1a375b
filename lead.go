package leadsync

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/leadsync/leadsync/salesforce"
)

// A LeadID is the host's own key for a captured lead. It never changes, and in
// an org with key fields it is what Salesforce stores as the external id of the
// person. Ids that differ in nothing but the case of letters are one person where
// that key field ignores case.
type LeadID string

// A Lead is a person captured at an event, as the host knows them. Every field
// is a source field of a Mapping under the name of its JSON key.
//
// The zero value of a field means unknown, and an unknown value never clears
// anything in Salesforce. Text is UTF-8. A Lead given to a Syncer must not be
// changed until the call returns.
type Lead struct {
	ID LeadID `json:"id"`

	EventID   string `json:"eventId,omitempty"`
	EventName string `json:"eventName,omitempty"`
	// CapturedAt is when the lead was captured, in the event's time zone: its
	// calendar day there is the one that dates become.
	CapturedAt time.Time `json:"capturedAt,omitzero"`
	// EnrichedAt is when enrichment finished, zero before. See
	// Config.WaitForEnrichment.
	EnrichedAt time.Time `json:"enrichedAt,omitzero"`
	// CapturedBy is the e-mail address of the rep who captured the lead.
	CapturedBy string `json:"capturedBy,omitempty"`
	// Scans is how often the lead was scanned; see CampaignLink.MinScans.
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

	// Score is nil when the lead was not scored.
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
	// to the strategy of that moment; empty means Config.Strategy.
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

// checkAmong says what makes a lead unfit to be taken, in a call that has taken
// leads with these ids.
func (l *Lead) checkAmong(taken map[LeadID]bool, op string) *Error {
	err := l.check()
	if err == nil && taken[l.ID] {
		err = &Error{LeadID: l.ID, Code: DataValueValidation, Fields: []string{"id"}, Reason: "an earlier lead of the call has the same id"}
	}
	if err != nil {
		err.Op = op
	}
	return err
}

// check says what makes a lead unfit to be synced at all.
func (l *Lead) check() *Error {
	switch {
	case l == nil:
		return &Error{Code: RequiredFieldMissing, Fields: []string{"lead"}, Reason: "the lead is nil"}
	case strings.TrimSpace(string(l.ID)) == "":
		return &Error{Code: RequiredFieldMissing, Fields: []string{"id"}, Reason: "a lead needs an id"}
	case len(l.ID) > maxLeadID:
		return &Error{Code: DataValueValidation, Fields: []string{"id"}, Reason: fmt.Sprintf("an id has at most %d bytes", maxLeadID)}
	case !utf8.ValidString(string(l.ID)):
		return &Error{Code: DataValueValidation, Fields: []string{"id"}, Reason: "is not valid UTF-8"}
	}
	if field := l.invalidText(); field != "" {
		return &Error{LeadID: l.ID, Code: DataValueValidation, Fields: []string{field}, Reason: "is not valid UTF-8"}
	}
	if !l.identified() {
		return &Error{LeadID: l.ID, Code: RequiredFieldMissing,
			Fields: []string{"email", "lastName", "contactId", "leadId"}, Reason: "a lead needs one of these to be told from another"}
	}
	return nil
}

// maxLeadID keeps a lead's id within a Text(255) key field.
const maxLeadID = 255

// identified reports whether anything tells this lead from another.
func (l *Lead) identified() bool {
	return strings.TrimSpace(l.Email+l.FirstName+l.LastName+string(l.ContactID)+string(l.LeadID)) != ""
}

// invalidText returns the first source field whose text is not UTF-8.
func (l *Lead) invalidText() string {
	for _, f := range sourceTable {
		if !validText(f.get(l)) {
			return f.name
		}
	}
	for name, answers := range l.Answers {
		if !validText(answers) {
			return prefixQualifier + strings.ToValidUTF8(name, "?")
		}
	}
	for name, value := range l.Custom {
		if !validText(value) {
			return prefixCustom + strings.ToValidUTF8(name, "?")
		}
	}
	for _, a := range l.Activities {
		if !utf8.ValidString(a.Notes) || !utf8.ValidString(a.By) || !utf8.ValidString(a.ID) {
			return prefixActivity + strings.ToValidUTF8(string(a.Kind), "?")
		}
	}
	return ""
}

func validText(value any) bool {
	switch v := value.(type) {
	case string:
		return utf8.ValidString(v)
	case []string:
		return !slices.ContainsFunc(v, func(s string) bool { return !utf8.ValidString(s) })
	case json.Number:
		return utf8.ValidString(string(v))
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !validText(e) })
	case map[string]any:
		for key, e := range v {
			if !utf8.ValidString(key) || !validText(e) {
				return false
			}
		}
	}
	return true
}

// phone returns direct, else the best of Phones whose kind is wanted.
func (l *Lead) phone(direct string, mobile bool) string {
	best := strings.TrimSpace(direct)
	if best != "" {
		return best
	}
	for _, enriched := range []bool{false, true} {
		for _, p := range l.Phones {
			if (p.Kind == PhoneMobile) == mobile && p.Enriched == enriched && strings.TrimSpace(p.Number) != "" {
				return p.Number
			}
		}
	}
	return ""
}
