// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A modelOrg is an org cut down to what losing and doubling are about: it keeps
// rows, refuses a key or a membership that is taken, and carries a call out at
// once, late or never. It answers a query with all rows of its object, since a
// Syncer keeps only those that fit, and everything about the schema with what an
// sftest.Org said. Updates never come late: one that overtakes a newer one is
// beyond what a client can know. Nothing of HTTP is in it: it is for thousands of schedules,
// and sftest says how Salesforce answers.
type modelOrg struct {
	*modelSchema

	mu     sync.Mutex
	rows   map[salesforce.Object][]salesforce.Record
	made   int
	faults map[bool][]modelFault // of the next calls, those that write and those that read
	// doubles lets keys be taken twice, as in an org without unique fields.
	doubles bool
	coming  int // creates that are still to be committed
}

// A modelFault is what goes wrong with one call: the next one that writes, or
// that reads.
type modelFault struct {
	reads bool
	loss  loss
	late  time.Duration // of commitLater
	// row is one that the org refuses, counted from 1, with the code.
	row  int
	code salesforce.StatusCode
}

// A loss is the way in which an answer is lost.
type loss int

const (
	notLost loss = iota
	lostBefore
	lostAfter
	commitLater
)

// A modelSchema is what an org said of itself.
type modelSchema struct {
	answers   map[string]salesforce.ReadResult
	blank     map[salesforce.Object]salesforce.Fields // a row without values
	campaign  salesforce.ID
	strategy  leadsync.Strategy
	keyFields bool
}

// modelled are the objects whose rows a modelOrg keeps.
var modelled = []salesforce.Object{"Lead", "Contact", "Account", "CampaignMember", "Task"}

// learnSchema asks a fake org all that a session asks.
func learnSchema(t *testing.T, strategy leadsync.Strategy, keyFields bool) *modelSchema {
	t.Helper()
	org := sftest.NewOrg(t)
	if keyFields {
		org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
	m := &modelSchema{answers: make(map[string]salesforce.ReadResult),
		blank:    make(map[salesforce.Object]salesforce.Fields),
		campaign: scenario.Expo(org), strategy: strategy, keyFields: keyFields}
	client := scenario.ClientOf(t, org)
	syncer, err := leadsync.New(&listeningClient{client, m}, &leadsync.Config{Strategy: strategy, Campaigns: m.links()})
	require.NoError(t, err)
	_, err = syncer.Plan(t.Context(), scenario.Ada())
	require.NoError(t, err)
	for _, object := range modelled {
		read := salesforce.DescribeObject(object, "")
		results, err := client.Read(t.Context(), read)
		require.NoError(t, err)
		m.answers[readKey(read)] = results[0]
		m.blank[object] = make(salesforce.Fields)
		for _, field := range results[0].Describe.Fields {
			m.blank[object][field.Name] = nil
			if field.Type == salesforce.TypeBoolean {
				m.blank[object][field.Name] = false
			}
		}
	}
	return m
}

func (m *modelSchema) links() []leadsync.CampaignLink {
	return []leadsync.CampaignLink{{CampaignID: m.campaign}}
}

// A listeningClient remembers the answers that are not about records.
type listeningClient struct {
	leadsync.Client
	m *modelSchema
}

func (c *listeningClient) Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	results, err := c.Client.Read(ctx, reads...)
	for i := range results {
		c.m.answers[readKey(reads[i])] = results[i]
	}
	return results, err
}

// readKey identifies a read of a session.
func readKey(r salesforce.Read) string {
	if r.Query != nil {
		return r.Query.String()
	}
	return fmt.Sprint(r.Kind, r.Object, r.ID)
}

var fromObject = regexp.MustCompile(`^SELECT .*? FROM (\w+)`)

func newModelOrg(m *modelSchema) *modelOrg {
	return &modelOrg{modelSchema: m, rows: make(map[salesforce.Object][]salesforce.Record),
		faults: make(map[bool][]modelFault)}
}

// fail adds a fault to those that wait for their calls.
func (o *modelOrg) fail(f modelFault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.faults[f.reads] = append(o.faults[f.reads], f)
}

// heal forgets the faults that have not struck.
func (o *modelOrg) heal() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.faults)
}

// fault takes the fault of a call. The caller holds o.mu.
func (o *modelOrg) fault(reads bool) modelFault {
	waiting := o.faults[reads]
	if len(waiting) == 0 {
		return modelFault{}
	}
	o.faults[reads] = waiting[1:]
	return waiting[0]
}

