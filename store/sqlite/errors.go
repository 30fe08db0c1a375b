// SPDX-License-Identifier: Apache-2.0

package sqlite

import "errors"

// The errors of this package, besides those of SQLite and the file system.
var (
	// ErrInUse is returned when another Store has the file open, in this process
	// or another.
	ErrInUse = errors.New("the file is in use by another process")
	// ErrNewer is returned when a newer version of this package wrote the file.
	ErrNewer = errors.New("the file was written by a newer version of leadsync")
	// ErrMoved is returned by every write when the file, or its log, was deleted,
	// renamed or replaced since Open. Nothing is acknowledged then. Writes work again
	// when the file is back; otherwise the host has to open the path again.
	ErrMoved = errors.New("the file was deleted, renamed or replaced")
	// ErrNotPrivate is returned by Open when the mode of one of the files is wider than
	// 0600 and cannot be narrowed: another user owns it, or the file system has no modes.
	ErrNotPrivate = errors.New("other users may access the file")
	// ErrForeign is returned for a SQLite file of another application.
	ErrForeign = errors.New("the file is another application's database")
)
