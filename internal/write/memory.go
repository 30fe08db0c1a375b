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
	Remember(ctx context.Context, connection string, records []leadtype.RecordMemory) error
}

// A Memory knows what is remembered of records: which lead created them, and digests of what
// was last written to their fields. It asks the Store. The process itself has the last
// maxKept records of which the Store has not been told: those of the batch that is being
// synced, those that the Store could not be told, and where Shared is not set those of Sync.
// It is safe for concurrent use.
type Memory struct {
	Store      recordStore
	Connection string
	Shared     bool     // the Store is told everything: other processes may use it
	Pending    *Pending // has the updates without a response; may be nil

	mu      sync.Mutex
	records bounded[salesforce.ID, leadtype.RecordMemory]
	// missed are those that a Store that is shared could not be told. Another process may
	// have written the records since: Records puts them beside what the Store has.
	missed bounded[salesforce.ID, leadtype.RecordMemory]
	order  int64 // of what was noted last
}

// note remembers records in the process, and returns them with what the Store is still to be
// told of them.
func (m *Memory) note(records []leadtype.RecordMemory) []leadtype.RecordMemory {
	if m == nil || len(records) == 0 {
		return records
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, record := range records {
		if missed, ok := m.missed.lookup(record.ID); ok {
			m.missed.remove(record.ID)
			records = append([]leadtype.RecordMemory{missed}, records...)
		}
	}
	for i := range records {
		m.order++
		records[i].Order = m.order
		m.records.put(records[i].ID, m.records.get(records[i].ID).Merge(records[i]))
	}
	return records
}

// Tell tells the Store of records, or where it is not shared remembers them in the process.
func (m *Memory) Tell(ctx context.Context, records []leadtype.RecordMemory) error {
	if len(records) == 0 {
		return nil
	}
	if !m.Shared {
		m.note(records)
		return nil
	}
	err := m.Store.Remember(ctx, m.Connection, records)
	m.Told(records, err == nil)
	return err
}

// Told notes that the Store was told of records, or that it could not be.
func (m *Memory) Told(records []leadtype.RecordMemory, ok bool) {
	if !m.Shared {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, record := range records {
		m.records.remove(record.ID)
		if !ok {
			m.missed.put(record.ID, m.missed.get(record.ID).Merge(record))
		}
	}
}

// forget drops what is remembered in the process of the records that a lead created.
func (m *Memory) forget(lead leadtype.LeadID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, known := range []*bounded[salesforce.ID, leadtype.RecordMemory]{&m.records, &m.missed} {
		for id, record := range known.all() {
			if record.Lead == lead {
				known.put(id, leadtype.RecordMemory{ID: id})
			}
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
		if record, ok := m.missed.lookup(id); ok {
			found[id] = found[id].Beside(record)
			m.missed.put(id, found[id])
		}
		if record, ok := m.records.lookup(id); ok {
			found[id] = found[id].Merge(record)
		}
		record := found[id]
		record.ID = id
		if m.Pending.noteSent(&record); record.Written != found[id].Written {
			found[id] = record
		}
	}
	return found, nil
}
