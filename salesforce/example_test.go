package salesforce_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"golang.org/x/oauth2"
)

// dial connects to a fake org; a real one needs no Hosts.
func dial(org *sftest.Org) *salesforce.Client {
	u, err := url.Parse(org.URL())
	if err != nil {
		panic(err)
	}
	tokens := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()})
	client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{Hosts: []string{u.Host}})
	if err != nil {
		panic(err)
	}
	return client
}

// Several queries and describes are one API call.
func ExampleClient_Read() {
	org := sftest.NewOrg(nil, sftest.Existing("Contact", "ada@example.com"))
	defer org.Close()
	client := dial(org)

	byEmail := salesforce.In("Email", "ada@example.com", "o'neil@example.com")
	results, err := client.Read(context.Background(),
		salesforce.Query(salesforce.From("Contact", "Id", "Email", "Account.Name").Where(byEmail)),
		salesforce.Query(salesforce.From("Lead", "Id", "Email").Where(salesforce.And(byEmail, salesforce.Eq("IsConverted", false)))),
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

	results, err := client.Write(context.Background(),
		salesforce.Write{Object: "Account", Fields: salesforce.Fields{"Name": "Analytical Engines"}},
		salesforce.Write{Object: "Contact", Fields: salesforce.Fields{"LastName": "Lovelace"}, Refs: []salesforce.Ref{{Field: "AccountId", Write: 0}}},
		salesforce.Write{Object: "Contact", Fields: salesforce.Fields{"LastName": strings.Repeat("x", 81)}},
		salesforce.Write{Object: "Task", Fields: salesforce.Fields{"Subject": "Call"}, Refs: []salesforce.Ref{{Field: "WhoId", Write: 2}}},
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

	leads := salesforce.From("Lead", "Email").OrderBy("Id")
	for lead, err := range client.Rows(context.Background(), salesforce.Query(leads)) {
		if err != nil {
			panic(err)
		}
		fmt.Println(lead.Text("Email"))
	}
	// Output: ada@example.com
}

// Values are quoted, whatever is in them.
func ExampleSelect() {
	accounts := salesforce.From("Account", "Id", "Name").
		Where(salesforce.Or(
			salesforce.Like("Website", salesforce.Anything(), salesforce.Literal("100%-pure.example")),
			salesforce.Eq("Name", "O'Neil & Sons"),
		)).
		OrderBy("LastModifiedDate DESC", "Id").
		Limit(10)
	fmt.Println(accounts)
	// Output: SELECT Id, Name FROM Account WHERE Website LIKE '%100\%-pure.example' OR Name = 'O\'Neil & Sons' ORDER BY LastModifiedDate DESC, Id LIMIT 10
}
