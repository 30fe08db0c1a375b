// SPDX-License-Identifier: Apache-2.0

// Command spdx makes every Go file of the repository begin with the line that
// names its licence:
//
//	go run ./internal/archtest/spdx
package main

import (
	"fmt"
	"os"

	"github.com/leadsync/leadsync/internal/archtest"
)

func main() {
	tree, err := archtest.ReadTree(os.DirFS("."))
	if err == nil {
		err = tree.AddLicenses(".")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "spdx:", err)
		os.Exit(1)
	}
}
