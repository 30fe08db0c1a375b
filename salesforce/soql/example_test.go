package soql_test

import (
	"fmt"

	"github.com/leadsync/leadsync/salesforce/soql"
)

// Values are quoted, whatever is in them.
func ExampleSelect() {
	accounts := soql.From("Account", "Id").
		Where(soql.Or(
			soql.Like("Website", soql.Anything(), soql.Text("100%.example")),
			soql.Eq("Name", "O'Neil"),
		)).
		OrderBy("Name DESC").
		Limit(10)
	fmt.Println(accounts)
	// Output: SELECT Id FROM Account WHERE Website LIKE '%100\%.example' OR Name = 'O\'Neil' ORDER BY Name DESC LIMIT 10
}
