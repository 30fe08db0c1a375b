// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/blank"
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/leadtype"
)

// A basis is what identifies a person who has no id.
type basis struct {
	event string
	kind  basisKind
	parts []string
}

// A basisKind says what a basis is made of. It is part of ids, and never changed.
type basisKind string

const (
	byRecord  basisKind = "record"
	byEmail   basisKind = "email"
	byName    basisKind = "name"
	byAddress basisKind = "address" // an e-mail address that cannot be read
)

func (b basis) isNone() bool { return b.kind == "" }

// basisOf returns what identifies the person of a lead: a record in Salesforce, the e-mail
// address with the name (several people may read one address), or the name with the company
// and the phone numbers.
func (f *file) basisOf(l *leadtype.Lead) basis {
	b := basis{event: "id " + l.EventID}
	if l.EventID == "" {
		b.event = "name " + blank.Fold(l.EventName)
	}
	name := blank.Fold(l.FirstName + " " + l.LastName)
	email, err := reading.ReadEmail(l.Email)
	numbers := dialled(l.Phone) + "," + dialled(l.MobilePhone)
	nobody := identity.PlaceholderAddress(email, identity.Name{First: l.FirstName, Last: l.LastName, Company: l.Company})
	switch company := identity.Company(l.Company); {
	case l.ContactID != "" || l.LeadID != "":
		b.kind, b.parts = byRecord, []string{string(l.ContactID), string(l.LeadID)}
	case err == nil && strings.Contains(email, "@") && !nobody:
		b.kind, b.parts = byEmail, []string{identity.Email(email), name}
	case name != "" && !blank.Always(name) && (company != "" || numbers != ","):
		b.kind, b.parts = byName, []string{name, company, numbers}
	case !blank.Always(l.Email) && !nobody && !(blank.Words{}).Has(l.Email):
		b.kind, b.parts = byAddress, []string{blank.Fold(l.Email), name}
	}
	return b
}

// dialled returns the digits of a phone number, however it is written.
func dialled(number string) string {
	d := reading.ReadDialled(number)
	if d.International {
		return "+" + d.Digits + d.Tail
	}
	return d.Digits + d.Tail
}

// idPrefix begins the ids that are made here.
const idPrefix = "csv-"

// id returns the id of a lead: a keyed digest, of 160 bits, of its basis, each part after its
// length.
func (b basis) id(key []byte) leadtype.LeadID {
	if len(key) == 0 {
		key = []byte("leadcsv")
	}
	mac := hmac.New(sha256.New, key)
	for _, part := range append([]string{b.event, string(b.kind)}, b.parts...) {
		_, _ = io.WriteString(mac, fmt.Sprintf("%d:%s,", len(part), part)) // a hash does not fail
	}
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:20])
	return leadtype.LeadID(idPrefix + strings.ToLower(text))
}

// repeat leaves out a row of a lead that an earlier row has. What the earlier one lacks is
// taken, where the id was made of what both say, or both have one e-mail address and name.
func (f *file) repeat(w *row, at int, by basis) {
	earlier := f.list.Leads[at]
	p := Problem{Line: w.record.Line, Kind: Repeated}
	if by.isNone() && !samePerson(earlier, w.lead) {
		p.Reason = fmt.Sprintf("has the id of line %d, and not its e-mail address and name: nothing of it was taken",
			f.list.Lines[at])
		if c := f.columnOf("id"); c != nil {
			f.at(&p, c.Number)
			p.Line = w.record.CellLine(c.Number - 1)
		}
		f.leaveOut(p)
		return
	}
	if by.kind == byName {
		if field := differs(earlier, w.lead); field != "" {
			p.Kind = Namesake
			p.Reason = fmt.Sprintf("has the name, company and phone number of line %d, and another %s: give both rows an id",
				f.list.Lines[at], field)
			if c := f.columnOf(field); c != nil {
				f.at(&p, c.Number)
			}
			f.leaveOut(p)
			return
		}
	}
	unfit, taken := f.merge(earlier, w, f.list.Lines[at])
	p.Reason = fmt.Sprintf("is the person of line %d: what that row lacked was taken", f.list.Lines[at])
	if !taken {
		p.Reason = fmt.Sprintf("is the person of line %d: nothing of it was taken, since both rows are too much for one lead",
			f.list.Lines[at])
	}
	f.leaveOut(p)
	f.note(append(w.unfit, unfit...))
}

