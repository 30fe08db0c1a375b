// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/value"
)

// A sourceField reads and writes one source field of a Lead.
type sourceField struct {
	name string
	text func(*Lead) *string // nil for a field of another kind
	has  func(*Lead) bool
	said func(*Lead) string // get for a text, nil for a field of another kind
	get  func(*Lead) any
	set  func(*Lead, string) error
}

// SourceFields returns the names of the source fields that every lead has, in
// the order of the documentation. Further ones are qualifier.<name>, custom.<name> and
// activity.<kind>.
func SourceFields() []string {
	names := make([]string, len(sourceTable))
	for i, f := range sourceTable {
		names[i] = f.name
	}
	return names
}

// IsSourceField reports whether name is a source field.
func IsSourceField(name string) bool {
	for _, prefix := range []string{value.PrefixQualifier, value.PrefixCustom} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest != ""
		}
	}
	if kind, ok := strings.CutPrefix(name, value.PrefixActivity); ok {
		return ActivityKind(kind).valid()
	}
	return sourceNamed[name] != nil
}

// Value returns the value of a source field: a string, a float64, an int, an int64, a
// time.Time, a []string, or what Custom holds. It is nil where the lead has
// none, and for a name that is no source field.
func (l *Lead) Value(source string) any {
	if name, ok := strings.CutPrefix(source, value.PrefixQualifier); ok {
		if answers := l.Answers[name]; len(answers) > 0 {
			return answers
		}
		return nil
	}
	if name, ok := strings.CutPrefix(source, value.PrefixCustom); ok {
		return l.Custom[name]
	}
	if kind, ok := strings.CutPrefix(source, value.PrefixActivity); ok {
		for _, a := range l.Activities {
			if a.Kind == ActivityKind(kind) {
				return a.Notes
			}
		}
		return nil
	}
	if f := sourceNamed[source]; f != nil {
		return f.get(l)
	}
	return nil
}

// TextValue returns Value of a source field that is a text, "" for none. It is not ok for any
// other source field.
func (l *Lead) TextValue(source string) (text string, ok bool) {
	f := sourceNamed[source]
	if f == nil || f.said == nil {
		return "", false
	}
	if text = f.said(l); isBlank(text) {
		text = ""
	}
	return text, true
}

// Text returns where the lead keeps the text of a source field, as its JSON has it: phone and
// mobilePhone are without Phones. It is nil for a source field of another kind, for those that
// carry a name, and for a name that is no source field.
func (l *Lead) Text(source string) *string {
	if f := sourceNamed[source]; f != nil && f.text != nil {
		return f.text(l)
	}
	return nil
}

// Filled yields the SourceFields of which the lead has a value, in their order.
func (l *Lead) Filled() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range sourceTable {
			f := &sourceTable[i]
			if f.has(l) && !yield(f.name) {
				return
			}
		}
	}
}

