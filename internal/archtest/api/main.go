// SPDX-License-Identifier: Apache-2.0

// Command api writes what each public package of the workspace exports to files
// below the directory api, where a review sees what changes for hosts:
//
//	go run ./internal/archtest/api
package main

import (
	"fmt"
	"os"

	"github.com/leadsync/leadsync/internal/archtest"
)

func main() {
	packages, err := archtest.Load(".", "work")
	if err == nil {
		err = archtest.WriteAPI("api", packages)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}
