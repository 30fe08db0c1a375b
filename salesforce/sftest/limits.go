// SPDX-License-Identifier: Apache-2.0

package sftest

import "time"

// Limits are the limits of an org that Org.SetLimits changes while it runs.
type Limits struct {
	// APICalls is how many calls are allowed in 24 hours, those before the change among them: see
	// WithAPILimit. None are with 0.
	APICalls int
	// LongRequests is how many requests may run for 20 seconds or longer: see WithLongRequests.
	LongRequests int
	// StorageRows is how many records fit: see WithStorageLimit. 0 is no limit.
	StorageRows int
	// Session is the time after which a session ends that no request uses: see
	// WithSessionTimeout. 0 is never.
	Session time.Duration
	// Latency delays every request: see WithLatency.
	Latency time.Duration
}

// Limits returns the limits of the org as they are.
func (o *Org) Limits() Limits {
	o.db.Lock()
	defer o.db.Unlock()
	return Limits{
		APICalls: o.opts.apiLimit, LongRequests: o.opts.longLimit, StorageRows: o.opts.storage,
		Session: o.opts.session, Latency: o.opts.latency,
	}
}

// SetLimits changes the limits of the org, for the requests that begin from now on. It panics
// if one is negative. A function given to Fail may call it.
func (o *Org) SetLimits(l Limits) {
	if l.APICalls < 0 || l.LongRequests < 0 || l.StorageRows < 0 || l.Session < 0 || l.Latency < 0 {
		panic("sftest: a limit must not be negative")
	}
	o.db.Lock()
	defer o.db.Unlock()
	o.opts.apiLimit, o.opts.longLimit, o.opts.storage = l.APICalls, l.LongRequests, l.StorageRows
	o.opts.session, o.opts.latency = l.Session, l.Latency
	o.oauth.SetLimits(l.APICalls, l.LongRequests, l.Session)
	o.db.SetStorage(l.StorageRows)
}
