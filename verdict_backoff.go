package leadsync

import "time"

// backoff returns how long to wait after the n-th failure: from least up to a
// bound that doubles with n and stays under most, at the place that random, in
// [0,1), says.
func backoff(n int, least, most time.Duration, random float64) time.Duration {
	bound := least
	for range n {
		bound = min(2*bound, most)
	}
	return least + time.Duration(random*float64(bound-least))
}
