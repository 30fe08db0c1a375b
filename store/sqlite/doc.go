// SPDX-License-Identifier: Apache-2.0

// Package sqlite keeps captured leads in one SQLite file.
//
// A lead is on the disk once Capture has returned: the file is in WAL mode with
// synchronous=FULL, so that neither a killed process nor a power cut takes an
// acknowledged lead away. Captures of concurrent callers share a commit.
//
// One process uses a file at a time. An operating system's lock on a second
// file, the path with ".lock" after it, sees to that; it ends with the process,
// however that ends. The file must be on a local disk: network file systems do
// not keep such locks.
//
// The files hold personal data. They are created with mode 0600.
package sqlite
