// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/leadtype"
)

// A Kept is a lead as a Store has it when it is captured again.
type Kept struct {
	// Lead is its data, as it was captured.
	Lead *leadtype.Lead
	// Activities are those that are kept beside the data.
	Activities []leadtype.Activity
	// State is its state, of a lead in flight the one that it is to take afterwards.
	State State
}

// A Merged is what a Store keeps of a capture of a lead that it has.
type Merged struct {
	// Lead is the data to keep. It shares memory with the leads that were merged.
	Lead *leadtype.Lead
	// Activities are new ones to keep beside the data, as AddActivities keeps them.
	Activities []leadtype.Activity
	// State is the one that the lead takes when something comes out new, and DueAt when it
	// is due then, as Captured has it.
	State State
	DueAt time.Time
	// Stale says that only what was unknown was taken of the capture.
	Stale bool
}

// Full reports whether a lead, with what is kept of it and what older news add to it, would
// have more than may be captured: see leadtype.MaxActivities and leadtype.MaxLeadJSON. size
// is the JSON of the data, in bytes. A Store refuses such a capture.
func (m *Merged) Full(kept *Kept, size int) bool {
	if !m.Stale {
		return false
	}
	later := 0
	for _, list := range [][]leadtype.Activity{kept.Activities, m.Activities} {
		for i := range list {
			later += list[i].Size()
		}
	}
	activities := len(m.Lead.Activities) + len(kept.Activities) + len(m.Activities)
	return size > leadtype.MaxLeadJSON || len(m.Activities) > 0 &&
		leadtype.CheckActivities(m.Lead.ID, activities, later) != nil
}

// farAhead is how far UpdatedAt and CapturedAt may be ahead of the Store's clock.
const farAhead = 24 * time.Hour

// Dated returns the lead as a Store keeps it: an UpdatedAt or a CapturedAt more than a day
// ahead of now becomes now, so that a wrong clock does not make all later captures older.
// CapturedAt keeps its time zone. The lead given is not changed.
func Dated(lead *leadtype.Lead, now time.Time) *leadtype.Lead {
	latest := now.Add(farAhead)
	if !lead.UpdatedAt.After(latest) && !lead.CapturedAt.After(latest) {
		return lead
	}
	dated := *lead
	if now = now.UTC().Truncate(time.Microsecond); lead.UpdatedAt.After(latest) {
		dated.UpdatedAt = now
	}
	if lead.CapturedAt.After(latest) {
		dated.CapturedAt = now.In(lead.CapturedAt.Location())
	}
	return &dated
}

// Merge decides what a Store keeps when it captures a lead that it has. Every Store calls
// it inside the transaction of Capture, with its own clock's now, and does nothing when
// the data comes out the same; see Store.Capture.
//
// A capture is older when its Revision is the smaller one, or, unless both have a
// Revision, its UpdatedAt is the earlier one; unless both have that either, the last one
// counts as the newer. With the same Revision it is older when its UpdatedAt is earlier. Of
// the two, one that a capture lacks stays as it was. Of an older one the values of the person and the company are
// ignored; activities that the lead lacks are taken, and answers to qualifiers to which
// it has none. A capture with the same Revision or UpdatedAt takes no answer away.
//
// A capture without EnrichedAt never replaces what enrichment may have filled in a lead
// that has it: it only fills what is blank there. Answers, notes, scans and what else
// the host alone knows are taken. So are, of a capture that is newer by Revision or
// UpdatedAt, the e-mail address and the names: enrichment starts from them, and they may
// have been corrected.
//
// An opt-out or a no that one of the two has said, in a source that Captured.Consents names,
// stays, whichever of them is older.
//
// Force takes a capture whole.
func Merge(kept Kept, captured Captured, now time.Time) Merged {
	merged := mergeNews(kept, captured, now)
	if !captured.Force && len(captured.Consents) > 0 {
		merged.Lead = leadtype.KeepConsents(merged.Lead, captured.Consents, captured.Lead, kept.Lead)
	}
	return merged
}

// mergeNews is Merge without consents.
func mergeNews(kept Kept, captured Captured, now time.Time) Merged {
	dated := Dated(captured.Lead, now)
	order, lead := compareNews(dated, kept.Lead), dated
	if !captured.Force {
		lead = withMarks(dated, kept.Lead)
	}
	if dated != captured.Lead && sameButDated(kept.Lead, lead, !dated.CapturedAt.Equal(captured.Lead.CapturedAt)) {
		lead, order = kept.Lead, sameNews
	}
	lead = withoutBeside(lead, kept)
	merged := Merged{Lead: lead, State: captured.State, DueAt: captured.Due()}
	if captured.Force {
		return merged
	}
	older := order == olderNews
	raw := !older && lead.EnrichedAt.IsZero() && !kept.Lead.EnrichedAt.IsZero()
	if !older && !raw {
		if order == sameNews {
			merged.Lead = withAnswers(lead, kept.Lead.Answers)
		}
		return merged
	}
	merged.Stale = true
	merged.Activities = unknownActivities(kept, lead)
	if older {
		merged.Lead = withAnswers(kept.Lead, lead.Answers)
	} else {
		merged.Lead = underEnriched(kept.Lead, lead, order == newerNews)
	}
	switch {
	case merged.Lead.EnrichedAt.IsZero() && kept.State == StateWaiting:
		merged.State = StateWaiting
	case merged.State == StateWaiting:
		merged.State = captured.after()
	}
	if merged.State != captured.State {
		merged.DueAt = time.Time{} // that of a queued lead is not that of a waiting one
	}
	return merged
}

