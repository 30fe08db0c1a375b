// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A token that expires between two calls is replaced by a new one.
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
		fmt.Println(callWith(org, token, "GET", "/limits", ""))
	}
	fmt.Println(callWith(org, org.Token(), "GET", "/limits", ""))
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

// Two tenants of a host: the org of one takes neither the token of the other nor an
// id from it.
func ExampleWithNumber() {
	acme, globex := sftest.NewOrg(nil, sftest.WithNumber(1)), sftest.NewOrg(nil, sftest.WithNumber(2))
	defer acme.Close()
	defer globex.Close()
	lead := acme.Insert("Lead", map[string]any{"LastName": "Lovelace", "Company": "Engines"})
	globex.Insert("Lead", map[string]any{"LastName": "Babbage", "Company": "Engines"})

	fmt.Println(acme.OrgID() == globex.OrgID())
	fmt.Println(callWith(globex, acme.Token(), "GET", "/limits", ""))
	fmt.Println(callWith(globex, globex.Token(), "GET", "/sobjects/Lead/"+lead, ""))
	// Output:
	// false
	// 401 INVALID_SESSION_ID
	// 404 NOT_FOUND
}

// A refresh answers a new access token, and a new refresh token in place of the one
// it was sent.
func ExampleOrg_RefreshToken() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	first := org.RefreshToken()
	for range 2 {
		fmt.Println(login(org, url.Values{
			"grant_type": {"refresh_token"}, "client_id": {"my-app"}, "refresh_token": {first},
		}))
	}
	fmt.Println(org.RefreshToken() != first)
	// Output:
	// 200
	// 400 expired access/refresh token
	// true
}

// login asks for a token, and answers the status with what is wrong.
func login(org *sftest.Org, form url.Values) string {
	res, err := http.PostForm(org.URL()+"/services/oauth2/token", form)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	var failure struct {
		Description string `json:"error_description"`
	}
	_ = json.NewDecoder(res.Body).Decode(&failure)
	return strings.TrimSpace(fmt.Sprint(res.StatusCode, " ", failure.Description))
}

// Without a network, whatever the host is called: for tests in testing/synctest,
// and for clients that insist on https.
func ExampleOrg_Transport() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	client := &http.Client{Transport: org.Transport()}
	req, _ := http.NewRequest("GET", "https://example.my.salesforce.com/services/oauth2/userinfo", nil)
	req.Header.Set("Authorization", "Bearer "+org.Token())
	res, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	var user struct {
		OrgID string `json:"organization_id"`
		Email string
	}
	_ = json.NewDecoder(res.Body).Decode(&user)
	fmt.Println(res.StatusCode, user.OrgID == org.OrgID(), user.Email)
	// Output:
	// 200 true integration@fake.example
}

// The org behind a server of the test's own, here one with TLS.
func ExampleOrg_Handler() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	server := httptest.NewTLSServer(org.Handler())
	defer server.Close()
	res, err := server.Client().Get(server.URL + "/services/data")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	fmt.Println(res.StatusCode)
	// Output:
	// 200
}

// An admin has blocked the app: no new token, until that is taken back.
func ExampleOrg_RefuseTokens() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.RefuseTokens(sftest.AppBlocked, 1)
	for range 2 {
		res, err := http.PostForm(org.URL()+"/services/oauth2/token", url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {org.RefreshToken()}, "client_id": {"app"},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		var token struct {
			Error string `json:"error"`
		}
		_ = json.NewDecoder(res.Body).Decode(&token)
		_ = res.Body.Close()
		fmt.Println(res.StatusCode, token.Error)
	}
	// Output:
	// 400 OAUTH_APP_BLOCKED
	// 200
}

// A policy that ends refresh tokens after a day without use, and leaves them as they are otherwise.
func ExampleWithRefreshIdle() {
	now := time.Now()
	org := sftest.NewOrg(nil, sftest.WithoutRotation(), sftest.WithRefreshIdle(24*time.Hour),
		sftest.WithNow(func() time.Time { return now }))
	defer org.Close()
	for _, idle := range []time.Duration{23 * time.Hour, 24 * time.Hour} {
		now = now.Add(idle)
		res, err := http.PostForm(org.URL()+"/services/oauth2/token", url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {org.RefreshToken()}, "client_id": {"app"},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = res.Body.Close()
		fmt.Println(res.StatusCode)
	}
	// Output:
	// 200
	// 400
}

func ExampleWithSOAPLogin() {
	org := sftest.NewOrg(nil, sftest.WithSOAPLogin())
	defer org.Close()
	res, err := http.Post(org.URL()+"/services/Soap/u/64.0", "text/xml", strings.NewReader(
		`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><login xmlns="urn:partner.soap.sforce.com">`+
			`<username>integration@fake.example</username><password>any</password></login></e:Body></e:Envelope>`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	fmt.Println(res.StatusCode)
	// Output: 200
}
