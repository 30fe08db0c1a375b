// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
)

func TestParseRefusesFlagsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"takes flags only, no other arguments":                                            {"-plan", "leads.csv"},
		"-mode: must be automatic or manual":                                              {"-mode", "disabled"},
		"-strategy: must be one of accounts-and-contacts, leads-and-contacts, leads-only": {"-strategy", "contacts"},
		"-n: must be at least 1":                                                          {"-n", "0"},
		"-n and -leads cannot be used together":                                           {"-n", "5", "-leads", "x.csv"},
		"-latency cannot be used with -url: it applies to the fake org in this process": {"-latency", "1s", "-url",
			"http://127.0.0.1:80"},
		"-latency: must not be negative":                                     {"-latency", "-1s"},
		"-verify-after: must be positive":                                    {"-verify-after", "0s"},
		"-timeout: must be positive":                                         {"-timeout", "0s"},
		"-url: must be an address such as https://example.my.salesforce.com": {"-url", "example.my.salesforce.com"},
		"-serve cannot be used with -json or -plan":                          {"-serve", "127.0.0.1:0", "-json"},
		"flag provided but not defined: -lead":                               {"-lead", "x"},
	} {
		var stderr bytes.Buffer
		_, err := parse(args, &stderr)
		require.EqualError(t, err, want)
		require.Contains(t, stderr.String(), want)
	}
}

func TestParseShowsHelp(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	_, err := parse([]string{"-h"}, &stderr)
	require.ErrorIs(t, err, flag.ErrHelp)
	for _, name := range []string{"-leads", "-event", "-config", "-strategy", "-mode", "-db", "-plan", "-n", "-latency",
		"-url", "-json", "-verify-after", "-timeout", "-serve"} {
		require.Contains(t, stderr.String(), "  "+name)
	}
}

func TestParseFillsDefaults(t *testing.T) {
	t.Parallel()
	o, err := parse(nil, io.Discard)
	require.NoError(t, err)
	require.Equal(t, &options{strategy: "leads-and-contacts", mode: leadsync.Automatic, timeout: 30 * time.Minute}, o)
}

func TestOnlyFakeOrgsAreVerifiedSoon(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want time.Duration
	}{
		{nil, 5 * time.Second},
		{[]string{"-url", "http://127.0.0.1:8080"}, 5 * time.Second},
		{[]string{"-url", "http://[::1]:8080"}, 5 * time.Second},
		{[]string{"-url", "http://localhost:8080"}, 5 * time.Second},
		{[]string{"-url", "https://example.my.salesforce.com"}, 10 * time.Minute},
		{[]string{"-url", "https://127.0.0.1.example.com"}, 10 * time.Minute},
		{[]string{"-url", "https://example.my.salesforce.com", "-verify-after", "20m"}, 20 * time.Minute},
		{[]string{"-verify-after", "1s"}, time.Second},
	} {
		o, err := parse(c.args, io.Discard)
		require.NoError(t, err)
		require.Equal(t, c.want, o.settleTime(), c.args)
	}
}
