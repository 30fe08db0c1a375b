// SPDX-License-Identifier: Apache-2.0

package bulk

import (
	"hash/maphash"
	"math/bits"
)

// A KeySet holds the keys of the rows of one job as hashes: for a million rows a map
// takes 40 MB, a KeySet 11 to 17. At 64 bits, two of ten million keys collide once in
// 300,000 jobs; the second then counts as a repetition.
type KeySet struct {
	seed  maphash.Seed
	slots []uint64 // 0 is free
	count int
	// answered has a bit for each slot whose key has its result; open counts the
	// other keys.
	answered []uint64
	open     int
}

// NewKeySet returns an empty set.
func NewKeySet() *KeySet { return &KeySet{seed: maphash.MakeSeed()} }

// Len returns how many keys the set holds.
func (s *KeySet) Len() int { return s.count }

// Open returns how many keys have no result yet.
func (s *KeySet) Open() int { return s.open }

// Add adds a key, and reports whether it is new.
func (s *KeySet) Add(key string) bool {
	if s.count*5 >= len(s.slots)*4 {
		s.grow()
	}
	at, found := s.find(s.hash(key))
	if found {
		return false
	}
	s.slots[at] = s.hash(key)
	s.count++
	s.open++
	return true
}

// Answer records that a key has its result. It reports false for a key that is not in
// the set or already has its result. No key may be added afterwards.
func (s *KeySet) Answer(key string) bool {
	if s.answered == nil {
		s.answered = make([]uint64, len(s.slots)/64+1)
	}
	at, found := s.find(s.hash(key))
	word, bit := at/64, uint64(1)<<(at%64)
	if !found || s.answered[word]&bit != 0 {
		return false
	}
	s.answered[word] |= bit
	s.open--
	return true
}

func (s *KeySet) hash(key string) uint64 { return max(1, maphash.String(s.seed, key)) }

// find returns the slot of a hash, or the free one where it belongs.
func (s *KeySet) find(hash uint64) (at int, found bool) {
	if len(s.slots) == 0 {
		return 0, false
	}
	start, _ := bits.Mul64(hash, uint64(len(s.slots)))
	for at = int(start); s.slots[at] != 0; {
		if s.slots[at] == hash {
			return at, true
		}
		if at++; at == len(s.slots) {
			at = 0
		}
	}
	return at, false
}

// grow makes room for half as many keys more.
func (s *KeySet) grow() {
	old := s.slots
	s.slots = make([]uint64, max(1<<10, len(old)+len(old)/2))
	for _, hash := range old {
		if hash != 0 {
			at, _ := s.find(hash)
			s.slots[at] = hash
		}
	}
}
