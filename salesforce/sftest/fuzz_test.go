// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// exchange sends a request past the network and answers its status. It fails
// the test when the org panics or answers what is not JSON.
func exchange(t *testing.T, org *sftest.Org, method, path, body string, headers ...string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://org.example"+base+path, strings.NewReader(body))
	if err != nil {
		t.Skip("not a request")
	}
	req.Header.Set("Authorization", "Bearer "+org.Token())
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := org.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

// fuzzedOrg keeps no log and never runs out of calls.
func fuzzedOrg() *sftest.Org {
	return sftest.NewOrg(nil, sftest.WithAPILimit(math.MaxInt), sftest.WithLogSize(0),
		sftest.Existing("Lead", "a@example.com"), sftest.Existing("Contact", "a@example.com"))
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"SELECT Id, Owner.Name FROM Lead WHERE (Email IN ('a', null) OR NOT City LIKE '%\\_%') AND CreatedDate > " +
			"LAST_N_DAYS:3 ORDER BY City DESC NULLS LAST LIMIT 2 OFFSET 1",
		"SELECT count() FROM Contact c WHERE c.Account.Name = 'x' AND Id IN (SELECT ContactId FROM CampaignMember)",
		"SELECT City c, COUNT(Id), MAX(CreatedDate) m FROM Lead GROUP BY City, CALENDAR_YEAR(CreatedDate) HAVING " +
			"COUNT(Id) >= 1 AND (NOT City = null) ORDER BY COUNT(Id) DESC LIMIT 3",
		"SELECT Name, (SELECT FORMAT(CreatedDate) d, (SELECT Subject FROM Tasks) FROM a.Contacts ORDER BY Id LIMIT 1 " +
			"OFFSET 1) FROM Account a, a.Owner o USING SCOPE mine WHERE o.Name != '' LIMIT 1 FOR VIEW",
		"SELECT TYPEOF Who WHEN Lead THEN Company, Owner.Name ELSE Name END FROM Task WHERE DAY_ONLY(CreatedDate) < " +
			"N_FISCAL_QUARTERS_AGO:2 ALL ROWS",
		"SELECT LinkedEntity.Name FROM ContentDocumentLink l WHERE l.LinkedEntityId IN ('a') AND (NOT ShareType = 'V')",
		"SELECT VersionData, ContentDocument.LatestPublishedVersion.VersionData FROM ContentVersion",
		"SELECT FIELDS(ALL) FROM Task WHERE Who.Type = 'Lead' LIMIT 5", "SELECT", "'",
		"SELECT Id FROM Lead WHERE City = '\\u12", "SELECT Id FROM Lead WHERE Id = '00Q' AND",
	} {
		f.Add(seed)
	}
	org := fuzzedOrg()
	f.Fuzz(func(t *testing.T, soql string) {
		if status := exchange(t, org, "GET", "/query?q="+escape(soql), ""); !slices.Contains([]int{200, 400, 414, 501},
			status) {
			t.Fatal(status)
		}
	})
}

func FuzzComposite(f *testing.F) {
	f.Add(`{"allOrNone":true,"compositeRequest":[{"method":"POST","url":"/services/data/v62.0/sobjects/Lead",` +
		`"referenceId":"a","body":{"LastName":"L","Company":"C","Owner":{"attributes":{"type":"User"},"Email":"x"}}},` +
		`{"method":"POST","url":"/services/data/v62.0/composite/sobjects","referenceId":"b",` +
		`"body":{"records":[{"attributes":{"type":"Task"},"WhoId":"@{a.id}"}]}},` +
		`{"method":"GET","url":"/services/data/v62.0/sobjects/Lead/@{b[0].id}","referenceId":"c"}]}`)
	f.Add(
		`{"compositeRequest":[{"method":"PATCH","url":"/services/data/v62.0/composite/sobjects/Contact/Email",` +
			`"referenceId":"a","body":{"records":[{"Email":1,"attributes":{"type":"Contact"}},null,[],{}]}}]}`,
	)
	f.Add(`[`)
	org := fuzzedOrg()
	f.Fuzz(func(t *testing.T, body string) {
		if status := exchange(t, org, "POST", "/composite", body); status != 200 && status != 400 {
			t.Fatal(status)
		}
	})
}

func FuzzSearch(f *testing.F) {
	for _, seed := range []string{
		`FIND {ada AND NOT "b c" OR (d* f?)} IN EMAIL FIELDS RETURNING Lead(Id, Name WHERE City = 'x' ORDER BY Name ` +
			`LIMIT 1 OFFSET 1), Contact LIMIT 5`,
		`FIND {\}\{ \\} RETURNING Lead()`, "FIND {()}", "FIND {ada} WITH", "find", "FIND {\x00a\xff}",
		"FIND {ada} RETURNING Account((SELECT Id FROM Contacts))",
		"FIND {ada} RETURNING Task(TYPEOF Who WHEN Lead THEN Id END)",
	} {
		f.Add(seed)
	}
	org := fuzzedOrg()
	f.Fuzz(func(t *testing.T, sosl string) {
		if status := exchange(t, org, "GET", "/search?q="+escape(sosl), ""); !slices.Contains([]int{200, 400, 414, 501},
			status) {
			t.Fatal(status)
		}
	})
}

func FuzzTree(f *testing.F) {
	f.Add(
		treeOf(treeRow("Account", "a",
			`,"Contacts":{"records":[`+treeRow("Contact", "b", "")+`,null,1]},"Opportunities":{"records":{}}`)),
	)
	f.Add(treeOf("null", `{"attributes":[]}`))
	f.Add(`[`)
	org := fuzzedOrg()
	f.Fuzz(func(t *testing.T, body string) {
		if status := exchange(t, org, "POST", "/composite/tree/Account", body); status != 201 && status != 400 {
			t.Fatal(status)
		}
	})
}

func FuzzFile(f *testing.F) {
	const (
		fields  = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\nContent-Type: application/json\r\n\r\n"
		content = "\r\n--b\r\nContent-Disposition: form-data; name=\"VersionData\"\r\n\r\n"
	)
	f.Add(fields+`{"PathOnClient":"a.txt"}`+content+"\x00\xff\r\n--b--", "b")
	f.Add(fields+`{"PathOnClient":"/","Title":7,"VersionData":"eA==","attributes":{}}`+"\r\n--b--", "b")
	f.Add("--b\r\n\r\n--b", "b")
	org := fuzzedOrg()
	f.Fuzz(func(t *testing.T, body, boundary string) {
		for _, path := range []string{"/sobjects/ContentVersion", "/composite/sobjects"} {
			status := exchange(t, org, "POST", path, body, "Content-Type", `multipart/form-data; boundary="`+boundary+`"`)
			if !slices.Contains([]int{200, 201, 400, 415, 501}, status) {
				t.Fatal(status)
			}
		}
	})
}
