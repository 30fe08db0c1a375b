// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"cmp"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// john is what the namesakes of these tests share.
var john = leadtype.SentPerson{FirstName: "John", LastName: "Smith", Company: "Acme"}

// digests are those of a journal for namesakes of john, nil for nil.
func digests(fields map[string]string) map[string]string {
	if fields == nil {
		return nil
	}
	made := map[string]string{"LastName": value.Digest(match.NameKey("Lead", &john), "LastName", john.LastName)}
	for field, text := range fields {
		made[field] = value.Digest(match.NameKey("Lead", &john), field, text)
	}
	return made
}

// sent are the open creates of a person that was to hold fields, and of its Tasks.
func sent(at time.Time, fields map[string]string, notes ...string) []leadtype.Intent {
	intents := []leadtype.Intent{{Kind: leadtype.PartPerson, Object: "Lead", Person: john, PlannedAt: at, SentAt: at,
		Fields: digests(fields)}}
	for _, note := range notes {
		task := digests(map[string]string{"Subject": "Note", "Description": note})
		delete(task, "LastName")
		intents = append(intents, leadtype.Intent{Kind: leadtype.PartTask, Object: "Task", Key: note, Fields: task,
			PlannedAt: at, SentAt: at})
	}
	return intents
}

// others are the open creates of leads that are not in the batch.
type others map[leadtype.LeadID][]leadtype.Intent

func (others) Last(own *leadtype.Intent, _ *leadtype.LeadPlan, _ leadtype.PartKind, _, _ string) *leadtype.Intent {
	return own
}

func (o others) Namesakes(string) map[leadtype.LeadID][]leadtype.Intent { return o }

// A lookAlike is a record with john's name.
type lookAlike struct {
	title   any
	company string
	equal   bool // in all that the lead wants
	created time.Time
	notes   []string
	of      *leadtype.RecordMemory
}

const (
	record1 = salesforce.ID("00Q000000000001EAA")
	record2 = salesforce.ID("00Q000000000002EAA")
	taken1  = string(record1)
	taken2  = string(record2)
	waits   = "waits"
	chooses = "chooses"
	creates = "creates"
)

// decide plans leads with open creates, and says what becomes of each.
func decide(batch, elsewhere others, ids []leadtype.LeadID, records map[salesforce.ID]lookAlike) map[string]string {
	memory := make(map[salesforce.ID]leadtype.RecordMemory)
	index := &match.Index{Logged: make(map[salesforce.ID][]match.LoggedTask)}
	var twins []*salesforce.Record
	for _, id := range []salesforce.ID{record1, record2} {
		r, ok := records[id]
		if !ok {
			continue
		}
		last := "SMITH "
		if r.equal {
			last = "Smith"
		}
		twins = append(twins, &salesforce.Record{Object: "Lead", ID: id, Fields: salesforce.Fields{"FirstName": "JOHN ",
			"LastName": last, "Company": cmp.Or(r.company, "Acme"), "Email": nil, "Title": r.title,
			"CreatedDate": r.created.Format("2006-01-02T15:04:05.000+0000")}})
		for _, note := range r.notes {
			index.Logged[id] = append(index.Logged[id],
				match.LoggedTask{TaskKey: match.TaskKey{Who: id, Subject: "Note", Description: note}})
		}
		if r.of != nil {
			memory[id] = *r.of
		}
	}
	var matches []*match.Match
	for _, id := range ids {
		lead := &leadtype.Lead{ID: id, FirstName: "John", LastName: "Smith", Company: "Acme"}
		matches = append(matches, &match.Match{Lead: lead, Item: &match.Item{Lead: lead, Intents: batch[id]}, Object: "Lead",
			Twins: twins})
	}
	planner := plannerOf()
	planner.Pending = elsewhere
	plan := planner.Plan(&match.Result{Matches: matches, Index: index, Session: session(), Records: memory})
	became := make(map[string]string)
	for _, lead := range plan.Leads {
		switch {
		case lead.Err == nil && lead.ID == "":
			became[string(lead.LeadID)] = creates
		case lead.Err == nil:
			became[string(lead.LeadID)] = string(lead.ID)
		case lead.Err.Code == leadtype.UncertainWrite:
			became[string(lead.LeadID)] = waits
		case lead.Err.Code == leadtype.AmbiguousMatch:
			became[string(lead.LeadID)] = chooses
		}
	}
	return became
}

