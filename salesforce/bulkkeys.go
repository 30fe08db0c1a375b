package salesforce

import (
	"hash/maphash"
	"math/bits"
)

// A keySet holds the keys of the rows of one job, as hashes: of a million rows a
// map would take 40 MB, this takes 11 to 17. At 64 bits, two of ten million keys
// fall together once in 300,000 jobs; the second counts as a repetition then.
type keySet struct {
	seed  maphash.Seed
	slots []uint64 // 0 is free
	count int
	// answered has a bit for each slot whose key has its result, and open counts
	// the others.
	answered []uint64
	open     int
}

func newKeySet() *keySet { return &keySet{seed: maphash.MakeSeed()} }

// add adds a key, and reports whether it is new.
func (s *keySet) add(key string) bool {
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

// answer notes that a key has its result. It reports false for a key that is not
// in the set or has its result already. No key may be added after that.
func (s *keySet) answer(key string) bool {
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

func (s *keySet) hash(key string) uint64 { return max(1, maphash.String(s.seed, key)) }

// find returns the slot of a hash, or the free one where it belongs.
func (s *keySet) find(hash uint64) (at int, found bool) {
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

// grow makes room for half as many keys again.
func (s *keySet) grow() {
	old := s.slots
	s.slots = make([]uint64, max(1<<10, len(old)+len(old)/2))
	for _, hash := range old {
		if hash != 0 {
			at, _ := s.find(hash)
			s.slots[at] = hash
		}
	}
}
