// SPDX-License-Identifier: Apache-2.0

// Command quickstart shows the main job of leadsync: it syncs leads from a CSV
// file to a Salesforce org and reports an outcome for each. Run it with -h for its
// flags.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