// withoutBeside returns the lead without the activities that are kept beside its data as
// they are, so that a lead that was read with them and is captured again is the same.
func withoutBeside(lead *leadtype.Lead, kept Kept) *leadtype.Lead {
	if len(kept.Activities) == 0 || len(lead.Activities) == 0 {
		return lead
	}
	beside := make(map[string]*leadtype.Activity, len(kept.Activities))
	for i := range kept.Activities {
		beside[kept.Activities[i].Key()] = &kept.Activities[i]
	}
	for i := range kept.Lead.Activities {
		delete(beside, kept.Lead.Activities[i].Key())
	}
	own := *lead
	own.Activities = slices.DeleteFunc(slices.Clone(lead.Activities), func(a leadtype.Activity) bool {
		other := beside[a.Key()]
		return other != nil && other.Kind == a.Kind && other.At.Equal(a.At) && other.By == a.By && other.Notes == a.Notes
	})
	if len(own.Activities) == 0 {
		own.Activities = nil
	}
	return &own
}

// Earlier returns when a lead is due that was due at one time and is captured to be due
// at another, both in the same state: the earlier one. Zero is at once, and for one that
// waits for enrichment never.
func (s State) Earlier(a, b time.Time) time.Time {
	switch {
	case s == StateWaiting && a.IsZero():
		return b
	case s == StateWaiting && b.IsZero():
		return a
	case a.Before(b):
		return a
	}
	return b
}

// after returns the state of the captured lead when it need not wait.
func (c *Captured) after() State {
	if c.Then != "" {
		return c.Then
	}
	return StateQueued
}

// Due returns DueAt where the State has one.
func (c *Captured) Due() time.Time {
	if c.State == StateQueued || c.State == StateWaiting {
		return c.DueAt
	}
	return time.Time{}
}

// A news says how a capture compares with what is kept of the lead.
type news int

const (
	unorderedNews news = iota // the last counts as the newer
	newerNews
	sameNews
	olderNews
)

func compareNews(captured, kept *leadtype.Lead) news {
	revised := captured.Revision != 0 && kept.Revision != 0
	dated := !captured.UpdatedAt.IsZero() && !kept.UpdatedAt.IsZero()
	earlier := dated && captured.UpdatedAt.Before(kept.UpdatedAt)
	switch {
	case revised && captured.Revision != kept.Revision:
		if captured.Revision < kept.Revision {
			return olderNews
		}
		return newerNews
	case earlier: // also than data that was kept with the Revision and had none
		return olderNews
	case revised || dated && captured.UpdatedAt.Equal(kept.UpdatedAt):
		return sameNews
	case dated:
		return newerNews
	}
	return unorderedNews
}

// withMarks returns the lead with that of Revision and UpdatedAt which it lacks, so that an
// older capture that has only that one is told apart later.
func withMarks(lead, kept *leadtype.Lead) *leadtype.Lead {
	if (lead.Revision != 0 || kept.Revision == 0) && (!lead.UpdatedAt.IsZero() || kept.UpdatedAt.IsZero()) {
		return lead
	}
	marked := *lead
	marked.Revision = cmp.Or(lead.Revision, kept.Revision)
	if lead.UpdatedAt.IsZero() {
		marked.UpdatedAt = kept.UpdatedAt
	}
	return &marked
}

// sameButDated reports whether two leads differ in nothing but UpdatedAt and Strategy, or
// also in CapturedAt.
func sameButDated(a, b *leadtype.Lead, capturedToo bool) bool {
	encode := func(lead leadtype.Lead) []byte {
		lead.UpdatedAt, lead.Strategy = time.Time{}, ""
		if capturedToo {
			lead.CapturedAt = time.Time{}
		}
		data, err := json.Marshal(&lead)
		if err != nil {
			return nil
		}
		return data
	}
	data := encode(*a)
	return data != nil && bytes.Equal(data, encode(*b))
}

// unknownActivities returns the activities of a capture that are not kept.
func unknownActivities(kept Kept, captured *leadtype.Lead) []leadtype.Activity {
	all := leadtype.Lead{Activities: slices.Clone(kept.Lead.Activities)}
	all.AddActivities(kept.Activities...)
	known := len(all.Activities)
	all.AddActivities(captured.Activities...)
	return all.Activities[known:]
}

