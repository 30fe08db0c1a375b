// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/leadsync/leadsync/internal/blank"
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// probes returns the strategy's probes with those for the keys that records created for
// this lead carry. A key in the current form is the strongest evidence and comes first,
// after the id of an account only; one in the form of earlier versions comes last.
func (m *matching) probes(wanted []leadtype.Probe, one *Match) []leadtype.ProbeTrace {
	people := make([]leadtype.ProbeTrace, 0, len(wanted)) // as a rule they are all
	var accounts []leadtype.ProbeTrace
	for _, p := range wanted {
		if value.MatchedObject(p.Object) == salesforce.ObjectAccount {
			accounts = append(accounts, leadtype.ProbeTrace{Probe: p})
		} else {
			people = append(people, leadtype.ProbeTrace{Probe: p})
		}
	}
	if field := KeyFieldOf(m.session, m.Set, one.Object); field.Name != "" {
		own := []string{field.Person(one.Lead.ID)}
		if sent := one.Item.Keyed(leadtype.PartPerson); sent != nil && sent.Key != own[0] {
			own = append(own, sent.Key)
		}
		people = append(keyProbes(one.Object, field.Name, leadtype.KeyOwn, own...), people...)
		if !one.hasRecord() {
			people = append(people, keyProbes(one.Object, field.Name, leadtype.KeyOld, OldPersonKey(one.Lead.ID))...)
		}
	}
	if field := KeyFieldOf(m.session, m.Set, salesforce.ObjectAccount); field.Name != "" && len(accounts) > 0 {
		const object = salesforce.ObjectAccount
		at := 0
		for at < len(accounts) && strings.EqualFold(accounts[at].Field, "Id") {
			at++
		}
		accounts = slices.Insert(accounts, at, keyProbes(object, field.Name, leadtype.KeyOwn, field.Account(one.Lead))...)
		accounts = append(accounts, keyProbes(object, field.Name, leadtype.KeyOld, oldAccountKey(one.Lead))...)
	}
	return append(people, accounts...)
}

// hasRecord reports whether the lead's last sync tells its record. Then a key in the form of
// earlier versions, which is weaker, is not asked for: with long ids the keys of both forms
// of 1,000 leads do not fit one statement.
func (m *Match) hasRecord() bool {
	return m.Item.Last != nil && m.Item.Last.ID != "" && !m.Correction.Rematched()
}

// keyProbes returns the probes for keys.
func keyProbes(object salesforce.Object, field string, form leadtype.KeyForm, keys ...string) []leadtype.ProbeTrace {
	var probes []leadtype.ProbeTrace
	for _, key := range keys {
		if key == "" {
			continue // a lead without a company has none
		}
		probes = append(probes, leadtype.ProbeTrace{Key: form,
			Probe: leadtype.Probe{Object: object, Field: field, Value: key}})
	}
	return probes
}

// ask adds a probe to the questions, or notes why it is skipped.
func (m *matching) ask(one *Match, p *leadtype.ProbeTrace) {
	if blank.Always(p.Value) {
		p.Skipped = "blank"
		if one.Item.NoEmail && p.Field == "Email" {
			p.Skipped = "the e-mail address is a placeholder"
		}
		return
	}
	field, err := m.probed(&p.Probe)
	if err != nil {
		one.Err = verdict.ForLead(err, one.Lead.ID)
		return
	}
	if p.Object == salesforce.ObjectAccount && field.Name == "Name" {
		p.Value = m.stored(p.Object, field.Name, p.Value)
	} else if text, ok := value.CleanText(p.Value, false); ok {
		p.Value = text // as the mapping writes it
	}
	switch {
	case field.Type == salesforce.TypeID:
		m.askID(p)
	case !utf8.ValidString(p.Value), foldValue(p.Object, p.Field, p.Value) == "":
		p.Skipped = "nothing to compare"
	case field.Length > 0 && len([]rune(p.Value)) > field.Length:
		p.Skipped = "longer than the field"
	default:
		m.questions.want(p.Object, field.Name, p.Value)
	}
}

func (m *matching) askID(p *leadtype.ProbeTrace) {
	id, err := salesforce.ParseID(p.Value)
	prefix := m.session.Describe(p.Object).KeyPrefix
	switch {
	case err != nil:
		p.Skipped = "not an id"
	case prefix != "" && id.Prefix() != prefix:
		p.Skipped = "the id of another object"
	default:
		m.asked.Add(string(id))
		m.questions.want(p.Object, p.Field, string(id))
	}
}

// probed returns the field that a probe compares, and gives the probe the spelling of
// Salesforce. A probe that cannot be looked up is an error of its lead alone: it must
// not pass for "no match".
func (m *matching) probed(p *leadtype.Probe) (*salesforce.Field, *leadtype.Error) {
	refuse := func(code leadtype.Code, reason string) (*salesforce.Field, *leadtype.Error) {
		return nil, &leadtype.Error{Op: "match", Object: p.Object, Code: code, Fields: []string{p.Field}, Reason: reason}
	}
	object := value.MatchedObject(p.Object)
	if object == "" {
		return refuse(leadtype.DataValueValidation, "a strategy can find only Contacts, Leads and Accounts")
	}
	p.Object = object
	describe := m.session.Describe(p.Object)
	if describe == nil {
		return refuse(leadtype.ConnectionPermission, value.UnseenObject)
	}
	field, ok := describe.Field(p.Field)
	if !ok {
		return refuse(leadtype.MissingRemoteField, value.UnseenProbe)
	}
	p.Field = field.Name
	if !field.Filterable || !slices.Contains(textTypes, field.Type) {
		return refuse(leadtype.DataValueValidation, value.Unsearchable)
	}
	return field, nil
}

