package salesforce

import (
	"strconv"
	"strings"
)

// Usage says what a Client has spent and what the org has left.
// Source: SALESFORCE.md 0 and 4.
type Usage struct {
	// Calls is how many API calls the Client has made, counted by itself: every
	// request to a versioned resource that may have reached it, repeats included.
	Calls int64
	// Used and Limit are the org's, from the last Sforce-Limit-Info header; both
	// 0 before the first. The header lags behind (SALESFORCE.md 4).
	Used, Limit int64
}

// Usage returns what the Client has spent so far. Source: SALESFORCE.md 4.
func (c *Client) Usage() Usage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.usage
}

// count adds one call, and takes over what its reply's Sforce-Limit-Info says.
func (c *Client) count(limitInfo string) {
	used, limit, ok := parseLimitInfo(limitInfo)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.usage.Calls++
	if ok {
		c.usage.Used, c.usage.Limit = used, limit
	}
}

// parseLimitInfo reads api-usage from a header such as
// "api-usage=10018/100000; api-bursts=1/750". Members it does not know are
// passed over.
func parseLimitInfo(header string) (used, limit int64, ok bool) {
	for member := range strings.FieldsFuncSeq(header, func(r rune) bool { return r == ';' || r == ',' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(member), "=")
		if name != "api-usage" {
			continue
		}
		left, right, _ := strings.Cut(value, "/")
		used, errUsed := strconv.ParseInt(strings.TrimSpace(left), 10, 64)
		limit, errLimit := strconv.ParseInt(strings.TrimSpace(right), 10, 64)
		if errUsed == nil && errLimit == nil && used >= 0 && limit > 0 {
			return used, limit, true
		}
	}
	return 0, 0, false
}
