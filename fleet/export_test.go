// SPDX-License-Identifier: Apache-2.0

package fleet

import "context"

// Rests reports whether Run leaves a connection alone.
func (f *Fleet) Rests(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cfg.Now().Before(f.rests[name])
}

// Members returns of how many connections the process has a Syncer.
func (f *Fleet) Members() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.members)
}

// LockToken is how a refresh of a connection's token takes its lock, and prolongs it while its successor is not stored.
func (f *Fleet) LockToken(ctx context.Context, name string) (unlock func(), err error) {
	return (&tokens{state: f.state, name: name}).Lock(ctx)
}
