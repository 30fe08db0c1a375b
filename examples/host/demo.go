// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// demo makes o use a fake org, and files that are removed by stop.
func (o *options) demo(stdout io.Writer) (stop func(), err error) {
	dir, err := os.MkdirTemp("", "host")
	if err != nil {
		return nil, err
	}
	org := sftest.NewOrg(nil, sftest.Existing("Contact", "ada@example.com"))
	org.AddApp(sftest.App{ClientID: "demo", Callback: o.url + callbackPath, PKCE: true})
	o.app, o.hosts = "demo", []string{strings.TrimPrefix(org.URL(), "http://")}
	o.key = base64.StdEncoding.EncodeToString([]byte(rand.Text() + "......")) // 26 and 6 bytes
	if o.postgres == "" {
		o.db = filepath.Join(dir, "leads.db")
	}
	fmt.Fprintf(stdout, `A demo with a fake org. For example:

  curl %[1]s/acme/leads -d '[{"id": "L1", "lastName": "Lovelace", "email": "ada@example.com"}]'
  curl -L -c jar -b jar %[1]s/acme/connect -d loginUrl=%[2]s
  curl %[1]s/acme/summary -d '{}'

`, o.url, org.URL())
	return func() {
		org.Close()
		_ = os.RemoveAll(dir)
	}, nil
}