// Set fills a source field from text, as a CSV cell has it: several values are
// separated by ";", times are RFC 3339, and an activity's text is its notes.
// Blank text leaves the lead as it is. The error is a *Error that names the
// field and the rule.
func (l *Lead) Set(source, text string) error {
	if !utf8.ValidString(text) {
		return sourceError(source, "is not valid UTF-8")
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	if name, ok := strings.CutPrefix(source, value.PrefixQualifier); ok && name != "" {
		if l.Answers == nil {
			l.Answers = make(map[string][]string)
		}
		l.Answers[name] = value.SplitValues(text)
		return nil
	}
	if name, ok := strings.CutPrefix(source, value.PrefixCustom); ok && name != "" {
		if l.Custom == nil {
			l.Custom = make(map[string]any)
		}
		l.Custom[name] = text
		return nil
	}
	if kind, ok := strings.CutPrefix(source, value.PrefixActivity); ok && ActivityKind(kind).valid() {
		l.Activities = append(l.Activities, Activity{Kind: ActivityKind(kind), Notes: text})
		return nil
	}
	if f := sourceNamed[source]; f != nil {
		return f.set(l, text)
	}
	return sourceError(source, "is not a source field")
}

// sourceTable is every source field but those that carry a name.
var sourceTable = []sourceField{
	textField("id", func(l *Lead) *string { return (*string)(&l.ID) }),
	textField("eventId", func(l *Lead) *string { return &l.EventID }),
	textField("eventName", func(l *Lead) *string { return &l.EventName }),
	timeField("capturedAt", func(l *Lead) *time.Time { return &l.CapturedAt }),
	timeField("enrichedAt", func(l *Lead) *time.Time { return &l.EnrichedAt }),
	timeField("updatedAt", func(l *Lead) *time.Time { return &l.UpdatedAt }),
	{name: "revision", has: func(l *Lead) bool { return l.Revision != 0 }, get: revisionOf, set: setRevision},
	textField("capturedBy", func(l *Lead) *string { return &l.CapturedBy }),
	{name: "scans", has: func(l *Lead) bool { return l.Scans != 0 }, get: scansOf, set: setScans},
	textField("provenance", func(l *Lead) *string { return &l.Provenance }),
	textField("firstName", func(l *Lead) *string { return &l.FirstName }),
	textField("lastName", func(l *Lead) *string { return &l.LastName }),
	textField("email", func(l *Lead) *string { return &l.Email }),
	{name: "otherEmails", has: func(l *Lead) bool { return len(l.OtherEmails) > 0 }, get: otherEmailsOf,
		set: func(l *Lead, s string) error { l.OtherEmails = value.SplitValues(s); return nil }},
	textField("jobTitle", func(l *Lead) *string { return &l.JobTitle }),
	phoneField("phone", func(l *Lead) *string { return &l.Phone }, false),
	phoneField("mobilePhone", func(l *Lead) *string { return &l.MobilePhone }, true),
	textField("linkedin", func(l *Lead) *string { return &l.LinkedIn }),
	textField("facebook", func(l *Lead) *string { return &l.Facebook }),
	textField("twitter", func(l *Lead) *string { return &l.Twitter }),
	textField("street", func(l *Lead) *string { return &l.Street }),
	textField("city", func(l *Lead) *string { return &l.City }),
	textField("state", func(l *Lead) *string { return &l.State }),
	textField("postalCode", func(l *Lead) *string { return &l.PostalCode }),
	textField("country", func(l *Lead) *string { return &l.Country }),
	textField("description", func(l *Lead) *string { return &l.Description }),
	textField("notes", func(l *Lead) *string { return &l.Notes }),
	textField("company", func(l *Lead) *string { return &l.Company }),
	textField("website", func(l *Lead) *string { return &l.Website }),
	textField("industry", func(l *Lead) *string { return &l.Industry }),
	textField("companySize", func(l *Lead) *string { return &l.CompanySize }),
	textField("companyRevenue", func(l *Lead) *string { return &l.CompanyRevenue }),
	textField("companyPhone", func(l *Lead) *string { return &l.CompanyPhone }),
	textField("companyLinkedin", func(l *Lead) *string { return &l.CompanyLinkedIn }),
	textField("companyStreet", func(l *Lead) *string { return &l.CompanyStreet }),
	textField("companyCity", func(l *Lead) *string { return &l.CompanyCity }),
	textField("companyState", func(l *Lead) *string { return &l.CompanyState }),
	textField("companyPostalCode", func(l *Lead) *string { return &l.CompanyPostalCode }),
	textField("companyCountry", func(l *Lead) *string { return &l.CompanyCountry }),
	{name: "score", has: func(l *Lead) bool { return l.Score != nil }, get: scoreOf, set: setScore},
	textField("scoreBand", func(l *Lead) *string { return &l.ScoreBand }),
	textField("contactId", func(l *Lead) *string { return (*string)(&l.ContactID) }),
	textField("leadId", func(l *Lead) *string { return (*string)(&l.LeadID) }),
	textField("accountId", func(l *Lead) *string { return (*string)(&l.AccountID) }),
}

// sourceNamed has the fields of sourceTable by name.
var sourceNamed = func() map[string]*sourceField {
	named := make(map[string]*sourceField, len(sourceTable))
	for i := range sourceTable {
		named[sourceTable[i].name] = &sourceTable[i]
	}
	return named
}()

func textField(name string, at func(*Lead) *string) sourceField {
	return sourceField{
		name: name,
		text: at,
		has:  func(l *Lead) bool { return !isBlank(*at(l)) },
		said: func(l *Lead) string { return *at(l) },
		get:  func(l *Lead) any { return textOrNil(*at(l)) },
		set:  func(l *Lead, s string) error { *at(l) = s; return nil },
	}
}

func phoneField(name string, at func(*Lead) *string, mobile bool) sourceField {
	field := textField(name, at)
	field.said = func(l *Lead) string { return l.phone(*at(l), mobile) }
	field.has = func(l *Lead) bool { return !isBlank(field.said(l)) }
	field.get = func(l *Lead) any { return textOrNil(field.said(l)) }
	return field
}

func timeField(name string, at func(*Lead) *time.Time) sourceField {
	return sourceField{
		name: name,
		has:  func(l *Lead) bool { return !at(l).IsZero() },
		get: func(l *Lead) any {
			if at(l).IsZero() {
				return nil
			}
			return *at(l)
		},
		set: func(l *Lead, s string) error {
			t, err := time.Parse(time.RFC3339, s)
			if err != nil {
				return sourceError(name, "is not an RFC 3339 time such as 2026-05-04T09:30:00+02:00")
			}
			*at(l) = t
			return nil
		},
	}
}

func scansOf(l *Lead) any {
	if l.Scans == 0 {
		return nil
	}
	return l.Scans
}

func setScans(l *Lead, s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return sourceError("scans", "is not a whole number of at least 0")
	}
	l.Scans = n
	return nil
}

