// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile takes the lock without waiting for it.
func lockFile(f *os.File) error { return lockByte(f, 0) }

// lockName locks the file itself, without waiting: a byte behind those that SQLite
// locks. Windows neither deletes nor renames the file while its handle is open.
func lockName(f *os.File) error { return lockByte(f, 1<<30+1024) }

func lockByte(f *os.File, at uint32) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{Offset: at})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrInUse
	}
	return err
}

// unlockFile releases the lock. Without it Windows may keep the lock for a while
// after the file is closed.
func unlockFile(f *os.File) error {
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, new(windows.Overlapped))
}

// makePrivate does nothing: on Windows a file has the permissions of its directory.
func makePrivate(...string) error { return nil }

// syncDir does nothing: on Windows directories are not synced separately.
func syncDir(string) error { return nil }
