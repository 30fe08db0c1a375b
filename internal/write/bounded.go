// SPDX-License-Identifier: Apache-2.0

package write

import "iter"

// maxKept is how many entries a bounded map has.
const maxKept = 10_000

// A bounded is a map that has the maxKept entries that were put last. Its zero value is
// ready.
type bounded[K comparable, V any] struct {
	at             map[K]*entry[K, V]
	oldest, newest *entry[K, V]
	free           *entry[K, V] // those that are not in the map, each with the next one as its newer
}

// entriesAtOnce is how many entries are made at a time.
const entriesAtOnce = 32

// An entry is one of a list in the order in which they were put.
type entry[K comparable, V any] struct {
	key          K
	value        V
	older, newer *entry[K, V]
}

// get returns the value of a key, the zero value for none.
func (b *bounded[K, V]) get(key K) V {
	value, _ := b.lookup(key)
	return value
}

func (b *bounded[K, V]) lookup(key K) (value V, ok bool) {
	if e := b.at[key]; e != nil {
		return e.value, true
	}
	return value, false
}

// put replaces the value of a key. Where there are too many entries then, it removes the
// one that was put longest ago and returns it.
func (b *bounded[K, V]) put(key K, value V) (gone V, full bool) {
	if b.at == nil {
		b.at = make(map[K]*entry[K, V])
	}
	e := b.at[key]
	if e == nil {
		e = b.entry()
		b.at[key], e.key = e, key
	} else {
		b.unlink(e)
	}
	e.value, e.older, e.newer = value, b.newest, nil
	if b.newest == nil {
		b.oldest = e
	} else {
		b.newest.newer = e
	}
	if b.newest = e; len(b.at) <= maxKept {
		return gone, false
	}
	gone = b.oldest.value
	b.remove(b.oldest.key)
	return gone, true
}

// remove removes a key that the map may have.
func (b *bounded[K, V]) remove(key K) {
	if e := b.at[key]; e != nil {
		b.unlink(e)
		delete(b.at, key)
		*e = entry[K, V]{newer: b.free}
		b.free = e
	}
}

// entry returns an entry that is not in the map.
func (b *bounded[K, V]) entry() *entry[K, V] {
	if b.free == nil {
		made := make([]entry[K, V], entriesAtOnce)
		for i := range made[1:] {
			made[i].newer = &made[i+1]
		}
		b.free = &made[0]
	}
	e := b.free
	b.free = e.newer
	return e
}

// unlink takes an entry out of the list.
func (b *bounded[K, V]) unlink(e *entry[K, V]) {
	if e.older == nil {
		b.oldest = e.newer
	} else {
		e.older.newer = e.newer
	}
	if e.newer == nil {
		b.newest = e.older
	} else {
		e.newer.older = e.older
	}
}

// all returns the entries in no order. A value may be replaced meanwhile.
func (b *bounded[K, V]) all() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for key := range b.at {
			if !yield(key, b.get(key)) {
				return
			}
		}
	}
}