// What an open create left is recognized by whose the records are, by what they hold, and by
// what the open creates of namesakes were to write.
func TestOpenCreatesGetWhatTheyLeft(t *testing.T) {
	t.Parallel()
	recent, old := now.Add(-time.Minute), now.Add(-time.Hour)
	title := func(text string) map[string]string { return map[string]string{"Title": text} }
	none := map[string]string{}
	type ids = []leadtype.LeadID
	for name, tc := range map[string]struct {
		batch, elsewhere others
		leads            ids
		records          map[salesforce.ID]lookAlike
		want             map[string]string
	}{
		"the only one": {others{"L0": sent(recent, none)}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {created: recent}}, map[string]string{"L0": taken1}},
		"none yet": {others{"L0": sent(recent, none)}, nil, ids{"L0"}, nil, map[string]string{"L0": waits}},
		"none":     {others{"L0": sent(old, none)}, nil, ids{"L0"}, nil, map[string]string{"L0": creates}},
		"made too early": {others{"L0": sent(old, none)}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {created: old.Add(-3 * time.Minute)}}, map[string]string{"L0": creates}},
		"made too late": {others{"L0": sent(old, none)}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {created: old.Add(12 * time.Minute)}}, map[string]string{"L0": creates}},
		"made late": {others{"L0": sent(old, none)}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {created: old.Add(10 * time.Minute)}}, map[string]string{"L0": taken1}},
		"another lead's": {others{"L0": sent(old, none)}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {created: old, of: &leadtype.RecordMemory{Lead: "L9"}}},
			map[string]string{"L0": creates}},
		"one that a lead was matched with": {others{"L0": sent(old, none)}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {created: old, of: &leadtype.RecordMemory{}}},
			map[string]string{"L0": creates}},
		"its own by the memory": {others{"L0": sent(old, title("a"))}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {created: old}, record2: {of: &leadtype.RecordMemory{Lead: "L0"}}},
			map[string]string{"L0": taken2}},
		"two by their titles": {others{"L0": sent(recent, title("a")), "L1": sent(recent, title("b"))}, nil, ids{"L0", "L1"},
			map[salesforce.ID]lookAlike{record1: {title: "B ", created: recent}, record2: {title: "a", created: recent}},
			map[string]string{"L0": taken2, "L1": taken1}},
		"two by their tasks": {others{"L0": sent(recent, none, "a"), "L1": sent(recent, none, "b")}, nil, ids{"L0", "L1"},
			map[salesforce.ID]lookAlike{record1: {notes: []string{"b"}, created: recent}, record2: {created: recent}},
			map[string]string{"L0": taken2, "L1": taken1}},
		"a title that the other has not": {others{"L0": sent(old, title("a")), "L1": sent(old, none)}, nil, ids{"L0", "L1"},
			map[salesforce.ID]lookAlike{record1: {created: old}}, map[string]string{"L0": creates, "L1": taken1}},
		"what a lead elsewhere was to write": {others{"L0": sent(recent, title("a"))}, others{"L1": sent(recent, title("b"))},
			ids{"L0"}, map[salesforce.ID]lookAlike{record1: {title: "b", created: recent}}, map[string]string{"L0": waits}},
		"alike, with a record each": {others{"L0": sent(recent, title("a")), "L1": sent(recent, title("a"))}, nil,
			ids{"L0", "L1"}, map[salesforce.ID]lookAlike{record1: {title: "a", created: recent},
				record2: {title: "a", created: recent}}, map[string]string{"L0": taken1, "L1": taken2}},
		"alike, one elsewhere": {others{"L0": sent(recent, none)}, others{"L1": sent(recent, none)}, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {created: recent}, record2: {created: recent}},
			map[string]string{"L0": taken1}},
		"alike but for the tasks, not yet": {others{"L0": sent(recent, none, "a")}, others{"L1": sent(recent, none)},
			ids{"L0"}, map[salesforce.ID]lookAlike{record1: {created: recent}}, map[string]string{"L0": waits}},
		"alike but for the tasks": {others{"L0": sent(old, none, "a")}, others{"L1": sent(old, none)},
			ids{"L0"}, map[salesforce.ID]lookAlike{record1: {created: old}}, map[string]string{"L0": taken1}},
		"two, and one create": {others{"L0": sent(recent, title("a"))}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {title: "x", created: recent}, record2: {title: "y", created: recent}},
			map[string]string{"L0": chooses}},
		"two, and it holds more of one": {others{"L0": sent(recent, title("a"))}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {title: "x", created: recent}, record2: {title: "a", created: recent}},
			map[string]string{"L0": taken2}},
		"an edited one, not yet": {others{"L0": sent(recent, title("a")), "L1": sent(recent, title("b"))}, nil,
			ids{"L0", "L1"}, map[salesforce.ID]lookAlike{record1: {title: "edited", created: recent}},
			map[string]string{"L0": waits, "L1": waits}},
		"an edited one": {others{"L0": sent(old, title("a")), "L1": sent(old, title("b"))}, nil, ids{"L0", "L1"},
			map[salesforce.ID]lookAlike{record1: {title: "edited", created: old}},
			map[string]string{"L0": chooses, "L1": chooses}},
		"an edited one beside the other's": {others{"L0": sent(old, title("a")), "L1": sent(old, title("b"))}, nil,
			ids{"L0", "L1"}, map[salesforce.ID]lookAlike{record1: {title: "edited", created: old},
				record2: {title: "b", created: old}}, map[string]string{"L0": taken1, "L1": taken2}},
		"a journal without digests": {others{"L0": sent(old, nil), "L1": sent(old, nil)}, nil, ids{"L0", "L1"},
			map[salesforce.ID]lookAlike{record1: {created: old}, record2: {created: old}},
			map[string]string{"L0": chooses, "L1": chooses}},
		"made too early, and equal": {others{"L0": sent(old, none)}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {equal: true, created: old.Add(-time.Hour)}}, map[string]string{"L0": taken1}},
		"made in the future: the clocks differ": {others{"L0": sent(old, none)}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {created: now.AddDate(0, 3, 0)}}, map[string]string{"L0": taken1}},
		"the org writes the company in another way": {others{"L0": sent(recent, none)}, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {company: "ACME, Inc.", created: recent}}, map[string]string{"L0": taken1}},
		"two by a number": {others{"L0": sent(recent, map[string]string{"Title": "5"}),
			"L1": sent(recent, map[string]string{"Title": "6.5"})}, nil, ids{"L0", "L1"},
			map[salesforce.ID]lookAlike{record1: {title: json.Number("6.50"), created: recent},
				record2: {title: 5.0, created: recent}}, map[string]string{"L0": taken2, "L1": taken1}},
		"no open create, and a record that another lead's may be": {nil, others{"L1": sent(recent, none)}, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {equal: true, created: recent}}, map[string]string{"L0": creates}},
		"no open create, and an equal record": {nil, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {equal: true, created: old}}, map[string]string{"L0": taken1}},
		"no open create, and another lead's equal record": {nil, nil, ids{"L0"},
			map[salesforce.ID]lookAlike{record1: {equal: true, created: old, of: &leadtype.RecordMemory{Lead: "L1"}}},
			map[string]string{"L0": creates}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, decide(tc.batch, tc.elsewhere, tc.leads, tc.records))
		})
	}
}
