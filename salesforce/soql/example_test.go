package soql_test

import (
	"fmt"

	"github.com/leadsync/leadsync/salesforce/soql"
)

// Values are quoted, whatever is in them.
func ExampleSelect() {
	accounts := soql.From("Account", "Id", "Name").
		Where(soql.Or(
			soql.Like("Website", soql.Anything(), soql.Text("100%-pure.example")),
			soql.Eq("Name", "O'Neil & Sons"),
		)).
		OrderBy("LastModifiedDate DESC", "Id").
		Limit(10)
	fmt.Println(accounts)
	// Output: SELECT Id, Name FROM Account WHERE Website LIKE '%100\%-pure.example' OR Name = 'O\'Neil & Sons' ORDER BY LastModifiedDate DESC, Id LIMIT 10
}
