// SPDX-License-Identifier: Apache-2.0

package fleet

// Rests reports whether Run leaves a connection alone.
func (f *Fleet) Rests(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cfg.Now().Before(f.rests[name])
}
