// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"flag"
	"os"
	"strconv"
	"testing"
)

// TestMain sizes the properties: a drawn life of a whole org takes long.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", strconv.Itoa(sized(25, 100))); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