func revisionOf(l *Lead) any {
	if l.Revision == 0 {
		return nil
	}
	return l.Revision
}

func setRevision(l *Lead, s string) error {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return sourceError("revision", "is not a whole number of at least 0")
	}
	l.Revision = n
	return nil
}

func otherEmailsOf(l *Lead) any {
	if len(l.OtherEmails) == 0 {
		return nil
	}
	return l.OtherEmails
}

func scoreOf(l *Lead) any {
	if l.Score == nil {
		return nil
	}
	return *l.Score
}

func setScore(l *Lead, s string) error {
	score, err := strconv.ParseFloat(s, 64)
	if err != nil || score != score || score-score != 0 {
		return sourceError("score", "is not a finite number")
	}
	l.Score = &score
	return nil
}

func textOrNil(s string) any {
	if isBlank(s) {
		return nil
	}
	return s
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

func sourceError(source, reason string) *Error {
	return &Error{Op: "set", Code: DataValueValidation, Fields: []string{source}, Reason: reason}
}

// A ConsentSource is a source field in which leads say an opt-out or a consent. What one
// capture of a lead has said, no other takes back: a Store keeps it, whichever of them is
// older; see store.Merge.
type ConsentSource struct {
	// Source is custom.<name> or qualifier.<name>.
	Source string
	// Keep is the answer that stays: yes for an opt-out, no for a consent.
	Keep bool
	// Values are texts, compared without regard to case, and the true or false that they
	// stand for. Other texts are read as yes and no in the words of the main languages.
	Values map[string]string
}

// Said reports whether the lead has the answer that stays.
func (c *ConsentSource) Said(lead *Lead) bool {
	plain, _ := value.PlainValue(lead.Value(c.Source))
	switch plain := plain.(type) {
	case nil:
		return false
	case []string:
		return slices.ContainsFunc(plain, c.isKept)
	}
	return c.isKept(value.TextOf(plain, nil))
}

func (c *ConsentSource) isKept(text string) bool {
	if mapped, ok := value.Values(c.Values).Of(text); ok && len(c.Values) > 0 {
		text = mapped
	}
	yes, ok := reading.ReadYesNo(text)
	return ok && yes == c.Keep
}

// KeepConsents returns the lead with the answers that stay and that it lacks, of the others
// that have them. It changes none of the leads.
func KeepConsents(lead *Lead, consents []ConsentSource, others ...*Lead) *Lead {
	kept := lead
	for i := range consents {
		c := &consents[i]
		if c.Said(kept) {
			continue
		}
		if at := slices.IndexFunc(others, c.Said); at >= 0 {
			kept = c.take(kept, others[at])
		}
	}
	return kept
}

// take returns a lead with the answer of another.
func (c *ConsentSource) take(lead, from *Lead) *Lead {
	changed := *lead
	if name, ok := strings.CutPrefix(c.Source, value.PrefixCustom); ok {
		changed.Custom = maps.Clone(lead.Custom)
		if changed.Custom == nil {
			changed.Custom = make(map[string]any, 1)
		}
		changed.Custom[name] = from.Custom[name]
	}
	if name, ok := strings.CutPrefix(c.Source, value.PrefixQualifier); ok {
		changed.Answers = maps.Clone(lead.Answers)
		if changed.Answers == nil {
			changed.Answers = make(map[string][]string, 1)
		}
		changed.Answers[name] = from.Answers[name]
	}
	return &changed
}
