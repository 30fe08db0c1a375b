// SPDX-License-Identifier: Apache-2.0

// Package sqlite is a store that keeps captured leads in one SQLite file.
//
// A lead is on disk once Capture has returned: the file is in WAL mode with
// synchronous=FULL, so that an acknowledged lead survives a killed process and a
// power cut. Captures of concurrent callers share a commit.
//
// One process uses a file at a time. This is enforced by an operating system lock
// on a second file, the path with the suffix ".lock", which is released when the
// process ends in any way. A second lock, on the file itself, covers its other names:
// hard links are one file. The file must be on a local disk: network file systems do
// not support such locks reliably.
//
// If the file or its log is deleted, renamed or replaced while the store is open,
// every write fails with ErrMoved: device and inode are compared before and after each
// commit, so that nothing is acknowledged into a file without a name. So they are where a
// connection for reading is opened, which is when something is first read: a store that only
// captures has one connection. Windows does not
// allow an open file to be deleted or renamed.
//
// The files contain personal data. All of them, including those that SQLite creates
// beside the file and the lock, have mode 0600: Open removes any other permission, and
// fails with ErrNotPrivate where it cannot. On Windows they have the permissions of
// their directory.
//
// Forget overwrites what it deletes in rows, indexes and the log, and the copies of
// rows that SQLite leaves in a page when it moves rows to another. It does not reach
// backups, temporary files, or overwritten blocks that a disk or a file system keeps.
package sqlite