// withAnswers returns the lead with those of the answers to which it has none.
func withAnswers(lead *leadtype.Lead, answers map[string][]string) *leadtype.Lead {
	var added map[string][]string
	for name, values := range answers {
		if len(values) == 0 || len(lead.Answers[name]) > 0 {
			continue
		}
		if added == nil {
			added = make(map[string][]string, len(lead.Answers)+1)
			maps.Copy(added, lead.Answers)
		}
		added[name] = values
	}
	if added == nil {
		return lead
	}
	more := *lead
	more.Answers = added
	return &more
}

// underEnriched returns an enriched lead with what a capture that is not enriched may
// add to it. newer says that the capture is known to be the newer one.
func underEnriched(enriched, captured *leadtype.Lead, newer bool) *leadtype.Lead {
	lead := *enriched
	fillEnriched(&lead, captured)
	if newer {
		take(&lead.Email, captured.Email)
		take(&lead.FirstName, captured.FirstName)
		take(&lead.LastName, captured.LastName)
	}
	keepKnown(&lead, captured)
	if captured.Revision != 0 {
		lead.Revision = captured.Revision
	}
	if !captured.UpdatedAt.IsZero() {
		lead.UpdatedAt = captured.UpdatedAt
	}
	return &lead
}

// fillEnriched fills the blank ones of the values that enrichment may have found. An
// address is one value.
func fillEnriched(lead, from *leadtype.Lead) {
	fill := func(pairs ...*string) {
		blank := true
		for i := 0; i < len(pairs); i += 2 {
			blank = blank && strings.TrimSpace(*pairs[i]) == ""
		}
		for i := 0; blank && i < len(pairs); i += 2 {
			*pairs[i] = *pairs[i+1]
		}
	}
	fill(&lead.FirstName, &from.FirstName)
	fill(&lead.LastName, &from.LastName)
	fill(&lead.Email, &from.Email)
	fill(&lead.JobTitle, &from.JobTitle)
	fill(&lead.Phone, &from.Phone)
	fill(&lead.MobilePhone, &from.MobilePhone)
	fill(&lead.LinkedIn, &from.LinkedIn)
	fill(&lead.Facebook, &from.Facebook)
	fill(&lead.Twitter, &from.Twitter)
	fill(&lead.Street, &from.Street, &lead.City, &from.City, &lead.State, &from.State,
		&lead.PostalCode, &from.PostalCode, &lead.Country, &from.Country)
	fill(&lead.Description, &from.Description)
	fill(&lead.Company, &from.Company)
	fill(&lead.Website, &from.Website)
	fill(&lead.Industry, &from.Industry)
	fill(&lead.CompanySize, &from.CompanySize)
	fill(&lead.CompanyRevenue, &from.CompanyRevenue)
	fill(&lead.CompanyPhone, &from.CompanyPhone)
	fill(&lead.CompanyLinkedIn, &from.CompanyLinkedIn)
	fill(&lead.CompanyStreet, &from.CompanyStreet, &lead.CompanyCity, &from.CompanyCity,
		&lead.CompanyState, &from.CompanyState, &lead.CompanyPostalCode, &from.CompanyPostalCode,
		&lead.CompanyCountry, &from.CompanyCountry)
	if lead.Score == nil && strings.TrimSpace(lead.ScoreBand) == "" {
		lead.Score, lead.ScoreBand = from.Score, from.ScoreBand
	}
	if len(lead.OtherEmails) == 0 {
		lead.OtherEmails = from.OtherEmails
	}
	if len(lead.Phones) == 0 {
		lead.Phones = from.Phones
	}
	if len(from.Custom) > 0 {
		custom := maps.Clone(from.Custom)
		maps.Copy(custom, lead.Custom)
		lead.Custom = custom
	}
}

// keepKnown takes what the host alone knows of a lead, where the capture has it.
func keepKnown(lead, from *leadtype.Lead) {
	take(&lead.EventID, from.EventID)
	take(&lead.EventName, from.EventName)
	take(&lead.CapturedBy, from.CapturedBy)
	take(&lead.Provenance, from.Provenance)
	take(&lead.Notes, from.Notes)
	take((*string)(&lead.ContactID), string(from.ContactID))
	take((*string)(&lead.LeadID), string(from.LeadID))
	take((*string)(&lead.AccountID), string(from.AccountID))
	if !from.CapturedAt.IsZero() {
		lead.CapturedAt = from.CapturedAt
	}
	if from.Scans != 0 {
		lead.Scans = from.Scans
	}
	if len(from.Answers) > 0 {
		answers := maps.Clone(from.Answers)
		for name, values := range lead.Answers {
			if len(answers[name]) == 0 {
				answers[name] = values
			}
		}
		lead.Answers = answers
	}
}

// take takes a value over unless it is blank.
func take(to *string, value string) {
	if strings.TrimSpace(value) != "" {
		*to = value
	}
}
