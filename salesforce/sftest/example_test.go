package sftest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

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

// A row that another process holds for a moment: the second try gets it.
func ExampleOrg_LockRow() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	account := org.Insert("Account", map[string]any{"Name": "Acme"})
	org.LockRow("Account", account, 1)
	for range 2 {
		fmt.Println(call(org, http.MethodPost, "/services/data/v62.0/sobjects/Contact", `{"LastName": "Lovelace", "AccountId": "`+account+`"}`))
	}
	// Output:
	// 400 UNABLE_TO_LOCK_ROW
	// 201
}

// Rows with a heavy trigger: each makes the answer wait.
func ExampleOrg_SlowRows() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.SlowRows("Contact", func(row map[string]any) time.Duration {
		if row["LastName"] == "Slow" {
			return 5 * time.Millisecond
		}
		return 0
	})
	start := time.Now()
	fmt.Println(call(org, http.MethodPost, "/services/data/v62.0/sobjects/Contact", `{"LastName": "Slow"}`))
	fmt.Println(time.Since(start) >= 5*time.Millisecond)
	// Output:
	// 201
	// true
}

// A token that expires between two calls; a new one goes on.
func ExampleOrg_ExpireToken() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n == 2 {
			org.ExpireToken()
		}
		return nil
	})
	token := org.Token()
	for range 2 {
		fmt.Println(callWith(org, token, http.MethodGet, "/services/data/v62.0/limits", ""))
	}
	fmt.Println(callWith(org, org.Token(), http.MethodGet, "/services/data/v62.0/limits", ""))
	// Output:
	// 200
	// 401 INVALID_SESSION_ID
	// 200
}

// An org that knows its apps refuses others.
func ExampleOrg_AddApp() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.AddApp(sftest.App{ClientID: "my-app", ClientSecret: "s3cret"})
	for _, secret := range []string{"wrong", "s3cret"} {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"my-app"}, "client_secret": {secret}}
		res, err := http.PostForm(org.URL()+"/services/oauth2/token", form)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(res.StatusCode)
		res.Body.Close()
	}
	// Output:
	// 400
	// 200
}

// call sends a request and answers its status, with the code of an error.
func call(org *sftest.Org, method, path, body string) string {
	return callWith(org, org.Token(), method, path, body)
}

func callWith(org *sftest.Org, token, method, path, body string) string {
	req, _ := http.NewRequest(method, org.URL()+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	var errors []struct{ ErrorCode string }
	if json.NewDecoder(res.Body).Decode(&errors) != nil || len(errors) == 0 {
		return fmt.Sprint(res.StatusCode)
	}
	return fmt.Sprint(res.StatusCode, " ", errors[0].ErrorCode)
}
