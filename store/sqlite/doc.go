// SPDX-License-Identifier: Apache-2.0

// Package sqlite is a store that keeps captured leads in one SQLite file.
//
// A lead is on disk once Capture has returned: the file is in WAL mode with
// synchronous=FULL, so that an acknowledged lead survives a killed process and a
// power cut. Captures of concurrent callers share a commit.
//
// One process uses a file at a time. This is enforced by an operating system lock
// on a second file, the path with the suffix ".lock", which is released when the
// process ends in any way. The file must be on a local disk: network file systems
// do not support such locks reliably.
//
// The files contain personal data. They are created with mode 0600.
package sqlite
