// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// dial connects to a fake org; a real one needs neither Hosts nor JitterFunc.
func dial(org *sftest.Org) *salesforce.Client {
	u, err := url.Parse(org.URL())
	if err != nil {
		panic(err)
	}
	tokens := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()})
	client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{
		Hosts:      []string{u.Host},
		JitterFunc: func() float64 { return 0 }, // an example does not wait
	})
	if err != nil {
		panic(err)
	}
	return client
}

// A host that holds a refresh token gives it to an App, which renews the access
// token whenever Salesforce turns it away. A real org needs no Hosts.
func ExampleNew() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	hosts := []string{strings.TrimPrefix(org.URL(), "http://")}

	app, err := login.NewApp(login.AppConfig{ClientID: "consumer key", LoginURL: org.URL(), Hosts: hosts})
	if err != nil {
		panic(err)
	}
	save := func(_ context.Context, token *oauth2.Token) error {
		fmt.Println("a new refresh token to keep:", token.RefreshToken != "")
		return nil
	}
	tokens := app.Refresh(&oauth2.Token{RefreshToken: org.RefreshToken()}, save)
	client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{Hosts: hosts})
	if err != nil {
		panic(err)
	}
	orgID, _, err := client.Identity(context.Background())
	fmt.Println("the org that was meant:", orgID == salesforce.ID(org.OrgID()), err)
	// Output:
	// a new refresh token to keep: true
	// the org that was meant: true <nil>
}

// An error has the code, the fields and the records that Salesforce names.
func ExampleError() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	client := dial(org)

	results, err := client.Write(context.Background(), salesforce.Write{
		Object: "Lead",
		Fields: salesforce.Fields{"LastName": "Lovelace", "Company": "Engines", "Email": "ada at example.com"},
	})
	if err != nil {
		panic(err) // the write itself is malformed, or the context is over
	}
	var refused *salesforce.Error
	switch {
	case !errors.As(results[0].Err, &refused):
		fmt.Println("written, or not sent:", results[0].Err)
	case refused.Uncertain:
		fmt.Println("look for the record before writing it again")
	case refused.Retryable():
		fmt.Println("try again later")
	case refused.Code == salesforce.InvalidEmailAddress:
		fmt.Println("correct", refused.Fields)
	default:
		fmt.Println(refused)
	}
	// Output: correct [Email]
}

// Several queries and describes are one API call.
func ExampleClient_Read() {
	org := sftest.NewOrg(nil, sftest.Existing("Contact", "ada@example.com"))
	defer org.Close()
	client := dial(org)

	byEmail := soql.In("Email", "ada@example.com", "o'neil@example.com")
	results, err := client.Read(context.Background(),
		salesforce.Query(soql.From("Contact", "Id", "Email", "Account.Name").Where(byEmail)),
		salesforce.Query(soql.From("Lead", "Id", "Email").Where(soql.And(byEmail, soql.Eq("IsConverted", false)))),
		salesforce.DescribeObject("Lead", ""),
	)
	if err != nil {
		panic(err)
	}
	company, _ := results[2].Describe.Field("Company")
	fmt.Println(len(results[0].Records), "contact:", results[0].Records[0].Text("Email"))
	fmt.Println(len(results[1].Records), "leads")
	fmt.Println("Company is required:", company.RequiredOnCreate())
	fmt.Println(client.Usage().Calls, "call")
	// Output:
	// 1 contact: ada@example.com
	// 0 leads
	// Company is required: true
	// 1 call
}

// A write may wait for the id of an earlier one. The children of a write that
// fails are not sent.
func ExampleClient_Write() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	client := dial(org)

	results, err := client.Write(
		context.Background(),
		salesforce.Write{Object: "Account", Fields: salesforce.Fields{"Name": "Analytical Engines"}},
		salesforce.Write{
			Object: "Contact",
			Fields: salesforce.Fields{"LastName": "Lovelace"},
			Refs:   []salesforce.Ref{{Field: "AccountId", Write: 0}},
		},
		salesforce.Write{Object: "Contact", Fields: salesforce.Fields{"LastName": strings.Repeat("x", 81)}},
		salesforce.Write{
			Object: "Task",
			Fields: salesforce.Fields{"Subject": "Call"},
			Refs:   []salesforce.Ref{{Field: "WhoId", Write: 2}},
		},
	)
	if err != nil {
		panic(err)
	}
	for i, result := range results {
		fmt.Println(i, result.Created, result.Err)
	}
	// Output:
	// 0 true <nil>
	// 1 true <nil>
	// 2 false salesforce: STRING_TOO_LONG on LastName
	// 3 false salesforce: not sent: write 2, which it refers to, failed
}

func ExampleClient_Rows() {
	org := sftest.NewOrg(nil, sftest.Existing("Lead", "ada@example.com"))
	defer org.Close()
	client := dial(org)

	leads := soql.From("Lead", "Email").OrderBy("Id")
	for lead, err := range client.Rows(context.Background(), salesforce.Query(leads)) {
		if err != nil {
			panic(err)
		}
		fmt.Println(lead.Text("Email"))
	}
	// Output: ada@example.com
}
