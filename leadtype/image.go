// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"errors"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// Records returns the ids, of 18 characters, of the records that the outcome names as the
// lead's: the person's and those of the parts.
func (o *Outcome) Records() []salesforce.ID {
	var records []salesforce.ID
	if o.ID != "" {
		records = append(records, o.ID.ID18())
	}
	for _, p := range o.Parts {
		if id := p.ID.ID18(); id != "" && !slices.Contains(records, id) {
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
	add := func(id salesforce.ID) {
		if id != "" && !slices.Contains(records, id.ID18()) {
			records = append(records, id.ID18())
		}
	}
	quoted := o.Err.hasMessage()
	for i := range o.Parts {
		if p := &o.Parts[i]; quoted || p.Err.hasMessage() || p.holdsValues() {
			add(p.ID)
		}
	}
	if quoted {
		add(o.ID)
	}
	return records
}

// WithoutImages returns the outcome without the values of the records: their changes have
// the fields only, and are Removed, and Salesforce's own messages about them are gone.
func (o *Outcome) WithoutImages(records ...salesforce.ID) *Outcome {
	bare := *o
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
	return &bare
}

// Expires reports whether the outcome holds what leadsync.Config.KeepBefore limits; see
// Expired.
func (o *Outcome) Expires() bool {
	return slices.ContainsFunc(o.Parts, func(p Part) bool { return p.holdsValues() }) ||
		o.Err != nil && (len(o.Err.duplicates()) > 0 ||
			slices.ContainsFunc(o.Trace.Probes, func(p ProbeTrace) bool { return len(p.Candidates) > 0 }))
}

// Expired returns the outcome without the values of its before-images, and where it
// failed, without the candidates among which a person might have chosen. The fields of
// the one and the number of the others stay.
func (o *Outcome) Expired() *Outcome {
	bare := *o
	bare.Parts = slices.Clone(o.Parts)
	for i := range bare.Parts {
		p := &bare.Parts[i]
		p.Changes, p.Err = withoutValues(p.Changes), p.Err.withoutDuplicates()
	}
	if o.Err == nil {
		return &bare
	}
	bare.Err = o.Err.withoutDuplicates()
	bare.Trace.Probes = slices.Clone(o.Trace.Probes)
	for i := range bare.Trace.Probes {
		p := &bare.Trace.Probes[i]
		p.Removed, p.Candidates = p.Removed+len(p.Candidates), nil
	}
	return &bare
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
	var sf *salesforce.Error
	if e != nil {
		errors.As(e.Err, &sf)
	}
	return sf
}

func (e *Error) hasMessage() bool {
	sf := e.salesforce()
	return sf != nil && sf.Message != ""
}

// withoutMessage returns the error without Salesforce's message, which may quote the lead.
func (e *Error) withoutMessage() *Error {
	return e.change(func(sf *salesforce.Error) { sf.Message = "" })
}

func (e *Error) duplicates() []salesforce.Duplicate {
	if sf := e.salesforce(); sf != nil {
		return sf.Duplicates
	}
	return nil
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
