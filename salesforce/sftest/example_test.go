package sftest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// An org outside a test: the caller closes it.
func ExampleNewOrg() {
	org := sftest.NewOrg(nil, sftest.Existing("Contact", "ada@example.com"))
	defer org.Close()
	org.DefineField("Lead", sftest.Field{Name: "Interest__c", Type: "picklist", Restricted: true, Options: []string{"Pricing"}})

	body := `{"LastName": "Turing", "Company": "Bletchley Park", "Interest__c": "Codes"}`
	req, _ := http.NewRequest(http.MethodPost, org.URL()+"/services/data/v62.0/sobjects/Lead", strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+org.Token())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	fmt.Println(res.StatusCode, string(text))
	fmt.Println(org.Count("Contact"), org.Count("Lead"), org.Calls())
	// Output:
	// 400 [{"message":"Interest: bad value for restricted picklist field: Codes","errorCode":"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST","fields":["Interest__c"]}]
	// 1 0 1
}

// A response that is lost after the org has written: the second attempt of a
// create without a key makes a second record.
func ExampleOrg_Fail() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n == 1 {
			return &sftest.Fault{DropAfter: true}
		}
		return nil
	})
	client := &http.Client{Transport: org.Transport()}
	for range 2 {
		req, _ := http.NewRequest(http.MethodPost, org.URL()+"/services/data/v62.0/sobjects/Contact", strings.NewReader(`{"LastName": "Lovelace"}`))
		req.Header.Set("Authorization", "Bearer "+org.Token())
		res, err := client.Do(req)
		if err != nil {
			fmt.Println("no answer")
			continue
		}
		fmt.Println(res.StatusCode)
		res.Body.Close()
	}
	fmt.Println("contacts:", org.Count("Contact"))
	// Output:
	// no answer
	// 201
	// contacts: 2
}
