package leadsync

import (
	"context"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// loadRecordTypes reads which options the record types of the objects offer, where
// that makes a difference: one call for each such object, unless its describe is
// still the one of before (SALESFORCE.md 2). What cannot be read is left to
// Salesforce, which then refuses options that do not fit.
func (s *sessions) loadRecordTypes(ctx context.Context, loaded, before *session) error {
	var reads []salesforce.Read
	for _, object := range s.set.objects() {
		describe := loaded.describe(object)
		if describe == nil || !hasRecordTypes(describe) || !s.set.fillsRestricted(object, describe) {
			continue
		}
		if known := before.narrowed(object, describe); known != nil {
			loaded.recordTypes[folded(object)] = known
			continue
		}
		reads = append(reads, salesforce.RecordTypePicklists(object))
	}
	if len(reads) == 0 {
		return nil
	}
	results, err := readAll(ctx, s.client, "session", reads)
	if err != nil {
		return err
	}
	for i, result := range results {
		if e := classify("session", reads[i].Object, result.Err); e == nil {
			loaded.takeRecordTypes(reads[i].Object, result)
		} else if endsSession(reads[i].Kind, e) {
			return e
		} else {
			loaded.unread[objectRecordType] = e
		}
	}
	return nil
}

// narrowed returns what the record types of an object offered, nil when the object
// had another describe. The session may be nil.
func (s *session) narrowed(
	object salesforce.Object, describe *salesforce.Describe,
) map[salesforce.ID]*salesforce.Describe {
	if s == nil || s.describe(object) != describe {
		return nil
	}
	return s.recordTypes[folded(object)]
}

// takeRecordTypes enters what the record types of an object offer.
func (s *session) takeRecordTypes(object salesforce.Object, result salesforce.ReadResult) {
	narrowed := make(map[salesforce.ID]*salesforce.Describe, len(result.RecordTypes))
	for id, offered := range result.RecordTypes {
		narrowed[id] = s.describe(object).ForRecordType(offered)
	}
	s.recordTypes[folded(object)] = narrowed
}

// hasRecordTypes reports whether records of the object can be of more than the
// master record type.
func hasRecordTypes(d *salesforce.Describe) bool {
	return slices.ContainsFunc(d.RecordTypes, func(t salesforce.RecordType) bool { return !t.Master && t.Active })
}
