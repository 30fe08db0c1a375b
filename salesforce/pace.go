package salesforce

import (
	"errors"
	"time"
)

const (
	// slowCall is half of the 20 s from which Salesforce counts a call against a
	// small limit on long ones (SALESFORCE.md 0).
	slowCall = 10 * time.Second
	// fewestRows is what a collection is not made smaller than.
	fewestRows = 25
)

// rowsPerCollection returns how many rows a collection may take now.
func (c *Client) rowsPerCollection() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rows
}

// pace halves the collections after a call that was slow or met a lock, and lets
// them grow back after each that went well.
func (c *Client) pace(slow bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slow {
		c.rows = max(c.rows/2, fewestRows)
		return
	}
	c.rows = min(c.rows*2, platformLimits.rows)
}

func isLocked(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.locked()
}
