// SPDX-License-Identifier: Apache-2.0

package fleet

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
