// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// Records returns the ids, of 18 characters, of the records that the outcome names as the
// lead's: the person's and those of the parts, also of those that it has left.
func (o *Outcome) Records() []salesforce.ID {
	records := make([]salesforce.ID, 0, 1+len(o.Parts))
	o.addRecords(&records, make(map[salesforce.ID]bool))
	return records
}

func (o *Outcome) addRecords(records *[]salesforce.ID, seen map[salesforce.ID]bool) {
	add := func(id salesforce.ID) {
		if id = id.ID18(); id != "" && !seen[id] {
			seen[id] = true
			*records = append(*records, id)
		}
	}
	add(o.ID)
	for i := range o.Parts {
		add(o.Parts[i].ID)
	}
	for _, of := range o.nested() {
		of.addRecords(records, seen)
	}
}

// nested are the outcomes of earlier syncs that the outcome has.
func (o *Outcome) nested() []*Outcome { return slices.Concat(o.Earlier, o.Left) }

// eachNested returns the outcome with its nested outcomes changed.
func (o *Outcome) eachNested(change func(*Outcome) *Outcome) *Outcome {
	all := *o
	all.Earlier, all.Left = slices.Clone(o.Earlier), slices.Clone(o.Left)
	for i := range all.Earlier {
		all.Earlier[i] = change(all.Earlier[i])
	}
	for i := range all.Left {
		all.Left[i] = change(all.Left[i])
	}
	return &all
}

// addID adds ids that are not in the list yet, as those of 18 characters.
func addID(records []salesforce.ID, ids ...salesforce.ID) []salesforce.ID {
	for _, id := range ids {
		if id = id.ID18(); id != "" && !slices.Contains(records, id) {
			records = append(records, id)
		}
	}
	return records
}

// Images returns the ids, of 18 characters, of the records of which the outcome holds
// values: in before-images, which have what other leads wrote, or in Salesforce's own
// messages. A Store that forgets one of those other leads removes them by WithoutImages.
func (o *Outcome) Images() []salesforce.ID {
	var records []salesforce.ID
	add := func(ids ...salesforce.ID) { records = addID(records, ids...) }
	quoted := o.Err.hasMessage()
	for i := range o.Parts {
		if p := &o.Parts[i]; quoted || p.Err.hasMessage() || p.holdsValues() {
			add(p.ID)
		}
	}
	if quoted {
		add(o.ID)
	}
	for _, of := range o.nested() {
		add(of.Images()...)
	}
	return records
}

// WithoutImages returns the outcome without the values of the records: their changes have
// the fields only, and are Removed, and Salesforce's own messages about them are gone.
func (o *Outcome) WithoutImages(records ...salesforce.ID) *Outcome {
	bare := o.eachNested(func(of *Outcome) *Outcome { return of.WithoutImages(records...) })
	of := func(id salesforce.ID) bool { return id != "" && slices.Contains(records, id.ID18()) }
	concerned := of(o.ID)
	bare.Parts = slices.Clone(o.Parts)
	for i := range bare.Parts {
		if p := &bare.Parts[i]; of(p.ID) {
			concerned = true
			p.Err, p.Changes = p.Err.withoutMessage(), withoutValues(p.Changes)
		}
	}
	if concerned {
		bare.Err = o.Err.withoutMessage()
	}
	return bare
}

// Expires reports whether the outcome holds what leadsync.Config.KeepBefore limits; see
// Expired.
func (o *Outcome) Expires() bool {
	return slices.ContainsFunc(o.Parts, func(p Part) bool { return p.holdsValues() }) ||
		o.Err != nil && (len(o.Err.duplicates()) > 0 ||
			slices.ContainsFunc(o.Trace.Probes, func(p ProbeTrace) bool { return len(p.Candidates) > 0 })) ||
		slices.ContainsFunc(o.nested(), (*Outcome).Expires)
}

// Expired returns the outcome without the values of its before-images, and where it
// failed, without the candidates among which a person might have chosen. The fields of
// the one and the number of the others stay.
func (o *Outcome) Expired() *Outcome {
	bare := o.eachNested((*Outcome).Expired)
	bare.Parts = slices.Clone(o.Parts)
	for i := range bare.Parts {
		p := &bare.Parts[i]
		p.Changes, p.Err = withoutValues(p.Changes), p.Err.withoutDuplicates()
	}
	if o.Err == nil {
		return bare
	}
	bare.Err = o.Err.withoutDuplicates()
	bare.Trace.Probes = slices.Clone(o.Trace.Probes)
	for i := range bare.Trace.Probes {
		p := &bare.Trace.Probes[i]
		p.Removed, p.Candidates = p.Removed+len(p.Candidates), nil
	}
	return bare
}

// holdsValues reports whether a part has values of its record.
func (p *Part) holdsValues() bool {
	return slices.ContainsFunc(p.Changes, func(c FieldChange) bool {
		return c.Before != nil || c.After != nil || c.BeforeID != ""
	})
}

func withoutValues(changes []FieldChange) []FieldChange {
	bare := slices.Clone(changes)
	for i := range bare {
		c := &bare[i]
		c.Before, c.After, c.BeforeID, c.Removed = nil, nil, "", true
	}
	return bare
}

// salesforce returns the Salesforce error under e, nil for none.
func (e *Error) salesforce() *salesforce.Error {
	if e == nil {
		return nil
	}
	sf, _ := errors.AsType[*salesforce.Error](e.Err)
	return sf
}

func (e *Error) hasMessage() bool {
	sf := e.salesforce()
	return sf != nil && sf.Message != "" || e != nil && e.namesOptions()
}

func (e *Error) namesOptions() bool {
	for _, options := range e.Options {
		if len(options) > 0 {
			return true
		}
	}
	return false
}

// withoutMessage returns the error without what may quote the lead: Salesforce's message, and
// the options that picklists lack.
func (e *Error) withoutMessage() *Error {
	bare := e.change(func(sf *salesforce.Error) { sf.Message = "" })
	if bare == nil || !bare.namesOptions() {
		return bare
	}
	own := *bare
	own.Options = make(map[string][]string, len(bare.Options))
	for field := range bare.Options {
		own.Options[field] = nil
	}
	return &own
}

func (e *Error) duplicates() []salesforce.Duplicate {
	if sf := e.salesforce(); sf != nil {
		return sf.Duplicates
	}
	return nil
}

// maxRecords bounds the records that a fix names.
const maxRecords = 3

// records names the records that a duplicate rule or a unique field reports, each with its
// address where that of the org is known.
func records(e *Error) string {
	var names []string
	for _, d := range e.duplicates() {
		id := d.ID.ID18()
		name := strings.TrimSpace(string(cmp.Or(d.Object, value.ObjectOfID(id))) + " " + string(id))
		if e.Instance != "" {
			name += " (" + strings.TrimSuffix(e.Instance, "/") + "/" + string(id) + ")"
		}
		if len(names) < maxRecords && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func (e *Error) withoutDuplicates() *Error {
	return e.change(func(sf *salesforce.Error) { sf.Duplicates = nil })
}

// change returns a copy whose Salesforce error is changed, or e when it has none.
func (e *Error) change(change func(*salesforce.Error)) *Error {
	sf := e.salesforce()
	if sf == nil {
		return e
	}
	changed, own := *sf, *e
	change(&changed)
	own.Err = &changed
	return &own
}
