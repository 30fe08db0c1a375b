// SPDX-License-Identifier: Apache-2.0

package phone_test

import (
	"fmt"
	"log"

	"github.com/leadsync/leadsync/phone"
)

func ExampleE164() {
	e164, err := phone.E164("GB")
	if err != nil {
		log.Fatal(err)
	}
	for _, number := range []string{"020 7946 0018", "+1 (650) 253-0000", "ask at the desk"} {
		value, err := e164(number)
		fmt.Println(value, err)
	}
	// Output:
	// +442079460018 <nil>
	// +16502530000 <nil>
	// ask at the desk <nil>
}
