// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Remember implements store.Store.
func (s *Store) Remember(ctx context.Context, connection string, records []leadtype.RecordMemory) error {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	c.remember(records)
	return nil
}

func (c *conn) remember(records []leadtype.RecordMemory) {
	for _, record := range records {
		c.records[record.ID] = c.records[record.ID].Merge(record)
	}
}

// Records implements store.Store.
func (s *Store) Records(ctx context.Context, connection string,
	ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	found := make(map[salesforce.ID]leadtype.RecordMemory)
	for _, id := range ids {
		if record, ok := c.records[id]; ok {
			found[id] = record
		}
	}
	return found, nil
}
