// SPDX-License-Identifier: Apache-2.0

package turn

// Held returns how many keys of a scope the process holds turns for.
func Held(scope any) int {
	queues.mu.Lock()
	defer queues.mu.Unlock()
	return len(queues.scopes[scope])
}
