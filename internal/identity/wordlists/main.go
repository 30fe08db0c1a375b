// SPDX-License-Identifier: Apache-2.0

// Command wordlists puts the lists of words of package identity in order: each word once,
// the words of shortforms.txt folded and with their spellings in plain letters. It runs in
// the root of the repository.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/leadsync/leadsync/internal/identity"
)

func main() {
	if err := run("internal/identity"); err != nil {
		fmt.Fprintln(os.Stderr, "wordlists:", err)
		os.Exit(1)
	}
}

// run rewrites the lists in dir.
func run(dir string) error {
	lists, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return err
	}
	for _, path := range lists {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(identity.SortedList(filepath.Base(path), string(text))), 0o644); err != nil {
			return err
		}
	}
	return nil
}