// Read is one call.
func (o *modelOrg) Read(reads []salesforce.Read) []salesforce.ReadResult {
	o.mu.Lock()
	defer o.mu.Unlock()
	results := make([]salesforce.ReadResult, len(reads))
	lost := o.fault(true).loss != notLost
	for i, read := range reads {
		if lost {
			results[i].Err = &salesforce.Error{HTTPStatus: 503}
			continue
		}
		results[i] = o.answer(read)
	}
	return results
}

func (o *modelOrg) answer(read salesforce.Read) salesforce.ReadResult {
	if found := fromObject.FindStringSubmatch(read.Query.String()); read.Query != nil && found != nil {
		if object := salesforce.Object(found[1]); slices.Contains(modelled, object) {
			rows := slices.Clone(o.rows[object])
			if read.Kind == salesforce.ReadQuery {
				rows = slices.DeleteFunc(rows, isDeleted)
			}
			return salesforce.ReadResult{Records: rows}
		}
	}
	known, ok := o.answers[readKey(read)]
	if !ok {
		panic("the model does not know " + readKey(read))
	}
	return known
}

// Write is one call: of writes, those whose indexes are given. What a write
// refers to has been written.
func (o *modelOrg) Write(writes []salesforce.Write, call []int, results []salesforce.WriteResult) {
	o.mu.Lock()
	defer o.mu.Unlock()
	fault := o.fault(false)
	sent := make([]salesforce.Write, len(call))
	for k, i := range call {
		sent[k] = withIDs(writes[i], results)
	}
	switch fault.loss {
	case lostAfter:
		o.commit(sent)
	case commitLater:
		creates := slices.DeleteFunc(slices.Clone(sent), func(w salesforce.Write) bool { return w.Op == salesforce.OpUpdate })
		o.commit(slices.DeleteFunc(sent, func(w salesforce.Write) bool { return w.Op != salesforce.OpUpdate }))
		o.coming++
		time.AfterFunc(fault.late, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.coming--
			o.commit(creates)
		})
	case lostBefore:
	case notLost:
		for k, i := range call {
			if k+1 == fault.row {
				results[i] = refusedRow(fault.code, "no")
				continue
			}
			results[i] = o.save(sent[k])
		}
		return
	}
	for _, i := range call {
		results[i].Err = &salesforce.Error{Uncertain: true, Err: errors.New("no answer")}
	}
}

// withIDs returns a write as it is sent, its references filled in.
func withIDs(w salesforce.Write, results []salesforce.WriteResult) salesforce.Write {
	data, err := json.Marshal(w.Fields)
	if err != nil {
		panic(err)
	}
	w.Fields = nil
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&w.Fields); err != nil {
		panic(err)
	}
	for _, ref := range w.Refs {
		w.Fields[ref.Field] = string(results[ref.Write].ID)
	}
	return w
}

func (o *modelOrg) commit(writes []salesforce.Write) {
	for _, w := range writes {
		o.save(w)
	}
}

// save carries out one write. The caller holds o.mu.
func (o *modelOrg) save(w salesforce.Write) salesforce.WriteResult {
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000+0000")
	rows := o.rows[w.Object]
	if w.Op == salesforce.OpUpdate {
		at := slices.IndexFunc(rows, func(r salesforce.Record) bool { return r.ID == w.ID })
		if isDeleted(rows[at]) {
			return refusedRow("ENTITY_IS_DELETED", "entity is deleted")
		}
		o.change(w.Object, w.ID, w.Fields)
		return salesforce.WriteResult{ID: w.ID}
	}
	for _, field := range []string{"WhoId", "LeadId", "ContactId"} {
		id, _ := w.Fields[field].(string)
		if row := o.person(id); row != nil && isDeleted(*row) {
			return refusedRow("ENTITY_IS_DELETED", "entity is deleted")
		}
	}
	if taken := o.taken(w); taken != "" && !o.doubles {
		return refusedRow("DUPLICATE_VALUE", "duplicate value found: "+taken)
	}
	o.made++
	prefix := map[salesforce.Object]string{"Lead": "00Q", "Contact": "003", "Account": "001", "CampaignMember": "00v",
		"Task": "00T"}[w.Object]
	id := salesforce.ID(fmt.Sprintf("%s%012d", prefix, o.made)).ID18()
	made := o.row(w.Object, id, o.blank[w.Object], w.Fields)
	for _, field := range []string{"CreatedDate", "LastModifiedDate", "SystemModstamp"} {
		made.Fields[field] = now
	}
	if w.Object == "CampaignMember" {
		for _, person := range []salesforce.Object{"Lead", "Contact"} {
			made.Fields[string(person)] = o.find(person, made.Text(string(person)+"Id"))
		}
	}
	o.rows[w.Object] = append(slices.Clone(rows), made)
	return salesforce.WriteResult{ID: id, Created: true}
}

