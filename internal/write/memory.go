// SPDX-License-Identifier: Apache-2.0

package write

import (
	"context"
	"sync"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A recordStore is the part of a Store that remembers records.
type recordStore interface {
	Records(ctx context.Context, connection string,
		ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error)
}

// A Memory knows which lead created a record: from the Store, and of the last
// maxKept records from this process, which may know what a Store could not be told.
// It is safe for concurrent use.
type Memory struct {
	Store      recordStore
	Connection string
	Pending    *Pending // has the updates without a response; may be nil

	mu      sync.Mutex
	records bounded[salesforce.ID, leadtype.RecordMemory]
}

// note remembers records in the process.
func (m *Memory) note(records []leadtype.RecordMemory) {
	if m == nil || len(records) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, record := range records {
		m.records.put(record.ID, m.records.get(record.ID).Merge(record))
	}
}

// forget drops what is remembered in the process of the records that a lead created.
func (m *Memory) forget(lead leadtype.LeadID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, record := range m.records.all() {
		if record.Lead == lead {
			m.records.put(id, leadtype.RecordMemory{ID: id})
		}
	}
}

// Records returns what is remembered of the records with these ids, with what updates
// without a response may have written to them.
func (m *Memory) Records(ctx context.Context, ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	found, err := m.Store.Records(ctx, m.Connection, ids)
	if err != nil {
		return nil, err
	}
	if found == nil { // a Store may return nil when it has none
		found = make(map[salesforce.ID]leadtype.RecordMemory)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if record, ok := m.records.lookup(id); ok {
			found[id] = found[id].Beside(record) // another process may have written later
		}
		record := found[id]
		record.ID = id
		if m.Pending.noteSent(&record); record.Written != found[id].Written {
			found[id] = record
		}
	}
	return found, nil
}
