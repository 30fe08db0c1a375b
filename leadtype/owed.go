// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// An OwedValue is a value, or the parts of an address, that a sync left out of a record
// and that may be written once the schema of the org or the mapping has changed. It holds
// no value.
type OwedValue struct {
	// Kind is Owed where Salesforce refused the value, and the kind of the warning where it
	// was left out before anything was sent.
	Kind   WarningKind       `json:"kind"`
	Code   Code              `json:"code,omitempty"`
	Object salesforce.Object `json:"object"`
	Fields []string          `json:"fields"`
	Reason string            `json:"reason"`
	// Schema is a digest of the rules and of the fields as the org describes them. Run and
	// Drain queue the lead once it has changed.
	Schema string `json:"schema,omitempty"`
	// Digest is of the values that Salesforce refused, keyed with the lead's id, and empty
	// for other kinds. While both stay the same they are sent again only by Ask.Owed.
	Digest string `json:"digest,omitempty"`
}

// An Ask is what a person asks for with leadsync.Syncer.Push, beside that leads are synced.
// It holds until the lead is cleared.
type Ask struct {
	// Owed sends what Salesforce has refused once more, though nothing shows that it would
	// fit now: not all that decides about a value is described. Push always asks for it.
	Owed bool `json:"owed,omitempty"`
	// Over are fields, such as Contact.Title, that are written over what the record has, or
	// over what a user has emptied: those that a kept-existing, kept-edited or kept-cleared
	// warning names. Of an address one field means the whole. A lead that shares the record
	// and was captured later still counts more. It asks nothing of leads without an outcome.
	Over []string `json:"over,omitempty"`
}

// Of returns the fields of an object among Over.
func (a *Ask) Of(object salesforce.Object) []string {
	var fields []string
	for _, name := range a.Over {
		if of, field, ok := strings.Cut(name, "."); ok && object.Equal(salesforce.Object(of)) {
			fields = append(fields, field)
		}
	}
	return fields
}

// Join returns what is asked for together, each field once and in order.
func (a Ask) Join(others ...Ask) Ask {
	a.Over = slices.Clone(a.Over)
	for _, other := range others {
		a.Owed = a.Owed || other.Owed
		a.Over = append(a.Over, other.Over...)
	}
	slices.Sort(a.Over)
	a.Over = slices.Compact(a.Over)
	return a
}

// Warnings are those of the fields that were left out.
func (o *OwedValue) Warnings() []Warning {
	warnings := make([]Warning, len(o.Fields))
	for i, field := range o.Fields {
		warnings[i] = Warning{Kind: o.Kind, Code: o.Code, Object: o.Object, Field: field, Reason: o.Reason}
	}
	return warnings
}

// Owe enters into an outcome what Salesforce refused, with its warnings.
func (o *Outcome) Owe(owed OwedValue) {
	o.Owed = append(o.Owed[:len(o.Owed):len(o.Owed)], owed)
	o.Warnings = append(o.Warnings[:len(o.Warnings):len(o.Warnings)], owed.Warnings()...)
}

// Heeds reports whether a Store enters an Ask into the last outcome of a lead that is pushed:
// fields are always entered, and owed values where there are some.
func (o *Outcome) Heeds(ask Ask) bool {
	return o != nil && (len(ask.Over) > 0 || ask.Owed && len(o.Owed) > 0)
}

// An Incident is one cause for which values of many leads of a batch were left out: most
// likely the org or the mapping needs a repair, and not the leads. It holds no value.
type Incident struct {
	Kind   WarningKind       `json:"kind"` // of OwedValue
	Code   Code              `json:"code,omitempty"`
	Object salesforce.Object `json:"object"`
	Fields []string          `json:"fields"`
	Reason string            `json:"reason"`
	// Leads is how many of the batch it concerned, Of how many the batch had.
	Leads int       `json:"leads"`
	Of    int       `json:"of"`
	At    time.Time `json:"at"` // when the batch was recorded
}

// String says what was left out and of how many leads.
func (i *Incident) String() string {
	return fmt.Sprintf("%s.%s %s, of %d of %d leads", i.Object, strings.Join(i.Fields, ", "), i.Reason, i.Leads, i.Of)
}

// Cause identifies what the incident is about: it is that of the owed values.
func (i *Incident) Cause() string {
	return causeOfOwed(i.Kind, i.Code, i.Object, i.Fields, i.Reason)
}

// Cause identifies for what a value is owed, whatever the lead.
func (o *OwedValue) Cause() string { return causeOfOwed(o.Kind, o.Code, o.Object, o.Fields, o.Reason) }

func causeOfOwed(kind WarningKind, code Code, object salesforce.Object, fields []string, reason string) string {
	return strings.Join([]string{string(kind), string(code), string(object), strings.Join(fields, ","), reason}, "\x00")
}

// An IncidentSink is a leadsync.Sink that is also told of incidents: once, however many
// batches show the same, until a batch in which as many leads were written shows none of it.
// Batches of leadsync.Syncer.Sync and those of captured leads are told apart for that.
type IncidentSink interface {
	Incident(ctx context.Context, incident Incident) error
}

// MinIncidentBatch is how many leads a batch has at least that shows an incident, and
// incidentShare which part of them, one in so many, a cause exceeds.
const (
	MinIncidentBatch = 20
	incidentShare    = 5
)

// Incidents returns the causes in more than a fifth of outcomes, those of most leads first.
// It returns none for fewer than MinIncidentBatch outcomes. At is not set.
func Incidents(outcomes []*Outcome) []Incident {
	if len(outcomes) < MinIncidentBatch {
		return nil
	}
	counted := make(map[string]*Incident)
	for _, o := range outcomes {
		if o == nil {
			continue
		}
		seen := make(map[string]bool, len(o.Owed))
		for _, owed := range o.Owed {
			cause := owed.Cause()
			if counted[cause] == nil {
				counted[cause] = &Incident{Kind: owed.Kind, Code: owed.Code, Object: owed.Object, Fields: owed.Fields,
					Reason: owed.Reason, Of: len(outcomes)}
			}
			if !seen[cause] {
				counted[cause].Leads++
				seen[cause] = true
			}
		}
	}
	var incidents []Incident
	for _, i := range counted {
		if i.Leads*incidentShare > i.Of {
			incidents = append(incidents, *i)
		}
	}
	slices.SortFunc(incidents, func(a, b Incident) int {
		return cmp.Or(cmp.Compare(b.Leads, a.Leads), cmp.Compare(a.Cause(), b.Cause()))
	})
	return incidents
}
