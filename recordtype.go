package leadsync

import (
	"context"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// loadRecordTypes learns which options the record types of the objects offer,
// where that makes a difference: one call for each such object, as long as its
// describe does not change (SALESFORCE.md 2). What cannot be read is left to
// Salesforce, which then refuses options that do not fit.
func (s *Syncer) loadRecordTypes(ctx context.Context, loaded, before *schema) error {
	var reads []salesforce.Read
	for _, object := range s.set.objects() {
		describe := loaded.describe(object)
		if describe == nil || !hasRecordTypes(describe) || !s.set.fillsRestricted(object, describe) {
			continue
		}
		if before != nil && before.describe(object) == describe && before.recordTypes[folded(object)] != nil {
			loaded.recordTypes[folded(object)] = before.recordTypes[folded(object)]
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
		object := reads[i].Object
		if e := classify("session", object, result.Err); e != nil {
			if endsSession(reads[i].Kind, e) {
				return e
			}
			loaded.unread[objectRecordType] = e
			continue
		}
		narrowed := make(map[salesforce.ID]*salesforce.Describe, len(result.RecordTypes))
		for id, offered := range result.RecordTypes {
			narrowed[id] = loaded.describe(object).ForRecordType(offered)
		}
		loaded.recordTypes[folded(object)] = narrowed
	}
	return nil
}

// hasRecordTypes reports whether records of the object can be of more than the
// master record type.
func hasRecordTypes(d *salesforce.Describe) bool {
	return slices.ContainsFunc(d.RecordTypes, func(t salesforce.RecordType) bool { return !t.Master && t.Active })
}

// forNew returns the describes as they are for new records, whose type a row of
// the mapping may choose.
func (p *preflight) forNew() map[salesforce.Object]*salesforce.Describe {
	describes := make(map[salesforce.Object]*salesforce.Describe, len(p.schema.describes))
	mapping, _ := p.cfg.Mapper.(*Mapping)
	for object, describe := range p.schema.describes {
		var chosen any
		if mapping != nil {
			chosen = mapping.rule(object, recordTypeField).Constant
		}
		target := Target{Object: object, Describe: describe, RecordTypes: p.schema.recordTypes[object]}
		describes[object] = target.ofRecordType(chosen)
	}
	return describes
}
