// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
)

// tokenVariable is the environment variable with the access token for -url. On the
// command line every user of the machine could read it.
const tokenVariable = "SALESFORCE_ACCESS_TOKEN"

// strategies are the built-in strategies by name.
var strategies = map[string]leadsync.Strategy{
	leadsync.LeadsAndContacts.Name():    leadsync.LeadsAndContacts,
	leadsync.LeadsOnly.Name():           leadsync.LeadsOnly,
	leadsync.AccountsAndContacts.Name(): leadsync.AccountsAndContacts,
}

// options are the parsed and checked command line.
type options struct {
	leads       string // path, "-" for standard input, empty for the demo file
	event       string // of leads whose rows name none
	config      string // path, empty for the demo's
	strategy    string
	mode        leadsync.Mode
	db          string // path, empty for a temporary one
	plan        bool
	generate    int // leads to generate, 0 for none
	latency     time.Duration
	url         *url.URL // nil for the org in this process
	json        bool
	verifyAfter time.Duration
	timeout     time.Duration
	serve       string // address of the pages, empty for none
}

const usage = `usage: quickstart [flags]

Reads leads from a CSV file, captures them into a SQLite file, syncs them into a
Salesforce org and says what became of each. Without flags: a demo file of 250
rows into a fake org within this process.

`

// parse parses the command line and reports errors on stderr.
func parse(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	var address, mode string
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&o.leads, "leads", "",
		"CSV `file` of leads as any event tool or spreadsheet writes it, - for standard input (default: the demo's)")
	flags.StringVar(&o.event, "event", "", "`ID` of the event of leads whose rows name none")
	flags.StringVar(&o.config, "config", "",
		"JSON `file` of settings: mapping, qualifiers, campaigns and so on (default: the demo's)")
	flags.StringVar(&o.strategy, "strategy", leadsync.LeadsAndContacts.Name(),
		"one of "+strategyNames()+"; the -config file takes precedence")
	flags.StringVar(&mode, "mode", string(leadsync.Automatic),
		"automatic, or manual: captured leads stay frozen until pushed")
	flags.StringVar(&o.db, "db", "", "SQLite `file` for the leads (default: a temporary one)")
	flags.BoolVar(&o.plan, "plan", false, "print what would change and write nothing")
	flags.IntVar(&o.generate, "n", 0, "sync `N` generated leads instead of a file")
	flags.DurationVar(&o.latency, "latency", 0, "minimum time per request of the fake org")
	flags.StringVar(&address, "url", "", "instance `URL` of an org, with an access token in "+tokenVariable+
		" (default: a fake org in this process)")
	flags.BoolVar(&o.json, "json", false, "print one JSON object")
	flags.DurationVar(&o.verifyAfter, "verify-after", 0,
		"how long to wait for a create whose response was lost before repeating it (default 10m, 5s for a fake org)")
	flags.DurationVar(&o.timeout, "timeout", 30*time.Minute, "give up after this long")
	flags.StringVar(&o.serve, "serve", "",
		"serve the pages at `ADDRESS`, such as 127.0.0.1:8080, after the first sync, until interrupted")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	err := o.check(flags, mode, address)
	if err != nil {
		fmt.Fprintf(stderr, "quickstart: %v\n", err)
	}
	return o, err
}

func (o *options) check(flags *flag.FlagSet, mode, address string) error {
	given := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch o.mode = leadsync.Mode(mode); {
	case flags.NArg() > 0:
		return errors.New("takes flags only, no other arguments")
	case strategies[o.strategy] == nil:
		return errors.New("-strategy: must be one of " + strategyNames())
	case o.mode != leadsync.Automatic && o.mode != leadsync.Manual:
		return errors.New("-mode: must be automatic or manual")
	case given["n"] && o.generate < 1:
		return errors.New("-n: must be at least 1")
	case given["n"] && given["leads"]:
		return errors.New("-n and -leads cannot be used together")
	case given["latency"] && given["url"]:
		return errors.New("-latency cannot be used with -url: it applies to the fake org in this process")
	case o.latency < 0:
		return errors.New("-latency: must not be negative")
	case given["verify-after"] && o.verifyAfter <= 0:
		return errors.New("-verify-after: must be positive")
	case o.serve != "" && (o.json || o.plan):
		return errors.New("-serve cannot be used with -json or -plan")
	case o.timeout <= 0:
		return errors.New("-timeout: must be positive")
	}
	if given["url"] {
		return o.setURL(address)
	}
	return nil
}

func strategyNames() string { return strings.Join(slices.Sorted(maps.Keys(strategies)), ", ") }

func (o *options) setURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("-url: must be an address such as https://example.my.salesforce.com")
	}
	o.url = u
	return nil
}

// fake reports whether the org is a fake one: in this process, or on this machine.
func (o *options) fake() bool {
	if o.url == nil {
		return true
	}
	host := o.url.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// settleTime returns -verify-after or its default, which is short for a fake org:
// that stops working on a request when the caller disconnects.
func (o *options) settleTime() time.Duration {
	switch {
	case o.verifyAfter > 0:
		return o.verifyAfter
	case o.fake():
		return 5 * time.Second
	}
	return 10 * time.Minute
}