// samePerson reports whether two leads have one e-mail address and one name.
func samePerson(a, b *leadtype.Lead) bool {
	first, err := reading.ReadEmail(a.Email)
	second, otherErr := reading.ReadEmail(b.Email)
	return err == nil && otherErr == nil && first != "" && identity.Email(first) == identity.Email(second) &&
		blank.Fold(a.FirstName+" "+a.LastName) == blank.Fold(b.FirstName+" "+b.LastName)
}

// personal are the fields that tell namesakes apart.
var personal = []string{"email", "jobTitle", "linkedin", "street", "city", "state", "postalCode", "country"}

// differs returns the first personal field that two leads have otherwise, "" for none.
func differs(a, b *leadtype.Lead) string {
	for _, field := range personal {
		if x, y := textOf(a.Value(field)), textOf(b.Value(field)); x != "" && y != "" && !sameText(x, y) {
			return field
		}
	}
	return ""
}

// own are the fields of a row that say nothing of the person.
var own = []string{"id", "eventId", "eventName", "capturedAt", "enrichedAt", "updatedAt", "revision", "provenance",
	"scans"}

// merge fills what a lead lacks with what a later row of the same person has, and returns
// what that has otherwise, and whether the lead is within all limits: else nothing is taken.
func (f *file) merge(earlier *leadtype.Lead, w *row, line int) (unfit []Problem, taken bool) {
	filled := *earlier
	filled.Answers, filled.Custom = maps.Clone(earlier.Answers), maps.Clone(earlier.Custom)
	done := make(map[string]bool)
	for i := range f.columns {
		c := &f.columns[i]
		if !c.isRead() || done[c.holds] || slices.Contains(own, c.holds) || isNamed(c.holds) {
			continue
		}
		done[c.holds] = true
		was, is := textOf(filled.Value(c.holds)), textOf(w.lead.Value(c.holds))
		switch {
		case is == "" || sameText(was, is):
		case was == "":
			_ = filled.Set(c.holds, is) // it was set so in the later row
		default:
			unfit = append(unfit, Problem{Line: w.record.CellLine(c.Number - 1), Column: c.Number, Header: c.Header,
				Source: c.Source, Kind: Contradicts, Reason: fmt.Sprintf("is not what line %d has, which counts", line)})
		}
	}
	fillNames(&filled, w.lead)
	filled.Activities = slices.Concat(filled.Activities, newActivities(filled.Activities, w.lead.Activities))
	addContacts(&filled, w.lead)
	if filled.Check() != nil || filled.CheckJSON() != nil {
		return unfit, false
	}
	*earlier = filled
	return unfit, true
}

// addContacts adds the further e-mail addresses and phone numbers that a lead does not have.
func addContacts(l, from *leadtype.Lead) {
	emails := map[string]bool{identity.Email(l.Email): true}
	for _, email := range l.OtherEmails {
		emails[identity.Email(email)] = true
	}
	l.OtherEmails = slices.Clone(l.OtherEmails)
	for _, email := range from.OtherEmails {
		if key := identity.Email(email); !emails[key] {
			emails[key] = true
			l.OtherEmails = append(l.OtherEmails, email)
		}
	}
	l.Phones = slices.Clone(l.Phones)
	for _, phone := range from.Phones {
		number := reading.ReadDialled(phone.Number)
		known := slices.ContainsFunc(l.Phones, func(p leadtype.Phone) bool {
			return reading.ReadDialled(p.Number).Same(number)
		})
		if !known && !reading.ReadDialled(l.Phone).Same(number) && !reading.ReadDialled(l.MobilePhone).Same(number) {
			l.Phones = append(l.Phones, phone)
		}
	}
}

// isNamed reports whether what a column holds is merged with others.
func isNamed(holds string) bool {
	return holds == wholeName || partOf(holds) != "" || holds == "firstName" || holds == "lastName" ||
		holds == "otherEmails" || strings.HasPrefix(holds, "activity.")
}

// fillNames fills a name that is blank.
func fillNames(l, from *leadtype.Lead) {
	if l.FirstName == "" && l.LastName == "" {
		l.FirstName, l.LastName = from.FirstName, from.LastName
	}
}

// newActivities returns the activities that others do not have.
func newActivities(has, more []leadtype.Activity) []leadtype.Activity {
	return slices.DeleteFunc(slices.Clone(more), func(a leadtype.Activity) bool {
		return slices.ContainsFunc(has, func(b leadtype.Activity) bool { return a.Key() == b.Key() })
	})
}

// textOf returns a source value as leadtype.Lead.Set takes it.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, ";")
	}
	return fmt.Sprint(v)
}

// sameText reports whether people take two texts for the same.
func sameText(a, b string) bool { return a == b || blank.Fold(a) == blank.Fold(b) }
