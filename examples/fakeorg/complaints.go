// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"sync"
)

// maxComplaints is how many different requests are reported: a client that puts
// ids or times into its URLs must not fill the memory.
const maxComplaints = 1000

// complaints takes the place of a test: it writes each request that the org does
// not support to a file, once.
type complaints struct {
	to io.Writer

	mu   sync.Mutex
	seen map[string]bool
}

// Helper implements sftest.TB.
func (c *complaints) Helper() {}

// Cleanup implements sftest.TB. The process closes its org itself.
func (c *complaints) Cleanup(func()) {}

// Errorf implements sftest.TB.
func (c *complaints) Errorf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen[text] || len(c.seen) >= maxComplaints {
		return
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[text] = true
	fmt.Fprintln(c.to, "fakeorg:", text)
}
