// SPDX-License-Identifier: Apache-2.0

package endurance_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A customer has an org, behind a door that notes which process writes.
type customer struct {
	number   int
	org      *sftest.Org
	campaign string
	server   *httptest.Server
	// strike says what becomes of a request of a process.
	strike func(process string, writes bool) end

	mu     sync.Mutex
	visits []visit // writes that were carried out, in the order of their ends
}

// A visit is a request that writes.
type visit struct {
	process  string
	from, to time.Time
}

// newCustomer returns a customer. Every other org has the key fields.
func newCustomer(t *testing.T, number int, strike func(process string, writes bool) end) *customer {
	t.Helper()
	c := &customer{number: number, strike: strike,
		org: sftest.NewOrg(t, sftest.WithAPILimit(1<<30), sftest.WithLogSize(0), sftest.WithLatency(5*time.Millisecond))}
	if number%2 == 1 {
		c.org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
	c.campaign = c.org.Insert("Campaign", map[string]any{"Name": "Expo", "IsActive": true})
	c.server = httptest.NewServer(c)
	t.Cleanup(c.server.Close)
	return c
}

// name returns the name of the customer's connection.
func (c *customer) name() string { return fmt.Sprintf("c%03d", c.number) }

// writing finds a subrequest of a composite that writes.
var writing = regexp.MustCompile(`"method":"(POST|PATCH|DELETE)"`)

func (c *customer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the process died while it sent the request
	}
	process := r.Header.Get(processHeader)
	writes := r.Method != http.MethodGet && (writing.Match(unpacked(r, body)) ||
		strings.Contains(r.URL.Path, "/composite/sobjects"))
	struck := c.strike(process, writes)
	if struck == undone {
		panic(http.ErrAbortHandler)
	}
	from := time.Now()
	answer := httptest.NewRecorder()
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.org.Handler().ServeHTTP(answer, r)
	if writes {
		c.mu.Lock()
		c.visits = append(c.visits, visit{process, from, time.Now()})
		c.mu.Unlock()
	}
	if struck == unheard {
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// crossings returns how many writes of a process began before one of another had ended.
func (c *customer) crossings() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	byBeginning := slices.SortedFunc(slices.Values(c.visits), func(a, b visit) int { return a.from.Compare(b.from) })
	crossed := 0
	for i, v := range byBeginning {
		for _, later := range byBeginning[i+1:] {
			if !later.from.Before(v.to) {
				break
			}
			if later.process != v.process {
				crossed++
			}
		}
	}
	return crossed
}

// processes returns how many processes wrote.
func (c *customer) processes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := make(map[string]bool)
	for _, v := range c.visits {
		names[v.process] = true
	}
	return len(names)
}

// lead returns lead n of the customer.
func (c *customer) lead(n int) *leadsync.Lead {
	id := fmt.Sprintf("%s-%d", c.name(), n)
	return &leadsync.Lead{ID: leadsync.LeadID(id), FirstName: "Pat", LastName: "Person " + id,
		Email: id + "@example.com", Company: "Example",
		Activities: []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: "call of " + id}}}
}

// examine adds to found what is wrong in the org, of which leads leads were captured.
func (c *customer) examine(leads int, found *verdict) {
	owners := make(map[string]string)                   // addresses, by the id of their row
	people, tasks := map[string]int{}, map[string]int{} // how many rows there are of an address, or of notes
	members := make(map[string]int)
	for _, row := range c.org.Rows("Lead") {
		address := text(row, "Email")
		owners[text(row, "Id")] = address
		people[address]++
		if text(row, "LastName")+"@example.com" != "Person "+address {
			found.mixed = append(found.mixed, fmt.Sprintf("%s: %q has the address %q", c.name(), row["LastName"], address))
		}
	}
	for _, row := range c.org.Rows("Task") {
		notes := text(row, "Description")
		tasks[notes]++
		if notes+"@example.com" != "call of "+owners[text(row, "WhoId")] {
			found.mixed = append(found.mixed, fmt.Sprintf("%s: the Task %q is on another record", c.name(), notes))
		}
	}
	for _, row := range c.org.Rows("CampaignMember") {
		members[owners[text(row, "LeadId")]]++
	}
	for n := range leads {
		lead := c.lead(n)
		found.count(string(lead.ID), people[lead.Email])
		found.count("the Task of "+string(lead.ID), tasks[lead.Activities[0].Notes])
		found.count("the membership of "+string(lead.ID), members[lead.Email])
		delete(people, lead.Email)
		delete(tasks, lead.Activities[0].Notes)
		delete(members, lead.Email)
	}
	for _, rest := range []map[string]int{people, tasks, members} {
		for of := range rest {
			found.mixed = append(found.mixed, fmt.Sprintf("%s has %q, which is not its own", c.name(), of))
		}
	}
}