// textTypes are the types of field whose values SOQL compares as text.
var textTypes = []salesforce.FieldType{
	salesforce.TypeID, salesforce.TypeString, salesforce.TypeEmail, salesforce.TypePhone,
	salesforce.TypeURL, salesforce.TypePicklist, salesforce.TypeCombobox, salesforce.TypeTextarea,
}

func probeWord(field string) string {
	switch field {
	case "Email":
		return "e-mail"
	case "Id":
		return "id"
	}
	return field
}

// try returns the record that a probe finds, nil for none.
func (m *matching) try(one *Match, p *leadtype.ProbeTrace) *salesforce.Record {
	var hits []hit
	held := false // there is a converted Lead about which a person decides
	for _, found := range m.index.Find(p.Object, p.Field, p.Value) {
		if p.Key != "" && !holdsKey(found, p.Field, p.Value) {
			continue // of another lead, whose id differs in case
		}
		record, note := m.resolve(one, found, p)
		if one.Err != nil {
			p.Candidates = append(p.Candidates, leadtype.Candidate{Object: found.Object, ID: found.ID, Note: note})
			return nil
		}
		converted := m.isHeld(record, note)
		if (record != nil || converted) && (one.passed(found) || one.passed(record)) {
			record, note, converted = nil, leadtype.NotePassed, false
		}
		p.Candidates = append(p.Candidates, leadtype.Candidate{Object: found.Object, ID: found.ID, Note: note})
		switch {
		case record != nil:
			hits = append(hits, hit{found, record})
		case converted:
			held = true
			p.Candidates = append(p.Candidates, m.becameOf(found)...)
		}
	}
	slices.SortFunc(p.Candidates, func(a, b leadtype.Candidate) int { return cmp.Compare(a.ID, b.ID) })
	if held {
		holdConverted(one, p.Object, p.Field)
		return nil
	}
	if hits = m.passOthers(one, p, hits); len(hits) == 0 {
		return nil
	}
	if len(hits) > 1 {
		slices.SortFunc(hits, one.better(p))
	}
	if n := records(hits); n > 1 && m.Ambiguous == leadtype.HoldAmbiguous {
		one.Err = &leadtype.Error{Op: "match", LeadID: one.Lead.ID, Object: p.Object, Code: leadtype.AmbiguousMatch,
			Fields: []string{p.Field}, Reason: fmt.Sprintf("%d records match; choose one", n)}
		return nil
	}
	best := hits[0]
	chosen := slices.IndexFunc(p.Candidates, func(c leadtype.Candidate) bool { return c.ID == best.found.ID })
	first := p.Candidates[chosen]
	p.Candidates = slices.Insert(slices.Delete(p.Candidates, chosen, chosen+1), 0, first)
	return best.record
}

// doubtOldKey returns why a person found by a key in its earlier form may be another
// lead's, nil when that is not likely: two systems that number their leads wrote the
// same keys. It takes both the e-mail address and the name to contradict the key.
func doubtOldKey(one *Match, p *leadtype.ProbeTrace, record *salesforce.Record) *leadtype.Error {
	if p.Key != leadtype.KeyOld || p.Object == salesforce.ObjectAccount {
		return nil
	}
	lead := one.Lead
	ours, theirs := identity.Email(lead.Email), identity.Email(record.Text("Email"))
	if ours == "" || theirs == "" || ours == theirs ||
		!AreOthers(lead.Email, NameOf(lead), NameIn(record)) {
		return nil
	}
	return &leadtype.Error{Op: "match", LeadID: lead.ID, Object: p.Object, Code: leadtype.AmbiguousMatch,
		Fields: []string{p.Field}, Reason: "the record with the lead's id as its key has another name and another " +
			"e-mail address: choose it, or clear its key"}
}

// A hit is a record found, and the record that took its place, which may be itself.
type hit struct{ found, record *salesforce.Record }

// records returns how many records the hits lead to.
func records(hits []hit) int {
	ids := make(value.Set)
	for _, h := range hits {
		ids.Add(string(h.record.ID))
	}
	return len(ids)
}

// better orders the hits of a probe: unconverted before converted, then by how far the name
// agrees where they were found by an e-mail address, then the last modified, then the
// smallest id.
func (m *Match) better(p *leadtype.ProbeTrace) func(a, b hit) int {
	converted := func(h hit) int {
		if isConverted(h.found) {
			return 1
		}
		return 0
	}
	differs := func(h hit) identity.Agreement {
		if !ByEmail(p) {
			return identity.Same
		}
		return identity.CompareAt(m.Lead.Email, NameOf(m.Lead), NameIn(h.record))
	}
	return func(a, b hit) int {
		return cmp.Or(
			cmp.Compare(converted(a), converted(b)),
			cmp.Compare(differs(a), differs(b)),
			modified(b.record).Compare(modified(a.record)),
			cmp.Compare(a.record.ID, b.record.ID),
		)
	}
}

// stored returns text as a field of the object keeps it.
func (m *matching) stored(object salesforce.Object, field, text string) string {
	describe := m.session.Describe(object)
	if describe == nil {
		return text
	}
	if f, ok := describe.Field(field); ok {
		if converted, _, problem := value.Convert(f, text, value.Options{}); problem == nil {
			kept, _ := converted.(string)
			return kept
		}
	}
	return text
}
