// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strings"
	"sync"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// Schemas are the digests of what decides whether fields take their values, as a session
// describes them. They are made when they are asked for, and are safe for concurrent use.
type Schemas struct {
	set     *mapping.Set
	session *org.Session
	mu      sync.Mutex
	digests map[string]string // by object and fields
	all     func() string
}

// NewSchemas returns the digests of a session, which is nil before the org was read.
func NewSchemas(set *mapping.Set, session *org.Session) *Schemas {
	s := &Schemas{set: set, session: session, digests: make(map[string]string)}
	s.all = sync.OnceValue(s.ofAll)
	return s
}

// Of returns mapping.Set.SchemaDigest of fields, "" where there is no session, or it does not
// describe the object.
func (s *Schemas) Of(object salesforce.Object, fields []string) string {
	if s.session == nil {
		return ""
	}
	describe := s.session.Describe(object)
	if describe == nil {
		return ""
	}
	folded := value.Folded(object)
	key := string(folded) + "\x00" + strings.Join(fields, "\x00")
	s.mu.Lock()
	defer s.mu.Unlock()
	digest, known := s.digests[key]
	if !known {
		digest = s.set.SchemaDigest(describe, s.session.RecordTypes[folded], fields) + s.ofPersonAccounts(describe, fields)
		s.digests[key] = digest
	}
	return digest
}

// ofPersonAccounts returns a digest of the Account's fields for those of a Contact that may be
// a person account, "" for other objects.
func (s *Schemas) ofPersonAccounts(describe *salesforce.Describe, fields []string) string {
	account := s.session.Describe(salesforce.ObjectAccount)
	if account == nil || !describe.Name.Equal(salesforce.ObjectContact) || !personaccount.Has(describe) {
		return ""
	}
	var theirs []string
	for _, name := range fields {
		if field, ok := personaccount.Field(account, name); ok {
			theirs = append(theirs, field.Name)
		}
	}
	return s.set.SchemaDigest(account, nil, theirs)
}

// All returns a digest for all fields that the set fills.
func (s *Schemas) All() string { return s.all() }

func (s *Schemas) ofAll() string {
	var all []string
	for _, object := range s.set.Objects() {
		all = append(all, string(value.Folded(object)), s.Of(object, s.set.SchemaFields(object)))
	}
	return value.Digest("", "", strings.Join(all, " "))
}

// A Schema has the Schemas of the session that was read last. It is safe for concurrent use.
type Schema struct {
	Set     *mapping.Set
	Session func() *org.Session // nil before the first

	mu   sync.Mutex
	last *Schemas
}

// Current returns the Schemas, nil before the first session.
func (s *Schema) Current() *Schemas {
	session := s.Session()
	s.mu.Lock()
	defer s.mu.Unlock()
	if session != nil && (s.last == nil || s.last.session != session) {
		s.last = NewSchemas(s.Set, session)
	}
	return s.last
}

// Wants reports whether a lead by itself would write one of the values to a record that it
// shares with others.
func (s *Schemas) Wants(it *match.Item, object salesforce.Object, values salesforce.Fields) bool {
	if s.session == nil || object.Equal(salesforce.ObjectCampaignMember) {
		return true // of members the links' rules decide
	}
	one, target := &match.Match{Item: it, Lead: it.Lead}, targetOf(s.session, object, nil)
	alone := s.set.Compose(it.Lead, target, s.set.MapRecord(one.Captured(), target)).Fields
	for field, refused := range values {
		if own := alone[field]; own != nil && value.Canonical(own) == value.Canonical(refused) {
			return true
		}
	}
	return false
}

// HaveChanged reports whether something that is owed to a lead may fit now: what decides
// about it is not what it was.
func (s *Schemas) HaveChanged(owed []leadtype.OwedValue) bool {
	return slices.ContainsFunc(owed, func(o leadtype.OwedValue) bool {
		now := s.Of(o.Object, o.Fields)
		return now != "" && now != o.Schema
	})
}

// targetOf returns the target for a record, nil for one that is to be created.
func targetOf(session *org.Session, object salesforce.Object, record *salesforce.Record) mapping.Target {
	return mapping.Target{Object: object, Describe: session.Describe(object), Record: record,
		User: session.Reps.User, Other: session.Describe, Currency: session.Currency,
		RecordTypes: session.RecordTypes[value.Folded(object)]}
}
