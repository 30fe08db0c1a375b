// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
)

const about = `usage: host [flags]

A product whose customers each connect a Salesforce org. It takes leads as JSON, connects orgs,
keeps settings, answers what became of the leads, and syncs them; its pages are under
/salesforce/ui/. Several processes share one PostgreSQL database; a file is used by one process.
Without -app it serves a demo with a fake org.

The environment holds the secrets: HOST_KEY, 32 bytes in base64 that seal the tokens, and
HOST_APP_SECRET, the app's consumer secret if it has one.

`

// newFlags returns an empty command line that says what the host is about.
func newFlags() *flag.FlagSet {
	flags := flag.NewFlagSet("host", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), about)
		flags.PrintDefaults()
	}
	return flags
}
