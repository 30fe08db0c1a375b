// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// The bounds of what is remembered of orgs.
const (
	schemaLife = 10 * time.Minute
	schemasMax = 32
)

// A schema is what an org's objects are like for the connected user, as read at a time. A nil describe
// is of an object that the org does not have for that user.
type schema struct {
	at        time.Time
	describes map[salesforce.Object]*salesforce.Describe
}

// schemas remember the schemas of connections for a while, so that a page costs a call only
// now and then. They are safe for concurrent use.
type schemas struct {
	now func() time.Time

	mu   sync.Mutex
	kept map[string]schema
}

func newSchemas(now func() time.Time) *schemas {
	return &schemas{now: now, kept: map[string]schema{}}
}

// An askFunc reads from an org.
type askFunc func(reads ...salesforce.Read) ([]salesforce.ReadResult, error)

// of returns the schema of a connection with at least the objects, which are asked for where they are
// not remembered.
func (s *schemas) of(key string, ask askFunc, objects []salesforce.Object) (schema, error) {
	known := s.remembered(key)
	var reads []salesforce.Read
	for _, object := range objects {
		if _, has := known.describes[object]; !has {
			reads = append(reads, salesforce.DescribeObject(object, ""))
		}
	}
	if len(reads) == 0 {
		return known, nil
	}
	results, err := ask(reads...)
	if err != nil {
		return schema{}, err
	}
	found := schema{at: s.now(), describes: map[salesforce.Object]*salesforce.Describe{}}
	for object, describe := range known.describes {
		found.at, found.describes[object] = known.at, describe
	}
	for i := range results {
		found.describes[reads[i].Object] = results[i].Describe
	}
	s.keep(key, found)
	return found, nil
}

func (s *schemas) remembered(key string) schema {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.kept[key]
	if s.now().Sub(known.at) > schemaLife {
		return schema{}
	}
	return known
}

// keep remembers a schema. Of too many the oldest is dropped.
func (s *schemas) keep(key string, found schema) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[key] = found
	for len(s.kept) > schemasMax {
		keys := slices.Sorted(maps.Keys(s.kept))
		slices.SortStableFunc(keys, func(a, b string) int { return s.kept[a].at.Compare(s.kept[b].at) })
		delete(s.kept, keys[0])
	}
}

// forget has the schema of a connection read again.
func (s *schemas) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, key)
}

// labelOf returns the label of an object, its name where that is not known.
func (s *schema) labelOf(object salesforce.Object) string {
	if d := s.describes[object]; d != nil {
		return cmp.Or(d.Label, string(object))
	}
	return string(object)
}
