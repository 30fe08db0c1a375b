// SPDX-License-Identifier: Apache-2.0

//go:build soqlrecord

package query

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

// recordSOQL writes a statement that the fake accepts to a file in the directory
// LEADSYNC_TEST_SOQL, each statement once. .ci/run builds the tests of all modules with the
// tag, and the module interop then passes the statements to Salesforce's own parser. Without
// the directory recordSOQL panics.
func recordSOQL(text string) {
	path := filepath.Join(os.Getenv("LEADSYNC_TEST_SOQL"), fmt.Sprintf("%x.soql", sha256.Sum256([]byte(text))))
	if !filepath.IsAbs(path) {
		panic("sftest: LEADSYNC_TEST_SOQL names no directory")
	}
	if _, err := os.Stat(path); err == nil {
		return
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		panic(err)
	}
}
