// SPDX-License-Identifier: Apache-2.0

package login

import (
	"crypto/sha256"
	"sync"
)

// maxStates is how many states that were answered an App remembers.
const maxStates = 100_000

// usedStates remembers the newest states that were answered, by their hashes. The zero
// usedStates is ready for use.
type usedStates struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]struct{}
	order [][sha256.Size]byte // a ring once it is full
	next  int                 // where the oldest of a full ring is
}

// use remembers a state, and returns false if it was known already.
func (u *usedStates) use(state string) bool {
	sum := sha256.Sum256([]byte(state))
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.known[sum]; known {
		return false
	}
	if u.known == nil {
		u.known = make(map[[sha256.Size]byte]struct{})
	}
	u.known[sum] = struct{}{}
	if len(u.order) < maxStates {
		u.order = append(u.order, sum)
		return true
	}
	delete(u.known, u.order[u.next])
	u.order[u.next] = sum
	u.next = (u.next + 1) % maxStates
	return true
}
