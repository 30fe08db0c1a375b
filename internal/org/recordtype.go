// SPDX-License-Identifier: Apache-2.0

package org

import (
	"context"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/salesforce"
)

// loadRecordTypes reads which options the record types of the objects offer, where
// that makes a difference: one call for each such object, unless its describe is
// still the one of before (docs/salesforce.md, Fields). What cannot be read is
// left to Salesforce, which then refuses options that do not fit.
func (s *Sessions) loadRecordTypes(ctx context.Context, loaded, before *Session) error {
	var reads []salesforce.Read
	for _, object := range s.set.Objects() {
		describe := loaded.Describe(object)
		if describe == nil || !hasRecordTypes(describe) || !s.fillsRestricted(object, describe) {
			continue
		}
		if known := before.narrowed(object, describe); known != nil {
			loaded.RecordTypes[value.Folded(object)] = known
			continue
		}
		reads = append(reads, salesforce.RecordTypePicklists(object))
	}
	if len(reads) == 0 {
		return nil
	}
	results, err := ReadAll(ctx, s.client, "session", reads)
	if err != nil {
		return err
	}
	for i, result := range results {
		if e := verdict.Classify("session", reads[i].Object, result.Err); e == nil {
			loaded.takeRecordTypes(reads[i].Object, result)
		} else if endsSession(reads[i].Kind, e) {
			return e
		} else {
			loaded.Unread[value.ObjectRecordType] = e
		}
	}
	return nil
}

// fillsRestricted reports whether something is mapped to a restricted picklist.
func (s *Sessions) fillsRestricted(object salesforce.Object, describe *salesforce.Describe) bool {
	return slices.ContainsFunc(s.set.FilledFields(object), func(name string) bool {
		field, ok := describe.Field(name)
		return ok && field.RestrictedPicklist
	})
}

// narrowed returns what the record types of an object offered, nil when the object
// had another describe. The session may be nil.
func (s *Session) narrowed(
	object salesforce.Object, describe *salesforce.Describe,
) map[salesforce.ID]*salesforce.Describe {
	if s == nil || s.Describe(object) != describe {
		return nil
	}
	return s.RecordTypes[value.Folded(object)]
}

// takeRecordTypes enters what the record types of an object offer.
func (s *Session) takeRecordTypes(object salesforce.Object, result salesforce.ReadResult) {
	narrowed := make(map[salesforce.ID]*salesforce.Describe, len(result.RecordTypes))
	for id, offered := range result.RecordTypes {
		narrowed[id] = s.Describe(object).ForRecordType(offered)
	}
	s.RecordTypes[value.Folded(object)] = narrowed
}

// hasRecordTypes reports whether records of the object can be of more than the
// master record type.
func hasRecordTypes(d *salesforce.Describe) bool {
	return slices.ContainsFunc(d.RecordTypes, func(t salesforce.RecordType) bool { return !t.Master && t.Active })
}
