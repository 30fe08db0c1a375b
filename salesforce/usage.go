// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/leadsync/leadsync/salesforce/internal/limit"
	"github.com/leadsync/leadsync/salesforce/internal/schedule"
)

// Usage is the number of calls that a Client has made and the org's use of its limit.
// Source: docs/salesforce.md, Headers.
type Usage struct {
	// Calls is how many API calls the Client has made, by its own count: every
	// request to a versioned resource that may have reached it, repeats included.
	Calls int64
	// Used and Limit are the org's, from the last Sforce-Limit-Info header; both are
	// 0 before the first. The header lags behind.
	Used, Limit int64
}

// A Limit is what an org may use in 24 hours, or keep, by OrgLimits.
// Source: docs/salesforce.md, Limits.
type Limit struct {
	Max       int64 `json:"Max"`
	Remaining int64 `json:"Remaining"`
}

func parseLimits(body []byte) (map[string]Limit, error) {
	var limits map[string]Limit
	if err := json.Unmarshal(body, &limits); err != nil || len(limits) == 0 {
		return nil, errors.New("reply is not a list of limits")
	}
	return limits, nil
}

// A meter counts the calls of a Client. It is safe for concurrent use.
type meter struct {
	mu    sync.Mutex
	usage Usage
}

// read returns the usage so far.
func (m *meter) read() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.usage
}

// count adds one call and takes over the Sforce-Limit-Info of its reply.
func (m *meter) count(limitInfo string) {
	used, limit, ok := parseLimitInfo(limitInfo)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.Calls++
	if ok {
		m.usage.Used, m.usage.Limit = used, limit
	}
}

// parseLimitInfo reads api-usage from a header such as
// "api-usage=10018/100000; api-bursts=1/750". It ignores other members.
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

// fewestRows is the smallest size of a collection because of locks.
const fewestRows = 25

// A pacer adapts the size of collections to how long calls take and to the locks that they
// meet, and to how many rows automation of the org can take. It is safe for concurrent use.
type pacer struct {
	mu    sync.Mutex
	less  int                      // rows below the limit
	sizes map[string]schedule.Size // by object in lower case
	pace  schedule.Pace
	// unnamed means that the org has not resolved a reference to a new row of a collection,
	// and unchained that it has not resolved one to a single row either.
	unnamed, unchained bool
}

// chain says which writes may go in one call with those that they refer to.
func (p *pacer) chain() schedule.Chain {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.unchained:
		return schedule.NoChain
	case p.unnamed:
		return schedule.ChainAlone
	}
	return schedule.ChainAll
}

// refuseChain remembers that the org does not resolve references: to rows of collections, or
// none at all.
func (p *pacer) refuseChain(all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unnamed, p.unchained = true, p.unchained || all
}

// size returns how many rows of an object go through at a time, as far as it is known.
func (p *pacer) size(object string) schedule.Size {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sizes[object]
}

// keep remembers sizes for later writes.
func (p *pacer) keep(found map[string]schedule.Size) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for object, size := range found {
		switch {
		case !size.Bound():
			delete(p.sizes, object)
		case p.sizes == nil:
			p.sizes = map[string]schedule.Size{object: size}
		default:
			p.sizes[object] = size
		}
	}
}

// rows returns how many rows a collection may hold now.
func (p *pacer) rows() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return limit.Rows - p.less
}

// expect returns how long a call with so many rows of each object takes, and how many rows
// the largest call had so far.
func (p *pacer) expect(rows map[string]int) (takes time.Duration, most int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pace.Expect(rows), p.pace.Most()
}

// learn takes in how long a call took.
func (p *pacer) learn(rows map[string]int, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pace.Learn(rows, took)
}

// adjust halves the collections after a call that met a lock, and doubles them up to the
// limit after any other.
func (p *pacer) adjust(locked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rows := limit.Rows - p.less
	if locked {
		rows = max(rows/2, fewestRows)
	} else {
		rows = min(rows*2, limit.Rows)
	}
	p.less = limit.Rows - rows
}
