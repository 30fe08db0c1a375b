// SPDX-License-Identifier: Apache-2.0

// Command release prepares the release of all modules under one version, as
// docs/releasing.md describes:
//
//	go run ./internal/release pin v0.1.0      make the modules require each other at v0.1.0
//	go run ./internal/release tags v0.1.0     print the tags of v0.1.0
//	go run ./internal/release proxy v0.1.0 D  write the modules into D, a module proxy of files
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
)

func main() {
	if err := run(os.Stdout, ".", os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

var (
	errUsage  = errors.New("usage: release pin|tags VERSION, or release proxy VERSION DIR")
	isVersion = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`).MatchString
)

// run carries out a command for the workspace of a directory.
func run(out io.Writer, dir string, args []string) error {
	if len(args) < 2 {
		return errUsage
	}
	command, version := args[0], args[1]
	if !isVersion(version) {
		return fmt.Errorf("%q is not a version such as v0.1.0", version)
	}
	modules, err := workspace(dir)
	if err != nil {
		return err
	}
	switch {
	case command == "pin" && len(args) == 2:
		return pin(modules, version)
	case command == "tags" && len(args) == 2:
		for _, m := range modules {
			if m.released() {
				fmt.Fprintln(out, m.tag(version))
			}
		}
		return nil
	case command == "proxy" && len(args) == 3:
		return writeProxy(args[2], modules, version)
	}
	return errUsage
}
