// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A config is what the command line says.
type config struct {
	addr, log   string
	control     string // the address of the control API, "" without it
	tls         string // the file to write the certificate to, "" without TLS
	schema      string // a file, "" for none
	empty       bool
	n           int
	number      int // negative for a random org id
	pageSize    int // 0 for Salesforce's
	rotate      bool
	soap        bool
	externalIDs bool
	latency     time.Duration
	session     time.Duration // 0 for no end
	apiLimit    int           // calls in 24 hours; 0 for plenty
	storage     int           // rows; 0 for no bound
}

// plenty is a limit on API calls that nobody reaches.
const plenty = 5_000_000

const usage = `usage: fakeorg [flags]

Serves a fake Salesforce org over HTTP, prints its address and an access token as
one line of JSON, and stops on SIGINT or SIGTERM.

`

// maxPage is how many rows Salesforce answers at a time at most.
const maxPage = 2000

// parseFlags parses the command line. The flag package exits on what it rejects;
// the error reports the remaining checks.
func parseFlags(args []string) (*config, error) {
	c := &config{}
	flags := flag.NewFlagSet("fakeorg", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&c.addr, "addr", "127.0.0.1:0", "`address` to listen on")
	flags.StringVar(&c.control, "control", "",
		"`address` of this computer to serve the control API at, such as 127.0.0.1:0 (docs/fakeorg.json)")
	flags.StringVar(&c.log, "log", "", "append one line of JSON per request to this `file`")
	flags.StringVar(&c.schema, "schema", "",
		"start with the objects, fields, rules, apps, rows and rights of this `file` of JSON instead of the demo records")
	flags.BoolVar(&c.empty, "empty", false, "start without people or companies")
	flags.IntVar(&c.n, "n", 0, "start with records for `N` generated people instead of the demo records")
	flags.IntVar(&c.number, "number", -1,
		"`number` of the org, up to 255: the same org id, record ids and tokens at each start, other ones than any other\n"+
			"number's; without it the org id and the tokens are random")
	flags.StringVar(&c.tls, "tls", "",
		"serve HTTPS with a new certificate for localhost and the host of -addr, and write it to this `file`,\n"+
			"for clients to trust")
	flags.DurationVar(&c.session, "session", 0, "end a session that is not used for this `time`; 0 never does")
	flags.BoolVar(&c.rotate, "rotate", false, "replace the refresh token at each refresh")
	flags.BoolVar(&c.soap, "soap", false, "allow the login of the SOAP API, up to v64.0, with any password")
	flags.IntVar(&c.pageSize, "page-size", 0, "answer at most this many `rows` of a query at a time, up to 2000")
	flags.BoolVar(&c.externalIDs, "external-ids", false,
		"add the external ID field LeadsyncKey__c to Lead, Contact, Account and Task")
	flags.DurationVar(&c.latency, "latency", 0, "minimum time per request")
	_ = flags.Parse(args) // ExitOnError
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return c, c.check()
}

// check refuses settings that cannot be.
func (c *config) check() error {
	switch {
	case c.n < 0:
		return errors.New("-n must not be negative")
	case c.number > math.MaxUint8:
		return errors.New("-number must be at most 255")
	case c.pageSize < 0 || c.pageSize > maxPage:
		return fmt.Errorf("-page-size must be 1 to %d", maxPage)
	case c.session < 0:
		return errors.New("-session must not be negative")
	case c.latency < 0:
		return errors.New("-latency must not be negative")
	case c.apiLimit < 0 || c.storage < 0:
		return errors.New("a limit must not be negative")
	case c.empty && c.n > 0:
		return errors.New("-empty and -n cannot be used together")
	case c.schema != "" && (c.empty || c.n > 0):
		return errors.New("-schema cannot be used with -empty or -n")
	}
	return nil
}

func (c *config) addExternalIDs(org *sftest.Org) {
	if c.externalIDs {
		org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
}