// row returns a row with fields over those of another.
func (o *modelOrg) row(object salesforce.Object, id salesforce.ID, fields ...salesforce.Fields) salesforce.Record {
	row := salesforce.Record{Object: object, ID: id, Fields: make(salesforce.Fields, len(fields[0]))}
	for _, some := range fields {
		for name, value := range some {
			row.Fields[name] = value
		}
	}
	row.Fields["Id"] = string(id)
	return row
}

// find returns a row, nil for none.
func (o *modelOrg) find(object salesforce.Object, id string) any {
	for i, row := range o.rows[object] {
		if string(row.ID) == id {
			return &o.rows[object][i]
		}
	}
	return nil
}

// taken names what a create would double: its key, or a membership.
func (o *modelOrg) taken(w salesforce.Write) string {
	for _, row := range o.rows[w.Object] {
		if isDeleted(row) {
			continue
		}
		same := func(field string) bool {
			value, _ := w.Fields[field].(string)
			return value != "" && strings.EqualFold(value, row.Text(field))
		}
		switch {
		case w.UniqueField != "" && same(w.UniqueField):
			return w.UniqueField
		case w.Object == "CampaignMember" && same("CampaignId") && (same("LeadId") || same("ContactId")):
			return "member"
		}
	}
	return ""
}

func refusedRow(code salesforce.StatusCode, message string) salesforce.WriteResult {
	return salesforce.WriteResult{Err: &salesforce.Error{HTTPStatus: 200, Code: code, Message: message}}
}

// texts returns a field of all rows of an object that are not deleted, sorted.
func (o *modelOrg) texts(object salesforce.Object, field string) []string {
	var texts []string
	for _, row := range o.live(object) {
		texts = append(texts, row.Text(field))
	}
	slices.Sort(texts)
	return texts
}

// live returns the rows of an object that are not deleted.
func (o *modelOrg) live(object salesforce.Object) []salesforce.Record {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(o.rows[object]), isDeleted)
}

func isDeleted(r salesforce.Record) bool { return r.Bool("IsDeleted") }

// person returns the row of a Lead or a Contact, nil for none. The caller holds o.mu.
func (o *modelOrg) person(id string) *salesforce.Record {
	for _, object := range []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact} {
		if row, ok := o.find(object, id).(*salesforce.Record); ok {
			return row
		}
	}
	return nil
}

// survivor returns the record that a person's record was merged into, which may be
// itself, "" where it is gone.
func (o *modelOrg) survivor(id salesforce.ID) salesforce.ID {
	o.mu.Lock()
	defer o.mu.Unlock()
	for row := o.person(string(id)); row != nil; row = o.person(row.Text("MasterRecordId")) {
		if !isDeleted(*row) {
			return row.ID
		}
	}
	return ""
}

// merge merges the record that survives of one person into that of another, with its
// tasks, and its membership where the other has none. It returns false where they are
// one record, and while creates are still to be committed: one of them could take the key
// that the merge frees, and no one merges records within seconds of their creation.
func (o *modelOrg) merge(into, from salesforce.ID) bool {
	into, from = o.survivor(into), o.survivor(from)
	o.mu.Lock()
	defer o.mu.Unlock()
	if into == "" || from == "" || into == from || o.coming > 0 {
		return false
	}
	object := o.person(string(into)).Object
	o.change(object, from, salesforce.Fields{"IsDeleted": true, "MasterRecordId": string(into)})
	for _, task := range o.rows["Task"] {
		if task.Text("WhoId") == string(from) {
			o.change("Task", task.ID, salesforce.Fields{"WhoId": string(into)})
		}
	}
	field := string(object) + "Id"
	is := func(person salesforce.ID) func(salesforce.Record) bool {
		return func(r salesforce.Record) bool { return r.Text(field) == string(person) }
	}
	members := o.rows["CampaignMember"]
	if slices.ContainsFunc(members, is(into)) {
		o.rows["CampaignMember"] = slices.DeleteFunc(slices.Clone(members), is(from))
	} else if i := slices.IndexFunc(members, is(from)); i >= 0 {
		o.change("CampaignMember", members[i].ID, salesforce.Fields{field: string(into),
			string(object): o.find(object, string(into))})
	}
	return true
}

// change changes a row. The caller holds o.mu.
func (o *modelOrg) change(object salesforce.Object, id salesforce.ID, fields salesforce.Fields) {
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000+0000")
	rows := o.rows[object]
	at := slices.IndexFunc(rows, func(r salesforce.Record) bool { return r.ID == id })
	changed := o.row(object, id, rows[at].Fields, fields)
	changed.Fields["LastModifiedDate"], changed.Fields["SystemModstamp"] = now, now
	o.rows[object] = slices.Concat(rows[:at], []salesforce.Record{changed}, rows[at+1:])
}
