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
		if err != nil {
			fmt.Println("refused: it", err)
			continue
		}
		fmt.Println(value)
	}
	// Output:
	// +442079460018
	// +16502530000
	// refused: it is not a phone number in digits
}
