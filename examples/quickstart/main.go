// SPDX-License-Identifier: Apache-2.0

// Command quickstart shows the main job of leadsync: leads from a CSV file end
// up in a Salesforce org, each with an outcome. Run it with -h for its flags.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
