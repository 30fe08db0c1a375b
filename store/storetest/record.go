// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

var recordTests = map[string]func(*env){
	"RecordsAreRememberedWithASettlement": settleRecords,
	"RecordsOfStaleLeadsAreNotRemembered": staleRecords,
	"RecordsKeepTheirCreator":             mergeRecords,
	"RecordsBelongToAConnection":          recordConnections,
	"RecordsOfAThousandAreReadAtOnce":     manyRecords,
	"ForgetRemovesTheRecordsOfTheLead":    forgetRecords,
	"ForgetKeepsWhoseARecordIs":           forgetGuest,
	"RecordsKeepTextsAsTheyAre":           hostileRecords,
}

// The records that the tests name.
const (
	recordA salesforce.ID = "00Q00000000000AEAQ"
	recordB salesforce.ID = "00300000000000BAAQ"
	recordC salesforce.ID = "00100000000000CAAQ"
)

// The fields that the tests remember.
var (
	emailField = &salesforce.Field{Name: "Email", Type: salesforce.TypeEmail}
	phoneField = &salesforce.Field{Name: "Phone", Type: salesforce.TypePhone}
)

// records returns what a connection remembers.
func (e *env) records(ids ...salesforce.ID) map[salesforce.ID]leadtype.RecordMemory {
	e.t.Helper()
	found, err := e.store.Records(e.ctx(), connection, ids)
	e.noError(err)
	return found
}

func (e *env) remember(records ...leadtype.RecordMemory) {
	e.t.Helper()
	e.noError(e.store.Remember(e.ctx(), connection, records))
}

func remembered(records ...leadtype.RecordMemory) map[salesforce.ID]leadtype.RecordMemory {
	all := make(map[salesforce.ID]leadtype.RecordMemory)
	for _, record := range records {
		all[record.ID] = record
	}
	return all
}

func settleRecords(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	person := leadtype.RecordMemory{ID: recordA, Lead: "L1"}
	person.Note(emailField, "a@example.com", start)
	company := leadtype.RecordMemory{ID: recordC}
	e.equal("before", len(e.records(recordA, recordB, recordC)), 0)
	e.settleWith(lease, store.Settlement{LeadID: "L1", Generation: claimed[0].Generation, Outcome: cleared("L1"),
		Records: []leadtype.RecordMemory{person, company}})
	e.equal("remembered", e.records(recordA, recordB, recordC), remembered(person, company))
	e.equal("asked for one", e.records(recordC), remembered(company))
	e.equal("asked for none", len(e.records()), 0)

	e.settleWith(lease, store.Settlement{LeadID: "L2", Generation: claimed[1].Generation,
		Outcome: retry("L2", start), Records: []leadtype.RecordMemory{{ID: recordB, Lead: "L2"}}})
	e.equal("of a lead that waits", e.records(recordB), remembered(leadtype.RecordMemory{ID: recordB, Lead: "L2"}))
}

func staleRecords(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	stale, err := e.store.Settle(e.ctx(), lease, []store.Settlement{
		{LeadID: "L1", Generation: claimed[0].Generation + 1, Outcome: cleared("L1"),
			Records: []leadtype.RecordMemory{{ID: recordA, Lead: "L1"}}},
		{LeadID: "L2", Generation: claimed[1].Generation, Outcome: cleared("L2"),
			Records: []leadtype.RecordMemory{{ID: recordB, Lead: "L2"}}}})
	e.noError(err)
	e.equal("stale", stale, []leadtype.LeadID{"L1"})
	e.equal("remembered", e.records(recordA, recordB), remembered(leadtype.RecordMemory{ID: recordB, Lead: "L2"}))

	e.noError(e.store.Release(e.ctx(), lease))
	_, err = e.store.Settle(e.ctx(), lease, []store.Settlement{{LeadID: "L1", Generation: claimed[0].Generation,
		Outcome: cleared("L1"), Records: []leadtype.RecordMemory{{ID: recordA, Lead: "L1"}}}})
	e.errorIs(err, store.ErrLeaseLost)
	e.equal("under a lost lease", len(e.records(recordA)), 0)
}

