// SPDX-License-Identifier: Apache-2.0

//go:build !windows

package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// lockFile takes the lock without waiting for it.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrInUse
	}
	return err
}

// unlockFile releases the lock. Closing the file is not enough: a process that is
// being forked at this moment has it open too.
func unlockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }

// nameLock is a byte of the file, behind those that SQLite locks. It need not exist.
const nameLock = 1<<30 + 1024

// lockName locks the file itself, without waiting. It is a lock that all systems keep
// apart from SQLite's, which flock's are not everywhere. It is the process's: it ends
// when this process closes any handle of the file.
func lockName(f *os.File) error {
	err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK,
		&syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: nameLock, Len: 1})
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
		return ErrInUse
	}
	return err
}

// makePrivate makes the files, those that exist, inaccessible to all users but their
// owner. A file that SQLite creates beside another gets its mode.
func makePrivate(paths ...string) error {
	for _, path := range paths {
		if err := narrow(path, os.Chmod); err != nil {
			return err
		}
	}
	return nil
}

// narrow makes one file private. A file that is private already is not touched: a
// process that is not its owner may use it, but not change its mode. Some file systems
// ignore a change of mode, so the result counts.
func narrow(path string, chmod func(string, os.FileMode) error) error {
	wide, err := wideMode(path)
	if err != nil || wide == 0 {
		return err
	}
	failed := chmod(path, wide&0o600)
	if wide, err = wideMode(path); err != nil || wide == 0 {
		return err
	}
	if failed != nil {
		return fmt.Errorf("%w: %q has mode %04o: %w", ErrNotPrivate, path, wide, failed)
	}
	return fmt.Errorf("%w: %q keeps mode %04o", ErrNotPrivate, path, wide)
}

// wideMode returns the mode of a file if it permits more than 0600 does, else 0.
func wideMode(path string) (os.FileMode, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if mode := info.Mode(); mode.IsRegular() && mode.Perm()&^0o600 != 0 {
		return mode.Perm(), nil
	}
	return 0, nil
}

// syncDir makes the names in a directory survive a power cut.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
