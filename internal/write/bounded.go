// SPDX-License-Identifier: Apache-2.0

package write

import (
	"container/list"
	"iter"
)

// maxKept is how many entries a bounded map has.
const maxKept = 10_000

// A bounded is a map that has the maxKept entries that were put last. Its zero value is
// ready.
type bounded[K comparable, V any] struct {
	at    map[K]*list.Element
	order list.List // of entry[K, V], the one put last at the front
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// get returns the value of a key, the zero value for none.
func (b *bounded[K, V]) get(key K) V {
	value, _ := b.lookup(key)
	return value
}

func (b *bounded[K, V]) lookup(key K) (value V, ok bool) {
	at := b.at[key]
	if at == nil {
		return value, false
	}
	return at.Value.(entry[K, V]).value, true //nolint:forcetypeassert // nothing else is in the list
}

// put replaces the value of a key. Where there are too many entries then, it removes the
// one that was put longest ago and returns it.
func (b *bounded[K, V]) put(key K, value V) (gone V, full bool) {
	if b.at == nil {
		b.at = make(map[K]*list.Element)
	}
	if at := b.at[key]; at != nil {
		at.Value = entry[K, V]{key, value}
		b.order.MoveToFront(at)
		return gone, false
	}
	b.at[key] = b.order.PushFront(entry[K, V]{key, value})
	if len(b.at) <= maxKept {
		return gone, false
	}
	oldest := b.order.Back().Value.(entry[K, V]) //nolint:forcetypeassert // as in lookup
	b.remove(oldest.key)
	return oldest.value, true
}

// remove removes a key that the map may have.
func (b *bounded[K, V]) remove(key K) {
	if at := b.at[key]; at != nil {
		b.order.Remove(at)
		delete(b.at, key)
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
