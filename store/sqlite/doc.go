// SPDX-License-Identifier: Apache-2.0

// Package sqlite keeps captured leads in one SQLite file.
//
// A lead is on the disk once Capture has returned: the file is in WAL mode with
// synchronous=FULL, so that neither a killed process nor a power cut takes an
// acknowledged lead away. Captures of concurrent callers share a commit.
//
// One process uses a file at a time. An operating system's lock on a second
// file, the path with ".lock" after it, sees to that; it ends with the process,
// however that ends. A second lock, on the file itself, does it for other names of the
// file: hard links are one file. The file must be on a local disk: network file systems
// do not keep such locks.
//
// When the file or its log is deleted, renamed or replaced under the store, whatever
// writes fails with ErrMoved: device and inode are compared before each commit and
// after it, so that nothing is acknowledged into a file that nobody finds. Windows does
// not let a file that is open be deleted or renamed.
//
// The files hold personal data. All of them, those that SQLite makes beside the file
// and the lock too, have mode 0600: Open takes other modes away. On Windows they have
// the rights of their directory.
//
// Forget overwrites what it deletes, in rows, indexes and log, and copies of rows that
// SQLite leaves in a page when it moves rows to another. It cannot reach backups, what
// a disk or a file system keeps of blocks that were overwritten, or temporary files.
package sqlite
