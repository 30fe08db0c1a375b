// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func ExampleWithAPILimit() {
	org := sftest.NewOrg(nil, sftest.WithAPILimit(1))
	defer org.Close()
	for range 2 {
		send(org, "GET", "/recent", "")
	}
	// Output:
	// 200 []
	// 403 [{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]
}

func ExampleOrg_SetLimits() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	send(org, "GET", "/recent", "")
	limits := org.Limits()
	fmt.Println(limits.APICalls)
	limits.APICalls = 1
	org.SetLimits(limits)
	send(org, "GET", "/recent", "")
	// Output:
	// 200 []
	// 15000
	// 403 [{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]
}

func ExampleOrg_Limits() {
	org := sftest.NewOrg(nil, sftest.WithStorageLimit(10))
	defer org.Close()
	fmt.Printf("%+v\n", org.Limits())
	// Output:
	// {APICalls:15000 LongRequests:5 StorageRows:10 Session:0s Latency:0s}
}

func ExampleWithPageSize() {
	org := sftest.NewOrg(nil, sftest.WithPageSize(1), sftest.Existing("Lead", "ada@example.com"),
		sftest.Existing("Lead", "alan@example.com"))
	defer org.Close()
	send(org, "GET", "/query?q=SELECT+Email+FROM+Lead", "")
	// Output:
	// 200 {"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v62.0/query/ID-1","records":[{"attributes":{"type":"Lead","url":"/services/data/v62.0/sobjects/Lead/ID"},"Email":"ada@example.com"}]}
}

func ExampleWithLatency() {
	org := sftest.NewOrg(nil, sftest.WithLatency(5*time.Millisecond))
	defer org.Close()
	start := time.Now()
	fmt.Println(call(org, "GET", "/limits", ""), time.Since(start) >= 5*time.Millisecond)
	// Output:
	// 200 true
}

func ExampleWithNow() {
	clock := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	org := sftest.NewOrg(nil, sftest.WithNow(func() time.Time { return clock }))
	defer org.Close()
	id := org.Insert("Contact", map[string]any{"LastName": "Lovelace"})
	clock = clock.Add(time.Hour)
	call(org, "PATCH", "/sobjects/Contact/"+id, `{"Title": "Countess"}`)
	fmt.Println(org.Row("Contact", id)["CreatedDate"])
	fmt.Println(org.Row("Contact", id)["LastModifiedDate"])
	// Output:
	// 2026-03-10 09:00:00 +0000 UTC
	// 2026-03-10 10:00:00 +0000 UTC
}

func ExampleWithSessionTimeout() {
	clock := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	org := sftest.NewOrg(nil, sftest.WithNow(func() time.Time { return clock }), sftest.WithSessionTimeout(2*time.Hour))
	defer org.Close()
	for _, idle := range []time.Duration{0, time.Hour, 2 * time.Hour} {
		clock = clock.Add(idle)
		fmt.Println(idle, call(org, "GET", "/limits", ""))
	}
	// Output:
	// 0s 200
	// 1h0m0s 200
	// 2h0m0s 401 INVALID_SESSION_ID
}

// A request that has run for 20 seconds takes the only place there is.
func ExampleWithLongRequests() {
	var seconds atomic.Int64
	now := func() time.Time { return time.Unix(seconds.Load(), 0) }
	org := sftest.NewOrg(nil, sftest.WithNow(now), sftest.WithLongRequests(1))
	defer org.Close()
	runs, ends := make(chan struct{}), make(chan struct{})
	org.OnRequest(func(r sftest.Request) {
		if r.Method == "POST" {
			close(runs)
			<-ends
		}
	})
	answered := make(chan string)
	go func() { answered <- call(org, "POST", "/sobjects/Contact", `{"LastName": "Slow"}`) }()
	<-runs
	seconds.Add(20)
	fmt.Println(call(org, "GET", "/limits", ""))
	close(ends)
	fmt.Println(<-answered)
	fmt.Println(call(org, "GET", "/limits", ""))
	// Output:
	// 403 REQUEST_LIMIT_EXCEEDED
	// 201
	// 200
}