func mergeRecords(e *env) {
	e.remember(leadtype.RecordMemory{ID: recordA})
	first := leadtype.RecordMemory{ID: recordA, Lead: "L1"}
	first.Note(emailField, "a@example.com", start)
	first.Note(phoneField, "1", start)
	second := leadtype.RecordMemory{ID: recordA, Lead: "L2"}
	second.Note(emailField, "b@example.com", start.Add(time.Hour))
	e.remember(first, second)
	want := first.Merge(second)
	e.equal("merged", e.records(recordA), remembered(want))
	e.remember(leadtype.RecordMemory{ID: recordA})
	e.equal("after nothing new", e.records(recordA), remembered(want))
	lost := leadtype.RecordMemory{ID: recordA}
	lost.NoteOpen(emailField, "c@example.com", start.Add(2*time.Hour))
	e.remember(lost)
	e.equal("after a write without a response", e.records(recordA), remembered(want.Merge(lost)))
}

func recordConnections(e *env) {
	e.remember(leadtype.RecordMemory{ID: recordA, Lead: "L1"})
	found, err := e.store.Records(e.ctx(), "other", []salesforce.ID{recordA})
	e.noError(err)
	e.equal("of the other", len(found), 0)
	e.noError(e.store.Remember(e.ctx(), "other", []leadtype.RecordMemory{{ID: recordA, Lead: "L2"}}))
	e.equal("mine", e.records(recordA)[recordA].Lead, leadtype.LeadID("L1"))
	e.queue("L2")
	e.noError(e.store.Forget(e.ctx(), connection, "L2", ""))
	found, err = e.store.Records(e.ctx(), "other", []salesforce.ID{recordA})
	e.noError(err)
	e.equal("of the other after Forget here", found, remembered(leadtype.RecordMemory{ID: recordA, Lead: "L2"}))
}

func manyRecords(e *env) {
	var records []leadtype.RecordMemory
	var ids []salesforce.ID
	for i := range 2000 {
		id := salesforce.ID(fmt.Sprintf("00Q%015d", i))
		records = append(records, leadtype.RecordMemory{ID: id, Lead: leadtype.LeadID(fmt.Sprintf("L%d", i))})
		ids = append(ids, id, salesforce.ID(fmt.Sprintf("003%015d", i)))
	}
	e.remember(records...)
	e.equal("records", e.records(ids...), remembered(records...))
}

func forgetRecords(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	matched, other := cleared("L1"), cleared("L2")
	matched.ID, other.ID = recordA, recordB
	e.settleWith(lease, store.Settlement{LeadID: "L1", Generation: claimed[0].Generation, Outcome: matched,
		Records: []leadtype.RecordMemory{{ID: recordA}, {ID: recordC, Lead: "L1"}}})
	e.settleWith(lease, store.Settlement{LeadID: "L2", Generation: claimed[1].Generation, Outcome: other,
		Records: []leadtype.RecordMemory{{ID: recordB, Lead: "L2"}}})
	e.noError(e.store.Forget(e.ctx(), connection, "L1", ""))
	e.equal("left", e.records(recordA, recordB, recordC), remembered(leadtype.RecordMemory{ID: recordB, Lead: "L2"}))
}

// A record that another lead created stays that lead's: a namesake could take it otherwise.
func forgetGuest(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	creator, guest := cleared("L1"), cleared("L2")
	creator.ID, guest.ID = recordA, recordA
	created := leadtype.RecordMemory{ID: recordA, Lead: "L1"}
	created.Note(emailField, "ann@acme.example", start)
	e.settleWith(lease, store.Settlement{LeadID: "L1", Generation: claimed[0].Generation, Outcome: creator,
		Records: []leadtype.RecordMemory{created}})
	e.settleWith(lease, store.Settlement{LeadID: "L2", Generation: claimed[1].Generation, Outcome: guest})
	e.noError(e.store.Forget(e.ctx(), connection, "L2", ""))
	e.equal("left", e.records(recordA), remembered(leadtype.RecordMemory{ID: recordA, Lead: "L1"}))
}

func hostileRecords(e *env) {
	texts := []string{`'; DROP TABLE record; --`, `"quoted" \ back`, "nul\x00inside", "עברית", `{"json":1}`}
	for i, text := range texts {
		id := salesforce.ID(fmt.Sprintf("00Q%015d", i))
		record := leadtype.RecordMemory{ID: id, Lead: leadtype.LeadID(text)}
		record.Note(&salesforce.Field{Name: text, Type: salesforce.TypeString}, text, start)
		e.remember(record)
		more := leadtype.RecordMemory{ID: id}
		more.Note(emailField, text, start)
		e.remember(more)
		e.equal("record", e.records(id), remembered(record.Merge(more)))
	}
}
